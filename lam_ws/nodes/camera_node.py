"""The cameras of a cell that is none of the simulator's: images enter, straight ones leave.

Devices, films, folders and topics of foreign drivers enter as the site names them; image,
calibration and mount leave on the topics, in the encoding and with the clock that a simulated
cell has, so that freshness, size and light are judged by the same checks. A camera that fails is
opened anew each second; meanwhile it is silent, and the cell stops by that.
"""
from collections.abc import Callable
import sys
import threading
from typing import Any

from geometry_msgs.msg import TransformStamped
from lam_ws.errors import CameraError, LamError, ObservationError
from lam_ws.nodes import conversion, foreign_images, nodes
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.site import CameraSpec
from lam_ws.types import Frame, Pixels
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

_AGAIN_S = 1.0       # between attempts to open a camera
_PATIENCE_S = 3.0    # longest wait for a thread to end
_SLACK = 0.5         # share of a period by which an image may come early
TOPIC, COMPRESSED = 'topic:', '/compressed'


class CameraNode(LamNode):
    """Publishes the cameras whose source the site names."""

    def __init__(self) -> None:
        super().__init__('camera')

    def open(self) -> None:
        self._outlets = [_Outlet(self, camera) for camera in self.site.cameras if camera.source]
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._broken: BaseException | None = None
        for outlet in self._outlets:
            if outlet.topic:
                self._listen(outlet)
        self.create_timer(0.1, self._watch)

    def start(self) -> None:
        self._ending = ending = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(outlet, ending), daemon=True)
                         for outlet in self._outlets if not outlet.topic]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        self._threads = []

    def shut(self) -> None:
        if hasattr(self, '_ending'):
            self.stop()

    def health(self) -> dict[str, object]:
        return {outlet.camera.name: f'{outlet.count} images' + (
            f', refused {outlet.refused}: {outlet.reason}' if outlet.refused else '')
            for outlet in self._outlets}

    def _watch(self) -> None:
        if self._broken is not None:
            raise self._broken

    # Topics of foreign drivers

    def _listen(self, outlet: '_Outlet') -> None:
        from lam_ws.cameras.files import decoded

        compressed = outlet.topic.endswith(COMPRESSED)
        read: Callable[[Any], Pixels] = (lambda message: decoded(bytes(message.data))) \
            if compressed else foreign_images.pixels

        def take(message: Image | CompressedImage) -> None:
            if self.running and outlet.due(conversion.to_seconds(message.header.stamp)):
                outlet.put(lambda: (foreign_images.stamp_s(
                    message, self.site.limits.stale_frames_s), read(message)))
        self.create_subscription(CompressedImage if compressed else Image, outlet.topic, take,
                                 nodes.NEWEST)

    # Devices, films and folders, a thread each

    def _run(self, outlet: '_Outlet', ending: threading.Event) -> None:
        try:
            while not ending.is_set():
                try:
                    outlet.follow(ending)
                except CameraError as error:
                    outlet.refuse(error)
                ending.wait(_AGAIN_S)
        except BaseException as failure:
            self._broken = failure   # the node ends by it
            raise


class _Outlet:
    """What one camera gives, and how it has done."""

    def __init__(self, node: CameraNode, camera: CameraSpec):
        from lam_ws.cameras.rectify import Rectifier

        self._node, self.camera, self._model = node, camera, camera.model()
        self.topic = camera.source.removeprefix(TOPIC) if camera.source.startswith(TOPIC) else ''
        self._straight = Rectifier(camera.K, camera.distortion, camera.width, camera.height)
        self._out = [node.create_lifecycle_publisher(kind, name(camera.name), nodes.RELIABLE)
                     for kind, name in ((CameraInfo, nodes.info_topic),
                                        (TransformStamped, nodes.mount_topic),
                                        (Image, nodes.image_topic))]
        self._last_s = -1.0
        self.count = self.refused = 0
        self.reason = ''

    def due(self, stamp_s: float) -> bool:
        """Return whether an image of that time is wanted: some drivers send more than that."""
        early = 0.0 <= stamp_s - self._last_s < (1.0 - _SLACK) / self.camera.rate_hz
        if not early:
            self._last_s = stamp_s
        return not early

    def follow(self, ending: threading.Event) -> None:
        """Publish what the camera gives until the end; raises CameraError."""
        from lam_ws.cameras.cameras import open_source

        camera = self.camera
        source = open_source(camera.source, camera.width, camera.height, camera.rate_hz)
        try:
            while not ending.is_set():
                stamp_s, pixels = source.grab()
                if self.due(stamp_s):
                    self._send(stamp_s, pixels)
        finally:
            source.close()

    def put(self, take: Callable[[], tuple[float, Pixels]]) -> None:
        """Publish what `take` returns, or count why not."""
        try:
            self._send(*take())
        except (CameraError, ObservationError) as error:
            self.refuse(error)

    def refuse(self, error: LamError) -> None:
        """Count an image that goes no further, and say why now and then."""
        self.refused += 1
        self.reason = str(error)
        self._node.get_logger().error(f'camera {self.camera.name}: {error}',
                                      throttle_duration_sec=1.0)

    def _send(self, stamp_s: float, pixels: Pixels) -> None:
        frame = Frame(stamp_s, self._model, self._straight(pixels))
        for out, message in zip(self._out, (
                conversion.info_message(frame), conversion.mount_message(frame),
                conversion.image_message(frame)), strict=True):
            out.publish(message)
        self.count += 1


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(CameraNode)


if __name__ == '__main__':
    sys.exit(main())
