"""Lets every callback of one node raise, one after the other, and sees what becomes of it.

A node's name enters; for each subscription, timer, service and callback of an action whether
the exception reached the node's `fail` leaves, as JSON. `fail` ends the process with status 1;
here it only takes note, so that one node serves for all of its callbacks. Run as
`python -m lam_ws.nodes.throwing NODE --ros-args -p site:=SITE`.
"""
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
import json
import sys
import threading
import time
from typing import Any

from lam_ws.nodes import lifecycle, nodes
import rclpy
from rclpy.action import ActionClient
from rclpy.client import Client
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.signals import SignalHandlerOptions

_PATIENCE_S = 3.0
_AGAIN_S = 0.2
# Of the task's action: rclpy's names, and what the task gives the result by.
_ACTION = ('_goal_callback', '_handle_accepted_callback', '_cancel_callback', '_report')


class Thrown(Exception):
    """The exception that is thrown on purpose."""


def throwing(*given: object) -> None:
    """Stand in for a callback."""
    raise Thrown


def reached(node: lifecycle.LamNode, executor: EventsExecutor,
            excite: Callable[[], object]) -> bool:
    """Return whether an exception comes to the node's main loop while `excite` is called."""
    node.failure = None
    ending = threading.Event()
    done_s = time.monotonic() + _PATIENCE_S
    while node.failure is None and time.monotonic() < done_s:
        excite()
        timer = threading.Timer(_AGAIN_S, ending.set)
        timer.start()
        lifecycle._spin(node, executor, ending)
        timer.cancel()
        ending.clear()
    return isinstance(node.failure, Thrown)


def callbacks(node: lifecycle.LamNode, other: Node) -> Iterator[
        tuple[str, Any, str, Callable[[], object]]]:
    """Yield (name, owner, attribute, what makes it be called) of each callback of `node`."""
    for subscription in list(node.subscriptions):
        out = other.create_publisher(subscription.msg_type, subscription.topic_name,
                                     nodes.RELIABLE)
        yield (subscription.topic_name, subscription, 'callback',
               partial(_publish, out, subscription.msg_type))
    for number, timer in enumerate(node.timers):
        yield f'timer {number}', timer, 'callback', lambda: None
    for service in list(node.services):
        client = other.create_client(service.srv_type, service.srv_name)
        yield service.srv_name, service, 'callback', partial(_call, client)


def _publish(out: Publisher, kind: type) -> None:
    out.publish(kind())


def _call(client: Client) -> None:
    if client.service_is_ready():
        client.call_async(client.srv_type.Request())


def examine(node: lifecycle.LamNode, other: Node, executor: EventsExecutor) -> dict[str, bool]:
    """Return for each callback of an active node whether its exception is noticed."""
    found = {}
    for name, owner, attribute, excite in callbacks(node, other):
        kept = getattr(owner, attribute)
        setattr(owner, attribute, throwing)
        found[name] = reached(node, executor, excite)
        setattr(owner, attribute, kept)
    server = getattr(node, '_server', None)
    if server is not None:
        found |= _action(node, server, other, executor)
    return found


def _action(node: Any, server: Any, other: Node, executor: EventsExecutor) -> dict[str, bool]:
    """Return the same of the callbacks of the node's action."""
    client = ActionClient(other, server.action_type, nodes.EXECUTE)
    found = {}
    for name in _ACTION:
        owner = node if name == '_report' else server
        kept = getattr(owner, name)
        handles: list[Any] = []

        def excite(handles: list[Any] = handles, name: str = name) -> None:
            if name == '_cancel_callback' and handles and handles[-1].done():
                handles[-1].result().cancel_goal_async()
            elif client.server_is_ready():
                handles.append(client.send_goal_async(server.action_type.Goal(text='?')))
            if name == '_report' and node._assignment is not None:
                node._assignment.give_up('stopped')
                node._finish()
        setattr(owner, name, throwing)
        found[f'action {name}'] = reached(node, executor, excite)
        setattr(owner, name, kept)
        node._handle = node._assignment = None
    return found


def main() -> int:
    """Examine the node that the first argument names."""
    name = sys.argv[1]
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    module = import_module(f'lam_ws.nodes.{name}_node')
    node = getattr(module, f'{name.capitalize()}Node')()
    other = rclpy.create_node('other', namespace=node.get_namespace())
    try:
        executor = EventsExecutor()
        executor.add_node(node)
        executor.add_node(other)
        node.trigger_configure()
        node.trigger_activate()
        node.fail = lambda failure: setattr(node, 'failure', failure)
        print(json.dumps(examine(node, other, executor)))
        return 0
    finally:
        node.destroy_node()
        other.destroy_node()
        rclpy.try_shutdown()


if __name__ == '__main__':
    sys.exit(main())
