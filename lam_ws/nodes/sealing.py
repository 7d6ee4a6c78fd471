"""Seals on the messages that lead to motion: who may propose, say what is handled, command.

A message and a key enter; bytes for the wire leave, or out of bytes a message that is whole and
from whom it says, or None. The seal covers the bytes themselves, so every field counts, and what
is not sealed is dropped before any of it is read: that costs microseconds, and a flood of it
does not keep a node from its work.

Proposals, subgoals and the signals of a PLC begin with their seal. A command is a standard
message, which has no place for one; it carries the seal in `header.frame_id` behind the frame's
name, where controllers of ros2_control do not look and the arms of this package do.
"""
from collections.abc import Mapping
from hmac import compare_digest
import os
import time
from typing import Any, TypeVar

from lam_interfaces.msg import CellSignals, Proposal, Subgoal
from lam_interfaces.msg import Claim as ClaimMessage
from lam_ws.nodes.cdr import HEAD, serialised
from lam_ws.nodes.nodes import BASE_FRAME
from lam_ws.safety.lease import Claim, Commander, RANK, TELEOP
from lam_ws.safety.seal import holds, SEAL, seal
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from trajectory_msgs.msg import JointTrajectory

Message = TypeVar('Message', Proposal, Subgoal, CellSignals)
_MARK = BASE_FRAME + '#'
# Of a command, behind what names the encoding: the stamp, the length of the frame's name, it.
_BEGIN = HEAD + 8 + 4 + len(_MARK)
_END = _BEGIN + 2 * SEAL


def commander(role: str, node: Node) -> Commander:
    """Return what makes the claims of this process; its epoch is when it began."""
    return Commander(role, f'{node.get_fully_qualified_name()}/{os.getpid()}',
                     time.monotonic_ns())


def claim_message(claim: Claim) -> ClaimMessage:
    """Return a claim as part of a message that is still to be sealed."""
    return ClaimMessage(role=claim.role, commander=claim.commander, epoch=claim.epoch,
                        sequence=claim.sequence, idle=claim.idle, takes=claim.takes,
                        gives=claim.gives)


def claim(message: Proposal) -> Claim:
    """Return what the sender of a proposal says of itself."""
    own, stamp = message.claim, message.header.stamp
    return Claim(own.role, own.commander, own.epoch, own.sequence,
                 stamp.sec + 1e-9 * stamp.nanosec, own.idle, own.takes, own.gives)


def sealed(message: Proposal | Subgoal | CellSignals, key: bytes) -> bytes:
    """Return a message with its seal, ready to be published."""
    data = serialised(message)
    head, body = data[:HEAD], data[HEAD + SEAL:]
    return head + seal(key, (type(message).__name__.encode(), head, body)) + body


def proposal(data: bytes, keys: Mapping[str, bytes]) -> Proposal | None:
    """Return the proposal in `data` if it is sealed with the key of its role."""
    for role in RANK:
        message = _opened(data, Proposal, keys[role])
        if message is not None:
            return message if message.claim.role == role else None
    return None


def hand(data: bytes, key: bytes) -> Claim | None:
    """Return what the sender of a proposal claims if a person's hand sealed it with `key`.

    What a policy sealed costs a checksum and is never read: most proposals are.
    """
    message = _opened(data, Proposal, key)
    return claim(message) if message is not None and message.claim.role == TELEOP else None


def subgoal(data: bytes, key: bytes) -> Subgoal | None:
    """Return the subgoal in `data` if it is sealed with the task's key."""
    return _opened(data, Subgoal, key)


def cell_signals(data: bytes, key: bytes) -> CellSignals | None:
    """Return the signals in `data` if they are sealed with the key of the node `plc`."""
    return _opened(data, CellSignals, key)


def sealed_command(message: JointTrajectory, key: bytes) -> bytes:
    """Return a command with its seal, ready to be published."""
    message.header.frame_id = _MARK + '0' * (2 * SEAL)
    data = serialised(message)
    head, tail = data[:_BEGIN], data[_END:]
    return head + seal(key, (head, tail)).hex().encode() + tail


def command(data: bytes, key: bytes) -> JointTrajectory | None:
    """Return the command in `data` if it is sealed with the guard's key."""
    head, written, tail = data[:_BEGIN], data[_BEGIN:_END], data[_END:]
    if not compare_digest(seal(key, (head, tail)).hex().encode(), written):
        return None
    message: JointTrajectory = deserialize_message(data, JointTrajectory)
    return message


def _opened(data: bytes, kind: type[Message], key: bytes) -> Any:
    head, given, body = data[:HEAD], data[HEAD:HEAD + SEAL], data[HEAD + SEAL:]
    if not holds(key, (kind.__name__.encode(), head, body), given):
        return None
    return deserialize_message(data, kind)

