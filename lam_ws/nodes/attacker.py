"""A foreign node that wants to move the arm: messages in the right form, none of them sealed.

What the cell says enters; forged, replayed, truncated and bit-flipped copies of it leave at a
given rate, on the topics that lead to motion. `lam_ws.faults` sees by it that none of them is
obeyed. Run as `python -m lam_ws.nodes.attacker NAMESPACE RATE TOPIC...`; at the end it prints how
many of each it sent.
"""
from collections import Counter
import json
import random
import sys
import time

from lam_interfaces.msg import Proposal, Subgoal
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.lifecycle import follow_signals
import rclpy
from rclpy.node import Node
from rclpy.serialization import deserialize_message, serialize_message
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

KINDS = {nodes.PROPOSED: Proposal, nodes.SUBGOAL: Subgoal, nodes.COMMAND: JointTrajectory}
WAYS = ('forged', 'replayed', 'truncated', 'flipped')
TWIST = 0.5     # rad, how far a forged message would turn every joint
_KEPT = 200
_LEARNS_S = 1.5


class Attacker:
    """Learns what one topic says, and then says it again wrongly.

    Args:
        node: Its node.
        topic: A key of KINDS.
        seed: Of what it draws.

    Attributes:
        sent: How many of each.
    """

    def __init__(self, node: Node, topic: str, seed: int):
        self._kind, self._random = KINDS[topic], random.Random(seed)
        self._heard: list[bytes] = []
        self._joints = JointState()
        self._out = node.create_publisher(self._kind, topic, nodes.RELIABLE)
        node.create_subscription(self._kind, topic, self._hear, nodes.DEEP, raw=True)
        node.create_subscription(JointState, nodes.JOINT_STATES, self._measure, nodes.RELIABLE)
        self.sent: Counter[str] = Counter()

    def strike(self) -> None:
        """Send one message, if there is anything to copy yet."""
        if not self._heard or not self._joints.name:
            return
        way = self._random.choice(WAYS)
        self._out.publish(getattr(self, f'_{way}')())
        self.sent[way] += 1

    def _hear(self, data: bytes) -> None:
        if not self.sent and len(self._heard) < _KEPT:   # later it would hear itself
            self._heard.append(data)

    def _measure(self, message: JointState) -> None:
        self._joints = message

    def _forged(self) -> bytes:
        message = deserialize_message(self._heard[-1], self._kind)
        message.header.stamp = conversion.to_time(time.monotonic())
        if self._kind is Subgoal:
            message.active, message.part, message.tool = True, '', ''
            return bytes(serialize_message(message))
        there = [position + TWIST for position in self._joints.position]
        trajectory = JointTrajectory(
            header=message.header, joint_names=self._joints.name,
            points=[JointTrajectoryPoint(positions=there, velocities=[0.0] * len(there),
                                         time_from_start=conversion.to_duration(0.5))])
        if self._kind is JointTrajectory:
            return bytes(serialize_message(trajectory))
        message.trajectory, message.seal = trajectory, list(self._random.randbytes(32))
        message.claim.sequence += 1_000_000
        message.claim.idle = False
        return bytes(serialize_message(message))

    def _replayed(self) -> bytes:
        return self._random.choice(self._heard)

    def _truncated(self) -> bytes:
        data = self._random.choice(self._heard)
        return data[:self._random.randrange(4, len(data))]

    def _flipped(self) -> bytes:
        data = bytearray(self._random.choice(self._heard))
        bit = self._random.randrange(8 * 4, 8 * len(data))   # behind the mark of the encoding
        data[bit // 8] ^= 1 << bit % 8
        return bytes(data)


def main() -> int:
    """Attack until told to end."""
    namespace, rate, topics = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    ending = follow_signals()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node('attacker', namespace=namespace)
        attackers = [Attacker(node, topic, seed) for seed, topic in enumerate(topics)]
        print('HERE', flush=True)
        due_s = time.monotonic() + _LEARNS_S
        while not ending.is_set():
            rclpy.spin_once(node, timeout_sec=0.0)
            while due_s <= time.monotonic() and not ending.is_set():
                for attacker in attackers:
                    attacker.strike()
                due_s += 1.0 / rate
            time.sleep(0.0005)
        sent = {topic: attacker.sent for topic, attacker in zip(topics, attackers, strict=True)}
        print(json.dumps(sent), flush=True)
        node.destroy_node()
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
