"""Runs without a fault: what is counted, and how it goes on where it was broken off."""
from lam_ws.faults.lockstep.false_stops import episode, FIRST, jobs, Quiet, stream, summary
import pytest

pytestmark = pytest.mark.sim


def test_an_episode_without_a_fault_has_no_stop_and_breaks_no_bound():
    """Pins the row of docs/results/faults.md on one episode."""
    run = episode(FIRST)
    assert (run.phase, run.stops, run.violations) == ('succeeded', 0, ())
    assert run.commands > 500


def test_a_stop_that_nobody_asked_for_counts(monkeypatch):
    """Pins that the count can be other than 0."""
    from lam_ws.safety import sight
    monkeypatch.setattr(sight, '_stall', lambda config, memory, inputs: sight.Bound(
        'policy_stalled') if memory.commands > 100 else None)
    assert episode(FIRST).stops == 1


def test_what_was_run_is_not_run_again():
    """Pins that a long run can be broken off."""
    done = [Quiet(FIRST + i, 'episode', 900, 0, ()) for i in range(7)]
    left = list(jobs(10, done, size=2))
    assert left[:2] == [('episode', [FIRST + 7, FIRST + 8]), ('episode', [FIRST + 9])]
    assert [kind for kind, _ in left[2:]] == ['stream'] * 3


def test_the_summary_adds_up():
    """Pins what is told of many runs."""
    rows = [Quiet(1, 'episode', 900, 1, (), 'failed', 'guard_tracking'), stream(1),
            Quiet(2, 'episode', 800, 0, ('table',), 'succeeded')]
    found = summary(rows)
    assert (found['episodes'], found['succeeded'], found['false_stops'], found['violations']) \
        == (2, 1, 1, 1)
    assert found['commands'] == 1700 + rows[1].commands
    assert found['failures'] == {'guard_tracking': 1}
