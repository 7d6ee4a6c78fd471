"""Adds a note to a finished recording: a path and key-value pairs go in, the file grows by them.

No message is touched. Only what follows the last of them - the mark of the end, the summary and
the footer - is written anew behind the note, so this takes milliseconds whatever the size. A
process that dies in between leaves a torn file, which `recover` mends without loss.
"""
from collections.abc import Mapping
import os
from pathlib import Path
import struct
from typing import BinaryIO

from lam_ws.errors import RecordingError
from lam_ws.record.recovery import FOOTER_SIZE, HEAD, lock, recover
from lam_ws.record.summary import closing
from mcap import records
from mcap.data_stream import RecordBuilder
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.reader import SeekingReader

_END_SIZE = HEAD.size + 4   # of the record that ends the data section


def annotate(path: Path, name: str, values: Mapping[str, str]) -> None:
    """Add the note `name` to the finished recording at `path`.

    Raises:
        RecordingError: There is no such recording, it is being written, or the disk refuses.
    """
    recover(path)
    try:
        told = path.stat()
        with path.open('r+b') as file:
            lock(file, path)
            _add(file, path, records.Metadata(name, dict(values)))
            file.flush()
            os.fsync(file.fileno())
        # What is said of it later makes it no newer: films and lists go by its age.
        os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    except (OSError, McapError, struct.error) as error:
        raise RecordingError(f'{path} cannot be annotated: {error}') from error


def _add(file: BinaryIO, path: Path, note: records.Metadata) -> None:
    summary = SeekingReader(file).get_summary()
    size = file.seek(0, os.SEEK_END)
    file.seek(size - FOOTER_SIZE + HEAD.size)
    start, = struct.unpack('<Q', file.read(8))
    if summary is None or summary.statistics is None or start < _END_SIZE:
        raise RecordingError(f'{path} has no summary, so no note can be added to it')
    at = start - _END_SIZE
    file.seek(at)
    if file.read(1) != bytes([Opcode.DATA_END]):
        raise RecordingError(f'{path}: its messages do not end where its summary says')
    data = RecordBuilder()
    note.write(data)
    summary.metadata_indexes.append(records.MetadataIndex(at, data.count, note.name))
    summary.statistics.metadata_count += 1
    records.DataEnd(0).write(data)
    content = data.end()
    content += closing(summary, at + len(content))
    file.seek(at)
    file.write(content)
    file.truncate()
