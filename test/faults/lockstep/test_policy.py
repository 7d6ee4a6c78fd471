"""Unsound policies, and that the cases fail where the guard follows them."""
from dataclasses import replace

from lam_ws.safety import guard, sight
from lam_ws.safety.safety import guard_config
import pytest

pytestmark = pytest.mark.sim


def test_a_guard_that_reads_old_chunks_fails(run, monkeypatch):
    """Pins that faults 10 and 11 can fail: what is followed is counted."""
    monkeypatch.setattr(guard, 'check_chunk', lambda *told: None)
    found = run('policy_future_alone', 'reach')
    assert not found.passed and '0 followed' not in found.observed


def test_a_guard_that_lets_old_plans_live_fails(run, monkeypatch):
    """Pins that the stall must be noticed at the age that the site says."""
    monkeypatch.setattr(sight, '_stall', lambda *told: None)
    assert run('policy_stalled_alone', 'reach').observed.startswith('no stop')


def test_a_guard_with_wider_limits_fails(run, monkeypatch):
    """Pins that commands beyond a bound are found by the judge, who keeps the site's."""
    sound = guard.step

    def weak(config, memory, inputs):
        return sound(_wider(config), memory, inputs)
    monkeypatch.setattr('lam_ws.faults.lockstep.lone_guard.step', weak)
    found = run('policy_leap_alone', 'reach')
    assert not found.passed and 'acceleration' in found.observed


_configs = {}


def _wider(config):
    if config not in _configs:
        _configs[config] = replace(config, velocity_scale=1.0, acceleration_scale=1.0,
                                   jerk_scale=1.0)
    return _configs[config]


def test_an_episode_survives_its_policy(run):
    """Pins a policy that crashes, and one that asks for the impossible, in a real episode."""
    crashed = run('policy_crashed', 'carry')
    assert crashed.passed and 'crashed on purpose' in crashed.observed
    assert run('policy_huge', 'reach').passed


def test_the_site_says_when_a_chunk_is_too_old():
    """Pins where the bound of the stall comes from."""
    from lam_ws.site import load_site
    assert guard_config(load_site('sim_bench')).stale_chunk_s == 1.2
