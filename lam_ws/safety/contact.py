"""Whether something holds the arm: a torque beyond its limit, or an arm that lags behind.

The last believed joint state and the motion commanded last enter; the bound that is passed
leaves, or None. An arm that is blocked or not driven is soon far from its command ('tracking').
A policy that begins anew from where it sees the arm keeps the command near a blocked arm, to and
fro; so the ways are compared as well: what a joint was commanded to go and did not ('stalled').
Torques tell of a contact sooner, where the arm reports them and its file says how much they may
be. The gripper is left out: it is there to press, and to be stopped by what it holds.
"""
import math

from lam_ws.safety.bound import Bound
from lam_ws.safety.limiter import Motion
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import JointState

OWED_S = 2.0   # s, for which a way that was not gone is remembered


def still_owed(config: GuardConfig, owed: tuple[float, ...], motion: Motion | None,
               before: JointState | None, joints: JointState | None) -> tuple[float, ...]:
    """Return [n - 1] rad, the way that each joint was commanded to go lately and has not gone.

    Args:
        config: The limits.
        owed: The same a cycle before; () for nothing.
        motion: What was commanded last.
        before: The last state that was believed until now.
        joints: The same now.
    """
    if motion is None:
        return ()
    dt = config.cycle_s
    decay = math.exp(-dt / OWED_S)
    now = [decay * o + dt * abs(w) for o, w in zip(
        owed or (0.0,) * len(motion.step), motion.step[:-1], strict=False)]
    if before is not None and joints is not None and joints is not before:
        now = [o - abs(p - q) for o, p, q in zip(
            now, joints.position.tolist(), before.position.tolist(), strict=False)]
    return tuple([max(o, 0.0) for o in now])


def resisted(config: GuardConfig, joints: JointState | None, motion: Motion | None,
             speed: float, owed: tuple[float, ...] = ()) -> Bound | None:
    """Return 'contact', 'tracking' or 'stalled' when the arm is not free to do as commanded.

    Args:
        config: The limits.
        joints: The last state that was believed.
        motion: What was commanded last.
        speed: rad/s, envelope of the recent commanded speed.
        owed: As `still_owed` has it.
    """
    if joints is None:
        return None
    if joints.effort is not None:
        for torque, most, name in zip(joints.effort.tolist(), config.effort, config.spec.names,
                                      strict=False):
            if not abs(torque) <= most:
                return Bound('contact', abs(torque), most, name)
    if motion is None:
        return None
    allowed = config.tracking_rad + config.tracking_lag_s * speed
    for measured, wanted, name in zip(joints.position.tolist()[:-1], motion.position,
                                      config.spec.names, strict=False):
        if not abs(measured - wanted) <= allowed:
            return Bound('tracking', abs(measured - wanted), allowed, name)
    if owed and not max(owed) <= allowed:
        worst = owed.index(max(owed))
        return Bound('stalled', owed[worst], allowed, config.spec.names[worst])
    return None
