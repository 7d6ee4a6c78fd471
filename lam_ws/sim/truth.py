"""What a scorer and an expert read from the simulator's truth; never seen by a policy.

The dictionary of `Cell.truth` and a goal enter; key points, or the answer whether the part
lies where it should, leave. Plain numpy, no simulator.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lam_ws.errors import InstructionError
from lam_ws.geometry import from_quaternion
from lam_ws.policy.skills import SKILLS
from lam_ws.sim.fixtures import BELT
from lam_ws.types import Array, Goal
import numpy as np

LOWEST = 0.014   # m, tool height from which the fingers clear the table
ON_BELT = 0.07   # m, height below which a part over a belt lies on it
LIES = 0.7       # share of a part's axis that points up, below which it lies

Truth = dict[str, Any]


@dataclass(frozen=True)
class Thing:
    """Something an instruction can be about.

    Attributes:
        kind: What it is.
        colour: Its colour, 'none' for bare metal.
        grip: [3] m, where it is taken or touched.
        surface: [3] m, where something is put on or into it.
        yaw: Heading rad, None where every heading is as good.
        turns: Headings in a full turn that are as good as `yaw`.
        width: m between the fingers that hold it, 0 for what is not held.
        velocity: [2] m/s.
    """

    kind: str
    colour: str
    grip: Array
    surface: Array
    yaw: float | None
    turns: int = 2
    width: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class KeyPoints:
    """What a goal is about.

    Attributes:
        pick: [3] m, where the tool takes or touches; yaw rad, width m between the fingers.
        yaw: Heading of the tool there, rad.
        width: m.
        place: [3] m, where the tool is when the part stands in its place.
        place_yaw: Heading of the tool there, rad.
        velocity: [2] m/s of what is picked.
    """

    pick: Array
    yaw: float
    width: float
    place: Array
    place_yaw: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)


def fold(angle: float, period: float) -> float:
    """Return `angle` in [-period / 2, period / 2)."""
    return float((angle + period / 2) % period - period / 2)


def nearest(angle: float, turns: int, to: float) -> float:
    """Return the heading nearest to `to` among the `turns` that are as good as `angle`."""
    return to if turns == 0 else to + fold(angle - to, 2 * np.pi / turns)


def things(truth: Truth) -> Iterator[Thing]:
    """Yield everything an instruction can be about."""
    for part in truth['parts']:
        yield _part(part, truth)
    for bin_ in truth['bins']:
        at = np.array(bin_['position'])
        yield Thing('bin', bin_['colour'], at, at, bin_['yaw'], 4)
    for fixture in truth.get('fixtures', ()):
        for point in fixture['points']:
            at = np.array(point['position'])
            yield Thing(point['kind'], point['colour'], at, at,
                        point['yaw'] if point['turns'] else None, max(point['turns'], 1))


def _part(part: dict[str, Any], truth: Truth) -> Thing:
    """Return a loose part as a thing; one that lies is taken by its middle, along its axis.

    A rod that rolled onto its side still points where its length points.
    """
    R = from_quaternion(part['quaternion'])[:3, :3]
    centre, size, grip = np.array(part['position']), part['size'], part['grip']
    upright = abs(R[2, 2]) >= LIES
    rolled = not upright and size[0] > size[2] and abs(R[2, 0]) < LIES
    long = R[:, 0] if upright or rolled else R[:, 2]
    turns = grip['turns'] if upright else 2
    yaw = None if turns == 0 else float(np.arctan2(long[1], long[0]))
    half = size[2] / 2 if upright else size[1] / 2 if rolled else size[0] / 2
    taken = grip['z'] - half if upright else 0.0
    return Thing(part['kind'], part['colour'],
                 np.array([*centre[:2], max(centre[2] + taken, LOWEST)]),
                 centre + [0, 0, half], yaw, max(turns, 1), grip['width'],
                 _carried(part, truth))


def _carried(part: dict[str, Any], truth: Truth) -> tuple[float, float]:
    """Return the [2] m/s at which a belt carries a part that lies on it, else zeros.

    The part's own speed would be that of its rocking as well.
    """
    for belt in (one for one in truth.get('fixtures', ()) if one['speed']):
        c, s = np.cos(belt['yaw']), np.sin(belt['yaw'])
        off = np.array(part['position'])[:2] - belt['position'][:2]
        inside = abs(c * off[0] + s * off[1]) < BELT[0] / 2 \
            and abs(c * off[1] - s * off[0]) < BELT[1] / 2
        if inside and part['position'][2] < ON_BELT:
            return (-s * belt['speed'], c * belt['speed'])
    return 0.0, 0.0


def find(truth: Truth, kind: str, colour: str) -> Thing:
    """Return the thing of that kind and colour.

    Raises:
        InstructionError: The scene has none.
    """
    for thing in things(truth):
        if (thing.kind, thing.colour) == (kind, colour):
            return thing
    raise InstructionError('not_in_scene', f'no {colour} {kind} in this scene')


def key_points(truth: Truth, goal: Goal) -> KeyPoints:
    """Read the goal's key points from the simulator's truth.

    Raises:
        InstructionError: The scene lacks what the goal names.
    """
    part = find(truth, goal.kind, goal.colour)
    yaw = 0.0 if part.yaw is None else nearest(part.yaw, part.turns, 0.0)
    if not goal.place:
        return KeyPoints(part.grip, yaw, part.width, part.grip, yaw, part.velocity)
    place = find(truth, goal.place, goal.destination)
    held = part.grip[2] if SKILLS[goal.skill].grips else 0.0
    turned = yaw if place.yaw is None else nearest(place.yaw, place.turns, yaw)
    return KeyPoints(part.grip, yaw, part.width, place.surface + [0, 0, held], turned,
                     part.velocity)


def in_bin(truth: Truth, goal: Goal) -> bool:
    """Return whether the goal's part truly lies inside the goal's bin."""
    part = next(p for p in truth['parts'] if (p['kind'], p['colour']) == (goal.kind, goal.colour))
    bin_ = next(b for b in truth['bins'] if b['colour'] == goal.destination)
    offset = np.array(part['position']) - bin_['position']
    c, s = np.cos(bin_['yaw']), np.sin(bin_['yaw'])
    local = np.abs([c * offset[0] + s * offset[1], c * offset[1] - s * offset[0]])
    return bool((local < np.array(bin_['inner']) / 2).all() and offset[2] < bin_['height'] + 0.01)
