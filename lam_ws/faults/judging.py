"""An independent judge of what the guard sent: none of the guard's own arithmetic.

A stream of commands and the limits enter; the bounds that were broken leave, found by finite
differences and by the kinematics of lam_ws.geometry. A bound that is broken by less than the
rounding of a position of a few radians is kept.
"""
from collections.abc import Iterable, Sequence
import math

from lam_ws.faults.judging_bodies import FIRST_MOVING, violations_of_bodies
from lam_ws.geometry import Chain
from lam_ws.safety.safety import GuardConfig, GuardDecision
from lam_ws.types import Array, Command
import numpy as np

Stream = Sequence[tuple[Array, Array]]   # (position [n], velocity [n]) of one command a cycle
SPARE_CYCLES = 3                         # of a stop: the cycle it is asked in, and rounding up


def violations(config: GuardConfig, stream: Stream) -> list[str]:
    """Return what the commands of one stream break, each stream beginning out of standstill.

    Position, and velocity, acceleration and jerk as differences of the positions as well as of
    the velocities sent; tool speed; workspace box; table for TCP and moving joint frames; boxes
    that are kept out, and the distance of links from each other.
    """
    dt, limits = config.cycle_s, config.spec.limits
    p = np.array([stream[0][0]] * 3 + [position for position, _ in stream])
    v = np.array([0.0 * stream[0][0]] * 2 + [velocity for _, velocity in stream])
    found = []
    if not (np.isfinite(p).all() and np.isfinite(v).all()):
        return ['a command is not finite']
    if (p < limits.lower).any() or (p > limits.upper).any():
        found.append('position')
    # 4e-15 is the rounding of a position of a few rad; each difference divides it once more.
    for name, values, bound, noise in (
            ('velocity of positions', np.diff(p, 1, 0) / dt, config.velocity, 4e-15 / dt),
            ('velocity', v, config.velocity, 0.0),
            ('acceleration of positions', np.diff(p, 2, 0) / dt ** 2, config.acceleration,
             8e-15 / dt ** 2),
            ('acceleration', np.diff(v, 1, 0) / dt, config.acceleration, 4e-15 / dt),
            ('jerk of positions', np.diff(p, 3, 0) / dt ** 3, config.jerk, 16e-15 / dt ** 3),
            ('jerk', np.diff(v, 2, 0) / dt ** 2, config.jerk, 8e-15 / dt ** 2)):
        if (np.abs(values) > bound * (1.0 + 1e-9) + noise).any():
            found.append(name)
    return found + _violations_in_space(config, p)


def _violations_in_space(config: GuardConfig, p: Array) -> list[str]:
    """Return what positions [m, n] break in space."""
    axes, X = Chain(config.spec)._frames(p[:, :-1])
    tcp, found = X[:, :3, 3], []
    if (tcp < config.workspace_lower - 1e-9).any() or (tcp > config.workspace_upper + 1e-9).any():
        found.append('workspace')
    moving, radii = slice(FIRST_MOVING[config.spec.name], None), np.array(config.spec.link_radius)
    radii[1:] = np.maximum(radii[1:], radii[:-1])   # both links that meet in a frame
    lowest = axes[:, moving, 2, 3] - radii[moving]
    if min(tcp[:, 2].min(), lowest.min()) < config.table_z - 1e-9:
        found.append('table')
    speed = np.linalg.norm(np.diff(tcp, axis=0), axis=1) / config.cycle_s
    if speed.max() > config.tool_speed * (1.0 + 1e-9):
        found.append(f'tool speed {speed.max()}')
    return found + violations_of_bodies(config, p[:, :-1])


def streams(decisions: Iterable[GuardDecision]) -> list[list[tuple[Array, Array]]]:
    """Return the commands of a run, a new stream where one began anew at the measured pose."""
    found: list[list[tuple[Array, Array]]] = []
    for decision in decisions:
        if decision.command is None:
            continue
        if decision.restarted or not found:
            found.append([])
        found[-1].append((decision.command.position, decision.command.velocity))
    return found


def broken(config: GuardConfig, decisions: Iterable[GuardDecision]) -> list[str]:
    """Return every bound that a whole run broke."""
    return [name for stream in streams(decisions) for name in violations(config, stream)]


def braking_cycles(config: GuardConfig, command: Command | None) -> int:
    """Return the cycles that a stop may take which begins after `command`.

    A joint that accelerates as it may takes a / j to stop that, gains a^2 / 2j meanwhile, brakes
    for v / a and lets go of the brake for a / j.
    """
    if command is None:
        return SPARE_CYCLES
    ease = config.acceleration / config.jerk
    seconds = (np.abs(command.velocity) + 0.5 * config.acceleration * ease) \
        / config.acceleration + 2.0 * ease
    return SPARE_CYCLES + math.ceil(float(seconds.max()) / config.cycle_s)
