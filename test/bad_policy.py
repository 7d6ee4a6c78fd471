"""What a guard must bear: policies, sensors and operators that go wrong in every way at once."""
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from guard_stream import Run
from lam_ws.faults.lockstep.chunks import spoiled
from lam_ws.safety.safety import GuardConfig, Request
from lam_ws.types import JointState
import numpy as np

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


def drive(run: Run, rng: np.random.Generator, cycles: int,
          meanwhile: Callable[[], None] = lambda: None) -> Counter:
    """Let a bad policy, bad sensors and a nervous operator loose; count the guard's states.

    `meanwhile` is called before each cycle.
    """
    last, states = None, Counter()
    left = 0
    for _ in range(cycles):
        meanwhile()
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
