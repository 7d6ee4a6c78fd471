"""What the guard sends breaks no limit, whatever the policy and the joint states say."""
from collections import Counter

from bad_policy import drive
from crowded_cell import crowded
from guard_stream import config_of, Run, SITES, violations
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from lam_ws.safety.safety import GuardState
import numpy as np
import pytest


@pytest.mark.parametrize('site', SITES)
@given(seed=st.integers(0, 2 ** 32), scale=st.sampled_from([0.1, 0.5, 1.0]),
       jerk=st.sampled_from([0.02, 0.3, 1.0]), tool_speed=st.sampled_from([0.2, 1.0, 10.0]))
@settings(max_examples=12, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])
def test_no_limit_is_broken_at_any_site(site, seed, scale, jerk, tool_speed):
    """Pins the braking law's proof: it must hold for slow joints, soft jerk and slow tools too."""
    run = Run(config_of(site, velocity_scale=scale, acceleration_scale=scale, jerk_scale=jerk,
                        tool_speed=tool_speed))
    drive(run, np.random.default_rng(seed), 400)
    assert [violations(run.config, stream) for stream in run.streams if violations(
        run.config, stream)] == []


@pytest.mark.parametrize(('site', 'seed'), [(site, seed) for site in SITES for seed in (1, 2)])
def test_no_limit_is_broken_in_a_hundred_thousand_commands(site, seed):
    """Pins the promise of docs/safety.md: 4 x 25,000 commands, not one beyond a bound."""
    run = Run(config_of(site))
    rng = np.random.default_rng(seed)
    states = Counter()
    while run.commands < 25_000:
        states += drive(run, rng, 500)
    assert run.memory.rejected > 20 and run.memory.limited > 1000
    # The run must not hide: every state, and the arm in motion for a good part of it.
    assert set(states) == set(GuardState) and states['running'] > 8_000
    assert np.mean([velocity.any() for stream in run.streams for _, velocity in stream]) > 0.25
    assert [found for stream in run.streams if (found := violations(run.config, stream))] == []


@pytest.mark.parametrize(('site', 'seed'), [(site, seed) for site in SITES for seed in (3, 4)])
def test_no_box_is_entered_and_no_link_met_in_a_hundred_thousand_commands(site, seed):
    """Pins boxes and self distance where nothing else holds the arm: 4 x 25,000 commands."""
    run, limited = Run(crowded(site)), Counter()
    rng = np.random.default_rng(seed)

    def note():
        if run.decision is not None:
            limited[run.decision.limited] += 1
    while run.commands < 25_000:
        drive(run, rng, 500, note)
    # Held often enough to mean something, and in motion for a good part of it.
    assert limited['keep_out'] > 1000 and limited['self_distance'] > 20
    assert np.mean([velocity.any() for stream in run.streams for _, velocity in stream]) > 0.2
    assert [found for stream in run.streams if (found := violations(run.config, stream))] == []
