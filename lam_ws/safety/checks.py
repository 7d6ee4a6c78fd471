"""What must be true of a joint state or a chunk before the guard believes it.

Data from outside enters; the first thing wrong with it leaves as a `Bound`, or None. Nothing
is repaired here: a value that is not finite, not in order or not in time is not used at all.
"""
from itertools import pairwise
import math

from lam_ws.safety.bound import Bound
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import ActionChunk, JointState
import numpy as np

WAYPOINTS = 256       # longest chunk that is read
HORIZON_S = 60.0      # s, the same in time
START_SLACK = 0.02    # rad: how far outside its limits an arm may stand and still be armed
GRIPPER_SLACK = 0.01  # m: the same for the gripper, whose pads give way
BEGIN_SLACK = 0.05    # rad: how far besides the arm a motion out of standstill may begin


def check_joints(config: GuardConfig, joints: JointState, before: JointState | None,
                 now_s: float) -> Bound | None:
    """Return what is wrong with one joint state: 'bad_joints', 'future_joints', 'joint_jump'.

    Args:
        config: The limits.
        joints: The state in question.
        before: The last one that was believed.
        now_s: Start of the cycle, s.
    """
    if joints.names != config.spec.names:
        wrong = [f for f, n in zip(joints.names, config.spec.names, strict=False) if f != n]
        return Bound('bad_joints', len(joints.names), config.spec.axes, (wrong or [''])[0])
    if joints.position.shape != (config.spec.axes,) \
            or joints.velocity.shape != (config.spec.axes,):
        return Bound('bad_joints', joints.position.size, config.spec.axes)
    # One sum instead of n tests: it is finite only if every term is.
    if not math.isfinite(sum(joints.velocity.tolist()) + joints.stamp_s):
        return Bound('bad_joints', float('nan'), 0.0)
    if joints.stamp_s > now_s + config.cycle_s:
        return Bound('future_joints', joints.stamp_s - now_s, config.cycle_s)
    if joints.effort is not None and joints.effort.shape != (config.spec.axes,) \
            or joints.effort is None and before is not None and before.effort is not None:
        return Bound('bad_joints', 0 if joints.effort is None else joints.effort.size,
                     config.spec.axes)
    earlier = joints if before is None else before
    elapsed_s = joints.stamp_s - earlier.stamp_s
    if elapsed_s < 0.0:
        return Bound('bad_joints', joints.stamp_s, earlier.stamp_s)
    for p, p0, (name, speed, slack) in zip(joints.position.tolist(), earlier.position.tolist(),
                                           config.encoders, strict=True):
        if not math.isfinite(p):
            return Bound('bad_joints', p, 0.0, name)
        if abs(p - p0) > slack + speed * elapsed_s:
            return Bound('joint_jump', abs(p - p0), slack + speed * elapsed_s, name)
    return None


def check_start(config: GuardConfig, joints: JointState) -> Bound | None:
    """Return the joint limit outside of which the arm stands, None if it may be armed."""
    limits, names = config.spec.limits, config.spec.names
    excess = np.maximum(limits.lower - joints.position, joints.position - limits.upper)
    slack = np.full(config.spec.axes, START_SLACK)
    slack[-1] = GRIPPER_SLACK
    i = int((excess - slack).argmax())
    if excess[i] <= slack[i]:
        return None
    low = joints.position[i] < limits.lower[i]
    return Bound('outside_limits', float(joints.position[i]),
                 float(limits.lower[i] if low else limits.upper[i]), names[i])


def check_chunk(config: GuardConfig, chunk: ActionChunk, last_s: float, armed_s: float,
                now_s: float, standing: JointState | None = None) -> Bound | None:
    """Return why a chunk is not followed: a code 'chunk_...', None if it is sound.

    Args:
        config: The limits.
        chunk: The chunk in question.
        last_s: Stamp of the chunk accepted last, s.
        armed_s: When motion was permitted, s; what was seen before does not count.
        now_s: Start of the cycle, s.
        standing: The measured joints of an arm that stands still, None while it moves.
    """
    if chunk.names != config.spec.names:
        wrong = [f for f, n in zip(chunk.names, config.spec.names, strict=False) if f != n]
        return Bound('chunk_joints', len(chunk.names), config.spec.axes, (wrong or [''])[0])
    count = chunk.times.size
    if chunk.times.ndim != 1 or chunk.position.shape != (count, config.spec.axes) or count < 1:
        return Bound('chunk_shape', chunk.position.size, count * config.spec.axes)
    if count > WAYPOINTS:
        return Bound('chunk_shape', count, WAYPOINTS)
    times = chunk.times.tolist()
    if not all(map(math.isfinite, [chunk.stamp_s, *times, *chunk.position.ravel().tolist()])):
        bad = count * config.spec.axes - np.count_nonzero(np.isfinite(chunk.position))
        return Bound('chunk_not_finite', float(bad), 0.0)
    if times[0] < 0.0 or any(after <= before for before, after in pairwise(times)):
        return Bound('chunk_times', float(np.diff(chunk.times, prepend=0.0).min()), 0.0)
    if times[-1] > HORIZON_S:
        return Bound('chunk_times', times[-1], HORIZON_S)
    if chunk.stamp_s > now_s + config.cycle_s:
        return Bound('chunk_future', chunk.stamp_s - now_s, config.cycle_s)
    if chunk.stamp_s <= last_s:
        return Bound('chunk_replayed', chunk.stamp_s, last_s)
    if chunk.stamp_s < armed_s:
        return Bound('chunk_early', chunk.stamp_s, armed_s)
    if now_s - chunk.stamp_s > config.stale_chunk_s:
        return Bound('chunk_stale', now_s - chunk.stamp_s, config.stale_chunk_s)
    return None if standing is None else _check_beginning(config, chunk, standing, now_s)


def _check_beginning(config: GuardConfig, chunk: ActionChunk, standing: JointState,
                     now_s: float) -> Bound | None:
    """Return 'chunk_start' when a motion out of standstill does not begin where the arm is.

    Where the chunk wants the arm now, else at its first waypoint, the arm can be if it went
    there at its top speed since the observation. More is another pose than the one observed:
    angles in the wrong unit or frame, or an arm that was moved meanwhile. A gripper may jump.
    """
    age_s = max(now_s - chunk.stamp_s, float(chunk.times[0]))
    wanted = [np.interp(age_s, chunk.times, column) for column in chunk.position.T]
    away = np.abs(wanted - standing.position)[:-1]
    allowed = BEGIN_SLACK + config.spec.limits.velocity[:-1] * age_s
    worst = int((away - allowed).argmax())
    if away[worst] <= allowed[worst]:
        return None
    return Bound('chunk_start', float(away[worst]), float(allowed[worst]),
                 config.spec.names[worst])
