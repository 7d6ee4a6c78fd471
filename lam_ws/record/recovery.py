"""Makes a torn recording readable: a path goes in, the same file with a footer comes out.

A recorder killed in mid-write leaves whole chunks, then perhaps a piece of one, and neither
index nor footer. `recover` keeps every whole chunk whose checksum holds, cuts off the rest,
and writes the summary that the recorder would have written. Nothing before the cut is
touched, so a crash during recovery loses nothing either: run it again.
"""
from dataclasses import dataclass, field
import fcntl
import io
import os
from pathlib import Path
import struct
from typing import BinaryIO
import zlib

from lam_ws.errors import RecordingError
from lam_ws.record.summary import closing
from mcap import records
from mcap.data_stream import ReadDataStream, RecordBuilder
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, ChunkIndex, MessageIndex, Schema
from mcap.stream_reader import get_chunk_data_stream
from mcap.summary import Summary
from mcap.writer import MCAP0_MAGIC
import zstandard

#: Opcode, length, then the fields of a footer and the closing magic: what ends a whole file.
FOOTER_SIZE = 1 + 8 + 20 + len(MCAP0_MAGIC)
HEAD = struct.Struct('<BQ')
#: Channel and log time of a message, past its sequence number.
MESSAGE = struct.Struct('<H4xQ')


def part_of(path: Path) -> Path:
    """Return the name under which the recording `path` grows."""
    return path.with_name(path.name + '.part')


def recover(path: str | Path) -> bool:
    """Make the recording at `path` readable; return whether it had to be mended.

    When `path` is missing but its '.part' is there, that one is mended and gets the name.

    Raises:
        RecordingError: There is no such recording, it is being written, or it is no MCAP file.
    """
    path = Path(path)
    part = part_of(path)
    if not path.exists() and part.exists():
        _mend(part)
        os.replace(part, path)
        return True
    return _mend(path)


def _mend(path: Path) -> bool:
    try:
        with open(path, 'rb') as file:
            if is_complete(file):
                return False
        with open(path, 'r+b') as file:
            lock(file, path)
            tail = _scan(file, path)
            file.seek(tail.end)
            file.truncate()
            file.write(tail.closing())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RecordingError(f'{path} cannot be recovered: {error.strerror}') from error
    return True


def is_complete(file: BinaryIO) -> bool:
    """Return whether `file` ends with a footer whose summary is whole."""
    size = file.seek(0, os.SEEK_END)
    if size < len(MCAP0_MAGIC) + FOOTER_SIZE:
        return False
    file.seek(size - FOOTER_SIZE)
    footer = file.read(FOOTER_SIZE)
    opcode, length, summary, _, crc = struct.unpack('<BQQQI', footer[:-len(MCAP0_MAGIC)])
    if opcode != Opcode.FOOTER or length != 20 or not footer.endswith(MCAP0_MAGIC):
        return False
    if summary == 0 or crc == 0:
        return True
    if summary > size - FOOTER_SIZE:
        return False
    file.seek(summary)
    # The checksum of a summary ends before its own four bytes (MCAP specification, Footer).
    return bool(zlib.crc32(file.read(size - len(MCAP0_MAGIC) - 4 - summary)) == crc)


def lock(file: BinaryIO, path: Path) -> None:
    """Raise while a recorder, which holds a lock for as long as it lives, writes the file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RecordingError(f'{path} is still being written') from None


@dataclass
class _Tail:
    """What the whole part of a file holds, and so what its summary must say."""

    end: int = 0
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[ChunkIndex] = field(default_factory=list)
    notes: list[records.MetadataIndex] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    missing: list[MessageIndex] = field(default_factory=list)   # of the last chunk

    def take_chunk(self, chunk: Chunk, start: int, end: int) -> None:
        """Count in a whole chunk that lies in [start, end)."""
        stream, length = get_chunk_data_stream(chunk, validate_crc=True)
        data, position = stream.read(length), 0
        indexes: dict[int, MessageIndex] = {}
        while position < length:
            opcode, size = HEAD.unpack_from(data, position)
            if opcode == Opcode.MESSAGE:   # most of the bytes: looked at, never copied
                channel, log_time = MESSAGE.unpack_from(data, position + HEAD.size)
                index = indexes.setdefault(channel, MessageIndex(channel, []))
                index.records.append((log_time, position))
                self.counts[channel] = self.counts.get(channel, 0) + 1
            else:
                self.take_name(opcode, data[position + HEAD.size:position + HEAD.size + size])
            position += HEAD.size + size
        self.chunks.append(ChunkIndex(
            message_start_time=chunk.message_start_time, message_end_time=chunk.message_end_time,
            chunk_start_offset=start, chunk_length=end - start, message_index_offsets={},
            message_index_length=0, compression=chunk.compression,
            compressed_size=len(chunk.data), uncompressed_size=chunk.uncompressed_size))
        self.missing = list(indexes.values())

    def take_name(self, opcode: int, content: bytes) -> None:
        """Count in a schema or a channel; other records are none of the summary's business."""
        stream = ReadDataStream(io.BytesIO(content))
        if opcode == Opcode.SCHEMA:
            schema = Schema.read(stream)
            self.schemas[schema.id] = schema
        elif opcode == Opcode.CHANNEL:
            channel = Channel.read(stream)
            self.channels[channel.id] = channel

    def take_index(self, index: MessageIndex, start: int, end: int) -> None:
        """Count in the index record of one channel of the last chunk."""
        self.chunks[-1].message_index_offsets[index.channel_id] = start
        self.chunks[-1].message_index_length += end - start
        self.missing = [i for i in self.missing if i.channel_id != index.channel_id]

    def closing(self) -> bytes:
        """Return the bytes from `end` on: missing indexes, data end, summary, footer, magic."""
        data = RecordBuilder()
        if self.end == 0:  # killed before the first record: an empty recording, not a broken one
            data.write(MCAP0_MAGIC)
            records.Header('ros2', 'lam_ws').write(data)
        for index in self.missing:
            start = self.end + data.count
            index.write(data)
            length = data.count - (start - self.end)
            self.chunks[-1].message_index_offsets[index.channel_id] = start
            self.chunks[-1].message_index_length += length
        records.DataEnd(0).write(data)
        start = self.end + data.count
        return data.end() + closing(self._summary(), start)

    def _summary(self) -> Summary:
        summary = Summary()
        summary.schemas, summary.channels = self.schemas, self.channels
        summary.statistics = self._statistics()
        summary.chunk_indexes, summary.metadata_indexes = self.chunks, self.notes
        return summary

    def _statistics(self) -> records.Statistics:
        filled = [c for c in self.chunks if c.message_index_offsets or c.message_end_time]
        return records.Statistics(
            attachment_count=0, channel_count=len(self.channels),
            channel_message_counts=dict(self.counts), chunk_count=len(self.chunks),
            message_count=sum(self.counts.values()),
            message_start_time=min((c.message_start_time for c in filled), default=0),
            message_end_time=max((c.message_end_time for c in filled), default=0),
            metadata_count=len(self.notes), schema_count=len(self.schemas))


def _scan(file: BinaryIO, path: Path) -> _Tail:
    """Read `file` up to the first record that is torn or fails its checksum."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not MCAP0_MAGIC.startswith(file.read(len(MCAP0_MAGIC))):
        raise RecordingError(f'{path} is not an MCAP recording')
    tail, position = _Tail(), len(MCAP0_MAGIC)
    while position + HEAD.size <= size:
        opcode, length = HEAD.unpack(file.read(HEAD.size))
        end = position + HEAD.size + length
        if end > size or not _take(tail, file, opcode, position, end):
            break
        tail.end = position = end
    return tail


def _take(tail: _Tail, file: BinaryIO, opcode: int, start: int, end: int) -> bool:
    """Count in the record at [start, end); return False where the whole part of a file ends."""
    if opcode in (0, Opcode.DATA_END, Opcode.FOOTER):  # 0: blocks that a power cut left empty
        return False
    content = file.read(end - start - HEAD.size)
    stream = ReadDataStream(io.BytesIO(content))
    try:
        if opcode == Opcode.CHUNK:
            tail.take_chunk(Chunk.read(stream), start, end)
        elif opcode == Opcode.MESSAGE_INDEX and tail.chunks:
            tail.take_index(MessageIndex.read(stream), start, end)
        elif opcode == Opcode.METADATA:
            name = records.Metadata.read(stream).name
            tail.notes.append(records.MetadataIndex(start, end - start, name))
        else:
            tail.take_name(opcode, content)
    except (McapError, zstandard.ZstdError, RuntimeError, ValueError, struct.error, MemoryError):
        return False
    return True
