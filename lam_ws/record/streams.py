"""A recording as named series, whoever made it: a bag enters, numbers and pictures by topic leave.

`lam_ws.record.reader` reads what our recorder writes into one `Episode`. Here any rosbag2 bag in
MCAP can be read, one topic at a time: numbers with their stamps at once, pictures only those that
are asked for, so an hour of camera images needs the memory of one.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
import struct
from types import TracebackType
from typing import Any, Self

from lam_ws.errors import RecordingError
from lam_ws.record.reader import pixels
from lam_ws.record.recovery import recover
from lam_ws.source import nearest
from lam_ws.types import Array, freeze, Pixels
from mcap.exceptions import McapError
from mcap.reader import make_reader
import numpy as np
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Connection

JOINTS, TRAJECTORY = 'sensor_msgs/msg/JointState', 'trajectory_msgs/msg/JointTrajectory'
PLAIN = ('std_msgs/msg/Float64MultiArray', 'std_msgs/msg/Float32MultiArray')
NUMBERS = (JOINTS, TRAJECTORY, *PLAIN)
PICTURES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')
BROKEN = (AnyReaderError, OSError, McapError, ValueError, KeyError, AttributeError, struct.error)


@dataclass(frozen=True)
class Series:
    """Named numbers over time.

    Attributes:
        stamps: [T] s, when each was true; for targets, when it is to be reached. On the clock of
            the messages' headers.
        logged: [T] s, when each was recorded.
        names: [n] what the numbers are called, as the first message says it; () for no names.
        values: [T, n]
    """

    stamps: Array
    logged: Array
    names: tuple[str, ...]
    values: Array


class Bag:
    """An open recording; a context manager.

    Args:
        path: An MCAP file, torn or whole, or the folder of a rosbag2 bag.

    Raises:
        RecordingError: There is no such recording, or it cannot be read.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if not self.path.is_dir():
            recover(self.path)
        try:
            self._reader = AnyReader([self.path])
        except BROKEN as error:
            raise self._unreadable(error) from error

    def __enter__(self) -> Self:
        """Open the bag."""
        try:
            self._reader.open()
        except BROKEN as error:
            raise self._unreadable(error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Close the bag."""
        self._reader.close()

    @property
    def topics(self) -> dict[str, str]:
        """The type of each topic by its name."""
        return {one.topic: one.msgtype for one in self._reader.connections}

    @property
    def start_s(self) -> float:
        """When the first message was recorded, s."""
        return self._reader.start_time * 1e-9

    @property
    def seconds(self) -> float:
        """From the first to the last message, s."""
        return (self._reader.end_time - self._reader.start_time) * 1e-9

    def notes(self) -> dict[str, dict[str, str]]:
        """Return the key-value notes that a recorder kept with the messages.

        Raises:
            RecordingError: They cannot be read.
        """
        if self.path.is_dir():
            return {}
        try:
            with open(self.path, 'rb') as file:
                return {note.name: dict(note.metadata)
                        for note in make_reader(file).iter_metadata()}
        except BROKEN as error:
            raise RecordingError(f'{self.path}: its notes cannot be read: {error}') from error

    def find(self, topic: str, kinds: Sequence[str]) -> str:
        """Return `topic`, which must be there with one of these types.

        Raises:
            RecordingError: It is not; the nearest topic of these types is named.
        """
        fitting = [name for name, kind in self.topics.items() if kind in kinds]
        if topic in fitting:
            return topic
        if topic in self.topics:
            raise RecordingError(f'{self.path}: {topic} carries {self.topics[topic]}, not one of '
                                 + ', '.join(kinds))
        near = nearest(topic, fitting) or nearest(topic, list(self.topics))
        hint = f' (did you mean {near}?)' if near else ''
        there = ', '.join(sorted(self.topics)) or 'nothing'
        raise RecordingError(f'{self.path}: there is no topic {topic}{hint}; it has {there}')

    def series(self, topic: str) -> Series:
        """Return the numbers of a topic.

        Messages that name other joints than the first, or none, are refused: an order that
        changes cannot be guessed.
        """
        rows: list[tuple[float, float, Array]] = []
        names: tuple[str, ...] | None = None
        for logged, message in self.messages(topic):
            stamp, found, values = _row(message, logged)
            names = found if names is None else names
            if found != names or (names and len(values) != len(names)) \
                    or (rows and len(values) != len(rows[0][2])):
                raise RecordingError(f'{self.path}: {topic} at {logged:.3f} s has {len(values)} '
                                     f'numbers for {list(found)}, first it had {list(names)}')
            rows.append((stamp, logged, values))
        if not rows:
            raise RecordingError(f'{self.path}: there is no message on {topic}')
        return Series(freeze([row[0] for row in rows]), freeze([row[1] for row in rows]),
                      names or (), freeze([row[2] for row in rows]))

    def messages(self, topic: str) -> Iterator[tuple[float, Any]]:
        """Yield the time at which each message was recorded, s, and the message."""
        try:
            for connection, time_ns, data in self._raw(topic):
                yield time_ns * 1e-9, self._reader.deserialize(data, connection.msgtype)
        except BROKEN as error:
            raise self._unreadable(error) from error

    def raw(self, topics: Sequence[str]) -> Iterator[tuple[str, float, bytes]]:
        """Yield the messages of several topics as they were recorded, one after the other.

        Yields:
            Topic, s at which it was recorded, and the message as it was on the wire.
        """
        chosen = [one for one in self._reader.connections if one.topic in topics]
        try:
            for connection, time_ns, data in self._reader.messages(chosen) if chosen else ():
                yield connection.topic, time_ns * 1e-9, bytes(data)
        except BROKEN as error:
            raise self._unreadable(error) from error

    def stamps(self, topic: str) -> tuple[Array, Array]:
        """Return ([T] s of the headers, [T] s of recording) without decoding a picture."""
        try:
            rows = [(_stamp(data), time_ns * 1e-9) for _, time_ns, data in self._raw(topic)]
        except BROKEN as error:
            raise self._unreadable(error) from error
        if not rows:
            raise RecordingError(f'{self.path}: there is no picture on {topic}')
        return freeze([row[0] for row in rows]), freeze([row[1] for row in rows])

    def pictures(self, topic: str, wanted: Sequence[int]) -> Iterator[Pixels]:
        """Yield pictures, uint8 RGB, by their numbers, which never fall but may stay."""
        last, number = -1, -1
        shown: Pixels | None = None
        raw = self._raw(topic)
        try:
            for number in wanted:
                if number != last:
                    for _ in range(number - last - 1):
                        next(raw)
                    connection, _, data = next(raw)
                    shown = picture(self._reader.deserialize(data, connection.msgtype))
                    last = number
                assert shown is not None
                yield shown
        except StopIteration:
            raise RecordingError(f'{self.path}: {topic} has no picture {number}') from None
        except BROKEN as error:
            raise self._unreadable(error) from error

    def _raw(self, topic: str) -> Iterator[tuple[Connection, int, bytes]]:
        chosen = [one for one in self._reader.connections if one.topic == topic]
        return iter(self._reader.messages(chosen)) if chosen else iter(())

    def _unreadable(self, error: Exception) -> RecordingError:
        return RecordingError(f'{self.path} cannot be read: {error}')


def picture(message: Any) -> Pixels:
    """Return uint8 RGB [height, width, 3] of a picture, raw or compressed.

    Raises:
        ValueError: It has no fixed meaning in RGB, or is damaged.
    """
    if hasattr(message, 'encoding'):
        return pixels(message)
    from lam_ws.record.image import decoded
    return decoded(bytes(message.data))


def _stamp(data: bytes) -> float:
    """Return the stamp of a serialised message that begins with a header, s."""
    order = '<' if data[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(order + 'iI', data, 4)
    return float(seconds + nanoseconds * 1e-9)


def _row(message: Any, logged: float) -> tuple[float, tuple[str, ...], Array]:
    """Return stamp, names and numbers of one message."""
    if not hasattr(message, 'header'):
        return logged, (), np.asarray(message.data, float)
    stamp = message.header.stamp.sec + message.header.stamp.nanosec * 1e-9
    if hasattr(message, 'position'):
        return stamp, tuple(message.name), np.asarray(message.position, float)
    if not message.points:
        return stamp, tuple(message.joint_names), np.empty(0)
    # A target is reached when its point says so.
    after = message.points[0].time_from_start
    return stamp + after.sec + after.nanosec * 1e-9, tuple(message.joint_names), \
        np.asarray(message.points[0].positions, float)
