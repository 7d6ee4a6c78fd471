"""Hears every topic of a recording as it is on the wire.

A table of topics enters; each message leaves as bytes, once, with its topic. Cameras of other
makers often publish best effort, and a reliable subscription would never hear them: where
nobody publishes a topic reliably, it is subscribed to as it is offered.
"""
from collections.abc import Callable, Sequence

from lam_ws.nodes import nodes
from lam_ws.nodes.topics import TopicType
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

_LOOK_S = 1.0
# As DEEP, for publishers that do not send again what was lost.
_UNRELIABLE = QoSProfile(depth=nodes.DEEP.depth, history=HistoryPolicy.KEEP_LAST,
                         reliability=ReliabilityPolicy.BEST_EFFORT)
Hear = Callable[[TopicType, str, str, bytes], None]


class Listening:
    """The subscriptions of one recorder.

    Args:
        node: What hears.
        topics: What is heard.
        hear: Takes topic, full name, type as 'package/msg/Name', and the message's bytes.
    """

    def __init__(self, node: Node, topics: Sequence[TopicType], hear: Hear):
        self._node, self._hear = node, hear
        self._open: dict[TopicType, tuple[Subscription, bool]] = {}
        for topic in topics:
            self._open[topic] = self._subscribe(topic, True), True
        node.create_timer(_LOOK_S, self._look)

    def _subscribe(self, topic: TopicType, reliable: bool) -> Subscription:
        name = self._node.resolve_topic_name(topic.name)
        kind = '/'.join([topic.kind.__module__.split('.')[0], 'msg', topic.kind.__name__])
        quality = (nodes.LATCHED if topic.name == nodes.ASSIGNMENT else nodes.DEEP) \
            if reliable else _UNRELIABLE
        hear = self._hear
        return self._node.create_subscription(
            topic.kind, topic.name, lambda data: hear(topic, name, kind, data), quality,
            raw=True)

    def _look(self) -> None:
        """Ask anew for what is offered in another way than it was asked for."""
        for topic, (subscription, reliable) in self._open.items():
            offered = [end.qos_profile.reliability for end in
                       self._node.get_publishers_info_by_topic(subscription.topic_name)]
            wanted = not offered or ReliabilityPolicy.RELIABLE in offered
            if wanted != reliable:
                self._node.destroy_subscription(subscription)
                self._open[topic] = self._subscribe(topic, wanted), wanted
