"""The recorder writes what rosbag2 reads, and fails clearly, once, and at once."""
import os
from pathlib import Path
import resource
import subprocess
import sys

from lam_ws.errors import RecordingError
from lam_ws.record import definitions
from lam_ws.record.definitions import definition
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of
from lam_ws.record.writer import Recorder, Sink
from mcap.reader import make_reader
import numpy as np
import pytest
from recordings import Messages, position, TYPES, write_sample
from rosbags.highlevel import AnyReader
from rosbags.typesys import get_types_from_msg

JOINTS = TYPES['joint_states']


def test_rosbags_reads_every_message(sample):
    """Pins schemas without their nested definitions: rosbags could list but not decode them."""
    with AnyReader([sample]) as reader:
        found = [(c.topic, t, reader.deserialize(data, c.msgtype))
                 for c, t, data in reader.messages()]
    joints = [m for topic, _, m in found if topic == '/joint_states']
    assert len(joints) == 600 and joints[0].name[0] == 'fr3_joint1'
    np.testing.assert_array_equal(joints[100].position, position(1.0))
    assert [t for _, t, _ in found] == sorted(t for _, t, _ in found)


def test_profile_and_encodings(sample):
    """Pins the header that rosbag2's storage plug-in asks for."""
    with open(sample, 'rb') as file:
        reader = make_reader(file)
        assert reader.get_header().profile == 'ros2'
        summary = reader.get_summary()
    assert {s.encoding for s in summary.schemas.values()} == {'ros2msg'}
    assert {c.message_encoding for c in summary.channels.values()} == {'cdr'}
    assert summary.statistics.message_count == 600 * 2 + 60 * 6 + 2


def test_messages_are_on_disk_after_100_ms(tmp_path):
    """Pins a recorder that kept a second of joint states in memory."""
    path, data = tmp_path / 'a.mcap', Messages().joint_states(0.0)
    with Recorder(path) as recorder:
        for cycle in range(95):
            recorder.write('/joint_states', JOINTS, None, data, cycle * 10_000_000)
            assert recorder.messages - recorder.acknowledged <= 10
        recorder.write('/joint_states', JOINTS, None, data, 0)   # the clock was reset
        assert recorder.acknowledged == recorder.messages


def test_name_appears_when_complete(tmp_path):
    """Pins that a reader could pick up a half-written file under its final name."""
    path = tmp_path / 'new' / 'a.mcap'
    recorder = Recorder(path)
    recorder.open()
    assert part_of(path).exists() and not path.exists()
    assert recorder.close() == path
    assert path.exists() and not part_of(path).exists()
    assert read_episode(path).counts == {}


def test_finished_recordings_are_not_replaced(tmp_path):
    """Pins the loss of an episode when a second one took its name."""
    path = write_sample(tmp_path / 'a.mcap', seconds=0.2)
    before = path.read_bytes()
    with pytest.raises(RecordingError, match='not replaced'):
        Recorder(path).open()
    assert path.read_bytes() == before
    with Recorder(path, replace=True):
        pass
    assert read_episode(path).duration_s == 0.0


def test_a_crashed_recording_is_kept_when_its_name_is_used_again(tmp_path):
    """Pins that a new episode overwrote what a crash had left under the temporary name."""
    path = write_sample(tmp_path / 'a.mcap', seconds=0.5)
    torn = path.read_bytes()[:-200]
    path.unlink()
    part_of(path).write_bytes(torn)
    with Recorder(path):
        pass
    assert read_episode(tmp_path / 'a.recovered-1.mcap').counts['/joint_states'] == 50


def test_two_recorders_of_one_name(tmp_path):
    """Pins that a second recorder cut the file under the first one."""
    with Recorder(tmp_path / 'a.mcap'):
        with pytest.raises(RecordingError, match='still being written'):
            Recorder(tmp_path / 'a.mcap').open()


LIMITED = """
import resource, sys
from pathlib import Path
from recordings import Messages, TYPES
from lam_ws.errors import RecordingError
from lam_ws.record.writer import Recorder

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
messages, recorder = Messages(), Recorder(Path(sys.argv[1]))
recorder.open()
failures = []
for cycle in range(20_000):
    try:
        recorder.write('/joint_states', TYPES['joint_states'], None,
                       messages.joint_states(cycle / 100), cycle * 10_000_000)
    except RecordingError as error:
        failures.append(str(error))
        if len(failures) == 3:
            break
print(recorder.acknowledged)
print(*failures, sep='\\n')
"""


def test_a_full_disk_ends_the_recording_at_once(tmp_path):
    """Pins a short write that went unnoticed: messages lost, no error, or a hang."""
    here = str(Path(__file__).resolve().parents[1])
    path = tmp_path / 'a.mcap'
    run = subprocess.run([sys.executable, '-c', LIMITED, str(path)], text=True, timeout=60,
                         capture_output=True, check=True,
                         env={**os.environ,
                              'PYTHONPATH': os.pathsep.join([here, str(Path(here).parent)])})
    number, *failures = run.stdout.splitlines()
    assert len(failures) == 3 and len(set(failures)) == 1
    assert 'File too large' in failures[0] and f'after {number} messages' in failures[0]
    episode = read_episode(path)
    assert episode.counts['/joint_states'] == int(number) > 100


def test_sink_reports_a_full_device():
    """Pins that Python's buffered files report a full disk only when they are closed."""
    descriptor = os.open('/dev/full', os.O_WRONLY)
    try:
        with pytest.raises(OSError, match='No space left'):
            Sink(descriptor).write([b'one byte', b' too many'])
    finally:
        os.close(descriptor)


def test_folders_that_cannot_be_made(tmp_path):
    """Pins a traceback where the operator needs one line."""
    (tmp_path / 'file').write_text('')
    for path in (tmp_path / 'file' / 'a.mcap', Path('/proc/nothing/a.mcap')):
        with pytest.raises(RecordingError, match='stopped after 0 messages'):
            Recorder(path).open()
    with pytest.raises(RecordingError, match=r'\*\.mcap'):
        Recorder(tmp_path / 'a.bag')


def test_calls_out_of_order(tmp_path):
    """Pins writes into a recorder that was never opened or is closed."""
    recorder = Recorder(tmp_path / 'a.mcap')
    with pytest.raises(RecordingError, match='not open'):
        recorder.write('/joint_states', JOINTS, None, b'', 0)
    with recorder:
        recorder.write('/a', JOINTS, None, Messages().joint_states(0.0), 0)
        with pytest.raises(RecordingError, match='/a carries'):
            recorder.write('/a', 'std_msgs/msg/String', None, b'', 0)
    with pytest.raises(RecordingError, match='not open'):
        recorder.flush()


def test_definitions_name_what_is_missing():
    """Pins a KeyError for a type that is not installed."""
    assert 'MSG: builtin_interfaces/Duration' in definition('lam_interfaces/msg/Proposal')
    with pytest.raises(RecordingError, match='no definition of sensor_msgs/msg/JointStat;'):
        definition('sensor_msgs/msg/JointStat')
    for name in ('JointState', 'sensor_msgs/JointState', '../msg/../../x'):
        with pytest.raises(RecordingError, match='not a message type'):
            definition(name)


def test_recording_is_cheap_enough_for_one_core(tmp_path):
    """Pins a recorder that would eat the guard's cycle: at most a tenth of real time."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    write_sample(tmp_path / 'a.mcap', seconds=6.0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.5


@pytest.mark.parametrize('name', ['sensor_msgs/msg/CameraInfo', 'lam_interfaces/msg/Proposal'])
def test_definitions_without_ros_are_the_same(monkeypatch, name):
    """Pins definitions that differ between a machine with ROS and one without."""
    installed = get_types_from_msg(definition(name), name)
    definition.cache_clear()
    monkeypatch.setattr(definitions, '_folders', list)
    assert get_types_from_msg(definition(name), name) == installed
    definition.cache_clear()
