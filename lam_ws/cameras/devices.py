"""A camera at this computer, through OpenCV's VideoCapture (V4L2 on Linux)."""
import time

from lam_ws.errors import CameraError
from lam_ws.types import Pixels


class Device:
    """Fulfils `lam_ws.cameras.cameras.Source`.

    Args:
        where: Number or path, such as /dev/video0.
        width, height: px; a device that gives others is refused.
        rate_hz: Images a second that it is asked for; it decides.
    """

    def __init__(self, where: int | str, width: int, height: int, rate_hz: float):
        self._where, self._size, self._rate_hz = where, (width, height), rate_hz
        self._capture: object | None = None

    def open(self) -> None:
        """See `Source.open`."""
        import cv2

        self.close()
        capture = cv2.VideoCapture(self._where, cv2.CAP_V4L2)
        if not capture.isOpened():
            raise CameraError(f'no camera at {self._where}')
        for key, value in ((cv2.CAP_PROP_FRAME_WIDTH, self._size[0]),
                           (cv2.CAP_PROP_FRAME_HEIGHT, self._size[1]),
                           (cv2.CAP_PROP_FPS, self._rate_hz),
                           (cv2.CAP_PROP_BUFFERSIZE, 1)):   # or images wait, and are old
            capture.set(key, value)
        self._capture = capture

    def grab(self) -> tuple[float, Pixels]:
        """See `Source.grab`."""
        import cv2

        capture = self._capture
        if not isinstance(capture, cv2.VideoCapture):
            raise CameraError(f'the camera at {self._where} is not open')
        there = capture.grab()
        stamp_s = time.monotonic()
        found, pixels = capture.retrieve() if there else (False, None)
        if not found or pixels is None:
            raise CameraError(f'the camera at {self._where} gives no image')
        return stamp_s, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)

    def close(self) -> None:
        """See `Source.close`."""
        import cv2

        capture, self._capture = self._capture, None
        if isinstance(capture, cv2.VideoCapture):
            capture.release()
