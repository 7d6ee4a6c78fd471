"""A real arm's node in a running cell, against a trajectory controller of another make.

The controller is a process of Cyclone DDS alone; the cell's nodes, the guard and the mirrored
cell are the real ones.
"""
import time

from controller_peer import controlling
import pytest
from real_site import real_site

pytest.importorskip('rclpy')
from lam_ws.nodes.session import Session
from lam_ws.nodes.witness import Witness
from running_arm import Running

pytestmark = [pytest.mark.ros, pytest.mark.peer]
ADAPTER = """
name: scaled
driver: ros2_control
gripper: topic
ros2_control:
  command: /scaled_joint_trajectory_controller/joint_trajectory
  states: /joint_states
  speed_scaling: /speed_scaling
  percent: true
"""
BOUND_S = 0.15    # from the cause to a guard that brakes, as seen by another process


@pytest.fixture(scope='module')
def running(tmp_path_factory):
    """Return a cell whose arm is a foreign controller."""
    from lam_ws.nodes.environment import free_domain
    folder = tmp_path_factory.mktemp('site')
    (folder / 'scaled.yaml').write_text(ADAPTER)
    site = real_site(folder, 'fr3', 'scaled.yaml')
    with free_domain() as domain, controlling(site, domain) as peer, \
            Session(site, domain, deaths='ignore') as session:
        yield Running(session, peer, Witness(session.client.node))


def test_an_order_is_carried_out_by_a_foreign_controller(running):
    """Pins names, order, units and timing on the wire: nothing was refused, and it is done."""
    running.until(lambda: running.recover()[0], 10.0)
    running.session.reset(1)
    running.session.arm()
    outcome = running.session.instruct(running.order)
    assert outcome.success, outcome
    got = running.peer.report()
    assert got['refused'] == 0 and got['taken'] > 500


@pytest.mark.parametrize(('cause', 'mend', 'reasons', 'bound_s'), [
    ('stop', 'go', ('arm_link', 'stale_joints'), BOUND_S + 0.1),   # stale counts from 0.1 s on
    ('off', 'on', ('arm_switched', 'tracking', 'stalled'), 2.0),
    ('jam', 'free', ('tracking', 'stalled'), 2.0)])
def test_what_the_controller_does_to_us_stops_the_guard(running, cause, mend, reasons, bound_s):
    """Pins silence, a controller that takes no more commands, and joints that do not follow."""
    running.begin()
    running.peer.tell(cause)
    assert running.stops_for(*reasons) < bound_s
    running.session.client.turn_for(3.0)   # until a participant that left is missed
    running.peer.tell(mend)
    running.session.client.turn_for(2.0)
    if cause != 'jam':   # that is a stop of the guard's own: nothing to recover
        running.stays()


def test_the_guard_goes_along_with_a_slow_controller(running):
    """Pins fault 22: slow is gone along with, none is waited for, and nothing jumps after."""
    client, began_s = running.session.client, time.monotonic()
    running.peer.tell('scale', 0.4)
    running.begin()
    running.until(lambda: client.guard.limited == 'paced', 5.0)
    running.peer.tell('scale', 0.0)
    running.until(lambda: running.witness.speed < 0.01, 3.0)
    client.turn_for(1.0)
    assert client.guard.state in ('armed', 'running'), client.guard
    running.peer.tell('scale', 1.0)
    result = running.result(60.0)
    assert result.success, result
    speeds = [speed for heard_s, speed, _ in running.witness.measured if heard_s > began_s]
    assert max(speeds) < 2.0


def test_recover_is_refused_while_the_controller_is_dead_and_never_arms(running):
    """Pins the end of the controller in mid-motion."""
    running.begin()
    running.peer.process.kill()
    assert running.stops_for('arm_link', 'stale_joints') < BOUND_S + 0.1
    running.session.client.turn_for(0.2)
    done, text = running.recover()
    assert not done and '/joint_states' in text
    assert running.session.client.guard.state == 'stopped'
