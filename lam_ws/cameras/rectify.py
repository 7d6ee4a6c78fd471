"""Makes images straight: what a lens bends is undone once, where images come in.

Calibrated optics and a picture enter; the picture that a pinhole camera of the same K would have
taken leaves, so that everything behind needs no other model (Brown-Conrady, as in OpenCV).
"""
from collections.abc import Sequence

from lam_ws.errors import CameraError
from lam_ws.types import Array, Pixels
import numpy as np


class Rectifier:
    """Straightens the images of one camera; the way of each pixel is computed once.

    Args:
        K: [3, 3] px.
        distortion: k1, k2, p1, p2, k3, or empty.
        width, height: px that every image must have.
    """

    def __init__(self, K: Array, distortion: Sequence[float], width: int, height: int):
        self._shape = (height, width, 3)
        self._maps: tuple[object, object] | None = None
        if any(distortion):
            import cv2
            own = np.array(K)
            own[:2, 2] -= 0.5   # OpenCV counts the centre of the first pixel as 0
            self._maps = cv2.initUndistortRectifyMap(
                own, np.array(distortion), None, own, (width, height), cv2.CV_16SC2)

    def __call__(self, pixels: Pixels) -> Pixels:
        """Return the straight image; what lies outside of the original is black.

        Raises:
            CameraError: It has another size than the site says.
        """
        if pixels.shape != self._shape:
            height, width, _ = self._shape
            raise CameraError(f'images are {pixels.shape[1]} x {pixels.shape[0]} px, the site '
                              f'says {width} x {height}')
        if self._maps is None:
            return pixels
        import cv2
        return cv2.remap(pixels, *self._maps, cv2.INTER_LINEAR)
