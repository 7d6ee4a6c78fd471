"""Images of other makers' drivers: sensor_msgs/Image in common encodings, or CompressedImage.

A message enters; RGB pixels and a time on the monotonic clock leave. Drivers stamp with the wall
clock: an image is as old as its stamp says, and one that is too old, not stamped or of the future
goes no further.
"""
import time

from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion
from lam_ws.types import Pixels
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

_AHEAD_S = 0.05   # s, by which a stamp of this computer may seem to lie ahead
# encoding: bytes of a pixel, which of them are red, green and blue
ENCODINGS = {'rgb8': (3, (0, 1, 2)), 'bgr8': (3, (2, 1, 0)), 'rgba8': (4, (0, 1, 2)),
             'bgra8': (4, (2, 1, 0)), 'mono8': (1, (0, 0, 0)), '8UC3': (3, (2, 1, 0)),
             '8UC1': (1, (0, 0, 0))}


def pixels(message: Image) -> Pixels:
    """Return the [h, w, 3] RGB pixels of an image; rows may be padded.

    Raises:
        ObservationError: Its encoding is another, or its size, step and length disagree.
    """
    if message.encoding not in ENCODINGS:
        raise ObservationError('image_encoding', f"images are '{message.encoding[:32]}', not one "
                               f'of {", ".join(ENCODINGS)}')
    size, order = ENCODINGS[message.encoding]
    height, width, step = message.height, message.width, message.step
    if not width or not height or step < size * width or len(message.data) != step * height:
        raise ObservationError('image_length', f'{len(message.data)} bytes with a step of {step} '
                               f'are no {width} x {height} px {message.encoding}')
    rows = np.frombuffer(message.data, np.uint8).reshape(height, step)[:, :size * width]
    return np.ascontiguousarray(rows.reshape(height, width, size)[:, :, order])


def stamp_s(message: Image | CompressedImage, oldest_s: float) -> float:
    """Return when an image was taken, s on the monotonic clock.

    Args:
        message: Stamped with the wall clock of this computer.
        oldest_s: s, oldest image that goes on.

    Raises:
        ObservationError: It is older, of the future, or has no stamp.
    """
    taken_ns = conversion.to_ns(message.header.stamp)
    if taken_ns == 0:
        raise ObservationError('stale_camera', 'images have no stamp: how old they are is unknown')
    age_s = (time.time_ns() - taken_ns) / 1e9
    if age_s > oldest_s:
        raise ObservationError('stale_camera', f'images are {age_s:.3f} s old, allowed '
                                               f'{oldest_s:.3f} s')
    if age_s < -_AHEAD_S:
        raise ObservationError('future_stamp', f'images are stamped {-age_s:.3f} s ahead: the '
                                               'clock of the driver is another')
    return time.monotonic() - max(age_s, 0.0)
