"""Brings the nodes of a cell from started to active, all or none.

The node table enters; configure goes to all nodes at once, since each loads its own models, and
activate follows in the order of the data path once every one of them is ready. READY means that
all are active: nothing moves before. Runs inside a supervisor's process, or as a node of its
own under ROS's launch, which so needs no event handlers.
"""
from collections.abc import Callable, Iterable
import sys
import threading
import time

from lam_ws.errors import LamError
from lam_ws.graph import NodeSpec
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import rclpy
from rclpy.client import Client
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.task import Future

READY_S = 60.0   # a node that has not answered by then is given up
_POLL_S = 0.02


class BringUpError(LamError):
    """The node `name` cannot be configured or activated; its own log says why."""

    def __init__(self, name: str, message: str):
        self.name = name
        super().__init__(message)


class Manager:
    """Drives the lifecycle of the nodes in `specs`.

    Args:
        node: Node to talk from.
        executor: Executor that `node` belongs to; spun while waiting.
        specs: The node table's rows; unmanaged ones are left alone.
        check: Called while waiting; raises to give up, for example when a process died.
    """

    def __init__(self, node: Node, executor: Executor, specs: Iterable[NodeSpec],
                 check: Callable[[], None] = lambda: None):
        self._node, self._executor, self._check = node, executor, check
        self._change: dict[str, Client] = {}
        self._state: dict[str, Client] = {}
        for spec in specs:
            if spec.lifecycle:
                name = '/'.join(['', *filter(None, (spec.namespace.strip('/'), spec.name))])
                self._change[spec.name] = node.create_client(ChangeState, f'{name}/change_state')
                self._state[spec.name] = node.create_client(GetState, f'{name}/get_state')

    def bring_up(self, timeout_s: float = READY_S) -> None:
        """Configure all nodes at once, then activate them in order.

        Raises:
            BringUpError: A node did not appear, or refused a transition.
        """
        deadline = time.monotonic() + timeout_s
        pending = set(self._change)
        answers: dict[str, Future] = {}
        while pending or not all(answer.done() for answer in answers.values()):
            for name in [name for name in pending if self._change[name].service_is_ready()]:
                pending.remove(name)
                answers[name] = self._ask(name, Transition.TRANSITION_CONFIGURE)
            waiting = pending or {name for name in answers if not answers[name].done()}
            self._spin(deadline, 'configured', waiting)
        for name, answer in answers.items():
            self._require(name, answer, 'configured')
        for name in self._change:
            self.activate(name, max(deadline - time.monotonic(), 1.0))

    def activate(self, name: str, timeout_s: float = 5.0) -> None:
        """Let a configured node work; raises BringUpError."""
        self._transit(name, Transition.TRANSITION_ACTIVATE, 'activated', timeout_s)

    def deactivate(self, name: str, timeout_s: float = 5.0) -> None:
        """Let an active node rest; raises BringUpError."""
        self._transit(name, Transition.TRANSITION_DEACTIVATE, 'deactivated', timeout_s)

    def states(self, timeout_s: float = 2.0) -> dict[str, str]:
        """Return the lifecycle state of each node, 'unknown' when it does not answer."""
        answers = {name: client.call_async(GetState.Request())
                   for name, client in self._state.items() if client.service_is_ready()}
        deadline = time.monotonic() + timeout_s
        while not all(answer.done() for answer in answers.values()):
            if time.monotonic() > deadline:
                break
            self._executor.spin_once(timeout_sec=_POLL_S)
        return {name: answers[name].result().current_state.label
                if name in answers and answers[name].done() else 'unknown'
                for name in self._state}

    def all_active(self) -> bool:
        """Return whether every node is active now."""
        return set(self.states().values()) == {'active'}

    def _ask(self, name: str, transition: int) -> Future:
        request = ChangeState.Request(transition=Transition(id=transition))
        return self._change[name].call_async(request)

    def _spin(self, deadline: float, what: str, waiting: Iterable[str]) -> None:
        self._check()
        if time.monotonic() > deadline:
            names = sorted(waiting)
            raise BringUpError(names[0], f'not {what} in time: ' + ', '.join(names))
        self._executor.spin_once(timeout_sec=_POLL_S)

    def _transit(self, name: str, transition: int, what: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        answer = self._ask(name, transition)
        while not answer.done():
            self._spin(deadline, what, {name})
        self._require(name, answer, what)

    def _require(self, name: str, answer: Future, what: str) -> None:
        if not answer.result().success:
            raise BringUpError(name, f'node {name} could not be {what}')


def main() -> int:
    """Run as a node of its own: bring up `nodes` (all) of the site's cell, then say READY."""
    from lam_ws.graph import nodes, select
    from lam_ws.nodes.lifecycle import follow_signals
    from lam_ws.site import load_site
    from rcl_interfaces.msg import ParameterDescriptor
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.parameter import Parameter
    from rclpy.signals import SignalHandlerOptions

    ending: threading.Event = follow_signals()
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    node = Node('manager')

    def check() -> None:
        if ending.is_set():
            raise KeyboardInterrupt
    try:
        fixed = ParameterDescriptor(read_only=True)
        node.declare_parameter('site', Parameter.Type.STRING, fixed)
        names = node.declare_parameter('nodes', '', fixed).value
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        rows = nodes(load_site(node.get_parameter('site').value))
        rows = select(rows, only=names.split(',') if names else ())
        manager = Manager(node, executor, rows, check)
        manager.bring_up()
        node.get_logger().info('READY')
        while not ending.is_set():
            executor.spin_once(timeout_sec=0.1)
    except LamError as failure:
        node.get_logger().error(str(failure))
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
