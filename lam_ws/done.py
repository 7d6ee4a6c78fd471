"""What observations say about a goal: the second witness beside the policy's own word.

Scenes and joints enter, tick by tick; whether they bear out that the goal was reached leaves.
Nothing here is learned and nothing is a time-out: a part is seen in its place, a lever is seen
to have turned, the tool is known to have been where a button is, the fingers hold something.
"""
from collections.abc import Mapping
from dataclasses import dataclass

from lam_ws.geometry import Chain
from lam_ws.policy.skills import SKILLS
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, Goal, JointState, Scene
import numpy as np

RELEASED = 0.6        # share of the full opening from which the fingers hold nothing
TOUCHED = 0.022       # m on the table between the tool and what it has touched
REACH = 0.030         # m of the tool above the surface that it touches
WIPING = 0.024        # m, of the tool above a stripe that it wipes
MOVED = 0.05          # m from where a thing was first seen
TURNED = 0.08         # m that the tip of a lever goes at least when it is turned
# m between a part and its place, by the kind of place, as perception sees them. In a bin it may
# lie anywhere; one image tells least well how high, and so how far, the upper of two things is.
WITHIN: Mapping[str, float] = {'bin': 0.11, 'slot': 0.018, 'nest': 0.018, 'socket': 0.018,
                               'pad': 0.024, 'cube': 0.030, 'carton': 0.030}
FREE = 0.06           # m from a part at which a place is seen for itself
SAME = 0.025          # m from where a place was at which it is still seen there
LIFTED = 0.025        # m above where a place was at which something else is seen
PATIENCE = 10         # looks in a row after which a place that is seen elsewhere was moved
MEAN = 20             # looks of which the mean says where a place is
EMPTY = 0.004         # m between fingers that have closed on nothing
WIDE = 0.95           # share of the full opening at which fingers have not closed


@dataclass
class _Seen:
    """A thing of the goal: where it was first, and where it is or was seen last."""

    first: Array | None = None
    last: Array | None = None
    now: bool = False
    doubtful: bool = False          # whether it looked like something else from the start
    looks: int = 0                  # that agreed on where it is
    elsewhere: '_Seen | None' = None   # where it has been seen instead of late


class Evidence:
    """What has been observed of one goal since it was begun.

    Args:
        goal: The goal.
        arm: Its kinematics and its gripper.
    """

    def __init__(self, goal: Goal, arm: ArmSpec):
        self._goal, self._chain = goal, Chain(arm)
        self._opening = float(arm.limits.upper[-1])
        self._one, self._other = _Seen(), _Seen()
        self._touched = [False, False]

    def bears_out(self, scene: Scene | None, joints: JointState) -> bool:
        """Take in one tick and return whether what is observed now means that it is done."""
        if scene is None:
            return False
        goal = self._goal
        _look(self._one, scene, goal.kind, goal.colour)
        if goal.place:
            seen = _Seen(self._other.first, doubtful=self._other.doubtful)
            _look(seen, scene, goal.place, goal.destination)
            _stay(self._other, seen, self._one)
        self._notice(self._chain.forward(joints.position[:-1])[:3, 3])
        if goal.place in WITHIN:
            open_ = joints.position[-1] > RELEASED * self._opening
            return bool(open_ and self._one.now and self._apart() < WITHIN[goal.place])
        if goal.skill == 'press':
            return self._touched[0]
        if goal.skill == 'wipe':
            return all(self._touched)
        least = TURNED if goal.place == 'clamp' else MOVED
        return self._one.now and self._travelled() > least

    def _notice(self, tool: Array) -> None:
        """Remember what the tool [3] m has touched; the second thing only after the first."""
        for number, thing in enumerate((self._one, self._other)):
            if thing.first is None or (number and not self._touched[0]):
                continue
            near = _far(tool, thing.first) < TOUCHED
            top = max(float(thing.first[2]), 0.0)   # nothing is seen below the table
            reach = WIPING if self._goal.skill == 'wipe' else REACH
            self._touched[number] |= near and bool(tool[2] < top + reach)

    def _apart(self) -> float:
        """Return m on the table between the part and its place, which it may hide by now."""
        if self._one.last is None or self._other.last is None:
            return np.inf
        return _far(self._one.last, self._other.last)

    def _travelled(self) -> float:
        if self._one.first is None or self._one.last is None:
            return 0.0
        return _far(self._one.last, self._one.first)


class Grip:
    """What the fingers say of a part that the policy believes to hold.

    Args:
        goal: What is to be done.
        arm: Its gripper.
    """

    def __init__(self, goal: Goal, arm: ArmSpec):
        skill = SKILLS.get(goal.skill)
        self._grips = skill is not None and skill.grips
        self._opening = float(arm.limits.upper[-1])
        self._held = False

    def lost(self, joints: JointState, phase: str) -> str:
        """Return 'not_gripped' or 'dropped' where nothing is held that should be, else ''.

        Args:
            joints: Measured joints.
            phase: What the policy says it does; fingers begin to open at the end of 'lower'.
        """
        if not self._grips or phase not in ('lift', 'carry', 'lower'):
            return ''
        opening = float(joints.position[-1])
        if EMPTY < opening < WIDE * self._opening:
            self._held = True
        elif opening <= EMPTY or phase != 'lower':
            return 'dropped' if self._held else 'not_gripped'
        return ''


def _look(thing: _Seen, scene: Scene, kind: str, colour: str) -> None:
    """Note where the surest detection of that kind and colour is."""
    found = scene.find(kind, colour)
    if found is not None and found.kind != kind:   # it may be it: if it was so from the start
        thing.doubtful |= thing.first is None
        found = found if thing.doubtful else None
    thing.now = found is not None
    if found is not None:
        thing.last = found.position
        thing.first = thing.last if thing.first is None else thing.first


def _stay(place: _Seen, seen: _Seen, cover: _Seen) -> None:
    """Believe a place to be where it is `seen`, but not at once elsewhere than it was.

    What stands near hides a place, and what is carried past may look like one for a moment.
    """
    place.now, place.doubtful = seen.now, seen.doubtful
    if seen.last is None or not seen.now:
        return
    if place.last is None or place.first is None:
        place.first, place.last, place.looks = seen.last, seen.last, 1
        return
    if abs(float(seen.last[2] - place.first[2])) > LIFTED:
        return   # what is pushed aside stays as high as it was
    if cover.now and cover.last is not None and _far(seen.last, cover.last) < FREE:
        return
    if _far(seen.last, place.last) < SAME:
        place.looks, place.elsewhere = min(place.looks + 1, MEAN), None
        place.last = place.last + (seen.last - place.last) / place.looks
        return
    if not cover.now:
        return   # it may be the part itself that is seen
    other = place.elsewhere
    if other is None or other.last is None or _far(seen.last, other.last) > SAME:
        place.elsewhere = _Seen(place.first, seen.last, True, looks=1)
        return
    other.looks += 1
    other.last = other.last + (seen.last - other.last) / other.looks
    if other.looks == PATIENCE:
        place.last, place.looks, place.elsewhere = other.last, other.looks, None


def _far(one: Array, other: Array) -> float:
    """Return m on the table between two points."""
    return float(np.hypot(*(one - other)[:2]))
