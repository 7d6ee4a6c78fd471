"""Whether something holds the arm: a torque beyond its limit, or an arm that lags behind.

The last believed joint state and the motion commanded last enter; the bound that is passed
leaves, or None. A blocked arm that is commanded to move lags behind its command, and so does one
that is not driven: that is the check against a stall. Torques tell of a contact sooner, where
the arm reports them and its file says how much they may be. The gripper is left out of both: it
is there to press, and to be stopped by what it holds.
"""
from lam_ws.safety.bound import Bound
from lam_ws.safety.limiter import Motion
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import JointState


def resisted(config: GuardConfig, joints: JointState | None, motion: Motion | None,
             speed: float) -> Bound | None:
    """Return 'contact' or 'tracking' when the arm is not free to do what it was commanded.

    Args:
        config: The limits.
        joints: The last state that was believed.
        motion: What was commanded last.
        speed: rad/s, envelope of the recent commanded speed.
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
    return None
