"""What was recorded comes back as arrays, with times from the start of the recording."""
import re

from lam_ws.errors import RecordingError
from lam_ws.record.definitions import definition
from lam_ws.record.reader import pixels, read_episode
from lam_ws.record.writer import Recorder
import numpy as np
import pytest
from recordings import Messages, NAMES, NO_SEAL, picture, position, TYPES, velocity, write_sample


@pytest.fixture(scope='module')
def episode(sample):
    """Return the shared recording, read once."""
    return read_episode(sample)


def test_motion(episode):
    """Pins joints and commands mixed up, shifted in time or left in float32."""
    assert episode.joints.names == NAMES == episode.command.names
    np.testing.assert_allclose(episode.joints.times, np.arange(600) / 100, atol=1e-9)
    np.testing.assert_array_equal(episode.joints.position[150], position(1.5))
    np.testing.assert_allclose(episode.command.velocity[150], velocity(1.51))
    assert episode.duration_s == pytest.approx(6.0)
    with pytest.raises(ValueError, match='read-only'):
        episode.joints.position[0] = 0.0


def test_events(episode):
    """Pins proposals, guard states and sub-goals that lost a field on the way."""
    chunk = episode.proposals[31]
    assert (chunk.phase, chunk.sequence, chunk.step) == ('carry', 6, 0)
    np.testing.assert_allclose(chunk.times, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(chunk.position[1], position(3.3))
    limited = [g for g in episode.guard if g.limited]
    assert len(limited) == 4 and limited[0].measured == 2.1 and limited[0].allowed == 2.0
    assert episode.subgoals[0].text == '빨간 원통을 검은 상자에 넣어 줘'
    assert [s.active for s in episode.subgoals[-2:]] == [True, False]
    assert episode.notes['episode']['site'] == 'sim_demo'


def test_pictures_and_scenes(episode):
    """Pins pictures with swapped channels and scenes with another clock."""
    assert {name: len(f) for name, f in episode.frames.items()} == {'front': 60, 'wrist': 60}
    np.testing.assert_array_equal(episode.frames['front'][20].pixels, picture(2.0, 320, 240))
    assert episode.scenes[20].stamp_s == pytest.approx(2.0)
    assert episode.scenes[0].detections[0].colour == 'red'
    assert episode.scenes[0].cameras['wrist'] == 'ok'


def test_without_pictures_and_with_a_namespace(tmp_path):
    """Pins topics looked up by their full name, which broke in a cell with a namespace."""
    path = write_sample(tmp_path / 'a.mcap', seconds=0.5, prefix='/cell_2/')
    episode = read_episode(path, images=False)
    assert not episode.frames and len(episode.joints.times) == 50
    assert episode.counts['/cell_2/front/image_raw'] == 5


def test_a_recording_that_is_older_than_a_field(tmp_path):
    """Pins episodes of before the subgoals had ids, which no longer read."""
    def older(name):
        return re.sub(r'(?m)^(string (part|tool|kb_version)|uint8\[32\] seal) .*\n', '',
                      definition(name))

    kind = TYPES['subgoal']
    messages = Messages(older)
    with Recorder(tmp_path / 'a.mcap') as recorder:
        recorder.write('/subgoal', kind, older(kind), messages.cdr(
            'subgoal', header=messages.header(0.0), episode_id='e', active=True, step=3, attempt=0,
            skill='press', kind='button', colour='red', place='', destination='', text='눌러',
            seen_at=[], place_at=[]), 0)
    subgoal, = read_episode(tmp_path / 'a.mcap').subgoals
    assert (subgoal.step, subgoal.text, subgoal.part, subgoal.kb_version) == (3, '눌러', '', '')


def test_holding_proposals_and_foreign_joints(tmp_path):
    """Pins a crash on an empty trajectory, and rows of another arm stacked with ours."""
    messages = Messages()
    store = messages.make
    empty = store[TYPES['command']](header=messages.header(0.0), joint_names=[], points=[])
    hold = messages.cdr('proposed', header=messages.header(0.0), episode_id='', step=0, attempt=0,
                        sequence=0, trajectory=empty, done=0.0, phase='hold', seal=NO_SEAL,
                        claim=messages.claim())
    other = messages.cdr('joint_states', header=messages.header(0.0), name=['x'],
                         position=np.zeros(1), velocity=np.zeros(0), effort=np.zeros(0))
    path = tmp_path / 'a.mcap'
    with Recorder(path) as recorder:
        recorder.write('/proposed', TYPES['proposed'], None, hold, 0)
        recorder.write('/joint_states', TYPES['joint_states'], None, messages.joint_states(0), 0)
        recorder.write('/joint_states', TYPES['joint_states'], None, other, 1)
    episode = read_episode(path)
    assert episode.proposals[0].position.size == 0
    assert episode.joints.position.shape == (1, 8)


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'])
def test_image_encodings(encoding):
    """Pins rows with padding, and blue parts that came back red."""
    rgb = picture(1.0, 31, 20)
    rgb[..., 2] = rgb[..., 0] if encoding == 'mono8' else rgb[..., 2]
    rgb[..., 1] = rgb[..., 0] if encoding == 'mono8' else rgb[..., 1]
    data = rgb[..., ::-1] if encoding.startswith('bgr') else rgb
    if encoding.endswith('a8'):
        data = np.concatenate([data, np.full((20, 31, 1), 255, np.uint8)], axis=2)
    data = (data[..., :1] if encoding == 'mono8' else data).reshape(20, -1)
    padded = np.pad(data, ((0, 0), (0, 5)))
    messages = Messages()
    message = messages.make[TYPES['front/image_raw']](
        header=messages.header(0.0), height=20, width=31, encoding=encoding, is_bigendian=0,
        step=padded.shape[1], data=padded.reshape(-1))
    np.testing.assert_array_equal(pixels(message), rgb)


def test_images_that_cannot_be_read(tmp_path):
    """Pins a shape error from numpy as the operator's message."""
    messages = Messages()
    data = messages.cdr('front/image_raw', header=messages.header(0.0), height=2, width=2,
                        encoding='16UC1', is_bigendian=0, step=4, data=np.zeros(8, np.uint8))
    path = tmp_path / 'a.mcap'
    with Recorder(path) as recorder:
        recorder.write('/front/image_raw', TYPES['front/image_raw'], None, data, 0)
    with pytest.raises(RecordingError, match="image encoding '16UC1'"):
        read_episode(path)
