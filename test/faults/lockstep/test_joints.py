"""Spoilt joint states, and that the cases fail where the guard believes them."""
from dataclasses import replace

from lam_ws.safety import sight
from lam_ws.safety.safety import guard_config
import pytest

pytestmark = pytest.mark.sim


def test_a_guard_that_believes_everything_fails(run, monkeypatch):
    """Pins that the cases of faults 7 and 8 can fail."""
    monkeypatch.setattr(sight, 'check_joints', lambda *told: None)
    for name in ('joints_nan_alone', 'joints_reordered_alone', 'joint_jump_alone'):
        assert not run(name, 'reach').passed, name


def test_a_guard_that_waits_too_long_fails(run, monkeypatch):
    """Pins that the bound of fault 6 can be missed."""
    def patient(site):
        return replace(guard_config(site), stale_joints_s=0.2)
    monkeypatch.setattr('lam_ws.faults.lockstep.lone_guard.guard_config', patient)
    late = run('joints_silent_alone', 'reach')
    assert not late.passed and late.observed == 'stale_joints' and late.cycles > late.bound_cycles


@pytest.mark.parametrize('phase', ['idle', 'grasp'])
def test_an_episode_stops_where_its_joints_fall_silent(run, phase):
    """Pins fault 6 in a real episode."""
    assert run('joints_silent', phase).passed
