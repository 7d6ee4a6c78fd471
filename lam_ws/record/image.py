"""Images in other sizes and as files: pixels go in, pixels or encoded bytes come out.

Pixels are uint8 RGB, [height, width, 3], here as everywhere; OpenCV's own order is BGR, and only
this module has to know. Import it late: OpenCV takes time and memory that a node needs better.
"""
import cv2
from lam_ws.types import Pixels
import numpy as np

# One image at a time is small work, and a cell may be moving on the other cores.
cv2.setNumThreads(1)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return `pixels` as an image of `width` x `height` px."""
    shrinks = width < pixels.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC   # the former does not alias
    return cv2.resize(pixels, (width, height), interpolation=method)


def png(pixels: Pixels) -> bytes:
    """Return `pixels` as a PNG file, without loss."""
    return _encoded('.png', pixels, cv2.IMWRITE_PNG_COMPRESSION, 9)


def jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """Return `pixels` as a JPEG file; `quality` is 0 to 100."""
    return _encoded('.jpg', pixels, cv2.IMWRITE_JPEG_QUALITY, quality)


def _encoded(ending: str, pixels: Pixels, setting: int, value: int) -> bytes:
    _, data = cv2.imencode(ending, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), (setting, value))
    return data.tobytes()


def decoded(data: bytes) -> Pixels:
    """Return the pixels of an image file, PNG or JPEG for example.

    Raises:
        ValueError: It cannot be read.
    """
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if found is None:
        raise ValueError(f'{len(data)} bytes are no image that can be read')
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)
