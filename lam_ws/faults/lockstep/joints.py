"""Joint states that are old, not numbers, out of order, or that jump.

A case, a phase and a seed enter; what the stack made of it leaves.
"""
from collections.abc import Callable
from dataclasses import replace
import math

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.breaking import Fault, Robot
from lam_ws.faults.lockstep.lone_guard import LoneGuard
from lam_ws.faults.lockstep.rehearsal import Stage, stand
from lam_ws.faults.lockstep.seeing import stopped
from lam_ws.types import JointState
import numpy as np


class Spoilt(Fault):
    """Every joint state is altered on its way.

    Args:
        alter: What becomes of a joint state.
    """

    def __init__(self, alter: Callable[[JointState], JointState]):
        self._alter = alter

    def joints(self, joints: JointState) -> JointState:
        """Return the altered state."""
        return self._alter(joints)


class Silent(Fault):
    """No further joint state arrives: the last one is all there is."""

    def __init__(self) -> None:
        self._last: JointState | None = None

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Keep the last state that arrived."""
        self._last = robot.read()

    def joints(self, joints: JointState) -> JointState | None:
        """Return the state of the beginning, whatever is measured."""
        return self._last


class Jumping(Fault):
    """The encoder of one joint reads something else from one cycle to the next."""

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Choose the joint and how far it jumps."""
        self._off = np.zeros(robot.spec.axes)
        joint = int(rng.integers(robot.spec.axes - 1))
        self._off[joint] = rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 1.5)

    def joints(self, joints: JointState) -> JointState:
        """Return the state with the jump."""
        return replace(joints, position=joints.position + self._off)


def _swapped(joints: JointState) -> JointState:
    order = [1, 0, *range(2, len(joints.names))]
    return JointState(joints.stamp_s, tuple(joints.names[i] for i in order),
                      joints.position[order], joints.velocity[order])


FAULTS: dict[str, Callable[[], Fault]] = {
    'joints_silent': Silent,
    'joints_late': lambda: Spoilt(lambda s: replace(s, stamp_s=s.stamp_s - 0.05)),
    'joints_nan': lambda: Spoilt(lambda s: replace(s, position=s.position * math.nan)),
    'joints_speed_inf': lambda: Spoilt(lambda s: replace(s, velocity=s.velocity + math.inf)),
    'joints_reordered': lambda: Spoilt(_swapped),
    'joints_missing': lambda: Spoilt(lambda s: JointState(
        s.stamp_s, s.names[:-1], s.position[:-1], s.velocity[:-1])),
    'joints_duplicated': lambda: Spoilt(lambda s: replace(
        s, names=(s.names[0], *s.names[:-1]))),
    'joints_future': lambda: Spoilt(lambda s: replace(s, stamp_s=s.stamp_s + 0.05)),
    'joint_jump': Jumping,
}
REASONS = {'joints_silent': ('stale_joints',), 'joints_late': ('stale_joints', 'bad_joints'),
           'joints_future': ('future_joints',), 'joint_jump': ('joint_jump',)}


def lockstep(case: Case, phase: str, seed: int) -> Seen:
    """Spoil the joint states of an episode: a latched stop with its reason."""
    return _provoke(case, stand(), phase, seed)


def alone(case: Case, phase: str, seed: int) -> Seen:
    """Spoil the joint states of the guard alone: the same stop."""
    return _provoke(case, LoneGuard(seed), phase, seed)


def _provoke(case: Case, stage: Stage, phase: str, seed: int) -> Seen:
    name = case.name.removesuffix('_alone')
    run = stage.rehearse(FAULTS[name](), phase, seed, case.fault)
    return stopped(run, *REASONS.get(name, ('bad_joints',)))
