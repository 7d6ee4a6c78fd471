"""Seals on the messages that lead to motion: who may propose, say what is handled, command.

A message and a key enter; a sealed message leaves, or whether its seal holds. What is sealed is
everything that the reader goes by, read from the message itself, so both sides seal the same
bytes. A command carries its seal in `header.frame_id`, behind the frame's name: controllers of
ros2_control do not look there, the arms of this package do.
"""
from collections.abc import Iterator, Mapping
import os
import struct
import time

from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.nodes.nodes import BASE_FRAME
from lam_ws.safety.lease import Claim, Commander, RANK
from lam_ws.safety.seal import holds, seal
from rclpy.node import Node
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory

_MARK = '#'   # between frame and seal


def commander(role: str, node: Node) -> Commander:
    """Return what makes the claims of this process; its epoch is when it began."""
    return Commander(role, f'{node.get_fully_qualified_name()}/{os.getpid()}',
                     time.monotonic_ns())


def seal_proposal(message: Proposal, claim: Claim, key: bytes) -> None:
    """Put a claim and its seal on a proposal that is otherwise complete."""
    own = message.claim
    own.role, own.commander, own.epoch, own.sequence = claim.process + (claim.sequence,)
    own.idle, own.takes = claim.idle, claim.takes
    own.seal = list(seal(key, _proposal(message)))


def proposal_holds(message: Proposal, keys: Mapping[str, bytes]) -> bool:
    """Return whether a proposal is from who has the key of its role, and whole."""
    role = message.claim.role
    return role in RANK and holds(keys[role], _proposal(message), bytes(message.claim.seal))


def claim(message: Proposal) -> Claim:
    """Return what a proposal's sender says of itself; believe it only if the seal holds."""
    own, stamp = message.claim, message.header.stamp
    return Claim(own.role, own.commander, own.epoch, own.sequence,
                 stamp.sec + 1e-9 * stamp.nanosec, own.idle, own.takes)


def seal_subgoal(message: Subgoal, key: bytes) -> None:
    """Seal what the guard goes by."""
    message.seal = list(seal(key, _subgoal(message)))


def subgoal_holds(message: Subgoal, key: bytes) -> bool:
    """Return whether a subgoal is from the task, and whole."""
    return holds(key, _subgoal(message), bytes(message.seal))


def seal_command(message: JointTrajectory, key: bytes) -> None:
    """Write the seal of a command behind its frame."""
    message.header.frame_id = f'{BASE_FRAME}{_MARK}{seal(key, _command(message)).hex()}'


def command_holds(message: JointTrajectory, key: bytes) -> bool:
    """Return whether a command is from the guard, and whole."""
    frame, _, given = message.header.frame_id.partition(_MARK)
    try:
        written = bytes.fromhex(given)
    except ValueError:
        return False
    return frame == BASE_FRAME and holds(key, _command(message), written)


def _stamp(header: Header) -> bytes:
    return struct.pack('<iI', header.stamp.sec, header.stamp.nanosec)


def _trajectory(message: JointTrajectory) -> Iterator[bytes]:
    yield '\0'.join(message.joint_names).encode()
    for point in message.points:
        span = point.time_from_start
        yield struct.pack('<iI', span.sec, span.nanosec)
        yield point.positions.tobytes()
        yield point.velocities.tobytes()


def _proposal(message: Proposal) -> Iterator[bytes]:
    own = message.claim
    yield b'proposal'
    yield _stamp(message.header)
    yield message.episode_id.encode()
    yield own.role.encode()
    yield own.commander.encode()
    yield struct.pack('<IIIQQ??f', message.step, message.attempt, message.sequence, own.epoch,
                      own.sequence, own.idle, own.takes, message.done)
    yield from _trajectory(message.trajectory)


def _subgoal(message: Subgoal) -> Iterator[bytes]:
    yield b'subgoal'
    yield _stamp(message.header)
    yield struct.pack('<?II', message.active, message.step, message.attempt)
    for text in (message.episode_id, message.skill, message.part, message.tool,
                 message.kb_version):
        yield text.encode()


def _command(message: JointTrajectory) -> Iterator[bytes]:
    yield b'command'
    yield _stamp(message.header)
    yield from _trajectory(message)
