"""What the console shows of a cell: topics enter, the newest of each leaves as JSON.

Messages are kept as they came and read when somebody looks, ten times a second at most, so that
a cell that nobody watches pays for nothing but their arrival. `state` and `picture` may be called
from any thread: a message is replaced, never changed.
"""
from collections.abc import Mapping
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from lam_interfaces.msg import GuardState, RecordState, Scene, Subgoal
from lam_ws.console.console import Picture
from lam_ws.graph import nodes as rows_of
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.hand import place
from lam_ws.safety.words import words
from lam_ws.site import Site
import numpy as np
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image, JointState
from trajectory_msgs.msg import JointTrajectory

_FORGOTTEN_S = 60.0   # since a node was last heard of
_STALE_S = 3.0        # of diagnostics, which come at 1 Hz
_WIDEST = 640         # px that a page is sent
_QUALITY = 80
_LEVELS = {0: 'ok', 1: 'warn', 2: 'error', 3: 'stale'}
_KINDS = {nodes.JOINT_STATES: JointState, nodes.COMMAND: JointTrajectory, nodes.SCENE: Scene,
          nodes.SUBGOAL: Subgoal, nodes.RECORD_STATE: RecordState}


class Showing:
    """The newest of every topic of a cell.

    Args:
        node: Listens; whoever spins it keeps this up to date.
        site: Of the cell.

    Attributes:
        guard: What the guard said last, None before it said anything.
    """

    def __init__(self, node: Node, site: Site):
        self._site, self._began_s = site, time.monotonic()
        self.guard: GuardState | None = None
        self._guard_s = 0.0
        self._newest: dict[str, tuple[float, bytes]] = {}
        self._pictures: dict[str, tuple[int, float, bytes]] = {}
        self._nodes: dict[str, tuple[float, Any]] = {}
        for topic, kind in _KINDS.items():
            often = topic in (nodes.JOINT_STATES, nodes.COMMAND)
            node.create_subscription(kind, topic, self._keep(topic),
                                     nodes.NEWEST if often else nodes.RELIABLE, raw=True)
        for camera in site.cameras:
            node.create_subscription(Image, nodes.image_topic(camera.name),
                                     self._keep_picture(camera.name), nodes.NEWEST, raw=True)
        node.create_subscription(GuardState, nodes.GUARD_STATE, self._keep_guard, nodes.RELIABLE)
        node.create_subscription(DiagnosticArray, nodes.DIAGNOSTICS, self._keep_health,
                                 nodes.RELIABLE)

    def _keep(self, topic: str) -> Any:
        def keep(data: bytes) -> None:
            self._newest[topic] = time.monotonic(), data
        return keep

    def _keep_picture(self, camera: str) -> Any:
        def keep(data: bytes) -> None:
            number = self._pictures.get(camera, (0,))[0]
            self._pictures[camera] = number + 1, time.monotonic(), data
        return keep

    def _keep_guard(self, message: GuardState) -> None:
        self.guard, self._guard_s = message, time.monotonic()

    def _keep_health(self, message: DiagnosticArray) -> None:
        now_s = time.monotonic()
        self._nodes = {name: kept for name, kept in self._nodes.items()
                       if now_s - kept[0] < _FORGOTTEN_S}
        for status in message.status:
            self._nodes[status.name] = time.monotonic(), status

    def newest(self, topic: str) -> Any:
        """Return the newest message of a topic, None before there is one."""
        found = self._newest.get(topic)
        return None if found is None else deserialize_message(found[1], _KINDS[topic])

    def state(self) -> dict[str, Any]:
        """Return joints, command, guard, scene and recorder as JSON."""
        joints, command = self.newest(nodes.JOINT_STATES), self.newest(nodes.COMMAND)
        return {'time_s': round(time.monotonic() - self._began_s, 3),
                'joints': None if joints is None else {
                    'names': list(joints.name), 'position': _rounded(joints.position),
                    'velocity': _rounded(joints.velocity),
                    'age_s': self._age_s(nodes.JOINT_STATES)},
                'command': None if command is None or not command.points else {
                    'position': _rounded(command.points[0].positions),
                    'velocity': _rounded(command.points[0].velocities)},
                'guard': self._guard(), 'scene': self._scene(), 'record': self._record()}

    def _age_s(self, topic: str) -> float:
        return round(time.monotonic() - self._newest[topic][0], 3)

    def _guard(self) -> dict[str, Any] | None:
        message = self.guard
        if message is None:
            return None
        return {'state': message.state, 'reason': message.reason, 'limited': message.limited,
                'measured': message.measured, 'allowed': message.allowed,
                'text': told(message), 'commander': message.commander,
                'commands': message.commands, 'limited_count': message.limited_count,
                'rejected_count': message.rejected_count,
                'age_s': round(time.monotonic() - self._guard_s, 3)}

    def _scene(self) -> dict[str, Any] | None:
        message = self.newest(nodes.SCENE)
        if message is None:
            return None
        return {'detections': [
                    {'kind': one.kind, 'colour': one.colour, 'also': one.also,
                     'position': _rounded((one.position.x, one.position.y, one.position.z)),
                     'confidence': round(float(one.confidence), 3)} for one in message.detections],
                'cameras': dict(zip(message.cameras, message.health, strict=False)),
                'age_s': self._age_s(nodes.SCENE)}

    def _record(self) -> dict[str, Any] | None:
        message = self.newest(nodes.RECORD_STATE)
        if message is None:
            return None
        return {'episode_id': message.episode_id, 'instruction': message.instruction,
                'by_operator': message.by_operator, 'seconds': round(float(message.seconds), 2),
                'messages': message.messages, 'delay_s': round(float(message.delay_s), 3),
                'cameras': list(message.cameras), 'rate_hz': _rounded(message.rate_hz),
                'dropped': [int(count) for count in message.dropped],
                'skew_s': round(float(message.skew_s), 4), 'warning': _both(message.warning),
                'age_s': self._age_s(nodes.RECORD_STATE)}

    def subgoal(self) -> Subgoal | None:
        """Return the subgoal of the moment, None before there is one."""
        return self.newest(nodes.SUBGOAL)

    def health(self) -> list[dict[str, Any]]:
        """Return each node of the table, and whoever else speaks, with a level and its values."""
        now_s, found = time.monotonic(), dict(self._nodes)
        own = [row.enclave for row in rows_of(self._site, console=True)]
        rows: list[dict[str, Any]] = []
        for name in dict.fromkeys((*own, *sorted(found))):
            short = name.removeprefix(f'/{self._site.namespace}').strip('/')
            if name not in found:
                rows.append({'name': short, 'level': 'stale', 'text': '', 'values': {}})
                continue
            heard_s, status = found[name]
            level = int.from_bytes(status.level, 'little') \
                if isinstance(status.level, bytes) else int(status.level)
            values = {pair.key: pair.value for pair in status.values}
            said = ', '.join(f'{key} {value}' for key, value in values.items() if value)
            rows.append({'name': short, 'values': values, 'age_s': round(now_s - heard_s, 1),
                         'level': 'stale' if now_s - heard_s > _STALE_S else _LEVELS.get(
                             level, 'error'),
                         'text': ' · '.join(part for part in (status.message, said) if part)})
        return rows

    def picture(self, camera: str, after: int) -> Picture | None:
        """Return the newest image of a camera as JPEG if its number is not `after`."""
        found = self._pictures.get(camera)
        if found is None or found[0] == after:
            return None
        from lam_ws.record.image import jpeg, resized
        from lam_ws.record.reader import pixels
        number, came_s, data = found
        try:
            seen = pixels(deserialize_message(data, Image))
        except ValueError:   # perception tells of images that are wrong
            return None
        if seen.shape[1] > _WIDEST:
            seen = resized(seen, _WIDEST, round(seen.shape[0] * _WIDEST / seen.shape[1]))
        return Picture(number, time.monotonic() - came_s, jpeg(seen, _QUALITY))


def told(guard: GuardState) -> Mapping[str, str]:
    """Return what the guard says in both languages; its message has English only."""
    code = guard.limited or guard.reason
    if not code or not guard.text.endswith(words(code, guard.measured, guard.allowed)):
        return {'ko': guard.text, 'en': guard.text}
    return {'ko': words(code, guard.measured, guard.allowed, place(guard), 'ko'),
            'en': guard.text}


def _both(text: str) -> dict[str, str]:
    """Return a text that a message has as 'Korean / English'; see `record.faults.both`."""
    korean, _, english = text.partition(' / ')
    return {'ko': korean, 'en': english or korean}


def _rounded(values: Any) -> list[float]:
    return [float(value) for value in np.round(np.asarray(values, dtype=float), 5)]


def scene_of(showing: Showing) -> Any:
    """Return the newest scene as the stack's own data, None before there is one."""
    message = showing.newest(nodes.SCENE)
    return None if message is None else conversion.scene(message)
