"""A recorder that dies leaves every acknowledged message readable."""
import os
from pathlib import Path
import random
import signal
import subprocess
import sys
import time

from lam_ws.errors import RecordingError
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of, recover
from lam_ws.record.writer import Recorder
import pytest
from recordings import Messages, TYPES
from rosbags.highlevel import AnyReader

WRITER = """
import sys
from pathlib import Path
from recordings import Messages, TYPES
from lam_ws.record.writer import Recorder

messages, recorder = Messages(), Recorder(Path(sys.argv[1]))
joints, image = messages.joint_states(1.0), messages.image(1.0, 160, 120, 'front')
recorder.open()
for cycle in range(10 ** 9):
    recorder.write('/joint_states', TYPES['joint_states'], None, joints, cycle * 10_000_000)
    if cycle % 10 == 0:
        recorder.write('/front/image_raw', TYPES['front/image_raw'], None, image,
                       cycle * 10_000_000)
    print(recorder.acknowledged, flush=True)
"""


def count(path):
    """Return how many messages rosbags decodes from `path`."""
    with AnyReader([path]) as reader:
        return sum(1 for connection, _, data in reader.messages()
                   if reader.deserialize(data, connection.msgtype) is not None)


def acknowledged(pipe, wait_s):
    """Kill the writer of `pipe` after `wait_s` s and return its last acknowledgement."""
    line = pipe.stdout.readline()   # the first message is written: the file exists
    time.sleep(wait_s)
    os.kill(pipe.pid, signal.SIGKILL)
    lines = [line, *pipe.stdout.read().splitlines(keepends=True)]
    return int([text for text in lines if text.endswith('\n')][-1])


@pytest.mark.parametrize('seed', range(3))
def test_kill_loses_no_acknowledged_message(tmp_path, seed):
    """Pins that a recorder killed with -9 took all finished data with it (20 kills in all)."""
    rng = random.Random(seed)
    here = str(Path(__file__).resolve().parents[1])
    root = str(Path(here).parent)
    for kill in range((7, 7, 6)[seed]):
        path = tmp_path / f'{kill}.mcap'
        with subprocess.Popen([sys.executable, '-c', WRITER, str(path)], text=True,
                              stdout=subprocess.PIPE,
                              env={**os.environ,
                                   'PYTHONPATH': os.pathsep.join([here, root])}) as pipe:
            expected = acknowledged(pipe, rng.uniform(0.0, 0.25))
        assert not path.exists() and part_of(path).exists()
        read_episode(path)
        assert path.exists() and not part_of(path).exists()
        assert count(path) >= expected


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    """Return the bytes of a small recording and the acknowledged count by file size."""
    path = tmp_path_factory.mktemp('whole') / 'whole.mcap'
    messages, steps = Messages(), []
    with Recorder(path) as recorder:
        for cycle in range(60):
            t = cycle / 100
            recorder.write('/joint_states', TYPES['joint_states'], None,
                           messages.joint_states(t), round(t * 1e9))
            if cycle == 30:
                recorder.note('episode', {'operator': 'test'})
            steps.append((part_of(path).stat().st_size, recorder.acknowledged))
    return path.read_bytes(), steps


def test_cut_at_any_byte(tmp_path, whole):
    """Pins that a cut inside an index, a note or the footer made the chunks before unreadable."""
    data, steps = whole
    path = tmp_path / 'cut.mcap'
    for size in [*range(80), *random.Random(1).sample(range(80, len(data)), 200)]:
        path.write_bytes(data[:size])
        assert recover(path)
        assert not recover(path), 'a mended file is whole'
        expected = max([done for length, done in steps if length <= size], default=0)
        assert count(path) >= expected, f'cut at {size}'


def test_zeros_after_a_power_cut(tmp_path, whole):
    """Pins that blocks a power cut left as zeros were taken for records."""
    data, steps = whole
    path = tmp_path / 'zeros.mcap'
    size = steps[-1][0]
    path.write_bytes(data[:size - 40] + bytes(4096))
    assert recover(path)
    assert count(path) >= steps[-1][1] - 20


def test_damaged_chunk_ends_the_whole_part(tmp_path, whole):
    """Pins that a chunk whose checksum fails was handed on as data."""
    data, steps = whole
    middle = next(length for length, done in steps if done >= 30)
    broken = bytearray(data[:steps[-1][0]])
    broken[middle + 120] ^= 0xFF
    path = tmp_path / 'broken.mcap'
    path.write_bytes(broken)
    recover(path)
    kept = count(path)
    assert 30 <= kept < 60


def test_notes_survive_recovery(tmp_path, whole):
    """Pins that recovery dropped the metadata of an episode."""
    data, steps = whole
    path = tmp_path / 'noted.mcap'
    path.write_bytes(data[:steps[-1][0]])
    assert read_episode(path).notes['episode']['operator'] == 'test'


def test_a_file_being_written_is_left_alone(tmp_path):
    """Pins that opening a live recording cut off the recorder's next chunk."""
    path = tmp_path / 'live.mcap'
    with Recorder(path), pytest.raises(RecordingError, match='still being written'):
        recover(path)
    assert count(path) == 0


def test_other_files_are_refused_untouched(tmp_path):
    """Pins that recovery truncated a file that was no recording."""
    path = tmp_path / 'notes.mcap'
    path.write_bytes(b'not a recording at all, but somebody needs it')
    with pytest.raises(RecordingError, match='not an MCAP recording'):
        recover(path)
    assert path.read_bytes().startswith(b'not a recording')
    with pytest.raises(RecordingError, match='No such file'):
        recover(tmp_path / 'absent.mcap')
