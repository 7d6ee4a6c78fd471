"""What would spoil a training: a dataset enters, findings leave, each with the figure and bound.

Every bound is a number of `Bounds`, with why it is that number; nothing is judged by a rule that
is not there. Movement is counted in spreads: the standard deviation of a joint in the dataset.
"""
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.sketch import digest_of, path_of, Sketch, sketch, spreads
from lam_ws.dataset.splitting import shared
from lam_ws.types import Array
import numpy as np
from numpy.typing import NDArray

#: code: what is wrong, in words.
CODES = {
    'duplicate': 'the same numbers as another episode',
    'near_duplicate': 'nearly the path and the pictures of another episode',
    'leak': 'is, or is nearly, in another part as well',
    'shared': 'a value that no two parts may have in common',
    'frozen': 'a camera shows the same picture while the arm moves',
    'blank': 'a camera shows nothing',
    'gap': 'frames do not follow each other at the rate of the dataset',
    'repeated': 'frames show the picture of the frame before',
    'jerky': 'the arm turns back and forth',
    'still': 'nothing moves',
    'short': 'too short to show anything',
    'unlabelled': 'nobody said whether it succeeded',
}


@dataclass(frozen=True)
class Bounds:
    """Where an episode begins to be wrong.

    Attributes:
        near: Largest difference of two paths at any moment, spreads. The nearest two of 40
            scripted demonstrations with different scenes are 0.48 apart.
        alike: Mean difference of two sets of pictures, of 255.
        lengths: Largest relative difference of two near duplicates' lengths.
        frozen_s: How long a camera may show the same while the arm moves, s. In 66 sound episodes
            it was up to 1.6 (the arm moved out of sight).
        same: Largest change of any spot of a picture that counts as none, of 255; H.264 changes
            spots of a frozen picture by up to 2.
        moves: Path of the arm in a stretch that should be seen, spreads.
        blank: Spread within a picture below which it shows nothing, of 255.
        gap: Largest distance of a frame from its place, in periods.
        repeated: Largest share of repeated frames.
        turns_hz: Turns of a joint at speed (a tenth of its fastest) a second. Scripted
            demonstrations have up to 1.1, noise of 3 % of a spread adds 2.
        still: Least path of the whole episode, spreads.
        short_s: Least length, s.
    """

    near: float = 0.15
    alike: float = 4.0
    lengths: float = 0.1
    frozen_s: float = 2.0
    same: float = 2.0
    moves: float = 0.5
    blank: float = 2.0
    gap: float = 0.1
    repeated: float = 0.05
    turns_hz: float = 2.0
    still: float = 0.1
    short_s: float = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: which episode of which dataset, the code of CODES, the figure."""

    dataset: str
    episode: int
    code: str
    text: str


def check(datasets: Sequence[Dataset], bounds: Bounds, apart: Sequence[str] = (),
          seen: Callable[[], None] = lambda: None) -> list[Finding]:
    """Return everything that is wrong with datasets, and between them as parts.

    Args:
        datasets: One, or the parts of one.
        bounds: Where wrong begins.
        apart: Names of `splitting.KEYS` that no two parts may have in common.
        seen: Called for each episode that was looked at.
    """
    found: list[Finding] = []
    scale = np.max([spreads(data) for data in datasets], 0)
    sketches: list[list[Sketch]] = []
    for data in datasets:
        mine = []
        for number, episode in enumerate(data.episodes()):
            drawn = sketch(episode, scale, data.body.rate_hz)
            mine.append(drawn)
            found += [Finding(str(data.folder), number, code, text)
                      for code, text in _alone(data, number, drawn, scale, bounds)]
            seen()
        sketches.append(mine)
    for i, data in enumerate(datasets):
        found += _pairs(data, data, sketches[i], sketches[i], bounds)
        for j in range(i):
            found += _pairs(data, datasets[j], sketches[i], sketches[j], bounds)
            found += [Finding(str(data.folder), -1, 'shared',
                              f'{key} {value!r} is in {datasets[j].folder} too')
                      for key, values in shared(data, datasets[j], apart).items()
                      for value in values]
    return found


def twins(dataset: Dataset, bounds: Bounds | None = None) -> list[tuple[int, int]]:
    """Return pairs of episodes with nearly the same path, by their numbers alone."""
    bounds = bounds or Bounds()
    scale = spreads(dataset)
    drawn = []
    for start, end in zip(dataset.starts[:-1], dataset.starts[1:], strict=True):
        state, action = dataset.state[start:end], dataset.action[start:end]
        drawn.append(Sketch(len(state) / dataset.body.rate_hz, digest_of(state, action),
                            path_of(state, action, scale), {}))
    return [(i, j) for j in range(len(drawn)) for i in _like(drawn[j], drawn[:j], bounds)]


def _alone(data: Dataset, number: int, drawn: Sketch, scale: Array,
           bounds: Bounds) -> Iterator[tuple[str, str]]:
    """Yield code and text of what is wrong with one episode by itself."""
    rows = slice(data.starts[number], data.starts[number + 1])
    about, rate_hz = data.about[number], data.body.rate_hz
    state = data.state[rows] / scale[:data.state.shape[1]]
    length = len(state)
    if not about.label:
        yield 'unlabelled', 'label it with lam data label'
    if drawn.seconds < bounds.short_s:
        yield 'short', f'{drawn.seconds:.2f} s, least {bounds.short_s:g}'
    path = np.abs(np.diff(state, axis=0)).sum(0).max() if length > 1 else 0.0
    if path < bounds.still:
        yield 'still', f'{path:.3f} spreads of movement, least {bounds.still:g}'
    stamps = data.stamp[rows]
    off = np.abs(stamps - stamps[0] - np.arange(length) / rate_hz).max() * rate_hz
    if off > bounds.gap:
        yield 'gap', f'{off:.2f} periods off, most {bounds.gap:g}'
    if about.repeated > bounds.repeated * length:
        yield 'repeated', f'{about.repeated} of {length} frames, most {bounds.repeated:.0%}'
    turns = turns_hz(state, rate_hz)
    if turns > bounds.turns_hz:
        yield 'jerky', f'{turns:.1f} turns a second, most {bounds.turns_hz:g}'
    for camera, frames in drawn.tiny.items():
        if np.median(frames.std((1, 2))) < bounds.blank:
            yield 'blank', f'{camera}: spread {np.median(frames.std((1, 2))):.1f} of 255, ' \
                           f'least {bounds.blank:g}'
            continue
        seconds = frozen_s(frames, state, rate_hz, bounds)
        if seconds > bounds.frozen_s:
            yield 'frozen', f'{camera}: {seconds:.1f} s, most {bounds.frozen_s:g}'


def turns_hz(state: Array, rate_hz: float) -> float:
    """Return how often a second the worst joint turns back at speed; `state` [T, S] in spreads."""
    speed = np.diff(state, axis=0)
    if len(speed) < 2:
        return 0.0
    fast = np.abs(speed) > 0.1 * np.abs(speed).max(0)
    turns = (speed[1:] * speed[:-1] < 0.0) & fast[1:] & fast[:-1]
    # A joint that hardly moves trembles by its sensor's noise; it is not what is shown.
    moved = np.abs(speed).sum(0) > 0.5
    return float((turns.sum(0) * moved).max() / (len(state) / rate_hz))


def frozen_s(frames: NDArray[np.float32], state: Array, rate_hz: float, bounds: Bounds) -> float:
    """Return the longest time in which a camera shows the same while the arm moves, s."""
    change = np.abs(np.diff(frames, axis=0)).max((1, 2))
    path = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(state, axis=0)).sum(1))])
    longest, start = 0, 0
    for number in range(1, len(frames) + 1):
        if number == len(frames) or change[number - 1] > bounds.same:
            if path[number - 1] - path[start] > bounds.moves:
                longest = max(longest, number - 1 - start)
            start = number
    return longest / rate_hz


def _like(one: Sketch, others: Sequence[Sketch], bounds: Bounds) -> list[int]:
    """Return which of `others` have nearly the path of `one`."""
    if not others:
        return []
    apart = np.abs(np.stack([other.path for other in others]) - one.path).max((1, 2))
    lengths = np.array([other.seconds for other in others])
    fits = np.abs(lengths - one.seconds) <= bounds.lengths * np.maximum(lengths, one.seconds)
    return np.flatnonzero((apart <= bounds.near) & fits).tolist()


def _pairs(one: Dataset, other: Dataset, mine: Sequence[Sketch], theirs: Sequence[Sketch],
           bounds: Bounds) -> Iterator[Finding]:
    """Yield episodes of `one` that `other` has too; within a dataset each pair once."""
    within = one is other
    for number, drawn in enumerate(mine):
        for twin in _like(drawn, theirs[:number] if within else theirs, bounds):
            exact = drawn.digest == theirs[twin].digest
            apart = float(np.abs(drawn.shots() - theirs[twin].shots()).mean())
            if not exact and apart > bounds.alike:
                continue   # the same path past other things is another episode
            code = 'leak' if not within else 'duplicate' if exact else 'near_duplicate'
            where = f'episode {twin}' + ('' if within else f' of {other.folder}')
            how = 'the same numbers' if exact else f'pictures {apart:.1f} of 255 apart'
            yield Finding(str(one.folder), number, code, f'{where}, {how}')
