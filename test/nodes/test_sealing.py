"""Seals of real messages: whatever is changed in one, it is not believed."""
import time

from lam_ws.safety.lease import Commander, POLICY, TELEOP
from lam_ws.types import ActionChunk, Command, Goal
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.nodes import conversion, sealing
import rclpy
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header

KEYS = {POLICY: b'p' * 32, TELEOP: b't' * 32, 'task': b'k' * 32, 'guard': b'g' * 32}
NAMES = ('a', 'b')


def proposal(role=POLICY, key=None):
    """Return a sealed proposal with two points."""
    chunk = ActionChunk(3.5, NAMES, np.array([0.1, 0.2]), np.arange(4.0).reshape(2, 2))
    claim = Commander(role, 'me', 4).claim(3.5)
    return sealing.sealed(Proposal(
        header=Header(stamp=conversion.to_time(3.5)), episode_id='e', step=1, attempt=2,
        sequence=3, trajectory=conversion.chunk_trajectory(chunk), done=0.25, phase='carry',
        claim=sealing.claim_message(claim)), KEYS[role] if key is None else key)


def subgoal():
    """Return a sealed subgoal."""
    goal = Goal('pick_place', 'cube', 'red', 'black', '', part='bj22', tool='gripper')
    return sealing.sealed(conversion.subgoal_message(2.5, 'e', goal, 1, 0, 'v'), KEYS['task'])


def command():
    """Return a sealed command."""
    return sealing.sealed_command(conversion.command_message(
        Command(1.5, NAMES, np.zeros(2), np.ones(2)), 0.01), KEYS['guard'])


READERS = [(proposal, lambda data: sealing.proposal(data, KEYS)),
           (subgoal, lambda data: sealing.subgoal(data, KEYS['task'])),
           (command, lambda data: sealing.command(data, KEYS['guard']))]


def test_what_is_sealed_is_read_by_who_has_the_key():
    """Pins the way there and back, for each role and each kind of message."""
    for role in (POLICY, TELEOP):
        message = sealing.proposal(proposal(role), KEYS)
        claim = sealing.claim(message)
        assert claim.process == (role, 'me', 4) and claim.sequence == 1
        assert claim.stamp_s == pytest.approx(3.5) and not claim.idle
        assert message.done == 0.25 and len(message.trajectory.points) == 2
        assert sealing.proposal(proposal(role), KEYS | {role: b'x' * 32}) is None
    assert sealing.subgoal(subgoal(), KEYS['task']).part == 'bj22'
    assert sealing.command(command(), KEYS['guard']).points[0].velocities[1] == 1.0


def test_a_seal_is_the_first_thing_of_its_message():
    """Pins the place of the seal, which a field added before it would move."""
    for data, kind in ((proposal(), Proposal), (subgoal(), Subgoal)):
        assert bytes(deserialize_message(data, kind).seal) == data[4:36]
    data = command()
    read = sealing.command(data, KEYS['guard'])
    assert read.header.frame_id == 'base#' + data[21:85].decode()


def test_a_role_needs_its_own_key():
    """Pins that a policy cannot pass for a person, who would have its way."""
    assert sealing.proposal(proposal(TELEOP, KEYS[POLICY]), KEYS) is None
    assert sealing.proposal(proposal('guard'), KEYS) is None
    assert sealing.subgoal(proposal('task'), KEYS['task']) is None


@pytest.mark.parametrize(('make', 'read'), READERS)
def test_every_bit_counts(make, read):
    """Pins all bits of all messages but the mark of the encoding, and every length."""
    data = make()
    assert read(data) is not None
    for bit in range(8 * len(data)):
        spoilt = bytearray(data)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert read(bytes(spoilt)) is None, bit
    for length in range(len(data)):
        assert read(data[:length]) is None
    assert read(data + b'\0') is None


def test_a_message_without_a_seal_is_none():
    """Pins what any ROS tool can publish."""
    message = deserialize_message(proposal(), Proposal)
    message.seal = [0] * 32
    assert sealing.proposal(bytes(serialize_message(message)), KEYS) is None
    plain = conversion.command_message(Command(1.5, NAMES, np.zeros(2), np.ones(2)), 0.01)
    assert sealing.command(bytes(serialize_message(plain)), KEYS['guard']) is None


def test_what_is_sealed_has_nothing_behind_it():
    """Pins recordings that other programs refuse for bytes that belong to nothing."""
    from lam_ws.resources import share
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores
    store = get_typestore(Stores.ROS2_JAZZY)
    for name in ('Claim', 'Proposal', 'Subgoal'):
        text = (share() / f'lam_interfaces/msg/{name}.msg').read_text(encoding='utf-8')
        store.register(get_types_from_msg(text, f'lam_interfaces/msg/{name}'))
    read = store.deserialize_cdr(command(), 'trajectory_msgs/msg/JointTrajectory')
    assert read.points[0].velocities.tolist() == [1.0, 1.0]
    assert store.deserialize_cdr(proposal(), 'lam_interfaces/msg/Proposal').claim.epoch == 4
    assert store.deserialize_cdr(subgoal(), 'lam_interfaces/msg/Subgoal').part == 'bj22'
    assert all(len(make()) % 4 == 0 for make in (proposal, subgoal, command))


@pytest.mark.parametrize('name', ['a', 'ab', 'abc', 'abcd'])
def test_a_message_of_any_length_arrives_as_it_was_sealed(name, domain):
    """Pins a policy that is not believed because of the digits of its process id.

    DDS fills a message up to four bytes; a seal over fewer bytes never fits what arrives.
    """
    rclpy.init(domain_id=domain)
    node = rclpy.create_node('both')
    try:
        came = []
        node.create_subscription(Proposal, 'proposed', came.append, 10, raw=True)
        out = node.create_publisher(Proposal, 'proposed', 10)
        sent = sealing.sealed(Proposal(claim=sealing.claim_message(
            Commander(POLICY, name, 4).claim(3.5))), KEYS[POLICY])
        deadline = time.monotonic() + 10.0
        while not came and time.monotonic() < deadline:
            out.publish(sent)
            rclpy.spin_once(node, timeout_sec=0.1)
        assert sealing.proposal(bytes(came[0]), KEYS).claim.commander == name
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
