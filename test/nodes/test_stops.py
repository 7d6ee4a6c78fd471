"""Stops from outside, with a real node: the button, its silence, a file, another commander."""
from pathlib import Path
import time

from lam_ws.errors import LimitError
from lam_ws.site import StopSettings
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes import nodes
from lam_ws.nodes.stops import Stops
import rclpy
from std_msgs.msg import Bool
from trajectory_msgs.msg import JointTrajectory

pytestmark = pytest.mark.ros


@pytest.fixture
def node(domain):
    """Return a node that commands, as the guard does."""
    rclpy.init(domain_id=domain)
    node = rclpy.create_node('guard', namespace='/cell')
    node.create_publisher(JointTrajectory, nodes.COMMAND, nodes.RELIABLE)
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


def name(alarm):
    """Return the code of an alarm, '' for none."""
    return '' if alarm is None else alarm.name


def test_a_button_that_is_there_must_be_heard(node):
    """Pins the heartbeat: pressed, released, silent, and silent from the start."""
    stops = Stops(node, StopSettings(heartbeat_s=0.2))
    assert name(stops.alarm(0.0)) == 'estop_lost'
    stops._hear(Bool(data=False))
    heard_s = stops._heard_s
    assert stops.alarm(heard_s + 0.2) is None
    lost = stops.alarm(heard_s + 0.21)
    assert (lost.name, lost.allowed) == ('estop_lost', 0.2) and lost.measured > 0.2
    stops._hear(Bool(data=True))
    assert name(stops.alarm(stops._heard_s)) == name(stops.alarm(stops._heard_s + 9.0)) == 'estop'
    stops._hear(Bool(data=False))
    assert stops.alarm(stops._heard_s) is None


def test_where_no_button_is_named_a_press_counts_all_the_same(node):
    """Pins the topic of a site that says nothing of it."""
    stops = Stops(node, StopSettings())
    assert stops.alarm(1e9) is None
    stops._hear(Bool(data=True))
    assert name(stops.alarm(1e9)) == 'estop'


def test_a_file_stops_as_long_as_it_is_there(node, tmp_path):
    """Pins the stop that needs no ROS."""
    file = tmp_path / 'stop'
    stops = Stops(node, StopSettings(file=str(file)))
    assert stops.alarm(0.0) is None
    file.touch()
    assert stops.alarm(0.0) == ('stop_file', 0.0, 0.0, str(file))
    Path(file).unlink()
    assert stops.alarm(0.0) is None


def test_a_stop_file_that_could_not_be_put_there_is_refused(node, tmp_path):
    """Pins a path with a slip in it, which would never stop anything."""
    with pytest.raises(LimitError, match='there is no folder'):
        Stops(node, StopSettings(file=str(tmp_path / 'none' / 'stop')))


@pytest.mark.parametrize('quality', [nodes.RELIABLE, nodes.NEWEST])
def test_a_button_is_heard_however_it_is_published_and_a_second_one_is_an_alarm(node, quality):
    """Pins a press that is lost to a mismatch, and one that another publisher takes back."""
    stops = Stops(node, StopSettings())
    buttons = [node.create_publisher(Bool, nodes.ESTOP, quality)]

    def until(code):
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            rclpy.spin_once(node, timeout_sec=0.05)
            if name(stops.alarm(0.0)) == code:
                return True
            buttons[0].publish(Bool(data=code == 'estop'))
        return False
    assert until('estop') and until('')
    buttons.append(node.create_publisher(Bool, nodes.ESTOP, quality))
    assert until('estop_twice')
    node.destroy_publisher(buttons.pop())
    assert until('')


@pytest.mark.parametrize(('other', 'namespace', 'where'), [
    ('intruder', '/cell', '/cell/intruder'), ('guard', '/cell', '/cell/guard')])
def test_another_commander_is_seen_and_named(node, other, namespace, where):
    """Pins two publishers of `command`, one of them under the guard's own name."""
    stops = Stops(node, StopSettings())
    stops.look()
    assert stops.alarm(0.0) is None
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=node.context.get_domain_id())
    foreign = rclpy.create_node(other, namespace=namespace, context=context)
    foreign.create_publisher(JointTrajectory, nodes.COMMAND, nodes.RELIABLE)
    found = None
    for _ in range(200):
        rclpy.spin_once(node, timeout_sec=0.05)   # the timer looks by itself
        if (found := stops.alarm(0.0)) is not None and 'UNKNOWN' not in found.where:
            break   # that it is there is known before its name
    foreign.destroy_node()
    context.try_shutdown()
    assert found == ('foreign_commander', 2, 1, where)
    for _ in range(200):
        rclpy.spin_once(node, timeout_sec=0.05)
        if stops.alarm(0.0) is None:
            return
    raise AssertionError('a commander that is gone is still seen')
