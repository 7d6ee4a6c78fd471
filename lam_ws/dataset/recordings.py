"""Recorded episodes as episodes to learn from: an MCAP file enters, an `Episode` leaves.

Frames stand on a regular grid over the time in which every stream was there: pictures by their
stamps, joints interpolated, the action the target that was commanded for one period later. What
the file beside the recording says of it (`lam_ws.record.card`) goes along. A recording that does
not hold what a frame needs is refused with the reason, never filled up.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
import tempfile

from lam_ws.dataset.dataset import About, Episode, Flags
from lam_ws.dataset.mapping import resolve, TopicMap, Topics
from lam_ws.dataset.resampling import (
    grid,
    nearest_pictures,
    Picks,
    rate_of,
    states,
    steady,
    targets,
    Tolerance,
)
from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.errors import LamError, RecordingError
from lam_ws.record.card import (
    beside,
    Card,
    FAILURE,
    from_note,
    NOTE,
    read_card,
    SUCCESS,
    UNDECIDED,
)
from lam_ws.record.streams import Bag, Series
from lam_ws.site import load_site
from lam_ws.types import Array, Pixels
import numpy as np
from numpy.typing import NDArray

OURS = 'lam_interfaces/'          # a recording with such messages is of one of our cells
SUBGOAL = 'lam_interfaces/msg/Subgoal'
LEAST = 2                         # frames of an episode
IN_MEMORY = 256_000_000           # bytes of pictures; more wait on the disk


@dataclass(frozen=True)
class Wanted:
    """How recordings are to be read.

    Attributes:
        topics: Where what is; our own recordings need nothing said.
        tolerance: What frames may lack.
        pixels: Longest side of the pictures, px; 0 as they are.
    """

    topics: TopicMap = field(default_factory=TopicMap)
    tolerance: Tolerance = field(default_factory=Tolerance)
    pixels: int = 0


def known_of(path: Path, notes: Mapping[str, Mapping[str, str]]) -> Card:
    """Return what is known of a recording: from the file beside it, else from its notes.

    Raises:
        RecordingError: What stands there cannot be read.
    """
    if beside(path).exists():
        return read_card(path)
    return from_note(path.stem, notes[NOTE]) if NOTE in notes else Card(path.stem)


def label_of(card: Card) -> str:
    """Return the label a person gave, else what the task said of itself, else ''."""
    if card.success is None:
        return UNDECIDED
    return SUCCESS if card.success else FAILURE


def read_recording(path: Path, wanted: Wanted) -> tuple[Embodiment, Episode]:
    """Return what a recording was made with, and the episode it holds.

    Raises:
        RecordingError: It cannot be read, or lacks what a frame needs.
    """
    with Bag(path) as bag:
        topics, card = resolve(bag, wanted.topics), known_of(path, bag.notes())
        shots = {name: _ordered(*bag.stamps(topic)) for name, topic in topics.cameras.items()}
        fps = wanted.topics.fps or max(1, round(min(rate_of(s) for s, _ in shots.values())))
        state = _joints(bag, topics.state, wanted.topics.joints)
        action = _joints(bag, topics.action, state.names or wanted.topics.joints) \
            if topics.action else state
        times = _times(bag, state, action, [stamps for stamps, _ in shots.values()], fps)
        measured = states(topics.state, state.stamps, state.values, times, wanted.tolerance)
        commanded = targets(action.stamps, action.values, times, fps)
        picks = {name: nearest_pictures(name, stamps, times, fps, wanted.tolerance)
                 for name, (stamps, _) in shots.items()}
        frames = {name: _pictures(bag, topic, shots[name][1][picks[name].numbers], wanted.pixels)
                  for name, topic in topics.cameras.items()}
        body = _embodiment(bag, wanted.topics, card, fps, frames, (state.names, action.names))
        began = float(min(bag.start_s, times[0]))
        episode = Episode(_sentence(bag, wanted.topics, topics, card), measured, commanded, frames,
                          _about(path, card, picks), None, _led(card, times - began))
    return body, episode


def _ordered(stamps: Array, logged: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return the stamps that count and the number of each; without headers when recorded."""
    times = stamps if stamps[-1] > 0.0 else logged
    order = steady(times)
    return times[order], order


def _joints(bag: Bag, topic: str, names: tuple[str, ...]) -> Series:
    """Return the numbers of a topic in order, of the joints `names` where there are such."""
    found = bag.series(topic)
    order = steady(found.stamps)
    values, known = found.values[order], found.names or names
    if len(known) not in (0, values.shape[1]):
        raise RecordingError(f'{bag.path}: {topic} has {values.shape[1]} numbers, not '
                             f'{len(known)}: {list(known)}')
    if names and known != names:
        missing = [name for name in names if name not in known]
        if missing:
            raise RecordingError(f'{bag.path}: {topic} lacks {missing[0]!r}; it has '
                                 f'{list(known)}. Say with joints which are meant')
        values = values[:, [known.index(name) for name in names]]
        known = names
    if not np.isfinite(values).all():
        raise RecordingError(f'{bag.path}: {topic} has numbers that are not finite')
    return Series(found.stamps[order], found.logged[order], known, values)


def _times(bag: Bag, state: Series, action: Series, shots: Sequence[Array],
           fps: int) -> Array:
    """Return the frames' times, where all streams are there; the first picture begins them."""
    streams = [state.stamps, action.stamps, *shots]
    first = max(stamps[0] for stamps in streams)
    leader = shots[0]
    first = float(leader[min(np.searchsorted(leader, first - 0.25 / fps), len(leader) - 1)])
    first = max(first, float(state.stamps[0]))
    # A target is held, so actions need not go on to the end; a measured one must be there.
    ends = [state.stamps[-1] - (1.0 / fps if action is state else 0.0),
            *(stamps[-1] + 0.5 / fps for stamps in shots)]
    times = grid(first, float(min(ends)), fps) if min(ends) > first else np.empty(0)
    if len(times) < LEAST:
        spans = ', '.join(f'{stamps[0]:.2f} .. {stamps[-1]:.2f}' for stamps in streams)
        raise RecordingError(f'{bag.path}: joints, actions and pictures are there together for '
                             f'less than {LEAST} frames at {fps} Hz (s: {spans})')
    return times


def _pictures(bag: Bag, topic: str, numbers: NDArray[np.int64], longest: int) -> Pixels:
    """Return the pictures [T, h, w, 3] made small, a file in memory where they are many."""
    from lam_ws.record.image import resized

    made: Pixels | None = None
    for number, pixels in enumerate(bag.pictures(topic, numbers.tolist())):
        height, width = size_of(pixels.shape[0], pixels.shape[1], longest)
        if made is None:
            shape = (len(numbers), height, width, 3)
            made = np.empty(shape, np.uint8) if np.prod(shape) < IN_MEMORY else np.memmap(
                tempfile.TemporaryFile(), np.uint8, 'w+', shape=shape)
        if (height, width) != made.shape[1:3]:
            raise RecordingError(f'{bag.path}: {topic} changes its size')
        made[number] = pixels if (height, width) == pixels.shape[:2] \
            else resized(pixels, width, height)
    assert made is not None
    return made


def size_of(height: int, width: int, longest: int) -> tuple[int, int]:
    """Return height and width, both even as H.264 wants them, `longest` px or as they are."""
    scale = min(1.0, longest / max(height, width)) if longest else 1.0
    return max(2, round(height * scale / 2) * 2), max(2, round(width * scale / 2) * 2)


def _embodiment(bag: Bag, told: TopicMap, card: Card, fps: int, frames: Mapping[str, Pixels],
                names: tuple[tuple[str, ...], tuple[str, ...]]) -> Embodiment:
    """Return names, units, cameras and rate."""
    ours = any(kind.startswith(OURS) for kind in bag.topics.values())

    def signals(found: tuple[str, ...], word: str) -> tuple[Signal, ...]:
        count = len(found)
        if not count:
            raise RecordingError(f'{bag.path}: the numbers of the {word} have no names; say them '
                                 'with joints')
        units = told.units or (('rad',) * (count - 1) + ('m',) if ours else ('',) * count)
        return tuple(Signal(name, unit) for name, unit in zip(found, units, strict=True))
    return Embodiment(told.robot or _robot(card, names[0]), float(fps),
                      signals(names[0], 'state'), signals(names[1], 'action'),
                      tuple(Picture(name, shots.shape[2], shots.shape[1])
                            for name, shots in frames.items()))


def _robot(card: Card, names: tuple[str, ...]) -> str:
    """Return the arm of the site that was recorded, '' where that site is not here."""
    try:
        arm = load_site(card.site).arm if card.site else None
    except LamError:   # a recording of another machine
        arm = None
    return arm.name if arm is not None and arm.names == names else ''


def _sentence(bag: Bag, told: TopicMap, topics: Topics, card: Card) -> str:
    """Return the instruction: as it is told here, as it was typed, or as the policy read it."""
    text = told.task or card.instruction
    if not text and topics.sentence:
        text = next((str(one.data) for _, one in bag.messages(topics.sentence)
                     if one.data.strip()), '')
    if not text:
        texts = (str(one.text) for topic, kind in bag.topics.items() if kind == SUBGOAL
                 for _, one in bag.messages(topic) if one.active and one.text.strip())
        text = next(texts, '')
    if not text.strip():
        raise RecordingError(f'{bag.path}: there is no instruction; say it with --task, or label '
                             'the recording')
    return text


def _about(path: Path, card: Card, picks: Mapping[str, Picks]) -> About:
    """Return what is said of the episode."""
    return About(label_of(card), card.operator, card.site, path.name,
                 card.label.note if card.label is not None else '',
                 max(one.repeated for one in picks.values()),
                 round(max(one.late_s for one in picks.values()), 6))


def _led(card: Card, times: Array) -> Flags:
    """Return at which `times` [T] s after the start a person's hand moved the arm."""
    led = np.zeros(len(times), bool)
    for one in card.interventions:
        led |= (times >= one.start_s) & (times <= one.end_s)
    return led
