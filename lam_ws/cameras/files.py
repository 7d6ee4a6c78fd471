"""Images of a film or of a folder of pictures, at a rate, again and again: for shadows and tests.

They come with the time of now, as from a camera; what is in them is as old as it is. A folder
with one picture is a camera that is frozen, and counts as one.
"""
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import CameraError
from lam_ws.types import Pixels

PICTURES = ('.png', '.jpg', '.jpeg')


class _Paced:
    """Hands out the next image when it is due."""

    def __init__(self, path: Path, rate_hz: float):
        self._path, self._period_s, self._due_s = path, 1.0 / rate_hz, 0.0

    def _wait(self) -> float:
        """Wait until an image is due; return the time, s on the monotonic clock."""
        now_s = time.monotonic()
        self._due_s = max(self._due_s + self._period_s, now_s)
        time.sleep(self._due_s - now_s)
        return time.monotonic()


class Pictures(_Paced):
    """The pictures of a folder by name; fulfils `lam_ws.cameras.cameras.Source`."""

    def open(self) -> None:
        """See `Source.open`."""
        self._names = pictures(self._path)
        self._next = 0

    def grab(self) -> tuple[float, Pixels]:
        """See `Source.grab`."""
        name = self._names[self._next % len(self._names)]
        self._next += 1
        pixels = picture(name)
        return self._wait(), pixels

    def close(self) -> None:
        """See `Source.close`."""


class Film(_Paced):
    """A film; fulfils `lam_ws.cameras.cameras.Source`."""

    _capture: Any = None

    def open(self) -> None:
        """See `Source.open`."""
        import cv2

        self.close()
        self._capture = cv2.VideoCapture(str(self._path))
        if not self._path.is_file() or not self._capture.isOpened():
            raise CameraError(f'{self._path}: no film that can be read')

    def grab(self) -> tuple[float, Pixels]:
        """See `Source.grab`."""
        import cv2

        found, pixels = self._capture.read()
        if not found:
            self.open()
            found, pixels = self._capture.read()
        if not found:
            raise CameraError(f'{self._path}: the film has no image')
        return self._wait(), cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)

    def close(self) -> None:
        """See `Source.close`."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder by name.

    Raises:
        CameraError: It has none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES) \
        if folder.is_dir() else []
    if not found:
        raise CameraError(f'{folder}: no folder with pictures ({", ".join(PICTURES)})')
    return found


def picture(path: Path) -> Pixels:
    """Return the [h, w, 3] RGB pixels of a picture.

    Raises:
        CameraError: It cannot be read.
    """
    import cv2

    found = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if found is None:
        raise CameraError(f'{path}: no picture that can be read')
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)


def decoded(data: bytes) -> Pixels:
    """Return the [h, w, 3] RGB pixels of an encoded picture, PNG or JPEG.

    Raises:
        CameraError: It is none.
    """
    import cv2
    import numpy as np

    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if found is None:
        raise CameraError('the compressed image cannot be read')
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)
