"""The recorder: serialised ROS messages go in, a rosbag2-compatible MCAP file comes out.

The file grows under '<name>.part' and takes its final name only when it is complete, so a
file with the final name can always be read. Messages reach the operating system at least
each 100 ms of log time: a process killed with -9 loses no more than that, and `recover`
makes what is left readable. A disk that is full or read-only ends the recording with a
RecordingError at once; motion never waits for it.
"""
from collections.abc import Mapping, Sequence
from contextlib import suppress
import fcntl
import os
from pathlib import Path
from typing import Self

from lam_ws.errors import RecordingError
from lam_ws.record.chunks import ChunkWriter
from lam_ws.record.definitions import definition
from lam_ws.record.recovery import part_of, recover

FLUSH_NS = 100_000_000
_AT_ONCE = 512   # pieces in one call of the system, which takes 1024


class Sink:
    """An unbuffered file that writes everything or raises.

    Python's own unbuffered files may write less than they were given when a disk fills up,
    and its buffered ones report that only at the next flush.
    """

    def __init__(self, descriptor: int):
        self.descriptor, self.position = descriptor, 0

    def write(self, parts: Sequence[bytes]) -> None:
        """Write all of `parts` or raise OSError."""
        for first in range(0, len(parts), _AT_ONCE):
            left = list(parts[first:first + _AT_ONCE])
            while left:
                written = os.writev(self.descriptor, left)
                self.position += written
                while left and written >= len(left[0]):
                    written -= len(left.pop(0))
                if left and written:   # the disk took a piece of it; the next call says why
                    left[0] = left[0][written:]


class Recorder:
    """Writes one episode.

    Args:
        path: Final name, ending in '.mcap'; its folder is made when missing.
        replace: Whether a finished recording of that name may be replaced at `close`.

    A recorder is used by one thread. It can be a context manager: leaving it closes the file.
    """

    def __init__(self, path: str | Path, replace: bool = False):
        self.path, self.replace = Path(path), replace
        if self.path.suffix != '.mcap':
            raise RecordingError(f'a recording is named *.mcap, not {self.path.name}')
        self._sink: Sink | None = None
        self._failure: RecordingError | None = None
        self._safe = 0           # bytes that a reader can rely on
        self.messages = 0        # taken by write
        self.acknowledged = 0    # of those, the ones that a kill -9 can no longer take away
        self._channels: dict[str, tuple[str, int]] = {}
        self._schemas: dict[str, int] = {}
        self._flushed_ns: int | None = None

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return 0 if self._sink is None else self._sink.position

    def waiting_s(self, now_ns: int) -> float:
        """Return for how long the oldest message that is not handed on yet has waited, s."""
        if self.messages == self.acknowledged or self._flushed_ns is None:
            return 0.0
        return max(0.0, 1e-9 * (now_ns - self._flushed_ns))

    @property
    def active(self) -> bool:
        """Whether messages can be written now."""
        return self._sink is not None and self._failure is None

    def open(self) -> None:
        """Create the file; a torn one left under the same name by a crash is kept, recovered.

        Raises:
            RecordingError: The file exists, is being written, or cannot be made.
        """
        if self._sink is not None:
            raise RecordingError(f'{self.path} is already open')
        part = part_of(self.path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if part.exists():
                _rescue(part)
            if self.path.exists() and not self.replace:
                raise RecordingError(f'{self.path} exists; a finished recording is not replaced')
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._sink = Sink(os.open(part, flags, 0o644))
            fcntl.flock(self._sink.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._writer = ChunkWriter(self._sink.write)
            self._writer.start()
        except OSError as error:
            raise self._fail(error) from error

    def write(self, topic: str, type_name: str, definition_text: str | None, cdr_bytes: bytes,
              log_time_ns: int) -> None:
        """Append one message.

        Args:
            topic: Full topic name.
            type_name: 'package/msg/Name'.
            definition_text: Concatenated `ros2msg` definition; None takes the installed one.
            cdr_bytes: The serialised message as a raw subscription receives it. (What
                rclpy.serialization makes may end in unused bytes that rosbags refuses.)
            log_time_ns: When it was received, ns on the clock of the run.

        Raises:
            RecordingError: The recorder is not open, the type is unknown, or the disk refused.
        """
        self._check()
        channel = self._channel(topic, type_name, definition_text)
        try:
            self._writer.add(channel, log_time_ns, self.messages, cdr_bytes)
            self.messages += 1
        except OSError as error:
            raise self._fail(error) from error
        if self._flushed_ns is None:
            self._flushed_ns = log_time_ns
        # A clock that jumps back (a reset of the simulated cell) must not stop the flushing.
        if not 0 <= log_time_ns - self._flushed_ns < FLUSH_NS:
            self.flush()
            self._flushed_ns = log_time_ns

    def note(self, name: str, values: Mapping[str, str]) -> None:
        """Keep key-value `values` with the episode, for example site, operator, instruction."""
        self._check()
        try:
            self._writer.note(name, {key: str(value) for key, value in values.items()})
            self._flush()
        except OSError as error:
            raise self._fail(error) from error

    def flush(self) -> None:
        """Hand every message to the operating system; call it when the topics fall silent."""
        self._check()
        try:
            self._flush()
        except OSError as error:
            raise self._fail(error) from error

    def close(self) -> Path:
        """Write index and footer, give the file its final name and return that.

        Raises:
            RecordingError: The disk refused; what was acknowledged stays in '<name>.part'.
        """
        self._check()
        assert self._sink is not None
        try:
            self._flush()
            self._writer.finish()
            os.fsync(self._sink.descriptor)
            os.replace(part_of(self.path), self.path)
        except OSError as error:
            raise self._fail(error) from error
        self._release()
        return self.path

    def __enter__(self) -> Self:
        """Open the file."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file unless it failed or was closed."""
        if self.active:
            self.close()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._sink is None:
            raise RecordingError(f'{self.path} is not open')

    def _flush(self) -> None:
        assert self._sink is not None
        self._writer.flush()
        self.acknowledged, self._safe = self.messages, self._sink.position

    def _channel(self, topic: str, type_name: str, text: str | None) -> int:
        known = self._channels.get(topic)
        if known is None:
            if type_name not in self._schemas:
                data = (definition(type_name) if text is None else text).encode()
                self._schemas[type_name] = self._writer.register_schema(type_name, data)
            known = type_name, self._writer.register_channel(
                topic, self._schemas[type_name])
            self._channels[topic] = known
        if known[0] != type_name:
            raise RecordingError(f'{topic} carries {known[0]}, not {type_name}')
        return known[1]

    def _fail(self, error: Exception) -> RecordingError:
        """Remember why the recording ended; every later call says the same."""
        reason = getattr(error, 'strerror', None) or str(error)
        self._failure = RecordingError(
            f'recording to {self.path} stopped after {self.acknowledged} messages: {reason}')
        self._release()
        return self._failure

    def _release(self) -> None:
        sink, self._sink = self._sink, None
        if sink is None:
            return
        if self._failure is not None:
            # The torn piece is of no use; its space is what recovery needs on a full disk.
            with suppress(OSError):
                os.ftruncate(sink.descriptor, self._safe)
        os.close(sink.descriptor)


def _rescue(part: Path) -> None:
    """Recover what a crash left under `part` and move it to the first free name beside it."""
    final = part.with_suffix('')
    number = 1
    while (kept := final.with_name(f'{final.stem}.recovered-{number}.mcap')).exists():
        number += 1
    recover(part)
    os.replace(part, kept)
