"""A policy that proposes everything at once, sound and unsound, to see what the guard lets out.

A seed and a number of commands enter; what was sent and what the judge found in it leaves. The
chunks are random walks, sweeps, far points, ends of joints, numbers that are none, replays; the
joint states are spoilt now and then, and an operator stops, resets and arms.
"""
from dataclasses import replace

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.judging import broken
from lam_ws.faults.lockstep.chunks import spoiled
from lam_ws.faults.lockstep.lone_guard import LoneGuard
from lam_ws.safety.handling import Handled
from lam_ws.safety.safety import Request
from lam_ws.types import ActionChunk, Array, freeze, JointState
import numpy as np

COMMANDS = 4000        # of one run of the table
SPOILT = 0.01          # share of joint states that are spoilt


class Stream(LoneGuard):
    """A lone guard between a random policy, spoilt sensors and a nervous operator.

    Args:
        seed: Of everything.
    """

    def __init__(self, seed: int):
        super().__init__(seed)
        self._last: ActionChunk | None = None
        self.rejected = 0
        self.cycle()

    def drive(self, cycles: int) -> list[str]:
        """Run so many cycles and return every bound that the commands broke."""
        left, state = 0, ''
        for _ in range(cycles):
            request = self._request(state)
            chunk, left = None, left - 1
            if left < 0:
                left = int(self.rng.integers(1, 120))
                chunk = self._propose()
            decision = self.cycle(chunk, Handled(), request)
            self.rejected += decision.limited.startswith('chunk_')
            state = decision.state
        return broken(self.config, [row.decision for row in self.rows])

    def read(self) -> JointState:
        """Return what is measured; now and then it is spoilt."""
        joints = super().read()
        if self.rng.random() >= SPOILT:
            return joints
        kind = self.rng.integers(5)
        if kind == 0:
            return replace(joints, position=joints.position * np.nan)
        if kind == 1:
            return replace(joints, position=joints.position + self.rng.normal(0.0, 0.5))
        if kind == 2:
            return replace(joints, names=joints.names[::-1])
        if kind == 3:
            return replace(joints, stamp_s=joints.stamp_s + float(self.rng.uniform(-1.0, 1.0)))
        return JointState(joints.stamp_s, joints.names[1:], joints.position[1:],
                          joints.velocity[1:])

    def _request(self, state: str) -> Request:
        if state == 'stopped':
            return Request.RESET if self.rng.random() < 0.2 else Request.NONE
        if state == 'disarmed':
            return Request.ARM
        return Request.STOP if self.rng.random() < 0.002 else Request.NONE

    def _propose(self) -> ActionChunk:
        """Return the next chunk, which may be unsound in form as well."""
        position = self._waypoints()
        times = freeze(self.rng.choice([0.02, 0.05, 0.1, 0.2]) * np.arange(1, len(position) + 1))
        chunk = ActionChunk(self.now_s, self.spec.names, times, position)
        last, self._last = self._last, chunk
        return spoiled(self.rng, chunk, last)

    def _waypoints(self) -> Array:
        """Return [H, n] rad (gripper m): a way to go wrong, or a sweep."""
        axes, rows, rng = self.spec.axes, int(self.rng.integers(1, 17)), self.rng
        lower, upper = self.spec.limits.lower, self.spec.limits.upper
        kind = rng.integers(10)
        if kind == 0:
            walk = rng.normal(0.0, rng.choice([0.01, 0.05, 0.2]), (rows, axes))
            return np.asarray(self.position + np.cumsum(walk, 0))
        if kind == 1:
            return np.asarray(rng.uniform(lower - 0.5, upper + 0.5, (rows, axes)))
        if kind == 2:
            return np.tile(rng.uniform(lower, upper), (rows, 1))
        if kind == 3:
            return np.asarray(self.position + rng.normal(0.0, 1e-3, (rows, axes)))
        if kind == 4:
            position = np.tile(self.position, (rows, 1))
            position[rng.integers(rows), rng.integers(axes)] = rng.choice(
                [np.nan, np.inf, -np.inf, 1e308, -1e308])
            return position
        if kind == 5:
            return np.tile(np.where(rng.random(axes) < 0.5, lower, upper), (rows, 1))
        there = self.spec.home + rng.normal(0.0, 0.25, axes)
        return np.asarray(self.position + (there - self.position)
                          * np.linspace(0.1, 1.0, rows)[:, None])


def random_chunks(case: Case, phase: str, seed: int) -> Seen:
    """Let the random policy loose on the guard; bounds that were broken count."""
    stream = Stream(seed)
    found = stream.drive(COMMANDS)
    moving = np.mean([bool(row.decision.command.velocity.any()) for row in stream.rows
                      if row.decision.command is not None])
    return Seen('; '.join([f'{COMMANDS} commands, {100 * moving:.0f} % in motion, '
                           f'{stream.rejected} chunks refused', *found]), len(found),
                bool(moving > 0.1 and stream.rejected > 0))
