"""Makes the bytes of an MCAP file: messages go in, chunks with their indexes come out.

The reference writer builds every record through a dozen calls and copies each message four
times; here a message costs one packed head, and an image goes to the disk as it came. What is
worth compressing is compressed: rendered pictures shrink thirty-fold, those of real cameras not
at all, so each topic of large messages is tried now and then.
"""
from collections.abc import Callable, Mapping, Sequence
import struct

from isal.isal_zlib import crc32
from lam_ws.record.summary import closing
import lz4.frame
from mcap import records
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import ChunkIndex, MetadataIndex
from mcap.summary import Summary
from mcap.writer import MCAP0_MAGIC

CHUNK_BYTES = 512_000     # from which on a chunk is closed
LARGE_BYTES = 65_536      # a message whose topic is tried before it is compressed
WORTH = 0.9               # share of the size below which compressing is worth it
TRY_AGAIN = 60            # chunks after which a topic that was not worth it is tried again
_MESSAGE = struct.Struct('<BQHIQQ')   # opcode, length, channel, sequence, log and publish time
_CHUNK = struct.Struct('<QQQI')       # start, end, uncompressed size, checksum
_HEAD = struct.Struct('<BQ')
_ENTRY = struct.Struct('<QQ')
Write = Callable[[Sequence[bytes]], None]


class ChunkWriter:
    """Writes one file.

    Args:
        write: Takes the pieces of the file in order; writes all of them or raises OSError.
    """

    def __init__(self, write: Write):
        self._write = write
        self._position = 0
        self._summary = Summary()
        self._summary.statistics = records.Statistics(0, 0, {}, 0, 0, 0, 0, 0, 0)
        self._untried: dict[int, int] = {}   # channel: chunks until it is tried again
        self._clear()

    def _clear(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._index: dict[int, list[bytes]] = {}
        self._start_ns, self._end_ns, self._large = 0, 0, -1

    def _put(self, *parts: bytes) -> None:
        self._write(parts)
        self._position += sum(map(len, parts))

    def start(self) -> None:
        """Write how the file begins."""
        builder = RecordBuilder()
        records.Header('ros2', 'lam_ws').write(builder)
        self._put(MCAP0_MAGIC, builder.end())

    def register_schema(self, name: str, definition: bytes) -> int:
        """Make a message type known and return its id."""
        number = len(self._summary.schemas) + 1
        self._summary.schemas[number] = self._name(records.Schema(
            number, definition, 'ros2msg', name))
        assert self._summary.statistics is not None
        self._summary.statistics.schema_count += 1
        return number

    def register_channel(self, topic: str, schema: int) -> int:
        """Make a topic known and return its id."""
        number = len(self._summary.channels) + 1
        self._summary.channels[number] = self._name(records.Channel(
            number, topic, 'cdr', {'offered_qos_profiles': ''}, schema))
        assert self._summary.statistics is not None
        self._summary.statistics.channel_count += 1
        return number

    def _name(self, record: records.McapRecord) -> object:
        builder = RecordBuilder()
        record.write(builder)
        data = builder.end()
        self._parts.append(data)
        self._size += len(data)
        return record

    def add(self, channel: int, log_ns: int, sequence: int, data: bytes) -> None:
        """Add a message to the chunk, which is written once it is large enough."""
        if not self._index:
            self._start_ns = self._end_ns = log_ns
        elif log_ns < self._start_ns:
            self._start_ns = log_ns
        elif log_ns > self._end_ns:
            self._end_ns = log_ns
        entry = _ENTRY.pack(log_ns, self._size)
        entries = self._index.get(channel)
        if entries is None:
            self._index[channel] = [entry]
        else:
            entries.append(entry)
        length = len(data)
        self._parts += (_MESSAGE.pack(Opcode.MESSAGE, 22 + length, channel, sequence, log_ns,
                                      log_ns), data)
        self._size += _MESSAGE.size + length
        if length >= LARGE_BYTES:
            self._large = channel
        if self._size >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the chunk in progress, if it has any message."""
        if not self._index:
            return
        checksum = 0
        for part in self._parts:
            checksum = crc32(part, checksum)
        parts, name = self._packed()
        length = sum(map(len, parts))
        at, head = self._position, _CHUNK.pack(self._start_ns, self._end_ns, self._size, checksum)
        name_field = struct.pack('<I', len(name)) + name
        fields = len(head) + len(name_field) + 8 + length
        indexes, offsets, written = [], {}, at + _HEAD.size + fields
        for channel, entries in self._index.items():
            offsets[channel] = written
            indexes.append(_index(channel, entries))
            written += len(indexes[-1])
        self._put(_HEAD.pack(Opcode.CHUNK, fields), head, name_field, struct.pack('<Q', length),
                  *parts, *indexes)
        self._count(ChunkIndex(
            chunk_start_offset=at, chunk_length=_HEAD.size + fields,
            message_start_time=self._start_ns, message_end_time=self._end_ns,
            message_index_offsets=offsets, message_index_length=sum(map(len, indexes)),
            compression=name.decode(), compressed_size=length, uncompressed_size=self._size))
        self._clear()

    def _packed(self) -> tuple[list[bytes], bytes]:
        """Return the records of the chunk as they are to be written, and how they are packed."""
        rest = self._untried.get(self._large, 0)
        if rest > 0:
            self._untried[self._large] = rest - 1
            return self._parts, b''
        packed = lz4.frame.compress(b''.join(self._parts))
        if len(packed) < WORTH * self._size:
            return [packed], b'lz4'
        self._untried[self._large] = TRY_AGAIN if self._large >= 0 else 0
        return self._parts, b''

    def _count(self, chunk: ChunkIndex) -> None:
        self._summary.chunk_indexes.append(chunk)
        found = self._summary.statistics
        assert found is not None
        if found.message_count == 0 or chunk.message_start_time < found.message_start_time:
            found.message_start_time = chunk.message_start_time
        found.message_end_time = max(found.message_end_time, chunk.message_end_time)
        found.chunk_count += 1
        for channel, entries in self._index.items():
            found.message_count += len(entries)
            found.channel_message_counts[channel] = len(entries) \
                + found.channel_message_counts.get(channel, 0)

    def note(self, name: str, values: Mapping[str, str]) -> None:
        """Write key-value pairs behind the messages so far."""
        self.flush()
        builder = RecordBuilder()
        records.Metadata(name, dict(values)).write(builder)
        data = builder.end()
        self._summary.metadata_indexes.append(MetadataIndex(self._position, len(data), name))
        assert self._summary.statistics is not None
        self._summary.statistics.metadata_count += 1
        self._put(data)

    def finish(self) -> None:
        """Write what is left, and how the file ends."""
        self.flush()
        builder = RecordBuilder()
        records.DataEnd(0).write(builder)
        end = builder.end()
        self._put(end, closing(self._summary, self._position + len(end)))


def _index(channel: int, entries: Sequence[bytes]) -> bytes:
    length = _ENTRY.size * len(entries)
    return _HEAD.pack(Opcode.MESSAGE_INDEX, 6 + length) \
        + struct.pack('<HI', channel, length) + b''.join(entries)
