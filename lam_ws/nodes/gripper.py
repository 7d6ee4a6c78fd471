"""A gripper with a driver of its own: what the guard wants of it enters, its opening leaves.

Topics and unit are those of an arm: one joint of the site's name, m between the pads.
"""
from dataclasses import replace
import math
import time

from lam_ws.nodes import conversion, nodes
from lam_ws.types import JointState
import numpy as np
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import JointState as JointStateMessage
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint


class Gripper:
    """The gripper of one arm.

    Args:
        node: Whose topics are used.
        joint: Its name.
        stale_s: s after which it counts as silent.
    """

    def __init__(self, node: LifecycleNode, joint: str, stale_s: float):
        self._joint, self._stale_s = joint, stale_s
        self._opening = self._speed = 0.0
        self._heard_s = -math.inf
        self._out = node.create_publisher(JointTrajectory, nodes.GRIPPER_COMMAND, nodes.RELIABLE)
        node.create_subscription(JointStateMessage, nodes.GRIPPER_STATES, self._hear,
                                 nodes.RELIABLE)

    def _hear(self, message: JointStateMessage) -> None:
        if self._joint not in message.name:
            return
        i = list(message.name).index(self._joint)
        if len(message.position) <= i or not math.isfinite(message.position[i]):
            return
        speed = message.velocity[i] if len(message.velocity) > i else 0.0
        self._opening, self._speed = message.position[i], speed
        self._heard_s = time.monotonic()

    def silent(self) -> bool:
        """Return whether nothing was heard for too long."""
        return time.monotonic() - self._heard_s > self._stale_s

    def move(self, opening: float) -> None:
        """Tell it where to be, m."""
        point = JointTrajectoryPoint(positions=[opening],
                                     time_from_start=conversion.to_duration(0.0))
        message = JointTrajectory(joint_names=[self._joint], points=[point])
        message.header.stamp = conversion.to_time(time.monotonic())
        self._out.publish(message)

    def measured(self, joints: JointState) -> JointState:
        """Return `joints` with its opening as the last axis."""
        return replace(joints, position=np.append(joints.position[:-1], self._opening),
                       velocity=np.append(joints.velocity[:-1], self._speed))
