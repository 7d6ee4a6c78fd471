"""Brings the nodes of a cell from started to active, all or none.

The node table enters; configure goes to all nodes at once, since each loads its own models, and
activate follows in the order of the data path once every one of them is ready. READY means that
all are active: nothing moves before. Runs inside a supervisor's process, or as a node of its
own under ROS's launch, which so needs no event handlers.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
import os
import sys
import threading
import time

from lam_ws.errors import LamError
from lam_ws.graph import NodeSpec
from lam_ws.nodes.security import complaint
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import rclpy
from rclpy.client import Client
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.task import Future

READY_S = 60.0   # a node that has not answered by then is given up
_POLL_S = 0.02
_PATIENCE_S = 1.0   # without an answer, until a node is asked for its state
_IN_HASTE_S = 0.2   # the same of a node that was started again: the dead one is still listed
STEPS = {           # what: transition, state before, state after
    'configured': (Transition.TRANSITION_CONFIGURE, 'unconfigured', 'inactive'),
    'activated': (Transition.TRANSITION_ACTIVATE, 'inactive', 'active'),
    'deactivated': (Transition.TRANSITION_DEACTIVATE, 'active', 'inactive'),
}


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
        self._executor, self._check = executor, check
        self._nodes: dict[str, _Managed] = {}
        for spec in specs:
            if spec.lifecycle:
                name = '/'.join(['', *filter(None, (spec.namespace.strip('/'), spec.name))])
                self._nodes[spec.name] = _Managed(
                    node.create_client(ChangeState, f'{name}/change_state'),
                    node.create_client(GetState, f'{name}/get_state'))

    def bring_up(self, timeout_s: float = READY_S) -> None:
        """Configure all nodes at once, then activate them in order.

        Raises:
            BringUpError: A node did not appear, or refused a transition.
        """
        deadline = time.monotonic() + timeout_s
        self._transit(self._nodes, 'configured', timeout_s)
        for name in self._nodes:
            self.activate(name, max(deadline - time.monotonic(), 1.0))

    def bring_up_again(self, name: str, timeout_s: float = READY_S) -> None:
        """Configure and activate one node that was started again; raises BringUpError."""
        self._transit([name], 'configured', timeout_s, _IN_HASTE_S)
        self._transit([name], 'activated', timeout_s, _IN_HASTE_S)

    def activate(self, name: str, timeout_s: float = 5.0) -> None:
        """Let a configured node work; raises BringUpError."""
        self._transit([name], 'activated', timeout_s)

    def deactivate(self, name: str, timeout_s: float = 5.0) -> None:
        """Let an active node rest; raises BringUpError."""
        self._transit([name], 'deactivated', timeout_s)

    def _transit(self, names: Iterable[str], what: str, timeout_s: float,
                 patience_s: float = _PATIENCE_S) -> None:
        deadline = time.monotonic() + timeout_s
        steps = {name: _Step(self._nodes[name], *STEPS[what], patience_s) for name in names}
        while waiting := sorted(name for name, step in steps.items() if step.poll() is None):
            self._check()
            if time.monotonic() > deadline:
                raise BringUpError(waiting[0], f'not {what} in time: ' + ', '.join(waiting))
            self._executor.spin_once(timeout_sec=_POLL_S)
        for name, step in steps.items():
            if not step.poll():
                raise BringUpError(name, f'node {name} could not be {what}')


@dataclass(frozen=True)
class _Managed:
    """The two services of a managed node that matter here."""

    change: Client
    state: Client


class _Step:
    """One transition of one node, asked for until its outcome is known.

    An answer can get lost: a service may answer before it knows that its client listens. After
    a while without one the node is asked what state it is in, and told again if need be. A node
    that was only slow refuses to be told twice: then its state says what came of it.
    """

    def __init__(self, node: _Managed, transition: int, before: str, after: str,
                 patience_s: float = _PATIENCE_S):
        self._node, self._transition, self._patience_s = node, transition, patience_s
        self._before, self._after = before, after
        self._answer: Future | None = None
        self._state: Future | None = None
        self._asked_s = 0.0
        self._told = 0
        self._outcome: bool | None = None

    def poll(self) -> bool | None:
        """Go on; return whether it worked, None while that is not known."""
        if self._outcome is None:
            if self._answer is None:
                self._tell()
            elif self._answer.done() and (self._answer.result().success or self._told == 1):
                self._outcome = bool(self._answer.result().success)
            elif self._state is not None and self._state.done():
                self._judge(self._state.result().current_state.label)
            elif time.monotonic() - self._asked_s > self._patience_s:
                self._asked_s = time.monotonic()
                self._state = self._node.state.call_async(GetState.Request())
        return self._outcome

    def _tell(self) -> None:
        if self._node.change.service_is_ready() and self._node.state.service_is_ready():
            self._asked_s = time.monotonic()
            self._told += 1
            self._answer = self._node.change.call_async(
                ChangeState.Request(transition=Transition(id=self._transition)))

    def _judge(self, label: str) -> None:
        self._state = None
        if label == self._before:
            self._answer = None
        elif label in (self._after, 'finalized'):
            self._outcome = label == self._after


def main() -> int:
    """Run as a node of its own: bring up `nodes` (all) of the site's cell, then say READY."""
    from lam_ws.graph import nodes, select
    from lam_ws.nodes.lifecycle import follow_signals
    from lam_ws.site import load_site
    from rcl_interfaces.msg import ParameterDescriptor
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.parameter import Parameter
    from rclpy.signals import SignalHandlerOptions

    if reason := complaint(os.environ):
        print(reason, file=sys.stderr)
        return 2
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
