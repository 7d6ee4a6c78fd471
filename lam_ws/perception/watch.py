"""Whether the cameras are alive: what a frozen one sends goes no further.

Observations enter; the health of each camera leaves, or a refusal. A cell in which nothing moves
looks the same in every image, so sameness alone proves nothing: a camera is frozen when its image
stays the same although the arm has moved in front of it, or has moved it.
"""
from lam_ws.errors import ObservationError
from lam_ws.geometry import Chain, inverse, project
from lam_ws.perception.perception import CameraMonitor
from lam_ws.site import Site
from lam_ws.types import Array, CameraHealth, Frame, JointState, Observation
import numpy as np

SEEN_PX = 8.0    # px by which a tool in the picture must have moved to be seen to move
TURNED = 0.2     # rad of a joint by which a camera on the tool has surely been moved


class CameraWatch:
    """Judges the streams of all cameras of a site.

    Args:
        site: Its cameras and its arm.
    """

    def __init__(self, site: Site):
        self._chain = Chain(site.arm)
        self._monitors = {camera.name: CameraMonitor(camera.width, camera.height)
                          for camera in site.cameras}
        self._joints: dict[str, Array] = {}   # [n - 1] rad, when an image was new the last time

    def check(self, observation: Observation) -> dict[str, CameraHealth]:
        """Return the health of each camera as of this observation.

        Raises:
            ObservationError: 'frozen_camera'.
        """
        health = {}
        for name, monitor in self._monitors.items():
            frame = observation.frames[name]
            health[name] = monitor.check(frame)
            if monitor.same == 0 or name not in self._joints:
                self._joints[name] = observation.joints.position[:-1]
            elif health[name] is CameraHealth.FROZEN and self._must_differ(
                    frame, observation.joints):
                raise ObservationError('frozen_camera', f"camera '{name}' sends the same image "
                                                        'though the arm has moved')
        return health

    def _must_differ(self, frame: Frame, joints: JointState) -> bool:
        """Return whether the arm has moved so that the camera must show it."""
        camera, before, now = frame.camera, self._joints[frame.camera.name], joints.position[:-1]
        if camera.parent != 'base':
            return bool(np.abs(now - before).max() > TURNED)
        tools = self._chain.forward(np.stack([before, now]))[:, :3, 3]
        pixels = project(camera.K, inverse(camera.X_ParentCamera), tools)
        inside = ((pixels >= 0.0) & (pixels < [camera.width, camera.height])).all(axis=1)
        return bool(inside.any() and np.linalg.norm(pixels[1] - pixels[0]) > SEEN_PX)
