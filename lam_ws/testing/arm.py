"""The contract of an arm: honest measurements, refusals, small motion, its own dead-line.

An `Arm` and a way to let one control cycle pass enter. The check moves one joint by a few
hundredths of a radian, slowly, and ends with the arm at rest: on hardware, clear the space around
it, and begin with the dry run, which sends nothing that could move.
"""
from collections.abc import Callable

from lam_ws.arm.arm import Arm
from lam_ws.errors import ArmError
from lam_ws.testing.contract import Findings, findings, require_spec
from lam_ws.types import Array, Command, JointState
import numpy as np

Commanding = Callable[[Array, Array], Command]   # of a position and a velocity, stamped
MOVE_S = 0.8         # s, shortest duration of the small motion
WATCHED_S = 1.0      # s, for which an arm at rest is watched
SETTLE_S = 0.5       # s, within which an arm without commands must have stopped
NEAR = 0.02          # rad (gripper m), allowed deviation from a target at rest
STILL = 0.02         # rad/s (gripper m/s), what counts as standstill


def check_arm(arm: Arm, cycle: Callable[[], None], cycle_s: float = 0.01,
              travel: float = 0.04, speed: float = 0.1, dry_run: bool = False,
              clock: Callable[[], float] | None = None) -> None:
    """Check that `arm` keeps the contract of `lam_ws.arm.arm.Arm`.

    Args:
        arm: The arm, connected, ready to move and at rest.
        cycle: Lets one control cycle pass: advances a simulator, or sleeps until the next
            cycle of a real arm.
        cycle_s: Length of that cycle, s.
        travel: How far the last arm joint is moved and back, rad.
        speed: Largest speed of that, rad/s.
        dry_run: Look and try refusals only; nothing moves.
        clock: What time it is for the stamps of commands, s: `time.monotonic` for a real arm.
            None for the stamp of the newest measurement, the only clock of a simulated one.

    Raises:
        ContractError: One sentence for each breach.
    """
    with findings(arm) as found:
        if not require_spec(found, arm.spec):
            return
        state = arm.read()
        if not _measures(found, arm, state):
            return
        cycle()
        found.require(arm.read().stamp_s > state.stamp_s,
                      'read: the stamp must grow from one control cycle to the next')
        _refusals(found, arm, arm.read())
        if not _stands(found, arm, cycle, cycle_s) or dry_run:
            return
        move_s = max(MOVE_S, 0.5 * np.pi * travel / speed)
        start, time_s = arm.read().position, clock or (lambda: arm.read().stamp_s)

        def command(position: Array, velocity: Array) -> Command:
            return Command(time_s(), arm.spec.names, position, velocity)
        _motion(found, arm, cycle, cycle_s, start, travel, move_s, command)
        _deadline(found, arm, cycle, cycle_s, travel, move_s, command, stop=None)
        _deadline(found, arm, cycle, cycle_s, -travel, move_s, command, stop=arm.stop)
        _recovers(found, arm, cycle, cycle_s)


def _stands(found: Findings, arm: Arm, cycle: Callable[[], None], cycle_s: float) -> bool:
    """Require an arm that says it is ready and, told nothing, stays where it is."""
    status = arm.status()
    if not found.require(status.ready, f'status: not ready to be checked: {status}'):
        return False
    found.require(0.0 <= status.pace <= 1.0, f'status: pace is {status.pace}, not within 0..1')
    before = arm.read().position
    for _ in range(round(WATCHED_S / cycle_s)):
        cycle()
    drift = float(np.abs(arm.read().position - before).max())
    return found.require(drift < NEAR, f'drifts by {drift:.3f} in {WATCHED_S:g} s untold')


def _recovers(found: Findings, arm: Arm, cycle: Callable[[], None], cycle_s: float) -> None:
    """Require that `recover` moves nothing and leaves a ready arm ready."""
    before = arm.read().position
    arm.recover()
    for _ in range(round(SETTLE_S / cycle_s)):
        cycle()
    moved = float(np.abs(arm.read().position - before).max())
    found.require(moved < NEAR, f'recover: moves the arm by {moved:.3f}, must move nothing')
    found.require(arm.status().ready, f'recover: left a ready arm as {arm.status()}')


def _measures(found: Findings, arm: Arm, state: JointState) -> bool:
    """Require a complete, finite measurement within the limits."""
    spec = arm.spec
    if not found.require(state.names == spec.names,
                         f'read: names are {state.names}, spec says {spec.names}'):
        return False
    shape = (spec.axes,)
    if not found.require(state.position.shape == shape and state.velocity.shape == shape,
                         f'read: position and velocity must have shape {shape}'):
        return False
    values = np.array([state.stamp_s, *state.position, *state.velocity])
    if not found.require(np.isfinite(values).all(), 'read: a value is not finite'):
        return False
    return found.require(((spec.limits.lower - NEAR <= state.position)
                          & (state.position <= spec.limits.upper + NEAR)).all(),
                         'read: the position is outside the limits of spec')


def _refusals(found: Findings, arm: Arm, state: JointState) -> None:
    """Require that commands which cannot be meant are refused."""
    rest, n = np.zeros(arm.spec.axes), arm.spec.axes
    names, here, stamp = arm.spec.names, state.position, state.stamp_s

    def sending(*values: object) -> Callable[[], object]:
        return lambda: arm.stream(Command(stamp, *values))  # type: ignore[arg-type]
    for what, bad in (('a position of NaN', np.nan), ('an infinite position', np.inf)):
        position = here.copy()
        position[n // 2] = bad
        found.refuses(sending(names, position, rest), ArmError, what)
        found.refuses(sending(names, here, position), ArmError,
                      what.replace('position', 'velocity'))
    found.refuses(sending(names[::-1], here, rest), ArmError, 'joint names in another order')
    found.refuses(sending(names[:-1], here[:-1], rest[:-1]), ArmError, 'a missing joint')
    found.refuses(sending(names, here[:-1], rest), ArmError, 'too few positions')
    found.refuses(sending(names, here, np.zeros(n + 1)), ArmError, 'too many velocities')


def _motion(found: Findings, arm: Arm, cycle: Callable[[], None], cycle_s: float,
            start: Array, travel: float, move_s: float,
            command: Commanding) -> None:
    """Require that a small slow motion and the way back are followed."""
    for target, origin in ((_moved(arm, start, travel), start),
                           (start, _moved(arm, start, travel))):
        steps = round(move_s / cycle_s)
        for i in range(1, steps + 1):
            share = 0.5 * (1.0 - np.cos(np.pi * i / steps))
            rate = 0.5 * np.pi / move_s * np.sin(np.pi * i / steps)
            sent = command(origin + share * (target - origin), rate * (target - origin))
            _accepted(found, arm, sent, arm.stream(sent))
            cycle()
        _rest_at(arm, cycle, cycle_s, target, command)
        off = np.abs(arm.read().position - target)
        found.require((off < NEAR).all(),
                      f'stream: {arm.spec.names[int(off.argmax())]} is {off.max():.3f} away from '
                      f'its target after {move_s + SETTLE_S:g} s, {NEAR:g} is allowed')


def _accepted(found: Findings, arm: Arm, sent: Command, accepted: Command) -> None:
    """Require that `stream` says what it accepted."""
    if not found.require(isinstance(accepted, Command),
                         'stream: must return the Command that was accepted'):
        return
    found.require(accepted.names == sent.names
                  and accepted.position.shape == sent.position.shape
                  and np.isfinite(accepted.position).all(),
                  'stream: the accepted command must have the same joints and finite values')


def _deadline(found: Findings, arm: Arm, cycle: Callable[[], None], cycle_s: float,
              travel: float, move_s: float, command: Commanding,
              stop: Callable[[], None] | None) -> None:
    """Require standstill after commands cease in mid-motion, or after `stop`."""
    start = arm.read().position
    speed = (_moved(arm, start, travel) - start) / move_s
    for i in range(1, round(0.5 * move_s / cycle_s) + 1):
        arm.stream(command(start + i * cycle_s * speed, speed))
        cycle()
    if stop is not None:
        stop()
    for _ in range(round(SETTLE_S / cycle_s)):
        cycle()
    rate = np.abs(arm.read().velocity)
    when = 'without a fresh command' if stop is None else 'after stop()'
    found.require((rate < STILL).all(),
                  f'moves at {rate.max():.3f} rad/s {SETTLE_S:g} s {when}, must stand still')
    before = arm.read().position
    for _ in range(10):
        cycle()
    drift = np.abs(arm.read().position - before).max()
    found.require(drift < NEAR, f'drifts by {drift:.3f} in 10 cycles {when}')


def _rest_at(arm: Arm, cycle: Callable[[], None], cycle_s: float, target: Array,
             command: Commanding) -> None:
    """Keep sending `target` at rest until the arm has settled."""
    for _ in range(round(SETTLE_S / cycle_s)):
        arm.stream(command(target, np.zeros(arm.spec.axes)))
        cycle()


def _moved(arm: Arm, start: Array, travel: float) -> Array:
    """Return `start` with the last arm joint moved by `travel`, away from its nearer limit."""
    limits, joint = arm.spec.limits, arm.spec.axes - 2
    middle = 0.5 * (limits.lower[joint] + limits.upper[joint])
    target = start.copy()
    target[joint] += travel if start[joint] <= middle else -travel
    return target
