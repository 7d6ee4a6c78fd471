"""What the guard sends breaks no limit, whatever the policy and the joint states say."""
from collections import Counter
from dataclasses import replace

from guard_stream import config_of, Run, SITES, violations
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from lam_ws.safety.safety import GuardConfig, GuardState, Request
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

SPOILED = {
    'nan': lambda s: replace(s, position=s.position * np.nan),
    'jump': lambda s: replace(s, position=s.position + 1.0),
    'noise': lambda s: replace(s, position=s.position + 0.001),
    'reordered': lambda s: replace(s, names=s.names[::-1]),
    'short': lambda s: JointState(s.stamp_s, s.names[1:], s.position[1:], s.velocity[1:]),
    'future': lambda s: replace(s, stamp_s=s.stamp_s + 1.0),
    'old': lambda s: replace(s, stamp_s=s.stamp_s - 1.0),
    'none': lambda s: None,
}


def waypoints(rng: np.random.Generator, config: GuardConfig, base: np.ndarray) -> np.ndarray:
    """Return [H, n] waypoints of one of the ways in which policies go wrong."""
    axes, rows = config.spec.axes, int(rng.integers(1, 17))
    lower, upper = config.spec.limits.lower, config.spec.limits.upper
    kind = rng.integers(11)
    if kind == 0:  # a random walk
        return base + np.cumsum(rng.normal(0.0, rng.choice([0.01, 0.05, 0.2]), (rows, axes)), 0)
    if kind == 1:  # anywhere, in and out of range
        return rng.uniform(lower - 0.5, upper + 0.5, (rows, axes))
    if kind == 2:  # a far point
        return np.tile(rng.uniform(lower, upper), (rows, 1))
    if kind == 3:  # trembling on the spot
        return base + rng.normal(0.0, 1e-3, (rows, axes))
    if kind == 4:  # not numbers, or absurd ones
        position = base + np.zeros((rows, axes))
        position[rng.integers(rows), rng.integers(axes)] = rng.choice(
            [np.nan, np.inf, -np.inf, 1e308, -1e308])
        return position
    if kind == 5:  # into the ends of the joints
        return rng.choice([lower, upper], axis=0) + np.zeros((rows, axes))
    if kind == 6:  # all zeros
        return np.zeros((rows, axes))
    # A sweep to somewhere around home: what keeps the arm in motion between the faults.
    there = config.spec.home + rng.normal(0.0, 0.25, axes)
    return base + (there - base) * np.linspace(0.1, 1.0, rows)[:, None]


def spoiled(rng: np.random.Generator, chunk: ActionChunk,
            last: ActionChunk | None) -> ActionChunk:
    """Return the chunk, now and then replayed, reordered, cut, late or from the future."""
    kind = rng.integers(14)
    if kind == 0 and last is not None:
        return last
    if kind == 1:
        return replace(chunk, names=chunk.names[::-1])
    if kind == 2:
        return replace(chunk, position=chunk.position[:, 1:])
    if kind == 3:
        return replace(chunk, times=chunk.times[::-1])
    if kind in (4, 5):
        return replace(chunk, stamp_s=chunk.stamp_s + (1.0 if kind == 4 else -0.4))
    return chunk


def drive(run: Run, rng: np.random.Generator, cycles: int) -> Counter:
    """Let a bad policy, bad sensors and a nervous operator loose; count the guard's states."""
    last, states = None, Counter()
    left = 0
    for _ in range(cycles):
        request = Request.NONE
        if run.decision is not None and run.decision.state == 'stopped' and rng.random() < 0.2:
            request = Request.RESET
        elif run.decision is not None and run.decision.state == 'disarmed':
            request = Request.ARM
        elif rng.random() < 0.002:
            request = Request.STOP
        chunk, left = None, left - 1
        if left < 0:
            left = int(rng.integers(1, 120))
            spacing_s = float(rng.choice([0.02, 0.05, 0.1, 0.2]))
            chunk = spoiled(rng, run.chunk(waypoints(rng, run.config, run.position), spacing_s),
                            last)
            last = chunk
        spoil = SPOILED[rng.choice(list(SPOILED))] if rng.random() < 0.01 else None
        decision = run.cycle(chunk, bool(rng.random() < 0.002), request, spoil)
        assert decision.limited != 'limiter' and decision.reason != 'limiter', decision
        states[decision.state] += 1
    return states


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
