"""Films of camera frames: pixels enter, H.264 leaves; any film enters, pixels leave.

Frames are uint8 RGB [height, width, 3]. What was written is not what is read back bit for bit:
H.264 keeps half the resolution of the colours and a little less than all of the light. So a part
of a film that goes into another is copied as it is encoded where that can be done: every episode
begins with a frame that stands by itself, and none needs one that is shown later.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
        stream.options = {'preset': 'veryfast', 'crf': QUALITY, 'g': str(BETWEEN), 'bf': '0',
                          'forced-idr': '1'}
        stream.thread_count = 1
        stream.codec_context.time_base = Fraction(1, rate_hz)
        self._stream, self._rate = stream, rate_hz
        self.frames = 0

    def add(self, frames: Iterable[Pixels]) -> None:
        """Append the frames of an episode; the first stands by itself."""
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format='rgb24')
            if number == 0:
                frame.pict_type = av.video.frame.PictureType.I
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


@dataclass(frozen=True)
class Part:
    """A stretch of a film that is there: `count` frames from number `first` on."""

    path: Path
    first: int
    count: int


def copy_parts(parts: Sequence[Part], path: Path, rate_hz: int) -> bool:
    """Join stretches of films to one without encoding anew; return whether that could be done.

    It can where all are H.264 of one kind, shown in the order in which they are stored, and each
    begins with a frame that stands by itself. Where not, nothing is written.
    """
    draft = path.with_name(path.name + '.part')
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with av.open(str(draft), 'w', format='mp4') as out:
            target: Any = None
            shown = 0
            for part in parts:
                with av.open(str(part.path)) as file:
                    stream: Any = file.streams.video[0]
                    target = target or _twin(out, stream, rate_hz)
                    if not _same(target, stream) or not _copy(file, stream, part, out, target,
                                                              shown, rate_hz):
                        draft.unlink()
                        return False
                shown += part.count
    except (OSError, IndexError, ValueError, av.FFmpegError):
        draft.unlink(missing_ok=True)
        return False
    draft.replace(path)
    return True


def _twin(out: Any, stream: Any, rate_hz: int) -> Any:
    made = out.add_stream_from_template(stream)
    made.time_base = Fraction(1, rate_hz)
    return made


def _same(one: Any, other: Any) -> bool:
    """Tell whether two streams can stand in one film."""
    first, second = one.codec_context, other.codec_context
    return second.name == 'h264' and first.extradata == second.extradata \
        and (first.width, first.height) == (second.width, second.height)


def _copy(file: Any, stream: Any, part: Part, out: Any, target: Any, shown: int,
          rate_hz: int) -> bool:
    """Copy the packets of a stretch behind the `shown` frames there are."""
    file.seek(round(part.first / rate_hz / stream.time_base), stream=stream)
    number, begun = 0, False
    for packet in file.demux(stream):
        if packet.pts is None:
            continue
        place = round(float(packet.pts * stream.time_base) * rate_hz) - part.first
        if place < 0:
            continue
        if packet.pts != packet.dts or place != number or not (begun or packet.is_keyframe):
            return False
        begun = True
        packet.stream, packet.time_base = target, Fraction(1, rate_hz)
        packet.pts = packet.dts = shown + number
        packet.duration = 1
        out.mux(packet)
        number += 1
        if number == part.count:
            return True
    return False


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


def read_frame(path: Path, number: int, rate_hz: float) -> Pixels:
    """Return frame `number` of a film, decoding from the nearest that stands by itself.

    Raises:
        ConfigurationError: The file is missing, cannot be read, or has no such frame.
    """
    try:
        with av.open(str(path)) as file:
            stream: Any = file.streams.video[0]
            stream.thread_count = 1
            file.seek(round(number / rate_hz / stream.time_base), stream=stream)
            for frame in file.decode(stream):
                if round(float(frame.pts * stream.time_base) * rate_hz) >= number:
                    return frame.to_ndarray(format='rgb24')
    except (OSError, IndexError, av.FFmpegError) as error:
        raise ConfigurationError(f'is missing or cannot be read ({error}); fetch or record the '
                                 'dataset anew', path) from None
    raise ConfigurationError(f'has no frame {number}; fetch or record the dataset anew', path)
