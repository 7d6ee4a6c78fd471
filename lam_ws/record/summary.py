"""The end of an MCAP file: what its summary says goes in, the bytes behind its data come out.

Schemas, channels, statistics and indexes stand there so that a reader need not go through the
whole file. Recovery and later notes write it anew.
"""
from collections.abc import Iterable
import struct
import zlib

from mcap import records
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import McapRecord
from mcap.summary import Summary
from mcap.writer import MCAP0_MAGIC


def closing(summary: Summary, start: int) -> bytes:
    """Return summary, footer and magic of a file whose summary begins at `start`."""
    assert summary.statistics is not None
    builder, offsets = RecordBuilder(), []
    groups: tuple[tuple[Opcode, Iterable[McapRecord]], ...] = (
        (Opcode.SCHEMA, summary.schemas.values()), (Opcode.CHANNEL, summary.channels.values()),
        (Opcode.STATISTICS, (summary.statistics,)), (Opcode.CHUNK_INDEX, summary.chunk_indexes),
        (Opcode.ATTACHMENT_INDEX, summary.attachment_indexes),
        (Opcode.METADATA_INDEX, summary.metadata_indexes))
    for opcode, group in groups:
        before = builder.count
        for record in group:
            record.write(builder)
        if builder.count > before:
            offsets.append(records.SummaryOffset(opcode, start + before, builder.count - before))
    offsets_start = start + builder.count
    for offset in offsets:
        offset.write(builder)
    content = builder.end()
    head = struct.pack('<BQQQ', Opcode.FOOTER, 20, start, offsets_start)
    footer = RecordBuilder()
    records.Footer(start, offsets_start, zlib.crc32(head, zlib.crc32(content))).write(footer)
    return content + footer.end() + MCAP0_MAGIC
