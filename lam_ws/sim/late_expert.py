"""The scripted expert where its chunks may be played late, cut short or from another moment.

`Expert` takes its own plan for granted: that it is played from the moment it was asked for. This
one looks where on that plan the arm really is, so that what a run shows is the lateness and not
an expert that waits for a motion nobody played. The same plans and the same chunks otherwise.
"""
from lam_ws.sim.expert import ASTRAY, Expert, TICK
from lam_ws.types import Array
import numpy as np

FINGERS = 0.2    # what a metre between the fingers counts beside a metre of the tool
ALIKE = 0.001    # m, places on the plan closer than this are one; the latest of them is taken


class LateExpert(Expert):
    """An expert that finds its place again when its plan was played late."""

    def _resume(self, now_s: float, measured: Array, speed: Array) -> Array:
        """Return the reference [3, 5] to go on from; first on time, then late, then astray."""
        state = super()._resume(now_s, measured, speed)
        tick = round((now_s - self._begin_s) / TICK)
        on_time = 0 <= tick < len(self._plan) and state is self._plan[tick][2]
        played = self._plan[:tick + 1]
        if on_time or not played:
            return state
        poses = np.stack([row[2][0] for row in played])
        apart = np.abs(poses[:, :3] - measured[:3]).max(axis=1) \
            + FINGERS * np.abs(poses[:, 4] - measured[4])
        if apart.min() > ASTRAY:
            return state
        latest = int(np.flatnonzero(apart < apart.min() + ALIKE)[-1])
        self.phase, self.waited, _ = played[latest]
        return state
