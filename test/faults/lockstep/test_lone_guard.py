"""The guard alone: where it moves, what it notices, and what comes after a stop."""
from dataclasses import replace

from lam_ws.faults.lockstep.breaking import Fault
import pytest

pytestmark = pytest.mark.sim


class Deaf(Fault):
    """Nothing is broken but that STOP is pressed."""

    def inputs(self, inputs):
        from lam_ws.safety.safety import Request
        return replace(inputs, request=Request.STOP)


@pytest.mark.parametrize('seed', [0, 1])
def test_without_a_fault_it_moves_and_nothing_stops(seed):
    """Pins that what is seen of a fault is the fault's."""
    from lam_ws.faults.lockstep.lone_guard import LoneGuard
    guard = LoneGuard(seed)
    run = guard.rehearse(Fault(), 'reach', seed, 1)
    assert run.stop() is None and not run.complaints
    assert sum(row.decision.command.velocity.any() for row in run.rows[20:]) > 200
    assert {guard.config.spec.name} == {('fr3', 'ur5e')[seed]}


def test_waiting_it_does_not_move():
    """Pins the phase 'idle'."""
    from lam_ws.faults.lockstep.lone_guard import LoneGuard
    run = LoneGuard(0).rehearse(Fault(), 'idle', 0, 1)
    assert run.stop() is None
    assert not any(row.decision.command.velocity.any() for row in run.rows)


def test_the_cycle_in_which_the_fault_reaches_the_guard_is_kept():
    """Pins from where the bound is counted."""
    from lam_ws.faults.lockstep.lone_guard import LoneGuard
    run = LoneGuard(2).rehearse(Deaf(), 'reach', 2, 1)
    assert run.stop() == run.since and run.reason == 'operator_stop'
