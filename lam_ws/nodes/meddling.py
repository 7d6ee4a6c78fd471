"""Asks the nodes of a running cell for what they have to refuse.

A node's name and a wish enter; whether the node granted it leaves. `lam_ws.faults` provokes by
it what somebody with ROS's own tools could do to a cell at work.
"""
from lam_ws.nodes.client import Client
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter

TRANSITIONS = {'configure': Transition.TRANSITION_CONFIGURE,
               'activate': Transition.TRANSITION_ACTIVATE,
               'deactivate': Transition.TRANSITION_DEACTIVATE,
               'cleanup': Transition.TRANSITION_CLEANUP}
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
