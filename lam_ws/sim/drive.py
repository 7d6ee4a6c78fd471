"""How a simulated arm follows what it is told: targets enter, what the motors get leaves.

A real arm answers late and lags behind. `sim: drive` of a site says how late and how far, and
`lam identify` finds the numbers in recordings. Plain arithmetic, so that the identification
computes with the same formula as the cell.
"""
from collections import deque

from lam_ws.site_files import DriveSettings
from lam_ws.types import Array
import numpy as np


def decay(step_s: float | Array, time_constant_s: Array) -> Array:
    """Return which share of a distance is left after `step_s`; 0 where there is no lag."""
    return np.asarray(np.exp(-step_s / np.maximum(time_constant_s, 1e-9)))


def follow(reached: Array, before: Array, target: Array, step_s: float, time_constant_s: Array,
           left: Array) -> Array:
    """Return where a first-order lag is after one step in which its target moves evenly.

    The exact solution of `time_constant_s * y' = u - y` for u(t) on a straight line.

    Args:
        reached: [n] rad, where it is at the beginning of the step.
        before: [n] rad, its target at the beginning of the step.
        target: [n] rad, its target at the end of the step.
        step_s: s
        time_constant_s: [n] s; 0 for none.
        left: [n] `decay(step_s, time_constant_s)`.
    """
    behind = time_constant_s * (target - before) / step_s
    return np.asarray(target - behind + (reached - before + behind) * left)


class Drive:
    """Delay and lag of one arm, stepped with the physics.

    Args:
        settings: What the site says; the gripper is delayed and does not lag.
        position: [n] rad (gripper m), where the arm rests.
        step_s: Physics step, s.
    """

    def __init__(self, settings: DriveSettings, position: Array, step_s: float):
        self._step_s = step_s
        self._lags = np.array([*settings.time_constant_s, 0.0])
        self._left = decay(step_s, self._lags)
        whole, self._share = divmod(settings.delay_s / step_s, 1.0)
        self._told: deque[Array] = deque(maxlen=int(whole) + 2)
        self.rest(position)

    def rest(self, position: Array) -> None:
        """Begin anew at rest at `position` [n]."""
        self._late = self._reached = np.array(position, float)
        self._told.extend([self._late] * (self._told.maxlen or 0))

    def step(self, target: Array) -> tuple[Array, Array]:
        """Return position and velocity [n] for the motors in this physics step.

        A motor adds to the position that it is given the way that its velocity makes in one
        step: it gets where the step begins, and arrives where it ends.
        """
        self._told.append(target)
        late = self._told[1] + self._share * (self._told[0] - self._told[1])
        reached = follow(self._reached, self._late, late, self._step_s, self._lags, self._left)
        begin, speed = self._reached, (reached - self._reached) / self._step_s
        self._late, self._reached = late, reached
        return begin, speed
