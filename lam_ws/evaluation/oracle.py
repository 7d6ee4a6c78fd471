"""The learned motion on true key points: tells failures of control from failures of grounding.

A site and a cell enter; a policy leaves that is the site's own but for where the two things of
its sentence are, which it reads from the simulator's truth.
"""
from lam_ws.policy.native import NativePolicy
from lam_ws.sim.cell import Cell
from lam_ws.sim.truth import key_points, KeyPoints
from lam_ws.site import Site
from lam_ws.types import Array, Frame, Goal
import numpy as np


class _TrueBelief:
    """Stands in for `Belief`: follows the truth for as long as a belief would look."""

    def __init__(self, cell: Cell, goal: Goal, looks: int, held: int, last: int):
        self._cell, self._goal = cell, goal
        self._looks, self._held, self._last = looks, held, last
        self._points: KeyPoints | None = None
        self._second: KeyPoints | None = None
        self._pick = np.zeros(3)
        self._now_s: float | None = None

    def update(self, sight: None, now_s: float, phase: int, height: float) -> None:
        """Read the truth where a belief would look at the image."""
        elapsed = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        if self._points is not None and phase < self._held:
            self._pick = self._pick + elapsed * np.array([*self._points.velocity, 0.0])
        if self._points is None or phase < self._looks or (phase == self._last and height > 0.2):
            self._points = key_points(self._cell.truth(), self._goal)
            self._pick = self._points.pick
        if self._second is None or phase < self._looks:
            self._second = key_points(self._cell.truth(), self._goal)

    def points(self) -> Array | None:
        """Return the [12] key points as the head reads them."""
        first, second = self._points, self._second
        if first is None or second is None:
            return None
        return np.array([*self._pick, np.cos(2 * first.yaw), np.sin(2 * first.yaw),
                         *first.velocity, *second.place, np.cos(2 * second.place_yaw),
                         np.sin(2 * second.place_yaw)])


class OraclePolicy(NativePolicy):
    """The site's policy with true key points.

    Args:
        site: Names the model.
        cell: Whose truth it reads.
    """

    def __init__(self, site: Site, cell: Cell):
        super().__init__(site)
        self._cell = cell

    def reset(self, goal: Goal) -> None:
        """Read the goal's sentence and its true key points."""
        super().reset(goal)
        skill = self.skill
        self.belief = _TrueBelief(  # type: ignore[assignment]
            self._cell, goal, skill.looks, skill.looks + skill.grips, len(skill.phases) - 1)

    def _look(self, frame: Frame) -> None:  # type: ignore[override]
        """Look at nothing."""
