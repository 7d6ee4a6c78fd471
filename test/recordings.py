"""Writes recordings for tests: real serialised messages through the real recorder.

Trajectories and pictures are made up, since they are only the recorder's input. The messages
are serialised with the definitions installed beside ROS, so no test here needs rclpy.
"""
from collections.abc import Callable
from pathlib import Path

from lam_ws.record.definitions import definition
from lam_ws.record.writer import Recorder
import numpy as np
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

NAMES = (*(f'fr3_joint{i}' for i in range(1, 8)), 'fr3_gripper')
TYPES = {
    'joint_states': 'sensor_msgs/msg/JointState',
    'command': 'trajectory_msgs/msg/JointTrajectory',
    'proposed': 'lam_interfaces/msg/Proposal',
    'scene': 'lam_interfaces/msg/Scene',
    'subgoal': 'lam_interfaces/msg/Subgoal',
    'guard_state': 'lam_interfaces/msg/GuardState',
    'front/image_raw': 'sensor_msgs/msg/Image',
    'wrist/image_raw': 'sensor_msgs/msg/Image',
}
PHASES = ((0.0, 'reach'), (1.5, 'grasp'), (2.2, 'lift'), (3.0, 'carry'), (4.5, 'release'))

NO_SEAL = np.zeros(32, np.uint8)   # nobody who reads a recording looks at it


class Messages:
    """Makes serialised messages of the topics of an episode."""

    def __init__(self, definitions: Callable[[str], str] = definition) -> None:
        self.store = get_typestore(Stores.EMPTY)
        for name in set(TYPES.values()):
            self.store.register({key: value for key, value in get_types_from_msg(
                definitions(name), name).items() if key not in self.store.fielddefs})
        self.make = self.store.types

    def cdr(self, topic: str, **fields: object) -> bytes:
        """Return the message of `topic` as it would be on the wire."""
        name = TYPES[topic]
        return bytes(self.store.serialize_cdr(self.make[name](**fields), name))

    def header(self, time_s: float) -> object:
        stamp = self.make['builtin_interfaces/msg/Time'](int(time_s), int(time_s % 1 * 1e9))
        return self.make['std_msgs/msg/Header'](stamp=stamp, frame_id='base')

    def joint_states(self, t: float) -> bytes:
        return self.cdr('joint_states', header=self.header(t), name=list(NAMES),
                        position=position(t), velocity=velocity(t), effort=np.empty(0))

    def trajectory(self, t: float, times: list[float]) -> object:
        duration = self.make['builtin_interfaces/msg/Duration']
        points = [self.make['trajectory_msgs/msg/JointTrajectoryPoint'](
            positions=position(t + h), velocities=velocity(t + h), accelerations=np.empty(0),
            effort=np.empty(0), time_from_start=duration(int(h), round(h % 1 * 1e9)))
            for h in times]
        return self.make[TYPES['command']](header=self.header(t), joint_names=list(NAMES),
                                           points=points)

    def command(self, t: float) -> bytes:
        trajectory = self.trajectory(t, [0.01])
        return bytes(self.store.serialize_cdr(trajectory, TYPES['command']))

    def proposed(self, t: float, sequence: int) -> bytes:
        return self.cdr('proposed', header=self.header(t), episode_id='e', step=0, attempt=0,
                        sequence=sequence, trajectory=self.trajectory(t, [0.1, 0.2, 0.3]),
                        done=min(1.0, t / 6), phase=phase(t), seal=NO_SEAL, claim=self.claim())

    def claim(self) -> object:
        return self.make['lam_interfaces/msg/Claim'](
            role='policy', commander='p', epoch=1, sequence=1, idle=False, takes=False,
            gives=False)

    def scene(self, t: float, seconds: float) -> bytes:
        point = self.make['geometry_msgs/msg/Point']
        rows = [('cylinder', 'red', 0.45 + 0.2 * t / seconds, -0.1, 0.03),
                ('cube', 'blue', 0.5, 0.12, 0.02), ('bin', 'black', 0.65, -0.1, 0.03)]
        detections = [self.make['lam_interfaces/msg/Detection'](
            kind=k, colour=c, position=point(x, y, z), confidence=0.97, also='')
            for k, c, x, y, z in rows]
        return self.cdr('scene', header=self.header(t), detections=detections,
                        cameras=['front', 'wrist'], health=['ok', 'ok'])

    def subgoal(self, t: float, active: bool = True) -> bytes:
        return self.cdr('subgoal', header=self.header(t), episode_id='e', active=active, step=0,
                        attempt=0, skill='pick_place', kind='cylinder', colour='red',
                        place='bin', destination='black',
                        text='빨간 원통을 검은 상자에 넣어 줘', part='', tool='', kb_version='',
                        seen_at=[], place_at=[], seal=NO_SEAL)

    def guard_state(self, t: float, **fields: object) -> bytes:
        values = {'state': 'running', 'reason': '', 'text': '', 'limited': '', 'measured': 0.0,
                  'allowed': 0.0, 'commands': round(100 * t), 'limited_count': 0,
                  'rejected_count': 0, 'commander': 'p', **fields}
        return self.cdr('guard_state', header=self.header(t), **values)

    def image(self, t: float, width: int, height: int, camera: str) -> bytes:
        return self.cdr(f'{camera}/image_raw', header=self.header(t), height=height, width=width,
                        encoding='rgb8', is_bigendian=0, step=3 * width,
                        data=picture(t, width, height).reshape(-1))


def phase(t: float) -> str:
    """Return the phase the made-up policy is in at `t` s."""
    return [name for start, name in PHASES if start <= t][-1]


def position(t: float) -> np.ndarray:
    """Return [8] rad (gripper m) at `t` s."""
    return np.array([0.3 * np.sin(t + i) for i in range(7)] + [0.04 * (t < 1.5 or t > 4.5)])


def velocity(t: float) -> np.ndarray:
    """Return [8] rad/s (gripper m/s) at `t` s."""
    return np.array([0.3 * np.cos(t + i) for i in range(7)] + [0.0])


def picture(t: float, width: int, height: int) -> np.ndarray:
    """Return a uint8 RGB picture whose red square moves with `t`."""
    image = np.full((height, width, 3), 205, np.uint8)
    image[: height // 3] = (120, 130, 140)
    x = int(width * (0.2 + 0.1 * t)) % (width - width // 8)
    image[height // 2: height // 2 + height // 8, x: x + width // 8] = (200, 40, 30)
    return image


def write_sample(path: Path, seconds: float = 6.0, start_ns: int = 1_700_000_000_000_000_000,
                 prefix: str = '/') -> Path:
    """Record a made-up pick and place of `seconds` s and return the file."""
    messages = Messages()
    with Recorder(path) as recorder:
        recorder.note('episode', {'site': 'sim_demo', 'operator': 'test'})

        def put(topic: str, t: float, data: bytes) -> None:
            recorder.write(prefix + topic, TYPES[topic], None, data, start_ns + round(t * 1e9))

        for cycle in range(round(seconds * 100)):
            t = cycle / 100
            put('joint_states', t, messages.joint_states(t))
            put('command', t, messages.command(t))
            if cycle % 10 == 0:
                _tick(put, messages, t, cycle // 10, seconds)
        put('subgoal', seconds, messages.subgoal(seconds, active=False))
        put('guard_state', seconds, messages.guard_state(seconds, state='armed'))
    return path


def _tick(put: object, messages: Messages, t: float, tick: int, seconds: float) -> None:
    put('front/image_raw', t, messages.image(t, 320, 240, 'front'))
    put('wrist/image_raw', t, messages.image(t, 128, 128, 'wrist'))
    put('scene', t, messages.scene(t, seconds))
    put('subgoal', t, messages.subgoal(t))
    put('proposed', t, messages.proposed(t, tick // 5))
    limited = {'limited': 'velocity fr3_joint2', 'measured': 2.1, 'allowed': 2.0,
               'limited_count': 5} if 20 <= tick < 24 else {}
    put('guard_state', t, messages.guard_state(t, **limited))


def write_motion(path: Path, names: tuple[str, ...], told: list, seen: list,
                 prefix: str = '/cell/') -> Path:
    """Record what an arm was told and what it did, and return the file.

    Args:
        path: The file.
        names: [n] joints.
        told: Rows of (s, [n]); the target is to be reached a cycle of 10 ms after.
        seen: Rows of (s, [n]).
        prefix: Namespace of the topics.
    """
    messages, start_ns = Messages(), 1_700_000_000_000_000_000
    duration = messages.make['builtin_interfaces/msg/Duration'](0, 10_000_000)
    nothing = np.empty(0)
    rows = []
    for t, values in told:
        point = messages.make['trajectory_msgs/msg/JointTrajectoryPoint'](
            positions=np.asarray(values, float), velocities=np.zeros(len(names)),
            accelerations=nothing, effort=nothing, time_from_start=duration)
        rows.append((t, 'command', messages.cdr('command', header=messages.header(t),
                                                joint_names=list(names), points=[point])))
    for t, values in seen:
        rows.append((t, 'joint_states', messages.cdr(
            'joint_states', header=messages.header(t), name=list(names),
            position=np.asarray(values, float), velocity=np.zeros(len(names)), effort=nothing)))
    with Recorder(path) as recorder:
        for t, topic, data in sorted(rows, key=lambda row: row[0]):
            recorder.write(prefix + topic, TYPES[topic], None, data, start_ns + round(t * 1e9))
    return path
