"""Which topics of a cell are recorded, with their types."""
from dataclasses import dataclass

from geometry_msgs.msg import TransformStamped
from lam_interfaces.msg import CellSignals, GuardState, Proposal, Scene, Subgoal
from lam_ws.nodes import nodes
from lam_ws.site import Site
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory


@dataclass(frozen=True)
class TopicType:
    """A topic and the class of its messages."""

    name: str
    kind: type


def recorded_topics(site: Site) -> tuple[TopicType, ...]:
    """Return what belongs into a recording of this site's cell."""
    topics = [TopicType(nodes.JOINT_STATES, JointState), TopicType(nodes.SCENE, Scene),
              TopicType(nodes.SUBGOAL, Subgoal), TopicType(nodes.PROPOSED, Proposal),
              TopicType(nodes.COMMAND, JointTrajectory),
              TopicType(nodes.GUARD_STATE, GuardState), TopicType(nodes.ASSIGNMENT, String)]
    if site.plc is not None:
        topics.append(TopicType(nodes.CELL_SIGNALS, CellSignals))
    if nodes.lockstep(site):   # in real time every message says by itself when it was heard
        topics.append(TopicType(nodes.CLOCK, Clock))
    for camera in site.cameras:
        topics.append(TopicType(nodes.info_topic(camera.name), CameraInfo))
        topics.append(TopicType(nodes.mount_topic(camera.name), TransformStamped))
        if site.record is not None and site.record.frames:
            topics.append(TopicType(nodes.image_topic(camera.name), Image))
    return tuple(topics)
