"""Causes to stop that last, from outside: an emergency stop, a gate, a file, a second commander.

Messages, a path and the graph enter; the one alarm that the guard takes in each cycle leaves.
An emergency stop or a PLC that a site says is there must be heard: its silence is a press.
"""
from pathlib import Path
import time

from lam_ws.errors import LimitError
from lam_ws.nodes import nodes
from lam_ws.nodes.cell_signals import Signals
from lam_ws.safety.bound import Bound
from lam_ws.site import StopSettings
from rclpy.node import Node
from std_msgs.msg import Bool

_LOOK_S = 0.2   # between two looks at who else commands the arm


class Stops:
    """Listens for one guard.

    Args:
        node: The guard's node.
        settings: What the site says of stops.
        signals: Of the cell's PLC, None where it has none.

    Raises:
        LimitError: A stop file is named where none can be.
    """

    def __init__(self, node: Node, settings: StopSettings, signals: Signals | None = None):
        self._node, self._settings, self._signals = node, settings, signals
        self._file = Path(settings.file) if settings.file else None
        if self._file is not None and not self._file.parent.is_dir():
            raise LimitError(f'the stop file {self._file} could not be put there: there is no '
                             f'folder {self._file.parent}')
        self._pressed, self._heard_s = False, -1.0
        self._seen: Bound | None = None
        for quality in (nodes.RELIABLE, nodes.NEWEST):   # a button may be published as either
            node.create_subscription(Bool, nodes.ESTOP, self._hear, quality)
        node.create_timer(_LOOK_S, self.look)

    def alarm(self, now_s: float) -> Bound | None:
        """Return the cause to stop that stands now, None if there is none.

        Args:
            now_s: On the monotonic clock, s.
        """
        if self._pressed:
            return Bound('estop')
        longest_s, silence_s = self._settings.heartbeat_s, now_s - self._heard_s
        if longest_s is not None and (self._heard_s < 0.0 or silence_s > longest_s):
            return Bound('estop_lost', silence_s if self._heard_s >= 0.0 else 0.0, longest_s)
        if self._signals is not None and (open_ := self._signals.alarm(now_s)) is not None:
            return open_
        if self._file is not None and self._file.exists():
            return Bound('stop_file', where=str(self._file))
        return self._seen

    def look(self) -> None:
        """See who publishes commands besides this node, and how many speak for the button.

        Of two that do, one that is not pressed would take back what the other says.
        """
        self._seen = self._commander() or self._buttons()

    def _buttons(self) -> Bound | None:
        count = self._node.count_publishers(nodes.ESTOP)
        return Bound('estop_twice', count, 1) if count > 1 else None

    def _commander(self) -> Bound | None:
        topic = self._node.resolve_topic_name(nodes.COMMAND)
        found = self._node.get_publishers_info_by_topic(topic)
        own = (self._node.get_name(), self._node.get_namespace())
        names = [(end.node_name, end.node_namespace) for end in found]
        if own in names:
            names.remove(own)   # once: another node of this name is foreign
        return Bound('foreign_commander', len(names) + 1, 1,
                     f'{names[0][1].rstrip("/")}/{names[0][0]}') if names else None

    def _hear(self, message: Bool) -> None:
        self._pressed, self._heard_s = message.data, time.monotonic()
