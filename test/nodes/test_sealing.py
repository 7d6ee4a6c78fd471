"""Seals of real messages: whatever is changed in one, it is not believed."""
from lam_ws.safety.lease import Commander, POLICY, TELEOP
from lam_ws.types import ActionChunk, Command, Goal
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_interfaces.msg import Proposal
from lam_ws.nodes import conversion, sealing
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory

KEYS = {POLICY: b'p' * 32, TELEOP: b't' * 32}
NAMES = ('a', 'b')


def proposal(role=POLICY):
    """Return a sealed proposal with two points."""
    chunk = ActionChunk(3.5, NAMES, np.array([0.1, 0.2]), np.arange(4.0).reshape(2, 2))
    message = Proposal(header=Header(stamp=conversion.to_time(3.5)), episode_id='e', step=1,
                       attempt=2, sequence=3, trajectory=conversion.chunk_trajectory(chunk),
                       done=0.25, phase='carry')
    sealing.seal_proposal(message, Commander(role, 'me', 4).claim(3.5), KEYS[role])
    return message


def subgoal():
    """Return a sealed subgoal."""
    goal = Goal('pick_place', 'cube', 'red', 'black', '', part='bj22', tool='gripper')
    message = conversion.subgoal_message(2.5, 'e', goal, 1, 0, 'v')
    sealing.seal_subgoal(message, KEYS[POLICY])
    return message


def command():
    """Return a sealed command."""
    message = conversion.command_message(Command(1.5, NAMES, np.zeros(2), np.ones(2)), 0.01)
    sealing.seal_command(message, KEYS[POLICY])
    return message


def travelled(message):
    """Return it as it comes out at the other end."""
    return deserialize_message(serialize_message(message), type(message))


def test_what_is_sealed_arrives_sealed():
    """Pins that the wire changes nothing that is sealed, and that each role has its key."""
    for role in (POLICY, TELEOP):
        message = travelled(proposal(role))
        assert sealing.proposal_holds(message, KEYS)
        assert not sealing.proposal_holds(message, KEYS | {role: b'x' * 32})
        claim = sealing.claim(message)
        assert claim.process == (role, 'me', 4) and claim.sequence == 1
        assert claim.stamp_s == pytest.approx(3.5) and not claim.idle
    assert sealing.subgoal_holds(travelled(subgoal()), KEYS[POLICY])
    assert sealing.command_holds(travelled(command()), KEYS[POLICY])


@pytest.mark.parametrize('change', [
    lambda m: setattr(m.header.stamp, 'nanosec', m.header.stamp.nanosec ^ 1),
    lambda m: setattr(m, 'episode_id', 'f'), lambda m: setattr(m, 'step', 0),
    lambda m: setattr(m, 'attempt', 0), lambda m: setattr(m, 'done', 1.0),
    lambda m: setattr(m, 'sequence', 4), lambda m: setattr(m.claim, 'role', TELEOP),
    lambda m: setattr(m.claim, 'role', 'guard'), lambda m: setattr(m.claim, 'commander', 'you'),
    lambda m: setattr(m.claim, 'epoch', 5), lambda m: setattr(m.claim, 'sequence', 2),
    lambda m: setattr(m.claim, 'idle', True), lambda m: setattr(m.claim, 'takes', True),
    lambda m: setattr(m.claim, 'seal', [0] * 32), lambda m: m.trajectory.points.pop(),
    lambda m: m.trajectory.points.reverse(), lambda m: m.trajectory.joint_names.reverse(),
    lambda m: m.trajectory.points[0].positions.__setitem__(1, 1.0 + 2e-16),
    lambda m: setattr(m.trajectory.points[1].time_from_start, 'nanosec', 0),
    lambda m: m.trajectory.points[0].velocities.append(1.0),
])
def test_a_proposal_that_was_changed_is_not_believed(change):
    """Pins every field that the guard or the task goes by."""
    message = proposal()
    change(message)
    assert not sealing.proposal_holds(message, KEYS)


@pytest.mark.parametrize('change', [
    lambda m: setattr(m, 'active', False), lambda m: setattr(m, 'part', ''),
    lambda m: setattr(m, 'tool', 'x'), lambda m: setattr(m, 'skill', 'press'),
    lambda m: setattr(m, 'kb_version', ''), lambda m: setattr(m, 'step', 2),
    lambda m: setattr(m, 'attempt', 2), lambda m: setattr(m, 'episode_id', ''),
    lambda m: setattr(m.header.stamp, 'sec', 9), lambda m: setattr(m, 'seal', [1] * 32)])
def test_a_subgoal_that_was_changed_is_not_believed(change):
    """Pins that no foreign node loosens the limits by naming another part."""
    message = subgoal()
    change(message)
    assert not sealing.subgoal_holds(message, KEYS[POLICY])


@pytest.mark.parametrize('change', [
    lambda m: m.points[0].positions.__setitem__(0, 0.1),
    lambda m: m.points[0].velocities.__setitem__(0, 0.0),
    lambda m: m.joint_names.reverse(), lambda m: setattr(m.header.stamp, 'sec', 9),
    lambda m: setattr(m.header, 'frame_id', 'base'),
    lambda m: setattr(m.header, 'frame_id', 'base#zz'),
    lambda m: setattr(m.header, 'frame_id', 'world' + m.header.frame_id[4:]),
    lambda m: setattr(m.header, 'frame_id', m.header.frame_id[:-2]),
    lambda m: m.points.append(m.points[0])])
def test_a_command_that_was_changed_is_not_believed(change):
    """Pins what an arm is sent, to the bit."""
    message = command()
    change(message)
    assert not sealing.command_holds(message, KEYS[POLICY])
    assert not sealing.command_holds(JointTrajectory(), KEYS[POLICY])
