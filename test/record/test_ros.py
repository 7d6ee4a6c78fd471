"""Messages that went through real topics come back field by field, read without ROS."""
import time

from lam_ws.nodes.environment import environment, free_domain
from lam_ws.record.reader import read_episode
from lam_ws.record.writer import Recorder
import numpy as np
import pytest

pytestmark = pytest.mark.ros


def record(path, messages):
    """Publish `messages` on their topics and record what raw subscriptions receive."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    with free_domain() as domain, pytest.MonkeyPatch.context() as patch, Recorder(path) as file:
        for name, value in environment(domain).items():
            patch.setenv(name, value)
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = rclpy.create_node('record_test', context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        publishers = []
        for topic, message in messages:
            kind = type(message)
            name = f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"

            def hear(data, topic=topic, name=name):
                file.write(topic, name, None, data, 5_000_000_000)
            node.create_subscription(kind, topic, hear, 10, raw=True)
            publishers.append((node.create_publisher(kind, topic, 10), message))
        deadline = time.monotonic() + 20
        while any(p.get_subscription_count() == 0 for p, _ in publishers):
            assert time.monotonic() < deadline
            executor.spin_once(timeout_sec=0.05)
        for publisher, message in publishers:
            publisher.publish(message)
        while file.messages < len(messages) and time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.05)
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    """Record one message of each topic as it arrives at a raw subscription."""
    from builtin_interfaces.msg import Duration
    from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
    from geometry_msgs.msg import Point
    from lam_interfaces.msg import Detection, GuardState, Proposal, Scene, Subgoal
    from sensor_msgs.msg import CameraInfo, Image, JointState
    from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

    point = JointTrajectoryPoint(positions=[0.1, -0.2], velocities=[0.5, 0.25],
                                 time_from_start=Duration(nanosec=10_000_000))
    command = JointTrajectory(joint_names=['a', 'g'], points=[point])
    pixels = np.arange(4 * 3 * 3, dtype=np.uint8)
    path = tmp_path_factory.mktemp('ros') / 'a.mcap'
    record(path, (
        ('/joint_states', JointState(name=['a', 'g'], position=[0.3, 0.04],
                                     velocity=[1.0, 0.0])),
        ('/command', command),
        ('/proposed', Proposal(sequence=7, trajectory=command, done=0.5, phase='lift')),
        ('/scene', Scene(cameras=['front'], health=['frozen'], detections=[
            Detection(kind='cube', colour='red', position=Point(x=0.5, y=-0.1, z=0.02),
                      confidence=0.75, also='carton')])),
        ('/subgoal', Subgoal(active=True, step=1, attempt=2, text='빨간 큐브', part='bj20r',
                             tool='jaw', kb_version='c0ffee')),
        ('/guard_state', GuardState(state='stopped', reason='stale_joints',
                                    text='관절 상태가 늦었습니다', commands=2 ** 40)),
        ('/front/image_raw', Image(height=3, width=4, encoding='rgb8', step=12,
                                   data=pixels.tobytes())),
        ('/front/camera_info', CameraInfo(height=3, width=4)),
        ('/diagnostics', DiagnosticArray(status=[DiagnosticStatus(
            level=b'\x02', name='guard', values=[KeyValue(key='k', value='v')])]))))
    return path


def test_every_field_survives(path):
    """Pins padding and string rules of CDR: a field read from the wrong offset."""
    episode = read_episode(path)
    np.testing.assert_array_equal(episode.joints.position, [[0.3, 0.04]])
    np.testing.assert_array_equal(episode.command.velocity, [[0.5, 0.25]])
    chunk = episode.proposals[0]
    assert (chunk.sequence, chunk.done, chunk.phase) == (7, 0.5, 'lift')
    assert chunk.times[0] == pytest.approx(0.01)
    seen = episode.scenes[0]
    assert seen.cameras['front'] == 'frozen' and seen.detections[0].confidence == 0.75
    assert seen.detections[0].also == 'carton'
    np.testing.assert_array_equal(seen.detections[0].position, [0.5, -0.1, 0.02])
    assert (episode.subgoals[0].step, episode.subgoals[0].attempt) == (1, 2)
    told = episode.subgoals[0]
    assert (told.text, told.part, told.tool, told.kb_version) == (
        '빨간 큐브', 'bj20r', 'jaw', 'c0ffee')
    assert episode.guard[0].text == '관절 상태가 늦었습니다'
    assert episode.guard[0].commands == 2 ** 40
    np.testing.assert_array_equal(episode.frames['front'][0].pixels.reshape(-1), np.arange(36))
    assert episode.counts['/diagnostics'] == episode.counts['/front/camera_info'] == 1


def test_mcap_ros2_support_reads_the_same(path):
    """Pins definitions that only one of the two Python readers accepts."""
    from mcap.reader import make_reader
    from mcap_ros2.decoder import DecoderFactory

    with open(path, 'rb') as file:
        decoded = {channel.topic: message for _, channel, _, message in make_reader(
            file, decoder_factories=[DecoderFactory()]).iter_decoded_messages()}
    assert len(decoded) == 9
    assert decoded['/proposed'].trajectory.points[0].positions == [0.1, -0.2]
    assert decoded['/diagnostics'].status[0].values[0].value == 'v'
