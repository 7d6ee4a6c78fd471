"""Whether a controller of ros2_control is the one that drives: its manager is asked.

The list of the manager enters twice a second; a fault leaves while the controller of the adapter
is not active. Without controller_manager_msgs, as with the wheels, nobody can ask, and the
adapter's file has to say so by naming no manager.
"""
import math
import time
from typing import Any

from lam_ws.adapter_file import ControllerSettings
from lam_ws.errors import ArmError
from rclpy.lifecycle import LifecycleNode

_ASK_S = 0.5     # between two questions
_SILENT_S = 2.0  # without an answer


class Activity:
    """Asks one manager.

    Args:
        node: Whose client and timer are used.
        settings: Which manager and which controller.

    Raises:
        ArmError: A manager is named and its interface is not installed.
    """

    def __init__(self, node: LifecycleNode, settings: ControllerSettings):
        self._settings, self._state, self._heard_s = settings, 'unknown', -math.inf
        if settings.manager is None:
            return
        try:
            from controller_manager_msgs.srv import ListControllers  # type: ignore[import-not-found]
        except ImportError:
            raise ArmError('ros2_control.manager needs controller_manager_msgs: apt install '
                           'ros-jazzy-controller-manager-msgs, or leave manager and controller '
                           'out') from None
        self._request = ListControllers.Request()
        self._client = node.create_client(ListControllers,
                                          f'{settings.manager}/list_controllers')
        node.create_timer(_ASK_S, self._ask)

    def cause(self) -> tuple[str, str]:
        """Return ('switched', why) while the controller does not drive, else ('', '')."""
        if self._settings.manager is None:
            return '', ''
        if time.monotonic() - self._heard_s > _SILENT_S:
            return 'link', f'{self._settings.manager} does not answer'
        if self._state == 'active':
            return '', ''
        return 'switched', f'{self._settings.controller} is {self._state}'

    def _ask(self) -> None:
        if self._client.service_is_ready():
            self._client.call_async(self._request).add_done_callback(self._hear)

    def _hear(self, future: Any) -> None:
        answer = future.result()
        if answer is None:
            return
        self._heard_s = time.monotonic()
        states = {one.name: one.state for one in answer.controller}
        self._state = states.get(self._settings.controller, 'not loaded')
