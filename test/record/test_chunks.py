"""The writer of chunks against the reference reader: what it says, and what it compresses."""
import os

from lam_ws.record.chunks import ChunkWriter
from lam_ws.record.recovery import is_complete
from mcap.reader import make_reader
from mcap.stream_reader import StreamReader
import numpy as np
import pytest

SMALL, LARGE = b'x' * 100, 600_000


class Folder:
    """A file that is written in pieces."""

    def __init__(self, path):
        self.path = path
        self.file = path.open('wb')
        self.writer = ChunkWriter(self.file.writelines)
        self.writer.start()

    def channel(self, topic):
        return self.writer.register_channel(topic, self.writer.register_schema(
            f'a/msg/{topic.title()}', b'uint8 x\n'))

    def finish(self):
        self.writer.finish()
        self.file.close()
        return self.path


@pytest.fixture
def folder(tmp_path):
    """Return an empty file."""
    return Folder(tmp_path / 'a.mcap')


def test_the_reference_reader_finds_everything(folder):
    """Pins every record and every index: messages in order, by topic, by time, and notes."""
    one, two = folder.channel('one'), folder.channel('two')
    sent = []
    for number in range(300):
        channel, data = (one, SMALL) if number % 3 else (two, os.urandom(7))
        sent.append((channel, number * 1000, number, data))
        folder.writer.add(channel, number * 1000, number, data)
        if number in (99, 100):
            folder.writer.flush()
        if number == 150:
            folder.writer.note('who', {'a': '가'})
    with folder.finish().open('rb') as file:
        assert is_complete(file)
        file.seek(0)
        reader = make_reader(file, validate_crcs=True)
        read = [(channel.id, message.log_time, message.sequence, message.data)
                for _, channel, message in reader.iter_messages()]
        part = [message.sequence for _, _, message in reader.iter_messages(
            topics=['two'], starting_at=60_000, ending_before=200_000)]
        summary = reader.get_summary()
        notes = [(note.name, note.metadata) for note in reader.iter_metadata()]
    assert read == sent and part == list(range(60, 200, 3))
    assert notes == [('who', {'a': '가'})]
    counts = summary.statistics
    assert (counts.message_count, counts.chunk_count, counts.channel_message_counts) == (
        300, 4, {one: 200, two: 100})
    assert (counts.message_start_time, counts.message_end_time) == (0, 299_000)
    for chunk in summary.chunk_indexes:
        assert chunk.message_index_offsets and chunk.message_index_length


def test_the_stream_reader_agrees(folder):
    """Pins that checksums and lengths hold for who reads from front to back."""
    channel = folder.channel('one')
    for number in range(10):
        folder.writer.add(channel, number, number, SMALL)
    with folder.finish().open('rb') as file:
        records = StreamReader(file, validate_crcs=True).records
        kinds = [type(record).__name__ for record in records]
    assert kinds.count('Message') == 10 and kinds[0] == 'Header' and kinds[-1] == 'Footer'


@pytest.mark.parametrize(('noisy', 'packed'), [(True, 1.01), (False, 0.05)])
def test_what_is_worth_compressing_is_compressed(folder, noisy, packed):
    """Pins that noise is stored as it is, what is drawn is packed, and both come back."""
    channel, rng = folder.channel('image'), np.random.default_rng(1)
    images = [rng.integers(0, 256, LARGE, np.uint8).tobytes() if noisy else bytes([n]) * LARGE
              for n in range(8)]
    for number, image in enumerate(images):
        folder.writer.add(channel, number, number, image)
    path = folder.finish()
    assert path.stat().st_size < packed * 8 * LARGE
    with path.open('rb') as file:
        reader = make_reader(file, validate_crcs=True)
        assert [message.data for _, _, message in reader.iter_messages()] == images
        kinds = {chunk.compression for chunk in reader.get_summary().chunk_indexes}
    assert kinds == ({''} if noisy else {'lz4'})


def test_a_topic_that_was_not_worth_it_is_tried_again(folder):
    """Pins that a lens cap at the start does not decide for the hour that follows."""
    channel, rng = folder.channel('image'), np.random.default_rng(1)
    for number in range(4):
        folder.writer.add(channel, number, number, rng.bytes(LARGE))
    for number in range(4, 80):
        folder.writer.add(channel, number, number, bytes(LARGE))
    with folder.finish().open('rb') as file:
        kinds = [chunk.compression for chunk in make_reader(file).get_summary().chunk_indexes]
    assert kinds[:60] == [''] * 60 and set(kinds[61:]) == {'lz4'}


def test_times_that_go_back_are_kept(folder):
    """Pins the start and end of a chunk in which a clock was set back."""
    channel = folder.channel('one')
    for time_ns in (500, 100, 900):
        folder.writer.add(channel, time_ns, 0, SMALL)
    with folder.finish().open('rb') as file:
        summary = make_reader(file).get_summary()
    chunk, = summary.chunk_indexes
    assert (chunk.message_start_time, chunk.message_end_time) == (100, 900)
