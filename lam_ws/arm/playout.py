"""From one command a control cycle to set-points at whatever rate a controller wants.

Commands of the guard enter when they come; position and velocity for any moment leave. Playing
runs a little behind, so that the command after the present one is usually there and the two
can be joined by a cubic; a command that is late is bridged for two cycles at its own speed.
After that, or when told to, the arm brakes as hard as its limits allow and stays: whoever
commands next has to begin where it stands.
"""
from collections import deque
from itertools import pairwise
import math
from typing import NamedTuple

from lam_ws.arm.arm import AWAY_RAD, check_command
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, Command
import numpy as np

BEHIND = 2.0   # cycles by which playing is behind the commands
BRIDGED = 2.0  # cycles without a new command before braking begins
_JUMP = 1.5    # of the largest speed, that two commands may ask for between them
_SLACK = 1e-3  # rad
_CATCH = 0.1   # of the time by which the guard's cycles and those played differ, a cycle
_SLIP = 0.03   # of a cycle, at most
_STILL = 1e-9  # rad/s
_LED = 0.05    # rad/s, at which an arm is led from where it rests to what is commanded
_KEPT = 8      # commands


class Knot(NamedTuple):
    """Where the arm is to be at `time_s`: [n] position and [n] velocity."""

    time_s: float
    position: Array
    velocity: Array


class Playout:
    """The commands of one arm in time.

    Args:
        spec: Of the arm.
        cycle_s: Length of the guard's control cycle, s.
    """

    def __init__(self, spec: ArmSpec, cycle_s: float):
        self._spec, self._cycle_s = spec, cycle_s
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next command is where the arm stands."""
        self._knots: deque[Knot] = deque(maxlen=_KEPT)
        self._stamp_s = -math.inf       # of the last command
        self._now: Knot | None = None   # the last set-point
        self._off = np.zeros(self._spec.axes)   # [n] that is left between arm and command
        self._braking = True

    @property
    def resting(self) -> bool:
        """Whether nothing moves and nothing is left to be played."""
        return self._braking and (self._now is None or not self._now.velocity.any())

    def put(self, command: Command, measured: Array) -> None:
        """Take a command; `measured` [n] is where the arm is.

        Raises:
            ArmError: It is malformed, no newer than the last, away from where the arm rests,
                or farther from the last than the arm can go; what was played goes on.
        """
        check_command(command, self._spec)
        if command.stamp_s <= self._stamp_s:
            raise ArmError('command refused: it is no newer than the one before')
        knot = Knot(command.stamp_s + self._cycle_s, command.position, command.velocity)
        if self._braking:
            knot = self._begin(knot, measured)
        else:
            knot = self._nearer(knot)
            knot = self._paced(self._knots[-1], knot)
            self._check_step(self._knots[-1], knot)
        self._knots.append(knot)
        self._stamp_s = command.stamp_s

    def _paced(self, before: Knot, after: Knot) -> Knot:
        """Return `after` a cycle after `before`, or a little off, towards its own time.

        A command is one cycle's motion, however late the cycle began that it is for: played in
        the time between two stamps, the one after a late one would be many times as fast.
        """
        behind_s = after.time_s - before.time_s - self._cycle_s
        most_s = _SLIP * self._cycle_s
        long_s = self._cycle_s + min(max(_CATCH * behind_s, -most_s), most_s)
        return Knot(before.time_s + long_s, after.position,
                    after.velocity * (self._cycle_s / long_s))

    def _begin(self, knot: Knot, measured: Array) -> Knot:
        """Return `knot` as seen from where the arm is: it is led there, and not moved at once."""
        if not self.resting:
            raise ArmError('command refused: the arm is braking by itself')
        away = float(np.abs(knot.position - measured)[:-1].max())
        if not away <= AWAY_RAD:   # also of an arm that measures nonsense
            raise ArmError(f'command refused: it begins {away:.3f} rad away from where the arm '
                           f'rests, at most {AWAY_RAD:g} is allowed')
        base = measured if self._now is None else self._now.position
        self._off = base - knot.position
        self._off[np.abs(self._off) < _SLACK] = self._off[-1] = 0.0
        knot = knot._replace(position=knot.position + self._off)
        start = Knot(knot.time_s - self._cycle_s, knot.position, np.zeros(self._spec.axes))
        self._knots.clear()
        self._knots.append(start)
        self._now, self._braking = start, False
        return knot

    def _nearer(self, knot: Knot) -> Knot:
        """Return `knot` with what is still left between arm and command, a little less of it.

        Less only of a command that moves: an arm that was recovered stays where it is while the
        guard, which has yet to be reset and armed, commands rest a hair beside it.
        """
        if not self._off.any():
            return knot
        less = np.zeros(self._spec.axes)
        if knot.velocity[:-1].any():
            less = np.clip(self._off, -_LED * self._cycle_s, _LED * self._cycle_s)
            self._off = self._off - less
        return Knot(knot.time_s, knot.position + self._off, knot.velocity - less / self._cycle_s)

    def _check_step(self, before: Knot, after: Knot) -> None:
        most = _JUMP * self._spec.limits.velocity * (after.time_s - before.time_s) + _SLACK
        step = np.abs(after.position - before.position)
        if not (step <= most)[:-1].all():
            joint = int((step - most)[:-1].argmax())
            raise ArmError(f'command refused: {self._spec.names[joint]} would jump by '
                           f'{step[joint]:.3f} rad')

    def brake(self) -> None:
        """Come to rest as soon as the limits allow, whatever was commanded."""
        self._braking = True

    def at(self, now_s: float) -> tuple[Array, Array] | None:
        """Return [n] position and [n] velocity for `now_s`, None before the first command.

        To be asked with times that grow: braking goes on from the last answer.
        """
        if self._now is None:
            return None
        tau_s = now_s - BEHIND * self._cycle_s
        if not self._braking and tau_s > self._knots[-1].time_s + BRIDGED * self._cycle_s:
            self._braking = True
        self._now = self._braked(self._now, tau_s) if self._braking else self._played(tau_s)
        return self._now.position, self._now.velocity

    def _braked(self, last: Knot, tau_s: float) -> Knot:
        """Return the set-point after `last` when every joint slows down as hard as it may."""
        passed_s, limits = max(tau_s - last.time_s, 0.0), self._spec.limits
        braked_s = np.minimum(passed_s, np.abs(last.velocity) / limits.acceleration)
        rest = last.velocity - np.sign(last.velocity) * limits.acceleration * braked_s
        rest[np.abs(rest) < _STILL] = 0.0
        position = last.position + 0.5 * (last.velocity + rest) * braked_s
        return Knot(max(tau_s, last.time_s), np.clip(position, limits.lower, limits.upper), rest)

    def _played(self, tau_s: float) -> Knot:
        """Return the set-point on the cubic between two commands, or beyond the last one."""
        first, last = self._knots[0], self._knots[-1]
        if tau_s <= first.time_s:
            return Knot(tau_s, first.position, first.velocity)
        if tau_s >= last.time_s:
            bridged, limits = last.position + (tau_s - last.time_s) * last.velocity, \
                self._spec.limits
            return Knot(tau_s, np.clip(bridged, limits.lower, limits.upper), last.velocity)
        before, after = next((a, b) for a, b in pairwise(self._knots) if tau_s < b.time_s)
        h = after.time_s - before.time_s
        u = (tau_s - before.time_s) / h
        (q0, v0), (q1, v1) = before[1:], after[1:]
        position = ((1 + 2 * u) * (1 - u) ** 2 * q0 + u * (1 - u) ** 2 * h * v0
                    + u * u * (3 - 2 * u) * q1 + u * u * (u - 1) * h * v1)
        velocity = (6 * u * (u - 1) / h * (q0 - q1)
                    + (1 - u) * (1 - 3 * u) * v0 + u * (3 * u - 2) * v1)
        return Knot(tau_s, position, velocity)
