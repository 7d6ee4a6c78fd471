"""The length of messages, against what DDS's own reader needs."""
import pytest

pytest.importorskip('rclpy')
from geometry_msgs.msg import Point
from lam_interfaces.msg import Claim, Detection, GuardState, Proposal, Scene, Subgoal
from lam_ws.nodes.cdr import end, HEAD, serialised
from rclpy._rclpy_pybind11 import RMWError
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint


def trajectory(points, names=('a', 'bb', 'ccc')):
    """Return a trajectory."""
    point = JointTrajectoryPoint(positions=[1.0] * len(names), velocities=[2.0] * len(names))
    return JointTrajectory(header=Header(frame_id='base#1234'), joint_names=list(names),
                           points=[point] * points)


MESSAGES = [
    trajectory(0), trajectory(1), trajectory(2, ('x',)), trajectory(7, ()), Proposal(), Subgoal(),
    *(Proposal(trajectory=trajectory(points), phase='p' * length, episode_id='e' * points,
               claim=Claim(role='policy', commander='x' * length, idle=True))
      for points in range(3) for length in range(5)),
    *(Subgoal(text='t' * length, seen_at=[Point()] * (length % 2)) for length in range(5)),
    Scene(detections=[Detection(kind='큐브', confidence=0.5)] * 3, cameras=['a'], health=['ok']),
    GuardState(text='정지'), JointState(name=['a'], position=[1.0], effort=[2.0]),
    Image(data=b'123', encoding='rgb8')]


@pytest.mark.parametrize('message', MESSAGES)
def test_a_message_is_as_long_as_its_reader_needs(message):
    """Pins the end: with it all is read as it was, with one byte less nothing is."""
    data, there = bytes(serialize_message(message)), HEAD + end(message)
    assert deserialize_message(data[:there], type(message)) == message
    with pytest.raises(RMWError):
        deserialize_message(data[:there - 1], type(message))


@pytest.mark.parametrize('message', MESSAGES)
def test_what_travels_is_filled_up_with_zeros(message):
    """Pins what DDS does on the way, and that nothing of this process's memory goes along."""
    data = serialised(message)
    assert len(data) % 4 == 0 and 0 <= len(data) - HEAD - end(message) < 4
    assert not any(data[HEAD + end(message):])
    assert deserialize_message(data, type(message)) == message
