"""What a real arm says of itself, for the guard: a cause to stop, and the pace at which it plays.

`arm_state` enters; an alarm that lasts while the arm is not ready leaves, and a share. Without a
word for half a second the arm counts as lost. Nothing here can make an arm move: the arm's own
node takes no command while a fault stands.
"""
import math
import time
from typing import Any

from lam_interfaces.msg import ArmState
from lam_ws.nodes import nodes
from lam_ws.safety.bound import Bound
from rclpy.node import Node

_SILENT_S = 0.5


class ArmWatch:
    """Listens to the arm of one cell."""

    def __init__(self, node: Node):
        self.state: ArmState | None = None
        self._heard_s = -math.inf
        node.create_subscription(ArmState, nodes.ARM_STATE, self._hear, nodes.RELIABLE)

    def _hear(self, message: ArmState) -> None:
        self.state, self._heard_s = message, time.monotonic()

    @property
    def pace(self) -> float:
        """Share of the commanded speed at which the arm plays, 0..1; 0 where it is nonsense."""
        if self.state is None:
            return 0.0
        pace = float(self.state.pace)
        return pace if 0.0 <= pace <= 1.0 else 0.0

    def alarm(self, now_s: float) -> Bound | None:
        """Return why the arm cannot be moved now, None if it can; `now_s` is monotonic."""
        state = self.state
        if state is None or now_s - self._heard_s > _SILENT_S:
            return Bound('arm_link', where=nodes.ARM_STATE)
        if state.mode == 'ready' and not state.fault:
            return None
        return Bound(f'arm_{state.fault or "alarm"}', where=state.text)


def watched(cell: Any, seconds: float) -> dict[str, Any]:
    """Return what the arm of a running cell says of itself within `seconds`.

    Args:
        cell: A `lam_ws.nodes.client.Client`.
        seconds: How long is listened.

    Raises:
        CellError: It says nothing.
    """
    from lam_ws.nodes.client import CellError
    watch = ArmWatch(cell.node)
    cell.turn_for(seconds)
    state = watch.state
    if state is None:
        raise CellError('no arm says how it is: is the cell running, and its arm a real one?')
    return {'mode': state.mode, 'fault': state.fault, 'text': state.text, 'pace': state.pace}
