"""Clocks that jump, stand still or say what is no number.

A case, a phase and a seed enter; how soon the guard stopped leaves. The clock of the run is
meant; the clock on the wall is no input of any stage.
"""
from collections.abc import Callable
from dataclasses import replace
import math

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.breaking import Fault, Robot
from lam_ws.faults.lockstep.lone_guard import LoneGuard
from lam_ws.faults.lockstep.rehearsal import Stage, stand
from lam_ws.faults.lockstep.seeing import stopped
from lam_ws.safety.safety import GuardInputs
import numpy as np


class Moved(Fault):
    """The clock was set: all that is stamped from now on is stamped by the new time.

    Args:
        by_s: s by which it was set.
    """

    def __init__(self, by_s: float):
        self._by_s = by_s

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs on the new time."""
        joints = inputs.joints and replace(inputs.joints,
                                           stamp_s=inputs.joints.stamp_s + self._by_s)
        chunk = inputs.chunk and replace(inputs.chunk, stamp_s=inputs.chunk.stamp_s + self._by_s)
        return replace(inputs, now_s=inputs.now_s + self._by_s, joints=joints, chunk=chunk)


class Standing(Fault):
    """The clock stands still."""

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Take the time at which it stands."""
        self._now_s = robot.read().stamp_s

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs at the same time as ever."""
        joints = inputs.joints and replace(inputs.joints, stamp_s=self._now_s)
        return replace(inputs, now_s=self._now_s, joints=joints)


class Nonsense(Fault):
    """The clock says what is no number."""

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs at no time."""
        return replace(inputs, now_s=math.nan)


FAULTS: dict[str, Callable[[], Fault]] = {
    'clock_forward': lambda: Moved(3600.0), 'clock_back': lambda: Moved(-3600.0),
    'clock_step': lambda: Moved(0.5), 'clock_step_back': lambda: Moved(-0.05),
    'clock_stands': Standing, 'clock_nan': Nonsense,
}


def lockstep(case: Case, phase: str, seed: int) -> Seen:
    """Set the clock of an episode."""
    return _provoke(case, stand(), phase, seed)


def alone(case: Case, phase: str, seed: int) -> Seen:
    """Set the clock of the guard alone."""
    return _provoke(case, LoneGuard(seed), phase, seed)


def _provoke(case: Case, stage: Stage, phase: str, seed: int) -> Seen:
    fault = FAULTS[case.name.removesuffix('_alone')]()
    return stopped(stage.rehearse(fault, phase, seed, case.fault), 'clock', 'late_cycle')
