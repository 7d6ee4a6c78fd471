"""Recordings as episodes: ours as they are, others' by a mapping, and what is refused by name."""
from dataclasses import replace

from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError, RecordingError
from lam_ws.record.card import Card, Ending, Intervention, Label, write_card
import numpy as np
import pytest

pytest.importorskip('pyarrow')
from lam_ws.dataset.mapping import TopicMap
from lam_ws.dataset.recordings import label_of, read_recording, Wanted
from lam_ws.dataset.resampling import Tolerance
from lam_ws.record.image import jpeg
from lam_ws.record.writer import Recorder
from recordings import Messages, NAMES, picture, position, write_sample

SENTENCE = '빨간 원통을 검은 상자에 넣어 줘'
FOREIGN = TopicMap(state='/robot/joint_states', action='/leader/joint_states',
                   cameras={'top': '/camera/color/compressed'}, task='lift the cup')
COMPRESSED = """std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""


@pytest.fixture(scope='module')
def sample(tmp_path_factory):
    """Return a recording of six seconds with two cameras at 10 Hz, as our recorder writes it."""
    return write_sample(tmp_path_factory.mktemp('ours') / 'e.mcap')


@pytest.fixture(scope='module')
def foreign(tmp_path_factory):
    """Return a recording of another stack: other topics, a JPEG camera, a leader arm."""
    from rosbags.typesys import get_types_from_msg
    path = tmp_path_factory.mktemp('foreign') / 'theirs.mcap'
    messages = Messages()
    kind = 'sensor_msgs/msg/CompressedImage'
    messages.store.register({key: value for key, value in get_types_from_msg(
        COMPRESSED, kind).items() if key not in messages.store.fielddefs})
    with Recorder(path) as recorder:
        for cycle in range(300):
            t = 100.0 + cycle / 100
            joints = messages.cdr('joint_states', header=messages.header(t), name=list(NAMES),
                                  position=position(t), velocity=np.empty(0), effort=np.empty(0))
            leader = messages.cdr('joint_states', header=messages.header(t),
                                  name=list(NAMES[::-1]), position=position(t + 0.05)[::-1].copy(),
                                  velocity=np.empty(0), effort=np.empty(0))
            for topic, data in (('/robot/joint_states', joints), ('/leader/joint_states', leader)):
                recorder.write(topic, 'sensor_msgs/msg/JointState', None, data,
                               round((t + 0.7) * 1e9))
            if cycle % 5 == 0:
                image = messages.store.types[kind](
                    header=messages.header(t), format='jpeg',
                    data=np.frombuffer(jpeg(picture(t - 100, 65, 48)), np.uint8))
                recorder.write('/camera/color/compressed', kind, COMPRESSED,
                               bytes(messages.store.serialize_cdr(image, kind)),
                               round((t + 0.7) * 1e9))
    return path


def test_our_own_recording_needs_no_mapping(sample):
    """Pins grid, units, the action one period later, pictures and the sentence of the step."""
    body, episode = read_recording(sample, Wanted())
    assert body.rate_hz == 10.0 and [one.unit for one in body.state] == ['rad'] * 7 + ['m']
    assert [(one.name, one.width, one.height) for one in body.cameras] == [
        ('front', 320, 240), ('wrist', 128, 128)]
    count = len(episode.state)
    assert 59 <= count <= 60 and episode.sentence == SENTENCE
    times = 0.1 * np.arange(count)
    np.testing.assert_allclose(episode.state[:, :7],
                               [position(t)[:7] for t in times], atol=1e-3)
    np.testing.assert_allclose(episode.action[:-1, :7],
                               [position(t + 0.1)[:7] for t in times[:-1]], atol=1e-3)
    assert np.array_equal(episode.frames['front'][7], picture(0.7, 320, 240))
    assert episode.about.label == '' and episode.about.repeated == 0
    assert episode.about.late_s < 1e-3 and not episode.intervention.any()


def test_what_people_said_goes_along(sample, tmp_path):
    """Pins label, operator, sentence, note and interventions of the file beside a recording."""
    path = tmp_path / 'e.mcap'
    path.write_bytes(sample.read_bytes())
    card = Card('e', operator='kim', instruction='원통을 치워 줘', site='sim_demo',
                interventions=(Intervention(2.0, 3.0, 'hand'),),
                endings=(Ending('e', '원통을 치워 줘', False),))
    write_card(path, card)
    body, episode = read_recording(path, Wanted(pixels=160))
    assert (episode.about.label, episode.about.operator) == ('failure', 'kim')
    assert episode.sentence == '원통을 치워 줘' and body.robot == 'fr3'
    led = np.flatnonzero(episode.intervention)
    assert led.tolist() == list(range(20, 31))
    assert [one.width for one in body.cameras] == [160, 128]
    # A person's word counts more than the task's own.
    assert label_of(replace(card, label=Label('success', 'lee', '', ''))) == 'success'
    assert label_of(replace(card, label=Label())) == 'failure' and label_of(Card('e')) == ''


def test_a_foreign_recording_is_read_by_its_mapping(foreign):
    """Pins other topics, JPEG, an odd width, joints in another order, stamps before log times."""
    body, episode = read_recording(foreign, Wanted(FOREIGN))
    assert body.rate_hz == 20.0 and [one.unit for one in body.state] == [''] * 8
    assert (body.cameras[0].name, body.cameras[0].width, body.cameras[0].height) == ('top', 64, 48)
    assert body.action == body.state and episode.sentence == 'lift the cup'
    np.testing.assert_allclose(episode.action[3, :7], position(100.0 + 0.15 + 0.1)[:7], atol=2e-3)
    assert episode.about.late_s < 1e-3
    assert np.abs(episode.frames['top'][4].mean() - picture(0.2, 65, 48).mean()) < 3.0
    _, measured = read_recording(foreign, Wanted(replace(FOREIGN, action='state', fps=10)))
    np.testing.assert_allclose(measured.action[:-1], measured.state[1:], atol=1e-6)
    picked = replace(FOREIGN, joints=NAMES[2:4], units=('rad', 'rad'), robot='twin')
    body, episode = read_recording(foreign, Wanted(picked))
    assert [one.name for one in body.action] == list(NAMES[2:4]) and body.robot == 'twin'
    np.testing.assert_allclose(episode.state[0], position(100.0)[2:4], atol=1e-3)


@pytest.mark.parametrize(('change', 'words'), [
    ({'state': '/robot/joint_state'}, r'did you mean /robot/joint_states\?'),
    ({'action': '/leadr/joint_states'}, r'did you mean /leader/joint_states\?'),
    ({'cameras': {'top': '/camera/color/compresed'}}, 'did you mean /camera/color/compressed'),
    ({'cameras': {'top': '/robot/joint_states'}}, 'carries sensor_msgs/msg/JointState'),
    ({'state': ''}, '2 topics are named joint_states; choose one with --state'),
    ({'action': ''}, 'no topic is named command; choose one with --action'),
    ({'cameras': {}}, 'name the cameras with --camera'),
    ({'task': ''}, 'there is no instruction'),
    ({'joints': ('fr3_joint1', 'elbow')}, "lacks 'elbow'"),
    ({'sentence': '/task', 'task': ''}, 'there is no topic /task'),
])
def test_what_a_mapping_gets_wrong_is_named(foreign, change, words):
    """Pins that every refusal says what is there instead, the nearest first."""
    with pytest.raises(RecordingError, match=words):
        read_recording(foreign, Wanted(replace(FOREIGN, **change)))


def test_too_high_a_rate_is_refused_rather_than_filled_up(foreign):
    """Pins that pictures are not shown twice to reach a rate."""
    with pytest.raises(RecordingError, match='twice'):
        read_recording(foreign, Wanted(replace(FOREIGN, fps=40)))
    _, episode = read_recording(foreign, Wanted(replace(FOREIGN, fps=40), Tolerance(repeats=0.6)))
    assert episode.about.repeated == len(episode.state) // 2


def test_a_mapping_is_checked_yaml(tmp_path):
    """Pins that a misspelt key of the file is named with its line."""
    path = tmp_path / 'map.yaml'
    path.write_text('state: /robot/joint_states\ncamera:\n  top: /camera\n')
    with pytest.raises(ConfigurationError, match=r"unknown key 'camera'.*'cameras'"):
        load(path, TopicMap)
    path.write_text('joints: [a, b]\nunits: [rad]\n')
    with pytest.raises(ConfigurationError, match='there are 1 for 2 joints'):
        load(path, TopicMap)
