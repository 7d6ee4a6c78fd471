"""A leader arm: a second arm whose joints the operator moves, and which this one follows.

Its joint states enter by topic, mapped by name; while it is engaged its pose goes to the hand
with each message. It can be engaged only near the pose of the arm, and is let go where it falls
silent, runs away or is not the only one; nothing follows it again until it is engaged anew.
"""
from collections.abc import Mapping
import time

from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.hand import Hand
from lam_ws.policy.teleop import FAR, NEAR
from lam_ws.safety.lease import DEAD_MAN_S
from lam_ws.types import Array
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMessage


class Leader:
    """The leader of one hand.

    Args:
        node: Listens.
        hand: What is led.
        topic: Of its sensor_msgs/JointState.
        names: Leader's name of an arm joint where it is another one. The gripper may be missing.

    Attributes:
        engaged: The arm follows it.
        code: Why it does not, a key of `policy.teleop_words.WORDINGS`; '' while it does.
        where: The joint concerned.
    """

    def __init__(self, node: Node, hand: Hand, topic: str, names: Mapping[str, str]):
        self._hand = hand
        self._count = lambda: node.count_publishers(topic)
        self._names = [names.get(name, name) for name in hand.site.arm.names]
        self._pose: Array | None = None
        self._heard_s = 0.0
        self.engaged, self.code, self.where = False, 'leader_silent', ''
        node.create_subscription(JointStateMessage, topic, self._take, nodes.NEWEST)

    def engage(self) -> bool:
        """Follow from now on, if the leader is where the arm is; return whether it does."""
        self.look()
        last = self._hand.last
        if not self.engaged and self._pose is not None and last is not None \
                and self._hand.state.holds and self.code not in ('leader_silent', 'leader_twice'):
            joint, away = self._hand.teleop.apart(self._pose, last.position)
            self.engaged = away <= NEAR
            self.code, self.where = ('', '') if self.engaged else ('leader_far', joint)
        return self.engaged

    def disengage(self, code: str = 'leader_free', where: str = '') -> None:
        """Follow no longer; the arm comes to rest."""
        if self.engaged:
            self._hand.release()
        self.engaged, self.code, self.where = False, code, where

    def look(self) -> None:
        """Notice a leader that fell silent, or a hand that lost the arm; call now and then."""
        if time.monotonic() - self._heard_s > DEAD_MAN_S:
            self.disengage('leader_silent')
        elif self._count() > 1:   # whoever else speaks would lead the arm as well
            self.disengage('leader_twice')
        elif self.engaged and not self._hand.state.holds:
            self.disengage()

    def _take(self, message: JointStateMessage) -> None:
        try:
            pose = self._read(message)
        except ObservationError:
            self.disengage('leader_joints', self._missing(message))
            return
        now_s, last = time.monotonic(), self._hand.last
        if self.code in ('leader_silent', 'leader_joints', 'leader_twice'):
            self.code, self.where = 'leader_free', ''
        self._pose, self._heard_s = pose, now_s
        if not self.engaged or last is None:
            return
        joint, away = self._hand.teleop.apart(pose, last.position)
        if away > FAR:
            self.disengage('leader_jumped', joint)
        else:
            self._hand.follow(pose, now_s)

    def _read(self, message: JointStateMessage) -> Array:
        """Return [n] rad (gripper m) in the order of the arm.

        Raises:
            ObservationError: An arm joint is missing, or a value is not finite.
        """
        names = list(self._names)
        gripper = names[-1] in message.name
        if len(message.velocity) != len(message.name):   # leaders need not tell
            message.velocity = [0.0] * len(message.name)
        found = conversion.joint_state(message, names if gripper else names[:-1]).position
        if gripper:
            return found
        last = self._hand.last
        kept = self._hand.site.arm.home[-1] if last is None else last.position[-1]
        return np.append(found, kept)

    def _missing(self, message: JointStateMessage) -> str:
        missing = [name for name in self._names[:-1] if name not in message.name]
        return ', '.join(missing)
