"""Films of camera frames: pixels enter, H.264 leaves; any film enters, pixels leave.

Frames are uint8 RGB [height, width, 3]. What was written is not what is read back bit for bit:
H.264 keeps half the resolution of the colours and a little less than all of the light.
"""
from collections.abc import Iterable, Iterator
from fractions import Fraction
import io
from pathlib import Path
from typing import Any

import av
from lam_ws.errors import ConfigurationError
from lam_ws.types import Pixels

QUALITY = '20'      # constant rate factor of x264; 0 loses nothing, 51 everything
BETWEEN = 10        # frames between two that can be read without those before


class Film:
    """A film that is being written; it is there under its name once `close` has returned.

    Args:
        path: The file, .mp4.
        width: px, even.
        height: px, even.
        rate_hz: Whole frames a second.
    """

    def __init__(self, path: Path, width: int, height: int, rate_hz: int):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._part = path, path.with_name(path.name + '.part')
        self._file = av.open(str(self._part), 'w', format='mp4')
        stream: Any = self._file.add_stream('libx264', rate=rate_hz)
        stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
        stream.options = {'preset': 'veryfast', 'crf': QUALITY, 'g': str(BETWEEN)}
        stream.thread_count = 1
        stream.codec_context.time_base = Fraction(1, rate_hz)
        self._stream, self._rate = stream, rate_hz
        self.frames = 0

    def add(self, frames: Iterable[Pixels]) -> None:
        """Append frames."""
        for pixels in frames:
            frame = av.VideoFrame.from_ndarray(pixels, format='rgb24')
            frame.pts, frame.time_base = self.frames, Fraction(1, self._rate)
            self._file.mux(self._stream.encode(frame))
            self.frames += 1

    def close(self) -> None:
        """End the film and give it its name."""
        self._file.mux(self._stream.encode(None))
        self._file.close()
        self._part.replace(self._path)

    def drop(self) -> None:
        """Give the film up."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def read_film(path: Path) -> Iterator[Pixels]:
    """Yield every frame of a film in the order in which it is shown.

    Raises:
        ConfigurationError: The file is missing or cannot be read.
    """
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            stream.thread_count = 1
            for frame in file.decode(stream):
                yield frame.to_ndarray(format='rgb24')
    except (OSError, IndexError, av.FFmpegError) as error:
        raise ConfigurationError(f'is missing or cannot be read ({error}); fetch or record the '
                                 'dataset anew', path) from None


def read_image(path: Path, image: Any) -> Pixels:
    """Return the pixels of one image of a table: {'bytes': an image file, ...}.

    Raises:
        ConfigurationError: It holds none; `path` is the table.
    """
    data = image.get('bytes') if isinstance(image, dict) else None
    try:
        with av.open(io.BytesIO(data or b'')) as file:
            return next(file.decode(video=0)).to_ndarray(format='rgb24')
    except (OSError, IndexError, StopIteration, av.FFmpegError) as error:
        raise ConfigurationError(f'holds an image that cannot be read ({error}); record the '
                                 'dataset anew with films', path) from None
