"""One look a cycle at joints, clock, arm and commander.

What the guard remembers and what is known now enter; the joint state to believe leaves, with
the first thing that is wrong. What follows from it is decided in guard.py.
"""
import math
from typing import NamedTuple, TYPE_CHECKING

from lam_ws.safety.bound import Bound
from lam_ws.safety.checks import check_joints
from lam_ws.safety.contact import resisted, still_owed
from lam_ws.safety.safety import GuardConfig, GuardInputs, GuardState
from lam_ws.types import JointState

if TYPE_CHECKING:
    from lam_ws.safety.guard import GuardMemory

MOVABLE = {GuardState.ARMED, GuardState.RUNNING}


class Sight(NamedTuple):
    """What one look at the joints and the clock gave: fields as in `GuardMemory`."""

    joints: JointState | None
    seen: JointState | None
    bad: int
    fault: Bound | None
    owed: tuple[float, ...] = ()


def look(config: GuardConfig, memory: 'GuardMemory', inputs: GuardInputs) -> Sight:
    """Return the joints to believe, and what is wrong with clock, joints, arm or policy."""
    now_s, joints, bad, fault = inputs.now_s, memory.joints, memory.bad, None
    if inputs.joints is not None and inputs.joints is not memory.seen:
        fault = check_joints(config, inputs.joints, memory.joints, now_s)
        # Where nothing moves there is nothing to continue: the arm may have been moved by hand,
        # the clock set. Such a state is believed from the next cycle on.
        still = memory.state in (GuardState.DISARMED, GuardState.STOPPED)
        if fault is None or still and check_joints(config, inputs.joints, None, now_s) is None:
            joints, bad = inputs.joints, 0
        else:
            bad += 1
    if fault is not None and fault.name != 'joint_jump' and bad < 2:
        fault = None  # one bad packet is dropped, the second stops
    if not now_s > memory.now_s or math.isinf(now_s):
        fault = Bound('clock', now_s - memory.now_s, config.cycle_s)
    elif now_s - memory.now_s > config.stale_joints_s and math.isfinite(memory.now_s):
        fault = Bound('late_cycle', now_s - memory.now_s, config.stale_joints_s)
    elif joints is None:
        fault = fault or Bound('no_joints')
    elif now_s - joints.stamp_s > config.stale_joints_s + 1e-9:
        fault = fault or Bound('stale_joints', now_s - joints.stamp_s, config.stale_joints_s)
    owed = still_owed(config, memory.owed, memory.motion, memory.joints, joints)
    fault = (inputs.alarm or fault or resisted(config, joints, memory.motion, memory.speed, owed)
             or _stall(config, memory, inputs))
    return Sight(joints, inputs.joints or memory.seen, bad, fault, owed)


def _stall(config: GuardConfig, memory: 'GuardMemory', inputs: GuardInputs) -> Bound | None:
    """Return 'policy_stalled' when who moves the arm has been silent, or looked away, too long."""
    lease, now_s = memory.lease, inputs.now_s
    if inputs.idle or lease.holder is None or lease.holder.idle:
        return None
    if memory.path is not None and now_s > memory.path.deadline_s:
        return Bound('policy_stalled', now_s - memory.chunk_s, config.stale_chunk_s)
    if memory.state in MOVABLE and now_s - lease.heard_s > config.stale_chunk_s + 1e-9:
        return Bound('policy_stalled', now_s - lease.heard_s, config.stale_chunk_s)
    return None
