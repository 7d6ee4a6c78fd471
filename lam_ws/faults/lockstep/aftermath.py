"""What must be true after a stop, asked of any arm with its guard.

A `Bench` on which the guard has begun to stop enters; the complaints of an operator who looks on
leave: the arm is not at rest in time, it moves before it was reset and armed, or it does not
work again afterwards.
"""
from collections.abc import Sequence
from typing import Protocol

from lam_ws.faults.judging import braking_cycles
from lam_ws.faults.lockstep.breaking import Row
from lam_ws.safety.handling import Handled
from lam_ws.safety.safety import GuardConfig, GuardDecision, Request
from lam_ws.types import ActionChunk, JointState
import numpy as np

STILL = 0.02          # rad/s, measured, of an arm that stands
LAG = 15              # cycles by which a measured standstill may follow a commanded one
CREEP = 0.004         # rad that a standing arm may sag under its own weight
WATCHED = 20          # cycles in which a stopped arm is tempted


class Bench(Protocol):
    """An arm with its guard, cycle by cycle; `read` is what is truly measured."""

    config: GuardConfig

    @property
    def now_s(self) -> float:
        """Time of the run, s."""

    def read(self) -> JointState:
        """Return the measured joints."""

    def cycle(self, chunk: ActionChunk | None = None, handled: Handled | None = None,
              request: Request = Request.NONE) -> GuardDecision:
        """Run one control cycle."""

    def heal(self) -> None:
        """End the fault."""


def after_stop(bench: Bench, rows: Sequence[Row], row: int) -> list[str]:
    """Go on after the stop that began in `row` as an operator may; return what was wrong."""
    complaints = come_to_rest(bench, rows, row) + tempt(bench)
    bench.heal()
    return complaints + resume(bench, handled_in(rows))


def come_to_rest(bench: Bench, rows: Sequence[Row], row: int) -> list[str]:
    """Run a stop to its end."""
    allowed = braking_cycles(bench.config, rows[row - 1].decision.command if row else None)
    taken, last = len(rows) - row, rows[-1].decision
    while last.state != 'stopped' and taken <= allowed:
        last, taken = bench.cycle(), taken + 1
    if last.state != 'stopped':
        return [f'not at rest after {taken} cycles, allowed {allowed}']
    for _ in range(LAG):
        bench.cycle()
    speed = float(np.abs(bench.read().velocity[:-1]).max())
    return [f'measured {speed:.3f} rad/s after the stop'] if speed > STILL else []


def tempt(bench: Bench) -> list[str]:
    """Propose motion and ask to arm: a latched stop cares for neither."""
    stood, complaints = bench.read().position, set()
    for k in range(WATCHED):
        decision = bench.cycle(proposal(bench), None, Request.ARM if k % 2 else Request.NONE)
        if decision.state != 'stopped':
            complaints.add(f'{decision.state} without a reset')
    crept = _moved(bench, stood)
    if crept > CREEP:
        complaints.add(f'moved {crept:.3f} rad while stopped')
    return sorted(complaints)


def resume(bench: Bench, handled: Handled) -> list[str]:
    """Reset, then arm, then propose: the two steps, and motion only after both."""
    for _ in range(WATCHED):   # the first ones may still hear of the fault that has ended
        if bench.cycle(None, handled, Request.RESET).state == 'disarmed':
            break
    stood, complaints = bench.read().position, []
    for _ in range(5):
        if bench.cycle(proposal(bench), handled).state != 'disarmed':
            complaints.append('not disarmed after reset')
    decision = bench.cycle(None, handled, Request.ARM)
    crept = _moved(bench, stood)
    if decision.state != 'armed' or crept > CREEP:
        return [*complaints, f'{decision.state} {decision.reason} after reset and arm, '
                             f'moved {crept:.3f} rad']
    if bench.cycle(proposal(bench), handled).state != 'running':
        complaints.append('does not move after reset and arm')
    return complaints


def handled_in(rows: Sequence[Row]) -> Handled:
    """Return what was handled last, which is what goes on to be handled."""
    return next((row.inputs.handled for row in reversed(rows)
                 if row.inputs.handled is not None), Handled())


def proposal(bench: Bench) -> ActionChunk:
    """Return a sound chunk that would turn the first joint towards its middle."""
    return turning(bench.read(), bench.now_s)


def turning(joints: JointState, now_s: float) -> ActionChunk:
    """Return a sound chunk for an arm at `joints`."""
    way = np.zeros(len(joints.names))
    way[0] = -0.05 if joints.position[0] > 0.0 else 0.05
    return ActionChunk(now_s, joints.names, np.array([0.2, 0.4]),
                       joints.position + np.outer([0.5, 1.0], way))


def _moved(bench: Bench, stood: np.ndarray) -> float:
    """Return rad, how far the arm has moved, the gripper apart."""
    return float(np.abs(bench.read().position - stood)[:-1].max())
