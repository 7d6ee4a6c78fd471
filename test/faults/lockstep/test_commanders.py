"""Two commanders of one guard, and a guard that obeys them both."""
from lam_ws.faults.lockstep.commanders import SAID
from lam_ws.safety import guard
from lam_ws.safety.lease import Lease
import pytest

pytestmark = pytest.mark.sim


@pytest.mark.parametrize('name', sorted(SAID))
@pytest.mark.parametrize('phase', ['idle', 'reach'])
def test_nobody_else_is_obeyed(run, name, phase):
    """Pins fault 24 alone, while the arm waits and while it moves."""
    found = run(name, phase)
    assert found.passed and found.cycles == 0, found


def test_a_guard_that_obeys_whoever_speaks_fails(run, monkeypatch):
    """Pins that the case can fail."""
    monkeypatch.setattr(guard, '_lease', lambda config, lease, claim, now_s: (
        (lease, None) if claim is None else (Lease(claim, now_s), None)))
    assert not run('second_policy', 'reach').passed
