"""Puts together what perception and policy look at: one image of each camera, and the joints.

Camera, calibration and joint topics enter; complete sets of frames and joints leave. In
lock-step a set has one stamp throughout. In real time it is complete when every camera has sent
a new image, and takes the joints that were measured closest to the newest of them; views that
are too old on the monotonic clock go no further.
"""
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
import time
from typing import Any

from geometry_msgs.msg import TransformStamped
from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.lifecycle import LamNode
from lam_ws.nodes.turn import Turn
from lam_ws.site import Site
from lam_ws.types import CameraModel, Frame, JointState
import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import JointState as JointStateMessage

_HISTORY = 50   # joint states kept to find the one closest to an image


@dataclass(frozen=True)
class View:
    """What was seen at one time: `stamp_ns`, frames by camera name, joints."""

    stamp_ns: int
    frames: Mapping[str, Frame]
    joints: JointState


def expected(joints: JointState, site: Site) -> JointState:
    """Return the joints as a policy is shown them: a real arm that lags, where it goes.

    A chunk continues what was commanded, of which an arm that lags is behind; a policy that is
    shown where it was would pull it back with every chunk. The gripper is shown as it is.
    """
    lag_s = 0.0 if site.adapter is None else site.adapter.lag_s
    if not lag_s:
        return joints
    limits, position = site.arm.limits, joints.position + lag_s * joints.velocity
    position[-1] = joints.position[-1]
    return replace(joints, position=np.clip(position, limits.lower, limits.upper))


class Observing:
    """Subscribes `node` to all cameras of its site and to its joints.

    Args:
        node: The node, its site loaded.
        take: Called with each complete view.
        again: Called with a view that comes again, because its answer was lost.
        now_s: The clock by which images are too old.
    """

    def __init__(self, node: LamNode, take: Callable[[View], None],
                 again: Callable[[View], None] = lambda view: None,
                 now_s: Callable[[], float] = time.monotonic):
        self._node, self._site = node, node.site
        self._take, self._again, self._now_s = take, again, now_s
        self._lockstep = nodes.lockstep(node.site)
        self._joints: deque[JointState] = deque(maxlen=_HISTORY)
        self._frames: dict[str, Frame] = {}
        self.refused = 0
        names = [camera.name for camera in self._site.cameras]
        self._turn = Turn([*names, nodes.JOINT_STATES], self._complete, self._repeat)
        self._cameras = {camera.name: _Camera(camera.model(), self._lockstep, self._frame)
                         for camera in self._site.cameras}
        self._seen: View | None = None
        quality = nodes.image_qos(self._site)
        for name, camera in self._cameras.items():
            for kind, topic in ((CameraInfo, nodes.info_topic), (Image, nodes.image_topic),
                                (TransformStamped, nodes.mount_topic)):
                node.create_subscription(kind, topic(name), self._strictly(camera.put), quality)
        node.create_subscription(JointStateMessage, nodes.JOINT_STATES,
                                 self._strictly(self._joint_state), nodes.RELIABLE)

    def _strictly(self, use: Callable[[Any], None]) -> Callable[[Any], None]:
        def receive(message: object) -> None:
            if not self._node.running:
                return
            try:
                use(message)
            except ObservationError as refusal:
                self.refused += 1
                self._node.get_logger().error(f'refused: {refusal}', throttle_duration_sec=1.0)
        return receive

    def _joint_state(self, message: JointStateMessage) -> None:
        stamp_ns = conversion.to_ns(message.header.stamp)
        if self._lockstep and not nodes.is_tick(self._site, stamp_ns):
            return
        joints = conversion.joint_state(message, self._site.arm.names)
        if self._lockstep:
            self._turn.put(nodes.JOINT_STATES, stamp_ns, joints)
        else:
            self._joints.append(joints)

    def _frame(self, frame: Frame, stamp_ns: int) -> None:
        if self._lockstep:
            self._turn.put(frame.camera.name, stamp_ns, frame)
            return
        self._frames[frame.camera.name] = frame
        if len(self._frames) < len(self._cameras) or not self._joints:
            return
        newest_s = max(kept.stamp_s for kept in self._frames.values())
        joints = min(self._joints, key=lambda kept: abs(kept.stamp_s - newest_s))
        frames, self._frames = self._frames, {}
        age_s = self._now_s() - newest_s
        if age_s > self._site.limits.stale_frames_s:
            raise ObservationError('stale_camera', f'images are {age_s:.3f} s old')
        self._take(View(round(newest_s * 1e9), frames, joints))

    def _complete(self, stamp_ns: int, items: Mapping[str, Any]) -> None:
        frames = {name: items[name] for name in self._cameras}
        self._seen = View(stamp_ns, frames, items[nodes.JOINT_STATES])
        self._take(self._seen)

    def _repeat(self) -> None:
        if self._seen is not None:
            self._again(self._seen)


class _Camera:
    """Joins an image with the calibration that came with it, or last."""

    def __init__(self, model: CameraModel, lockstep: bool, take: Callable[[Frame, int], None]):
        self._model, self._lockstep, self._take = model, lockstep, take
        self._parts: dict[type, Any] = {}
        self._known: tuple[Any, CameraModel] | None = None

    def put(self, message: CameraInfo | Image | TransformStamped) -> None:
        """Take one message; hands a frame on when an image and its calibration are there."""
        self._parts[type(message)] = message
        if len(self._parts) < 3 or not (self._lockstep or isinstance(message, Image)):
            return
        stamps = {conversion.to_ns(part.header.stamp) for part in self._parts.values()}
        if self._lockstep and len(stamps) > 1:
            return
        image = self._parts[Image]
        frame = conversion.frame(image, self._calibrated())
        if self._lockstep:
            self._parts.clear()
        self._take(frame, conversion.to_ns(image.header.stamp))

    def _calibrated(self) -> CameraModel:
        info, mount = self._parts[CameraInfo], self._parts[TransformStamped]
        key = (info.k.tobytes(), mount.transform)
        if self._known is None or self._known[0] != key:
            self._known = (key, conversion.camera_model(self._model, info, mount))
        return self._known[1]
