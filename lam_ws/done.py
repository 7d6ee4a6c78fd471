"""What observations say about a goal: the second witness beside the policy's own word.

Scenes and joints enter, tick by tick; whether they bear out that the goal was reached leaves.
Nothing here is learned and nothing is a time-out: a part is seen in its place, a lever is seen
to have turned, the tool is known to have been where a button is.
"""
from collections.abc import Mapping
from dataclasses import dataclass

from lam_ws.geometry import Chain
from lam_ws.types import ArmSpec, Array, Goal, JointState, Scene
import numpy as np

RELEASED = 0.6        # share of the full opening from which the fingers hold nothing
TOUCHED = 0.022       # m on the table between the tool and what it has touched
REACH = 0.030         # m of the tool above the surface that it touches
MOVED = 0.05          # m from where a thing was first seen
TURNED = 0.08         # m that the tip of a lever goes at least when it is turned
# m between a part and its place, by the kind of place, as perception sees them. In a bin it may
# lie anywhere; one image tells least well how high, and so how far, the upper of two things is.
WITHIN: Mapping[str, float] = {'bin': 0.11, 'slot': 0.018, 'nest': 0.018, 'socket': 0.018,
                               'pad': 0.024, 'cube': 0.030, 'carton': 0.030}
FREE = 0.06           # m from a part at which a place is seen for itself


@dataclass
class _Seen:
    """A thing of the goal: where it was first, and where it is or was seen last."""

    first: Array | None = None
    last: Array | None = None
    now: bool = False


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
            _look(self._other, scene, goal.place, goal.destination,
                  self._one.last if self._one.now else None)
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
            near = np.hypot(*(tool - thing.first)[:2]) < TOUCHED
            top = max(float(thing.first[2]), 0.0)   # nothing is seen below the table
            self._touched[number] |= bool(near and tool[2] < top + REACH)

    def _apart(self) -> float:
        """Return m on the table between the part and its place, which it may hide by now."""
        if self._one.last is None or self._other.last is None:
            return np.inf
        return float(np.hypot(*(self._one.last - self._other.last)[:2]))

    def _travelled(self) -> float:
        if self._one.first is None or self._one.last is None:
            return 0.0
        return float(np.hypot(*(self._one.last - self._one.first)[:2]))


def _look(thing: _Seen, scene: Scene, kind: str, colour: str,
          cover: Array | None = None) -> None:
    """Note where the surest detection of that kind and colour is.

    What stands at `cover` [3] m hides a thing that it is close to: where that was stays believed.
    """
    found = [one for one in scene.detections if (one.kind, one.colour) == (kind, colour)]
    thing.now = bool(found)
    if found:
        seen = max(found, key=lambda one: one.confidence).position
        if thing.last is None or cover is None or np.hypot(*(seen - cover)[:2]) > FREE:
            thing.last = seen
        thing.first = thing.last if thing.first is None else thing.first
