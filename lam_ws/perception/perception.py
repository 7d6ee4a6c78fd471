"""The stage's contract: raw frames and joints enter, a checked Observation and a Scene leave.

Nothing old, black, frozen or of the wrong size goes further than here: what cannot be trusted
raises, and the reason is one a guard or an operator can act on.
"""
from collections.abc import Mapping
import math
from typing import Protocol
import zlib

from lam_ws.errors import ObservationError
from lam_ws.site import Site
from lam_ws.types import (
    CameraHealth,
    CameraModel,
    Frame,
    JointState,
    Observation,
    Pixels,
    Scene,
)
import numpy as np

FROZEN_FRAMES = 3        # identical frames in a row that count as frozen
DARK, BRIGHT = 8, 250    # 0..255, mean brightness of a covered and of a blinded camera
OPTICS = 0.01            # share of the focal length by which optics may differ from the site's


class SceneEstimator(Protocol):
    """Anything that reads the scene from an observation."""

    def estimate(self, observation: Observation) -> Scene:
        """Return what is where, base frame, m; from the images alone."""

    def forget(self) -> None:
        """Take the next observation for that of another scene."""


def synchronise(site: Site, joints: JointState | None, frames: Mapping[str, Frame],
                now_s: float) -> Observation:
    """Return one observation whose parts belong together and are fresh.

    Args:
        site: Cameras that must be there, largest ages.
        joints: Newest measured joints.
        frames: Newest frame of each camera.
        now_s: Time on the clock of the stamps, s.

    Raises:
        ObservationError: 'missing_joints', 'stale_joints', 'bad_joints', 'missing_camera',
            'stale_camera', 'future_stamp', 'wrong_size', 'wrong_camera', 'black_camera' or
            'saturated_camera'.
    """
    if joints is None:
        raise ObservationError('missing_joints', 'no joint state has arrived')
    if joints.names != site.arm.names:
        raise ObservationError('bad_joints', f'joints are {joints.names}, '
                                             f'expected {site.arm.names}')
    if not all(map(math.isfinite, joints.position.tolist() + joints.velocity.tolist())):
        raise ObservationError('bad_joints', 'a joint value is not finite')
    _check_age('joints', joints.stamp_s, now_s, site.limits.stale_joints_s)
    for camera in site.cameras:
        frame = frames.get(camera.name)
        if frame is None:
            raise ObservationError('missing_camera', f"no frame from camera '{camera.name}'")
        if frame.pixels.shape != (camera.height, camera.width, 3):
            raise ObservationError(
                'wrong_size', f"camera '{camera.name}' sent {frame.pixels.shape}, "
                              f'expected {(camera.height, camera.width, 3)}')
        _check_camera(camera.model(), frame)
        _check_age('camera', frame.stamp_s, now_s, site.limits.stale_frames_s)
    stamp_s = max(frame.stamp_s for frame in frames.values())
    return Observation(stamp_s, joints, frames)


def _check_camera(model: CameraModel, frame: Frame) -> None:
    """Raise where a frame is not of the site's camera, or shows nothing."""
    found = frame.camera
    if (found.name, found.parent) != (model.name, model.parent) \
            or not np.abs(found.K - model.K).max() <= OPTICS * model.K[0, 0] \
            or not np.isfinite(found.X_ParentCamera).all():
        raise ObservationError('wrong_camera', f"camera '{model.name}' sent a frame of "
                                               f"'{found.name}', or with other optics")
    if frame.pixels.dtype != np.uint8:
        raise ObservationError('wrong_size', f"camera '{model.name}' sent {frame.pixels.dtype}, "
                                             'expected uint8')
    health = light(frame.pixels)
    if health is not CameraHealth.OK:
        raise ObservationError(f'{health}_camera', f"camera '{model.name}' shows nothing: "
                                                   f'its image is {health}')


def light(pixels: Pixels) -> CameraHealth:
    """Return BLACK for a covered camera, SATURATED for a blinded one, else OK."""
    mean = pixels[::4, ::4].mean()
    if mean < DARK:
        return CameraHealth.BLACK
    return CameraHealth.SATURATED if mean > BRIGHT else CameraHealth.OK


def _check_age(what: str, stamp_s: float, now_s: float, allowed_s: float) -> None:
    age = now_s - stamp_s
    if age > allowed_s:
        raise ObservationError(f'stale_{what}', f'{what} is {age:.3f} s old, '
                                                f'allowed {allowed_s:.3f} s')
    if age < -allowed_s:
        raise ObservationError('future_stamp', f'{what} is stamped {-age:.3f} s ahead')


class CameraMonitor:
    """Judges the stream of one camera, frame by frame.

    Args:
        width: px that frames must have.
        height: px that frames must have.
    """

    def __init__(self, width: int, height: int):
        self._shape = (height, width, 3)
        self._checksum, self._same, self._stamp_s = 0, 0, -np.inf

    def check(self, frame: Frame) -> CameraHealth:
        """Return the health as of this frame; identical bytes under new stamps are frozen."""
        if frame.pixels.shape != self._shape:
            return CameraHealth.WRONG_SIZE
        checksum = zlib.crc32(np.ascontiguousarray(frame.pixels).data)
        if frame.stamp_s > self._stamp_s:
            self._same = self._same + 1 if checksum == self._checksum else 0
        self._checksum, self._stamp_s = checksum, frame.stamp_s
        health = light(frame.pixels)
        if health is not CameraHealth.OK:
            return health
        return CameraHealth.FROZEN if self._same >= FROZEN_FRAMES else CameraHealth.OK

    @property
    def same(self) -> int:
        """How many frames in a row were the same as the one before them."""
        return self._same


def load_scene_estimator(site: Site) -> SceneEstimator:
    """Return the estimator that `site` names.

    Raises:
        CheckpointError: Its weights are missing or altered.
    """
    from lam_ws.perception.inventory import Inventory
    return Inventory(site)
