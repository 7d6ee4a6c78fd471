"""The contract of a source of images, and which sources there are.

The text of a site's `source` enters; a source leaves that is opened, asked for one image at a
time and closed. Images leave as they come, RGB, with the time at which they were had on the
monotonic clock; making them straight is `rectify.py`. Foreign ROS topics are the node's business.
"""
from pathlib import Path
from typing import Protocol

from lam_ws.types import Pixels

FILMS = ('.mp4', '.mkv', '.avi', '.mov')


class Source(Protocol):
    """Where the images of one camera come from; used from one thread."""

    def open(self) -> None:
        """Begin; raises CameraError."""

    def grab(self) -> tuple[float, Pixels]:
        """Return the next image: s on the monotonic clock when it was there, [h, w, 3] RGB.

        Waits for it, a second at most for a device that works; raises CameraError.
        """

    def close(self) -> None:
        """Release it; bears being called twice and after a failed `open`."""


def open_source(where: str, width: int, height: int, rate_hz: float) -> Source:
    """Return the opened source that a site names; not for topics.

    Args:
        where: Number or path of a device, a film, or a folder of pictures.
        width: px that a device is asked for.
        height: The same.
        rate_hz: Images a second of films and pictures, which a device is asked for.

    Raises:
        CameraError: There is no such thing, or it cannot be opened.
    """
    from lam_ws.cameras.devices import Device
    from lam_ws.cameras.files import Film, Pictures
    path = Path(where)
    source: Source
    if path.is_dir():
        source = Pictures(path, rate_hz)
    elif path.suffix.lower() in FILMS:
        source = Film(path, rate_hz)
    else:
        source = Device(int(where) if where.isdigit() else where, width, height, rate_hz)
    source.open()
    return source
