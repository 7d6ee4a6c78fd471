"""What a witness makes of the messages of a cell."""
import time

from lam_ws.types import Command
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_interfaces.msg import GuardState
from lam_ws.nodes import conversion
from lam_ws.nodes.witness import Witness
import rclpy
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

pytestmark = pytest.mark.ros


@pytest.fixture
def witness(domain):
    """Return a witness that is told by the test what it hears."""
    rclpy.init(domain_id=domain)
    node = rclpy.create_node('listener')
    yield Witness(node)
    node.destroy_node()
    rclpy.try_shutdown()


def measure(witness, speeds, position=0.0):
    """Let the witness hear an arm joint with these speeds, a hundredth of a second apart."""
    for speed in speeds:
        witness._joint_state(JointState(position=[position, 0.04], velocity=[speed, 9.0]))
        time.sleep(0.01)


def test_an_arm_rests_once_it_is_still_for_a_while(witness):
    """Pins an instant without speed, as at a turning point, and a shake of an arm at rest."""
    began_s = time.monotonic()
    measure(witness, [1.0, 0.0, -1.0, *[0.0] * 12, 0.5, 0.0])
    rested_s = witness.rested_s(began_s)
    assert witness.measured[3][0] == rested_s
    assert witness.rested_s(time.monotonic()) == np.inf


def test_motion_is_how_far_a_joint_strayed(witness):
    """Pins that a shake is no motion, and that the way back does not undo one."""
    began_s = time.monotonic()
    measure(witness, [0.0, 0.5, 0.0], 0.3)
    assert witness.strayed(began_s) == 0.0
    measure(witness, [0.0], 0.5)
    measure(witness, [0.0], 0.3)
    assert witness.strayed(began_s) == pytest.approx(0.2)


def test_a_silence_up_to_now_is_a_gap(witness):
    """Pins a guard that is dead and so has no late command."""
    now_s = time.monotonic()
    for stamp_s in (now_s, now_s + 0.01, now_s + 0.04):
        witness._command(conversion.command_message(
            Command(stamp_s, ('a', 'g'), np.zeros(2), np.ones(2)), 0.01))
    assert witness.gaps(now_s) == pytest.approx([0.01, 0.03])
    time.sleep(0.2)
    assert witness.longest_gap(now_s) > 0.1


def test_the_first_stop_after_a_moment_counts(witness):
    """Pins the bound of a stop, which is measured by the guard's own stamp."""
    for stamp_s, state in ((1.0, 'stopped'), (2.0, 'running'), (3.0, 'stopping'),
                           (4.0, 'stopped')):
        witness._guard_state(GuardState(header=Header(stamp=conversion.to_time(stamp_s)),
                                        state=state, reason='operator_stop'))
    assert witness.stopped_s(1.5) == 3.0 and witness.state == 'stopped'
    assert witness.stopped_s(5.0) == np.inf
