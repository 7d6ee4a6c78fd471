"""Wipe: along a stripe, from its square end to the other."""
from collections.abc import Callable

from lam_ws.sim.tasks.task import home_pose, SimTask, untouched, Waypoint
from lam_ws.sim.truth import fold, KeyPoints, Truth
from lam_ws.types import Array, Goal
import numpy as np

LOW = 0.014      # m, height of the tool while it wipes
COVERED = 0.95   # share of the stripe that must have been passed


def on_stripe(end: bool, height: float) -> Callable[[KeyPoints, Array], Array]:
    """Return the place `height` m above the beginning or the end of the stripe."""
    def where(points: KeyPoints, home: Array) -> Array:
        along = points.place[:2] - points.pick[:2]
        xy = points.place[:2] if end else points.pick[:2]
        return np.array([*xy, height, fold(float(np.arctan2(along[1], along[0])), np.pi)])
    return where


class Wipe(SimTask):
    """Stripes on the table."""

    name = skill = 'wipe'
    scene = 'lines'
    kinds = ('stripe',)
    places = ('stripe_end',)
    same = True
    motion = (Waypoint(on_stripe(False, 0.10), 0.0, rounding=0.004),
              Waypoint(on_stripe(False, LOW), 0.0),
              Waypoint(on_stripe(True, LOW), 0.0, rounding=0.03, speed=0.4),
              Waypoint(on_stripe(True, LOW), 0.0, dwell=0.1, speed=0.4),
              Waypoint(on_stripe(True, 0.10), 0.0, rounding=0.04),
              Waypoint(home_pose, None, rounding=0.01))

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the tool has passed over the stripe, and pushed nothing away."""
        wiped = next(one['most'] for one in now['fixtures']
                     if (one['kind'], one['colour']) == ('stripe', goal.colour))
        return wiped >= COVERED and untouched(before, now, goal)
