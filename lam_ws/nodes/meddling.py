"""Asks the nodes of a running cell for what they have to refuse.

A node's name and a wish enter; whether the node granted it leaves. `lam_ws.faults` provokes by
it what somebody with ROS's own tools could do to a cell at work.
"""
from lam_ws.nodes import nodes
from lam_ws.nodes.client import Client
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_msgs.msg import Bool

TRANSITIONS = {'configure': Transition.TRANSITION_CONFIGURE,
               'activate': Transition.TRANSITION_ACTIVATE,
               'deactivate': Transition.TRANSITION_DEACTIVATE,
               'cleanup': Transition.TRANSITION_CLEANUP}
_SAID_S = 0.1
WISHES = {'site': 'sim_bench', 'use_sim_time': True, 'velocity_scale': 1.0}


def granted_parameters(client: Client, node: str) -> list[str]:
    """Return which of `WISHES` a node let itself be given; none of them is allowed."""
    wish = SetParameters.Request(parameters=[
        Parameter(name, value=value).to_parameter_msg() for name, value in WISHES.items()])
    results = client.call(SetParameters, f'{node}/set_parameters', wish).results
    return [name for name, result in zip(WISHES, results, strict=True) if result.successful]


def transit(client: Client, node: str, transition: str) -> bool:
    """Ask a node for a transition; return whether it was made."""
    wish = ChangeState.Request(transition=Transition(id=TRANSITIONS[transition]))
    return bool(client.call(ChangeState, f'{node}/change_state', wish).success)


class Button:
    """An emergency stop that says ten times a second whether it is pressed.

    Args:
        node: Node in the cell's namespace; whoever made it keeps its executor turning.
    """

    def __init__(self, node: Node):
        self._pressed = False
        self._out = node.create_publisher(Bool, nodes.ESTOP, nodes.RELIABLE)
        self._timer = node.create_timer(_SAID_S, self._say)

    def press(self, pressed: bool) -> None:
        """Press or release it; it says so at once."""
        self._pressed = pressed
        self._say()

    def fail(self, silent: bool) -> None:
        """Let it say nothing any more, or speak again."""
        self._timer.cancel() if silent else self._timer.reset()

    def _say(self) -> None:
        self._out.publish(Bool(data=self._pressed))
