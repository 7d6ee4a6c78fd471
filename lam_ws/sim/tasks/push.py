"""Push: a named part over a line."""
from collections.abc import Callable, Sequence

from lam_ws.sim.tasks.task import home_pose, SimTask, still, untouched, Waypoint
from lam_ws.sim.truth import find, fold, KeyPoints, Truth
from lam_ws.types import Array, Goal
import numpy as np

BEHIND = 0.062   # m from the part's centre to where the tool comes down
BEYOND = 0.004   # m beyond the line that the tool goes; the part is ahead of it
FRONT = 0.028    # m, fingers half open push on two points
LOW = 0.016      # m, height of the tool while it pushes


def along_push(behind: float | None, height: float) -> Callable[[KeyPoints, Array], Array]:
    """Return a place on the push, `behind` m behind the part, or beyond the line for None."""
    def where(points: KeyPoints, home: Array) -> Array:
        across = np.array([-np.sin(points.place_yaw), np.cos(points.place_yaw)])
        gap = float(across @ (points.place - points.pick)[:2])
        ahead = across * np.sign(gap)
        on = -behind if behind is not None else abs(gap) + BEYOND
        xy = points.pick[:2] + ahead * on
        return np.array([*xy, height, fold(float(np.arctan2(ahead[1], ahead[0])), np.pi)])
    return where


class Push(SimTask):
    """Parts, and a line at either side."""

    name = skill = 'push'
    scene = 'lines'
    kinds = ('cube', 'bearing', 'pump_body', 'carton')
    places = ('line',)
    motion = (Waypoint(along_push(BEHIND, 0.10), FRONT, rounding=0.004),
              Waypoint(along_push(BEHIND, LOW), FRONT),
              Waypoint(along_push(0.030, LOW), FRONT, rounding=0.006, speed=0.6),
              Waypoint(along_push(None, LOW), FRONT, dwell=0.1, speed=0.6),
              Waypoint(along_push(None, 0.10), FRONT, rounding=0.04),
              Waypoint(home_pose, None, rounding=0.01))

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return every part over every line, where no other part is in the way."""
        return [goal for goal in super().goals(truth) if free(truth, goal)]

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part lies beyond the line."""
        name = goal.kind, goal.colour
        body = next(part for part in now['parts'] if (part['kind'], part['colour']) == name)
        return side(now, goal) * side(before, goal) < 0 and abs(side(now, goal)) > 0.005 \
            and still(body) and untouched(before, now, goal)


def side(truth: Truth, goal: Goal) -> float:
    """Return m of the part from the line, negative on its other side."""
    part, line = find(truth, goal.kind, goal.colour), find(truth, goal.place, goal.destination)
    across = np.array([-np.sin(line.yaw or 0.0), np.cos(line.yaw or 0.0)])
    return float(across @ (part.surface - line.surface)[:2])


def free(truth: Truth, goal: Goal) -> bool:
    """Return whether nothing stands where the part is pushed along."""
    part, line = find(truth, goal.kind, goal.colour), find(truth, goal.place, goal.destination)
    across = np.array([-np.sin(line.yaw or 0.0), np.cos(line.yaw or 0.0)])
    ahead = across * np.sign(across @ (line.surface - part.surface)[:2])
    for other in truth['parts']:
        if (other['kind'], other['colour']) == (goal.kind, goal.colour):
            continue
        way = np.array(other['position'])[:2] - part.surface[:2]
        if ahead @ way > -0.12 and abs(ahead[0] * way[1] - ahead[1] * way[0]) < 0.075:
            return False
    return True
