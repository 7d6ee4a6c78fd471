"""Open and close the clamp of a named colour."""
from collections.abc import Callable, Sequence
from math import cos, radians, sin

from lam_ws.sim.tasks.task import home_pose, SimTask, untouched, Waypoint
from lam_ws.sim.truth import fold, KeyPoints, Truth
from lam_ws.types import Array, Goal
import numpy as np

RADIUS, BELOW = 0.085, 0.010       # m from the pivot to the tool, m below the lever's tip
OPEN, CLOSED = radians(80), radians(8)   # from where, up to where it counts
CLEAR, HALF, FULL = 30, -42, -76   # degrees of the tool from where the lever was found


def beside_lever(degrees: float, side: int, height: float = 0.0,
                 ) -> Callable[[KeyPoints, Array], Array]:
    """Return the place on the arc around the pivot `degrees` from the lever, on one side of it."""
    def where(points: KeyPoints, home: Array) -> Array:
        lever = points.pick - points.place
        angle = float(np.arctan2(lever[1], lever[0])) + side * radians(degrees)
        return np.array([points.place[0] + RADIUS * cos(angle),
                         points.place[1] + RADIUS * sin(angle),
                         points.pick[2] - BELOW + height, fold(angle, np.pi / 2)])
    return where


def sweep(side: int) -> tuple[Waypoint, ...]:
    """Return the motion that turns a lever a quarter; +1 clockwise, -1 counter-clockwise."""
    return (Waypoint(beside_lever(CLEAR, side, 0.09), 0.0, rounding=0.004),
            Waypoint(beside_lever(CLEAR, side), 0.0),
            Waypoint(beside_lever(HALF, side), 0.0, rounding=0.006, speed=0.5),
            Waypoint(beside_lever(FULL, side), 0.0, dwell=0.1, speed=0.5),
            Waypoint(beside_lever(FULL + 12, side, 0.09), 0.0, rounding=0.03),
            Waypoint(home_pose, None, rounding=0.01))


def angle_of(truth: Truth, colour: str) -> float:
    """Return where the lever of a clamp stands, rad; 0 is closed."""
    return float(next(one['value'] for one in truth['fixtures']
                      if (one['kind'], one['colour']) == ('clamp', colour)))


class _Clamp(SimTask):
    scene = 'panel'
    kinds = ('lever',)
    places = ('clamp',)
    same = True

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return the clamps that stand the other way."""
        opens = self.skill == 'open_clamp'
        return [goal for goal in super().goals(truth)
                if (angle_of(truth, goal.colour) < CLOSED) == opens]

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether this clamp was turned, and nothing else was moved."""
        moved = [abs(one['value'] - was['value']) for one, was in zip(
            now['fixtures'], before['fixtures'], strict=True)
            if one['kind'] == 'clamp' and one['colour'] != goal.colour]
        value = angle_of(now, goal.colour)
        right = value > OPEN if self.skill == 'open_clamp' else value < CLOSED
        return right and all(turn < radians(10) for turn in moved) \
            and untouched(before, now, goal)


class OpenClamp(_Clamp):
    """A closed clamp: the lever is turned counter-clockwise."""

    name = skill = 'open_clamp'
    motion = sweep(-1)


class CloseClamp(_Clamp):
    """An open clamp: the lever is turned clockwise."""

    name = skill = 'close_clamp'
    motion = sweep(+1)
