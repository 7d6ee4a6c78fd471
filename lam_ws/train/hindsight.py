"""What an operator showed, told from the recording alone: what was gripped, where it was let go.

A recorded episode and the sentence it was recorded for enter; a `Shown` leaves, or an error that
says why nothing can be learned from it. Only joints and what perception saw are looked at, never
the simulator's truth: the same works in a real cell. Of several grips the last one counts, so
that an operator who takes over from a policy that took the wrong part teaches the right one.
"""
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lam_ws.errors import RecordingError
from lam_ws.geometry import Chain
from lam_ws.policy.vocabulary import PARTS, PLACES
from lam_ws.record.record import Episode, Motion
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, Detection, Goal, Scene
import numpy as np

EMPTY = 0.006       # m between fingers that have closed on nothing
OPEN = 0.9          # share of the full opening from which fingers hold nothing
RESTING = 0.0005    # m by which the opening changes in RESTED samples of fingers that rest
RESTED = 8          # joint states
LIFTED = 0.05       # m that what is held rises at least
ABOVE, ASIDE = 0.20, 0.15   # m of the tool above or beside a thing that it hides no more
TAKEN = 0.045       # m on the table from the tool to what it took
NEAR = {'bin': 0.11, 'pad': 0.06, 'cube': 0.04, 'carton': 0.04}   # m, of a place to the tool
SLACK = 0.03        # m, by which a thing that was let go may have rolled
LEAST = 3           # looks that must agree on what a thing is
AGREED = 0.8        # share of them
SKILL = {'bin': 'pick_place', 'slot': 'kit', 'nest': 'nest', 'socket': 'insert',
         'pad': 'hand_over', 'cube': 'stack', 'carton': 'stack'}   # by the place


@dataclass(frozen=True)
class Shown:
    """What one recording shows.

    Attributes:
        episode: Id of the recording.
        text: What the operator said.
        goal: What was done, with the operator's words.
        took_at, left_at: [3] m of the tool when the fingers had closed, and when they opened.
        closed_s, opened_s: When, s after the start of the recording.
        by_hand: Share of the time in between in which a hand commanded, 0..1.
        took_over: Whether the policy had been at work before the hand.
    """

    episode: str
    text: str
    goal: Goal
    took_at: Array
    left_at: Array
    closed_s: float = 0.0
    opened_s: float = 0.0
    by_hand: float = 1.0
    took_over: bool = False


@dataclass(frozen=True)
class Grip:
    """One thing taken and let go: sample numbers, and where [3] m the tool was."""

    closed: int
    opened: int
    took_at: Array
    left_at: Array


def hindsight(episode: Episode, text: str, arm: ArmSpec) -> Shown:
    """Return what was done in a recording.

    Args:
        episode: The recording.
        text: The sentence that it was recorded for.
        arm: What moved.

    Raises:
        RecordingError: It cannot be told; the text says why.
    """
    if not text.strip():
        raise RecordingError(f'{episode.path.name}: no sentence was recorded with it')
    joints = episode.joints
    if joints.names != arm.names:
        raise RecordingError(f'{episode.path.name}: its joints are {joints.names}, not those of '
                             f'{arm.name}')
    chain = Chain(arm)
    tool = np.asarray(chain.forward(joints.position[:, :-1])[:, :3, 3])
    found = grips(joints, tool, OPEN * float(arm.limits.upper[-1]))
    if not found:
        raise RecordingError(f'{episode.path.name}: nothing was taken, lifted and let go')
    grip = found[-1]
    since = joints.times[found[-2].opened] if len(found) > 1 else -1.0
    clear = (tool[:, 2] > ABOVE) | (np.hypot(*(tool - grip.took_at)[:, :2].T) > ASIDE)
    before = [scene for scene in episode.scenes
              if since < scene.stamp_s < joints.times[grip.closed]
              and clear[min(int(np.searchsorted(joints.times, scene.stamp_s)), len(clear) - 1)]]
    after = [scene for scene in episode.scenes if scene.stamp_s > joints.times[grip.opened]]
    where = episode.path.name
    kind, colour = _named(before, grip.took_at, PARTS, TAKEN, f'{where}: what was taken')
    place, destination = _place(before, grip, (kind, colour), where)
    _moved(after, (kind, colour), NEAR.get(place, 0.03), grip, where)
    goal = Goal(SKILL[place], kind, colour, destination, text, place)
    return Shown(episode.path.stem, text, goal, grip.took_at, grip.left_at,
                 float(joints.times[grip.closed]), float(joints.times[grip.opened]))


def grips(joints: Motion, tool: Array, open_m: float) -> list[Grip]:
    """Return everything that was taken, lifted and let go, in order.

    What is held may turn between the fingers, so their opening may change on the way; it is held
    until they are open again.

    Args:
        joints: Over time.
        tool: [T, 3] m, where the tool was.
        open_m: m between fingers that are open.
    """
    opening = joints.position[:, -1]
    shut = np.flatnonzero(np.diff(np.r_[0, (opening < open_m).astype(int), 0]))
    found = []
    for first, end in shut.reshape(-1, 2).tolist():
        if first == 0 or end == len(opening):
            continue   # it was held from the start, or to the end
        change = opening[first + RESTED:end] - opening[first:end - RESTED]
        rests = np.flatnonzero(np.abs(change) < RESTING)
        if not len(rests):
            continue
        closed, opened = first + int(rests[0]), first + int(rests[-1]) + RESTED
        held = opening[closed:opened].min() > EMPTY
        if held and tool[closed:opened, 2].max() - tool[closed, 2] > LIFTED:
            found.append(Grip(closed, opened, tool[closed], tool[opened]))
    return found


def _named(scenes: Sequence[Scene], at: Array, kinds: Sequence[str], within: float,
           what: str) -> tuple[str, str]:
    """Return kind and colour of what was seen nearest to a point [3] m, as most looks say."""
    names: Counter[tuple[str, str]] = Counter()
    for scene in scenes:
        near = [(_apart(one, at), one) for one in scene.detections if one.kind in kinds]
        distance, one = min(near, key=lambda pair: pair[0], default=(np.inf, None))
        if one is not None and distance < within:
            names[one.kind, one.colour] += 1
    total = sum(names.values())
    if total < LEAST:
        raise RecordingError(f'{what} was not seen before')
    name, count = names.most_common(1)[0]
    if count < AGREED * total:
        raise RecordingError(f'{what} looked like {len(names)} different things')
    return name


def _place(scenes: Sequence[Scene], grip: Grip, taken: tuple[str, str],
           where: str) -> tuple[str, str]:
    """Return kind and colour of where it was let go."""
    kinds = [kind for kind in (*PLACES, *PARTS) if kind in SKILL]
    others = [Scene(scene.stamp_s, tuple(one for one in scene.detections
                                         if (one.kind, one.colour) != taken)) for scene in scenes]
    place, destination = _named(others, grip.left_at, kinds, max(NEAR.values()),
                                f'{where}: where it was let go')
    seen = [min(_apart(one, grip.left_at) for one in scene.detections
                if (one.kind, one.colour) == (place, destination))
            for scene in others if scene.find(place, destination) is not None]
    if not seen or np.median(seen) > NEAR.get(place, 0.03):
        raise RecordingError(f'{where}: it was let go beside the {destination} {place}')
    return place, destination


def _moved(after: Sequence[Scene], name: tuple[str, str], near: float, grip: Grip,
           where: str) -> None:
    """Raise where what was taken is seen elsewhere in the end: where it lay, or on the way."""
    seen = [found for scene in after[-LEAST:] if (found := scene.find(*name)) is not None]
    if len(seen) < LEAST or any(_apart(one, grip.left_at) < near + SLACK for one in seen):
        return
    back = all(_apart(one, grip.took_at) < TAKEN for one in seen)
    raise RecordingError(f'{where}: the {name[1]} {name[0]} is '
                         f'{"still where it was" if back else "not where it was let go"}')


def _apart(one: Detection, at: Array) -> float:
    return float(np.hypot(*(one.position - at)[:2]))
