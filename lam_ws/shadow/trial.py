"""What the guard would say to a chunk: measured joints and a chunk enter, a verdict leaves.

The guard of the cell is not asked: it never hears of a shadow. One of its own, with the same
configuration, is put where the arm is and moves as it does, is given the chunk, and commands an
arm that follows perfectly. Nothing of it goes anywhere.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lam_ws.safety.guard import GuardMemory, start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.limiter import Limiter
from lam_ws.safety.safety import (
    GuardConfig,
    GuardDecision,
    GuardInputs,
    GuardState,
    Request,
)
from lam_ws.types import ActionChunk, Array, freeze_fields, JointState
import numpy as np

STILL = 0.02   # rad/s, below which an arm stands; a motion out of standstill has checks of its own


@dataclass(frozen=True)
class Verdict:
    """What came of one chunk.

    Attributes:
        refused: Why it was not followed, '' if it was.
        limited: The bounds that held it back, in the order in which they did.
        stopped: Why the guard stopped while it followed, '' if it did not.
        times: [m] s after the chunk's stamp, at the ends of control cycles.
        position: [m, n] rad (gripper m), what would have been commanded.
    """

    refused: str
    limited: tuple[str, ...]
    stopped: str
    times: Array
    position: Array

    def __post_init__(self) -> None:
        freeze_fields(self, 'times', 'position')

    @property
    def word(self) -> str:
        """'refused', 'stopped', 'limited' or 'passed'."""
        return 'refused' if self.refused else 'stopped' if self.stopped \
            else 'limited' if self.limited else 'passed'


class _Cycle(NamedTuple):
    now_s: float
    decision: GuardDecision
    rejected: bool


class Trial:
    """Judges chunks.

    Args:
        config: What the guard of the cell enforces.
        follow_s: For how long a chunk is followed, s: until the next one would come.
    """

    def __init__(self, config: GuardConfig, follow_s: float):
        self._config, self._cycles = config, max(1, round(follow_s / config.cycle_s))
        self._limiter = Limiter(config)
        start(config)   # what takes long to make is made now

    def judge(self, joints: JointState, chunk: ActionChunk, handled: Handled) -> Verdict:
        """Return what the guard would have made of `chunk`.

        Args:
            joints: Measured at the chunk's stamp.
            chunk: What is proposed.
            handled: What the step in work handles.
        """
        rows = list(self._follow(joints, chunk, handled))
        limited = dict.fromkeys(row.decision.limited for row in rows if row.decision.limited)
        first = rows[0].decision
        refused = (first.limited or first.reason) if rows[0].rejected else ''
        stops = [row.decision.reason for row in rows
                 if row.decision.state in (GuardState.STOPPING, GuardState.STOPPED)]
        sent = [(row.now_s + self._config.cycle_s - chunk.stamp_s, row.decision.command.position)
                for row in rows if row.decision.command is not None]
        return Verdict(refused, () if refused else tuple(limited),
                       stops[0] if stops and not refused else '',
                       np.array([after_s for after_s, _ in sent]),
                       np.array([where for _, where in sent]).reshape(-1, self._config.spec.axes))

    def _follow(self, joints: JointState, chunk: ActionChunk,
                handled: Handled) -> Iterator[_Cycle]:
        """Yield the cycles from the one in which the guard is given the chunk."""
        commander, memory = Commander(POLICY, 'shadow', 1), self._begun(joints, chunk, handled)
        position, velocity = joints.position, joints.velocity
        for number in range(self._cycles):
            now_s, before = chunk.stamp_s + number * self._config.cycle_s, memory.rejected
            memory, decision = step(self._config, memory, GuardInputs(
                now_s, JointState(now_s, joints.names, position, velocity),
                None if number else chunk, False, Request.NONE, handled,
                commander.claim(now_s)))
            if decision.command is not None:
                position, velocity = decision.command.position, decision.command.velocity
            yield _Cycle(now_s, decision, memory.rejected > before)

    def _begun(self, joints: JointState, chunk: ActionChunk, handled: Handled) -> GuardMemory:
        """Return the memory of an armed guard whose arm is and moves as was measured."""
        still, memory = np.zeros(self._config.spec.axes), start(self._config)
        for request in (Request.NONE, Request.ARM):   # at rest: what is handled changes only so
            now_s = chunk.stamp_s - (2 if request is Request.NONE else 1) * self._config.cycle_s
            memory, _ = step(self._config, memory, GuardInputs(
                now_s, JointState(now_s, joints.names, joints.position, still), None, False,
                request, handled))
        if memory.state is not GuardState.ARMED or np.abs(joints.velocity).max() < STILL:
            return memory
        return memory._replace(state=GuardState.RUNNING, motion=self._limiter.passing(
            joints.position, joints.velocity))
