"""What the PLC of the cell says, as guard and task hear it from the node `plc`.

Sealed messages enter; the cause to stop that stands, and what a step still waits for, leave. No
news is bad news: what is not sealed, older than what is known, or about other signals than the
site's changes nothing, and what is known grows old.
"""
import time
from typing import Self

from lam_interfaces.msg import CellSignals
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.plc_file import PlcSettings, Step
from lam_ws.safety.bound import Bound
from lam_ws.site import Site
from rclpy.node import Node

OFF, ON, UNKNOWN = 0, 1, 2   # CellSignals.states
_STATES = {False: OFF, True: ON, None: UNKNOWN}


class Signals:
    """Listens to the node `plc`.

    Args:
        node: Guard or task.
        settings: The PLC of the site.
        key: Of the node `plc`.

    Attributes:
        refused: Messages that were not believed.
    """

    def __init__(self, node: Node, settings: PlcSettings, key: bytes):
        self._node, self._settings, self._key = node, settings, key
        self._names = [one.name for one in settings.inputs]
        self._states: dict[str, int] = {}   # empty while not connected
        self._stamp_s = 0.0                 # of the newest message
        self._answered_s = 0.0              # of the newest poll that was answered
        self.refused = 0
        node.create_subscription(CellSignals, nodes.CELL_SIGNALS, self._hear, nodes.DEEP,
                                 raw=True)

    @classmethod
    def of(cls, node: Node, site: Site) -> Self | None:
        """Return the listener of a site's PLC, None where it has none."""
        return None if site.plc is None else cls(node, site.plc, read_keys(('plc',))['plc'])

    def alarm(self, now_s: float) -> Bound | None:
        """Return the cause to stop that stands now, None if there is none.

        Args:
            now_s: On the monotonic clock, s.
        """
        longest_s = self._settings.silent_s
        silence_s = now_s - self._answered_s if self._answered_s else 0.0
        if not self._states or silence_s > longest_s:
            return Bound('plc_silent', silence_s, longest_s)
        for one in self._settings.with_role('gate'):
            if self._states[one.name] != ON:
                return Bound('gate_open', where=one.name)
        return None

    def lacking(self, step: Step) -> str:
        """Return the signal that a step waits for before it may begin, '' if none."""
        return next((one.name for one in self._settings.with_role('ready')
                     if one.concerns(step) and self._states.get(one.name) != ON), '')

    def _hear(self, data: bytes) -> None:
        message = sealing.cell_signals(data, self._key)
        if message is None or not self._follows(message):
            self.refused += 1
            self._node.get_logger().error('signals refused: their seal is wrong, they are old '
                                          'ones, or of another site', throttle_duration_sec=1.0)
            return
        self._stamp_s = conversion.to_seconds(message.header.stamp)
        self._states = {}
        if message.connected:
            self._answered_s = self._stamp_s
            self._states = dict(zip(message.inputs, message.states, strict=True))

    def _follows(self, message: CellSignals) -> bool:
        """Return whether a message is news, and about the signals of this site."""
        stamp_s = conversion.to_seconds(message.header.stamp)
        return self._stamp_s < stamp_s <= time.monotonic() \
            and list(message.inputs) == self._names and len(message.states) == len(self._names)


def states(inputs: dict[str, bool | None]) -> list[int]:
    """Return inputs as the message has them."""
    return [_STATES[value] for value in inputs.values()]
