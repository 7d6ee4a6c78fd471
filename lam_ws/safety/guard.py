"""The guard: one pure step a control cycle between every policy and every arm.

`step` takes the configuration, its memory and what is known now, and returns the new memory and
one decision with one command. No wall clock, no I/O, no text from outside. docs/safety.md draws
the state machine and says what is guaranteed.

    memory = start(config)
    memory, decision = step(config, memory, GuardInputs(now_s, joints, chunk))
"""
from dataclasses import replace
from functools import lru_cache
import math
from typing import cast, NamedTuple

from lam_ws.safety.bound import Bound
from lam_ws.safety.checks import check_chunk, check_start
from lam_ws.safety.hand import grips, named, take, tool_speed
from lam_ws.safety.handling import BY_HAND, Handled
from lam_ws.safety.lease import Claim, consider, Lease
from lam_ws.safety.limiter import Limiter, Motion
from lam_ws.safety.playback import Path, plan_path
from lam_ws.safety.safety import (
    GuardConfig,
    GuardDecision,
    GuardInputs,
    GuardState,
    Request,
)
from lam_ws.safety.sight import look, MOVABLE, Sight
from lam_ws.types import ActionChunk, Array, Command, JointState
import numpy as np

NOTHING = Bound('')
MOVED_RAD = 0.02   # rad; an arm farther from its command was moved, or braked by itself
LATCHED = {GuardState.STOPPING, GuardState.STOPPED}
PRESSED = ('tracking', 'contact', 'stalled')   # over, once the arm lets go of what it pressed


class GuardMemory(NamedTuple):
    """What the guard remembers from one cycle to the next.

    Attributes:
        state: Where it stands.
        reason: Why it stopped or refused, NOTHING when neither.
        now_s: Start of the last cycle, s; minus infinity before the first.
        joints: The last joint state that was believed.
        seen: The last joint state that was looked at, believed or not.
        bad: How many in a row were not believed.
        motion: What was commanded last, None before anything was.
        path: What is being followed, None when nothing is.
        cursor: How many of its cycles have been played.
        chunk_s: Stamp of the last chunk that was accepted, s.
        armed_s: When motion was last permitted, s.
        speed: rad/s, envelope of the recent commanded speed, for the tracking check.
        commands: Commands sent.
        limited: Cycles in which a bound was active.
        rejected: Chunks not accepted.
        handled: What the limits in force belong to, None before the first step.
        lease: Who may command.
        owed: [n - 1] rad, the way that each joint was commanded lately and has not gone.
        pace: At which the path is played.
    """

    state: GuardState = GuardState.DISARMED
    reason: Bound = NOTHING
    now_s: float = -math.inf
    joints: JointState | None = None
    seen: JointState | None = None
    bad: int = 0
    motion: Motion | None = None
    path: Path | None = None
    cursor: int = 0
    chunk_s: float = -math.inf
    armed_s: float = math.inf
    speed: float = 0.0
    commands: int = 0
    limited: int = 0
    rejected: int = 0
    handled: Handled | None = None
    lease: Lease = Lease()
    owed: tuple[float, ...] = ()
    pace: float = 1.0


def start(config: GuardConfig) -> GuardMemory:
    """Return the memory of a guard that has just been switched on: disarmed, nothing known."""
    for speed in {math.inf, *(one.speed for one in config.handlings.allowances.values())}:
        _limiter(config, min(config.tool_speed, speed))   # made now, as no cycle has the time
    return GuardMemory()


def step(config: GuardConfig, memory: GuardMemory,
         inputs: GuardInputs) -> tuple[GuardMemory, GuardDecision]:
    """Return the memory after one control cycle, and what was decided in it.

    Never raises on data: whatever is wrong with the inputs becomes a decision.
    """
    limiter = _limiter(config, tool_speed(config, memory.handled))
    now_s = inputs.now_s if math.isfinite(inputs.now_s) else memory.now_s
    lease, refused = _lease(config, memory.lease, inputs.claim, now_s)
    if inputs.handled is None and lease.by_hand:
        inputs = replace(inputs, handled=BY_HAND)
    sight = look(config, memory, inputs)
    motion, restarted = _synchronise(limiter, memory, inputs.request, sight)
    state, reason = _transition(config, memory, inputs.request, sight, motion)
    handled, barred, new = take(config, memory.handled, inputs.handled, motion, sight.joints)
    if new:
        limiter = _limiter(config, tool_speed(config, handled))
    armed_s, chunk_s, path, cursor = memory.armed_s, memory.chunk_s, memory.path, memory.cursor
    lapsed = _lapsed(config, lease, now_s)
    idle = inputs.idle or lease.idle or lapsed is not None
    if state is GuardState.ARMED and memory.state is GuardState.DISARMED:
        armed_s, chunk_s = now_s, -math.inf  # what was seen before does not count
        lease = lease.opened()
    slower = inputs.played < memory.pace
    if state not in MOVABLE or idle or barred is not None or new or slower:
        path = None   # where the arm's controller slows down, until a chunk is planned for that
    if inputs.chunk is not None and {state, memory.state} <= MOVABLE and motion is not None:
        refused, plan = _read_chunk(limiter, motion, inputs, barred or refused, chunk_s, armed_s,
                                    sight.joints if state is GuardState.ARMED else None)
        if refused is None:
            chunk_s = inputs.chunk.stamp_s
            if not idle:
                path, cursor, state = plan, 0, GuardState.RUNNING
    motion, cursor, active = _move(limiter, motion, path, cursor, now_s)
    if active is not None and active.name == 'limiter':
        state, reason, path = GuardState.STOPPING, active, None
    state = _settle(state, path, motion)
    limited = refused or named(config, handled, active) or barred
    if state in MOVABLE:
        limited = limited or (None if inputs.idle else lapsed) or _paced(inputs)
    after = GuardMemory(
        state, reason, now_s, sight.joints, sight.seen, sight.bad, motion, path, cursor,
        chunk_s, armed_s, _envelope(config, memory.speed, motion, limiter.split),
        memory.commands + (motion is not None), memory.limited + (limited is not None),
        memory.rejected + (refused is not None), handled, lease,
        () if restarted or state is GuardState.DISARMED else sight.owed,
        memory.pace if path is not None and path is memory.path else inputs.played)
    held = (sight.fault if state is GuardState.DISARMED else None) or _without(
        barred, 'part_change')
    return after, _decide(config, after, held, limited, restarted)


@lru_cache(maxsize=64)
def _limiter(config: GuardConfig, speed: float) -> Limiter:
    """Return the limiter of a configuration and a tool speed in m/s, built once."""
    return Limiter(replace(config, tool_speed=speed))


def _synchronise(limiter: Limiter, memory: GuardMemory, request: Request,
                 sight: Sight) -> tuple[Motion | None, bool]:
    """Return the motion to continue, and whether it was begun anew at the measured pose.

    Begun anew where nothing was commanded yet, and on RESET or ARM when the arm was moved in
    the meantime; the gripper then keeps its command, it may be holding a part.
    """
    motion, joints = memory.motion, sight.joints
    asked = ((request is Request.RESET and memory.state is GuardState.STOPPED)
             or (request is Request.ARM and memory.state is GuardState.DISARMED))
    if joints is None or not (asked or motion is None) or _without(sight.fault, *PRESSED) \
            or check_start(limiter.config, joints):
        return motion, False
    if motion is None:
        return limiter.rest(joints.position), True
    if np.abs(joints.position - motion.position)[:-1].max() <= MOVED_RAD \
            and (sight.fault is None or request is Request.ARM):
        return motion, False
    return limiter.rest([*joints.position.tolist()[:-1], motion.position[-1]]), True


def _transition(config: GuardConfig, memory: GuardMemory, request: Request, sight: Sight,
                motion: Motion | None) -> tuple[GuardState, Bound]:
    """Return state and reason after requests and faults; a stop wins over everything."""
    state, reason, fault = memory.state, memory.reason, sight.fault
    if request is Request.STOP:
        return (state if state in LATCHED else GuardState.STOPPING), Bound('operator_stop')
    if state in MOVABLE and fault is not None:
        return GuardState.STOPPING, fault
    if state is GuardState.STOPPED and request is Request.RESET:
        blocked = _without(fault, *PRESSED)  # _synchronise has just taken the measured pose
        return (state, blocked) if blocked else (GuardState.DISARMED, NOTHING)
    if state is GuardState.DISARMED and request is Request.ARM:
        refusal = _refusal(config, fault, sight.joints, motion)
        return (state, refusal) if refusal else (GuardState.ARMED, NOTHING)
    return state, reason


def _without(fault: Bound | None, *names: str) -> Bound | None:
    """Return the fault unless it has one of these names."""
    return None if fault is None or fault.name in names else fault


def _refusal(config: GuardConfig, fault: Bound | None, joints: JointState | None,
             motion: Motion | None) -> Bound | None:
    """Return why motion may not be permitted now."""
    fault = _without(fault, 'tracking')
    if fault is not None:
        return fault
    if joints is None or motion is None:
        return (check_start(config, joints) if joints else None) or Bound('no_joints')
    outside = check_start(config, joints)
    if outside is None and motion.place.clearance < 0.0:
        bound = motion.place.bound
        return Bound('outside_workspace', bound.measured, bound.allowed, bound.where)
    return outside


def _lease(config: GuardConfig, lease: Lease, claim: Claim | None,
           now_s: float) -> tuple[Lease, Bound | None]:
    """Return who may command after a claim, and why the claim is refused."""
    if claim is None:
        return lease, None
    return consider(lease, claim, now_s, config.stale_chunk_s, config.cycle_s)


def _lapsed(config: GuardConfig, lease: Lease, now_s: float) -> Bound | None:
    """Return 'lease_lapsed' when who moves the arm has been silent for longer than allowed."""
    if lease.holder is None or lease.holder.idle or not lease.lapsed(config.lease_s, now_s):
        return None
    return Bound('lease_lapsed', now_s - lease.heard_s, lease.term(config.lease_s),
                 lease.holder.commander)


def _paced(inputs: GuardInputs) -> Bound | None:
    """Return 'paced' while there is work and the arm's controller plays slowly."""
    if inputs.handled is None or inputs.hold or inputs.pace >= 1.0:
        return None
    return Bound('paced', inputs.pace, 1.0)


def _read_chunk(limiter: Limiter, motion: Motion, inputs: GuardInputs, barred: Bound | None,
                last_s: float, armed_s: float,
                standing: JointState | None) -> tuple[Bound | None, Path | None]:
    """Return why the chunk of this cycle is not followed, or None and its path."""
    config, chunk, now_s = limiter.config, cast(ActionChunk, inputs.chunk), inputs.now_s
    refused = barred or (Bound('no_claim') if inputs.claim is None else None) or check_chunk(
        config, chunk, last_s, armed_s, now_s, standing) or grips(
        config, inputs.handled, motion, chunk)
    if refused is not None:
        return refused, None
    path = plan_path(limiter, motion, chunk, now_s, chunk.stamp_s + config.stale_chunk_s,
                     inputs.played)
    if path is None:
        return Bound('chunk_stale', now_s - chunk.stamp_s, float(chunk.times[-1])), None
    return None, path


def _move(limiter: Limiter, motion: Motion | None, path: Path | None, cursor: int,
          now_s: float) -> tuple[Motion | None, int, Bound | None]:
    """Return the motion of this cycle, the path's cursor and the bound that was active."""
    if motion is None:
        return None, cursor, None
    if path is None:
        motion, bound = limiter.brake(motion)
        return motion, 0, bound
    cursor, reference, slowed = path.reference(cursor, now_s + limiter.cycle_s)
    motion, bound = limiter.follow(motion, reference)
    return motion, cursor, bound or slowed


def _settle(state: GuardState, path: Path | None, motion: Motion | None) -> GuardState:
    """Return the state once the arm stands: STOPPING ends, RUNNING without a path too."""
    if motion is not None and not motion.resting:
        return state
    if state is GuardState.STOPPING:
        return GuardState.STOPPED
    if state is GuardState.RUNNING and path is None:
        return GuardState.ARMED
    return state


def _envelope(config: GuardConfig, speed: float, motion: Motion | None, split: int) -> float:
    """Return rad/s, the recent commanded speed as a drive that lags still feels it."""
    speed *= config.decay
    if motion is None:
        return speed
    return max(speed, max(map(abs, motion.velocity[:split])))


def _decide(config: GuardConfig, memory: GuardMemory, held: Bound | None,
            limited: Bound | None, restarted: bool) -> GuardDecision:
    """Return the decision that tells what the memory now holds, or why the arm is held."""
    reason = held if held is not None and memory.reason is NOTHING else memory.reason
    command = None
    if memory.motion is not None:
        # Command makes arrays of them; doing it here as well would copy twice.
        command = Command(memory.now_s, config.spec.names, cast(Array, memory.motion.position),
                          cast(Array, memory.motion.velocity))
    shown = limited or reason
    return GuardDecision(command, memory.state, reason.name, limited.name if limited else '',
                         shown.measured, shown.allowed, shown.where, restarted)
