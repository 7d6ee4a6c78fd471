"""Messages to the stack's own data and back, both ways, strictly.

A message that is short, long, of another encoding, unordered or not finite is refused with an
ObservationError that carries a reason code; nothing is padded, guessed or read as zero. Pixels
go through `array.array`, which rclpy takes as it is; numpy's would be copied one by one.
"""
from array import array
from collections.abc import Sequence

from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point as PointMessage
from geometry_msgs.msg import TransformStamped
from lam_interfaces.msg import Detection as DetectionMessage
from lam_interfaces.msg import Proposal as ProposalMessage
from lam_interfaces.msg import Scene as SceneMessage
from lam_interfaces.msg import Subgoal as SubgoalMessage
from lam_ws.errors import ObservationError
from lam_ws.geometry import from_quaternion, quaternion
from lam_ws.nodes.nodes import BASE_FRAME
from lam_ws.types import (
    ActionChunk,
    Array,
    CameraHealth,
    CameraModel,
    Command,
    Detection,
    Frame,
    freeze,
    Goal,
    JointState,
    Point,
    Scene,
)
import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

_ENCODING = 'rgb8'
# What a goal and a subgoal both have, as it is.
_SUBGOAL = ('skill', 'kind', 'colour', 'place', 'destination', 'text', 'part', 'tool')


def to_ns(stamp: Time | Duration) -> int:
    """Return a stamp in ns."""
    return int(stamp.sec * 1_000_000_000 + stamp.nanosec)


def to_seconds(stamp: Time | Duration) -> float:
    """Return a stamp in s."""
    return to_ns(stamp) / 1e9


def to_time(stamp_s: float) -> Time:
    """Return `stamp_s` as a message, rounded to the ns."""
    seconds, rest = divmod(round(stamp_s * 1e9), 1_000_000_000)
    return Time(sec=seconds, nanosec=rest)


def to_duration(span_s: float) -> Duration:
    """Return `span_s` as a message, rounded to the ns."""
    seconds, rest = divmod(round(span_s * 1e9), 1_000_000_000)
    return Duration(sec=seconds, nanosec=rest)


def joint_state_message(joints: JointState) -> JointStateMessage:
    """Return measured joints as a message."""
    return JointStateMessage(header=Header(stamp=to_time(joints.stamp_s), frame_id=BASE_FRAME),
                             name=list(joints.names), position=joints.position.tolist(),
                             velocity=joints.velocity.tolist(),
                             effort=[] if joints.effort is None else joints.effort.tolist())


def joint_state(message: JointStateMessage, names: Sequence[str]) -> JointState:
    """Return the joints `names` of a message in that order; drivers may send them in another.

    Efforts may be left out, and be NaN where the driver cannot tell: the guard judges them.

    Raises:
        ObservationError: A joint is missing or given twice, or a value is missing or not finite.
    """
    given = list(message.name)
    if len(set(given)) != len(given):
        raise ObservationError('duplicate_joint', f'a joint is given twice in {given}')
    sizes = [len(message.position), len(message.velocity), len(message.effort) or len(given)]
    if sizes != [len(given)] * 3:
        raise ObservationError('joint_shape', f'{len(given)} joints with {sizes} positions, '
                               'velocities and efforts')
    if missing := [name for name in names if name not in given]:
        raise ObservationError('missing_joint', f'no state of {", ".join(missing)}')
    order = [given.index(name) for name in names]
    position = _finite('joint_not_finite', message.position)[order]
    velocity = _finite('joint_not_finite', message.velocity)[order]
    told = not np.isnan(message.effort).all()   # of none at all as well
    return JointState(to_seconds(message.header.stamp), tuple(names), position, velocity,
                      np.array(message.effort)[order] if told else None)


def image_message(frame: Frame) -> Image:
    """Return a camera image as a message."""
    height, width, _ = frame.pixels.shape
    message = Image(header=_optical(frame), height=height, width=width, encoding=_ENCODING,
                    is_bigendian=0, step=3 * width)
    message.data = array('B', frame.pixels.tobytes())
    return message


def frame(message: Image, camera: CameraModel) -> Frame:
    """Return the image of `camera` that a message carries.

    Raises:
        ObservationError: Encoding, size, step or length is not that of the camera's images.
    """
    if message.encoding != _ENCODING:
        raise ObservationError('image_encoding', f"camera {camera.name} sends "
                               f"'{message.encoding}', not '{_ENCODING}'")
    if (message.height, message.width) != (camera.height, camera.width):
        raise ObservationError('image_size', f'camera {camera.name} sends {message.width} x '
                               f'{message.height} px, not {camera.width} x {camera.height}')
    if message.step != 3 * message.width or len(message.data) != message.step * message.height:
        raise ObservationError('image_length', f'camera {camera.name} sends {len(message.data)} '
                               f'bytes with a step of {message.step}')
    pixels = np.frombuffer(message.data, np.uint8)
    pixels = pixels.reshape(message.height, message.width, 3)
    pixels.setflags(write=False)
    return Frame(to_seconds(message.header.stamp), camera, pixels)


def info_message(source: Frame) -> CameraInfo:
    """Return the calibration that belongs to a frame, with its stamp."""
    K = source.camera.K
    message = CameraInfo(header=_optical(source), height=source.camera.height,
                         width=source.camera.width, distortion_model='plumb_bob',
                         d=[0.0] * 5, k=K.ravel().tolist(), r=np.eye(3).ravel().tolist())
    message.p = np.hstack([K, np.zeros((3, 1))]).ravel().tolist()
    return message


def mount_message(source: Frame) -> TransformStamped:
    """Return where a frame's camera is mounted, with the frame's stamp."""
    X = source.camera.X_ParentCamera
    message = TransformStamped(header=Header(stamp=to_time(source.stamp_s),
                                             frame_id=source.camera.parent),
                               child_frame_id=f'{source.camera.name}_optical')
    place, turn = message.transform.translation, message.transform.rotation
    place.x, place.y, place.z = X[:3, 3].tolist()
    turn.x, turn.y, turn.z, turn.w = quaternion(X).tolist()
    return message


def camera_model(site_model: CameraModel, info: CameraInfo,
                 mount: TransformStamped) -> CameraModel:
    """Return a camera as its driver says it is calibrated, checked against the site.

    Raises:
        ObservationError: Size or parent frame is not the site's, or the optics differ by more
            than one percent: another camera is plugged in, or the site is out of date.
    """
    name = site_model.name
    if (info.width, info.height) != (site_model.width, site_model.height):
        raise ObservationError('image_size', f'camera {name} is calibrated for {info.width} x '
                               f'{info.height} px')
    if mount.header.frame_id != site_model.parent:
        raise ObservationError('calibration', f"camera {name} is mounted on "
                               f"'{mount.header.frame_id}', not '{site_model.parent}'")
    K = _finite('calibration', info.k).reshape(3, 3)
    if np.abs(K - site_model.K).max() > 0.01 * site_model.K[0, 0]:
        raise ObservationError('calibration', f'camera {name} has other optics than the site')
    place, turn = mount.transform.translation, mount.transform.rotation
    X = from_quaternion(_finite('calibration', [turn.x, turn.y, turn.z, turn.w]))
    X[:3, 3] = _finite('calibration', [place.x, place.y, place.z])
    return CameraModel(name, info.width, info.height, K, site_model.parent, X)


def scene_message(scene: Scene) -> SceneMessage:
    """Return what perception sees as a message."""
    detections = [DetectionMessage(kind=seen.kind, colour=seen.colour, also=seen.also,
                                   position=_point_message(seen.position.tolist()),
                                   confidence=seen.confidence) for seen in scene.detections]
    return SceneMessage(header=Header(stamp=to_time(scene.stamp_s), frame_id=BASE_FRAME),
                        detections=detections, cameras=list(scene.cameras),
                        health=[health.value for health in scene.cameras.values()])


def scene(message: SceneMessage) -> Scene:
    """Return the scene that a message carries.

    Raises:
        ObservationError: A position is not finite, or cameras and health do not match.
    """
    if len(message.cameras) != len(message.health):
        raise ObservationError('scene_shape', f'{len(message.cameras)} cameras with '
                               f'{len(message.health)} states of health')
    try:
        health = {name: CameraHealth(value) for name, value
                  in zip(message.cameras, message.health, strict=True)}
    except ValueError as error:
        raise ObservationError('scene_health', str(error)) from error
    detections = tuple(
        Detection(seen.kind, seen.colour, freeze(_point('scene_not_finite', seen.position)),
                  seen.confidence, seen.also) for seen in message.detections)
    return Scene(to_seconds(message.header.stamp), detections, health)


def subgoal_message(stamp_s: float, episode: str, goal: Goal | None, step: int = 0,
                    attempt: int = 0, kb_version: str = '') -> SubgoalMessage:
    """Return the goal to work on as a message; None means that there is nothing to do."""
    same = {} if goal is None else {name: getattr(goal, name) for name in _SUBGOAL}
    message = SubgoalMessage(header=Header(stamp=to_time(stamp_s), frame_id=BASE_FRAME), **same,
                             episode_id=episode, active=goal is not None, step=step,
                             attempt=attempt, kb_version=kb_version)
    if goal is not None:
        message.seen_at, message.place_at = (
            [_point_message(point)] if point else [] for point in (goal.seen_at, goal.place_at))
    return message


def goal(message: SubgoalMessage) -> Goal | None:
    """Return the goal that a message carries, None when there is nothing to do; as `scene`."""
    if not message.active:
        return None
    fields = {name: getattr(message, name) for name in _SUBGOAL}
    fields |= {name: _point('subgoal_not_finite', at[0]) for name in ('seen_at', 'place_at')
               if (at := getattr(message, name))}
    return Goal(**fields)


def _point_message(point: Sequence[float]) -> PointMessage:
    return PointMessage(x=point[0], y=point[1], z=point[2])


def _point(reason: str, message: PointMessage) -> Point:
    x, y, z = _finite(reason, [message.x, message.y, message.z]).tolist()
    return x, y, z


def chunk_trajectory(chunk: ActionChunk) -> JointTrajectory:
    """Return a chunk's targets; their times count from the chunk's stamp."""
    points = [JointTrajectoryPoint(positions=row, time_from_start=to_duration(time))
              for time, row in zip(chunk.times.tolist(), chunk.position.tolist(), strict=True)]
    return JointTrajectory(header=Header(stamp=to_time(chunk.stamp_s), frame_id=BASE_FRAME),
                           joint_names=list(chunk.names), points=points)


def chunk(message: ProposalMessage) -> ActionChunk | None:
    """Return the chunk that a proposal carries, None when it has no points (hold).

    Values are handed on as they are: judging them is the guard's work.

    Raises:
        ObservationError: A point has another number of positions than there are joints.
    """
    points, names = message.trajectory.points, tuple(message.trajectory.joint_names)
    if not points:
        return None
    if any(len(point.positions) != len(names) for point in points):
        raise ObservationError('chunk_shape', f'a point does not have {len(names)} positions')
    times = np.array([to_seconds(point.time_from_start) for point in points])
    return ActionChunk(to_seconds(message.header.stamp), names, times,
                       np.array([point.positions for point in points]), message.done,
                       message.phase)


def command_message(command: Command, cycle_s: float) -> JointTrajectory:
    """Return the target of one cycle as a trajectory of one point."""
    point = JointTrajectoryPoint(positions=command.position.tolist(),
                                 velocities=command.velocity.tolist(),
                                 time_from_start=to_duration(cycle_s))
    return JointTrajectory(header=Header(stamp=to_time(command.stamp_s), frame_id=BASE_FRAME),
                           joint_names=list(command.names), points=[point])


def command(message: JointTrajectory, names: Sequence[str]) -> Command:
    """Return the command that a trajectory of one point carries, joints ordered as `names`.

    Raises:
        ObservationError: Not one point, not these joints, or a value that is not finite.
    """
    given = list(message.joint_names)
    if len(message.points) != 1 or sorted(given) != sorted(names):
        raise ObservationError('command_shape', f'{len(message.points)} points for {given}')
    point, order = message.points[0], [given.index(name) for name in names]
    if not len(point.positions) == len(point.velocities) == len(given):
        raise ObservationError('command_shape', f'{len(point.positions)} positions and '
                               f'{len(point.velocities)} velocities for {len(given)} joints')
    return Command(to_seconds(message.header.stamp), tuple(names),
                   _finite('command_not_finite', point.positions)[order],
                   _finite('command_not_finite', point.velocities)[order])


def _finite(reason: str, values: Sequence[float]) -> Array:
    array_ = np.array(values, float)
    if not np.isfinite(array_).all():
        raise ObservationError(reason, f'{array_.tolist()} holds a value that is not finite')
    return array_


def _optical(source: Frame) -> Header:
    return Header(stamp=to_time(source.stamp_s), frame_id=f'{source.camera.name}_optical')
