"""What the guard would say to a chunk: measured motion and a chunk enter, a verdict leaves.

The guard of the cell is not asked: it never hears of a shadow. One of its own, with the same
configuration, is led along the way that the arm really went, is then given the chunk, and
commands an arm that follows perfectly. Nothing of it goes anywhere.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import (
    GuardConfig,
    GuardDecision,
    GuardInputs,
    GuardState,
    Request,
)
from lam_ws.types import ActionChunk, Array, freeze_fields, JointState
import numpy as np

LEAD_S = 0.6     # s of real motion before the chunk, from which the guard knows how it moves
STEP_S = 0.02    # s between two points of it


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


class Trial:
    """Judges chunks.

    Args:
        config: What the guard of the cell enforces.
        follow_s: For how long a chunk is followed, s: until the next one would come.
    """

    def __init__(self, config: GuardConfig, follow_s: float):
        self._config, self._cycles = config, max(1, round(follow_s / config.cycle_s))
        start(config)   # what takes long to make is made now

    def judge(self, before: Sequence[JointState], chunk: ActionChunk,
              handled: Handled) -> Verdict:
        """Return what the guard would have made of `chunk`.

        Args:
            before: Measured joints up to the chunk's stamp, in order; at least one.
            chunk: What is proposed.
            handled: What the step in work handles.
        """
        rows = list(self._follow(_lead(before, chunk), chunk, handled))
        limited = dict.fromkeys(row.decision.limited for row in rows if row.decision.limited)
        refused = ''
        if rows[0].decision.state is not GuardState.RUNNING:
            refused = rows[0].decision.limited or rows[0].decision.reason or 'not_followed'
        stops = [row.decision.reason for row in rows
                 if row.decision.state in (GuardState.STOPPING, GuardState.STOPPED)]
        sent = [row for row in rows if row.decision.command is not None]
        return Verdict(
            refused, () if refused else tuple(limited), stops[0] if stops and not refused else '',
            np.array([row.now_s + self._config.cycle_s - chunk.stamp_s for row in sent]),
            np.array([row.decision.command.position for row in sent if row.decision.command])
            .reshape(len(sent), self._config.spec.axes))

    def _follow(self, lead: ActionChunk, chunk: ActionChunk,
                handled: Handled) -> Iterator[_Cycle]:
        """Lead the guard to the chunk; yield the cycles from the one in which it takes it."""
        commander, memory = Commander(POLICY, 'shadow', 1), start(self._config)
        cycle_s, names = self._config.cycle_s, self._config.spec.names
        count = round((chunk.stamp_s - lead.stamp_s) / cycle_s)
        position, velocity = lead.position[0], np.zeros(len(names))
        for number in range(-2, count + self._cycles):
            now_s = chunk.stamp_s + (number - count) * cycle_s
            new = {0: lead, count: chunk}.get(number) if count else {0: chunk}.get(number)
            memory, decision = step(self._config, memory, GuardInputs(
                now_s, JointState(now_s, names, position, velocity), new, False,
                Request.ARM if number == -1 else Request.NONE, handled,
                commander.claim(now_s)))
            if decision.command is not None:
                position, velocity = decision.command.position, decision.command.velocity
            if number >= count:
                yield _Cycle(now_s, decision)


def _lead(before: Sequence[JointState], chunk: ActionChunk) -> ActionChunk:
    """Return the last LEAD_S of real motion as a chunk that goes on as it ended."""
    stamps = np.array([joints.stamp_s for joints in before])
    rows = np.stack([joints.position for joints in before])
    count = int(min(LEAD_S, max(chunk.stamp_s - stamps[0], 0.0)) / STEP_S)
    begin_s = chunk.stamp_s - count * STEP_S
    times = np.arange(count + 1) * STEP_S
    way = np.stack([np.interp(begin_s + times, stamps, column) for column in rows.T], axis=1)
    speed = (way[-1] - way[max(count - 2, 0)]) / max(2 * STEP_S, 1e-9)
    beyond = np.array([0.1, 0.2])
    return ActionChunk(begin_s, before[-1].names, np.concatenate([times, times[-1] + beyond]),
                       np.concatenate([way, way[-1] + beyond[:, None] * speed]))
