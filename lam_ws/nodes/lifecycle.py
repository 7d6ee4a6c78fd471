"""The one lifecycle base class, and the main loop of every node process.

A subclass says what happens in `open`, `start`, `stop` and `shut`; nobody else overrides `on_*`,
because rclpy swallows exceptions there and forgets publishers that `super()` was not told of.
Here an exception is logged with its traceback and becomes ERROR; an exception in any other
callback takes the node to its error state and ends the process with status 1, so that whoever
supervises it sees a death instead of a node that looks alive.
"""
from collections.abc import Callable
from contextlib import suppress
import ctypes
import os
import signal
import sys
import threading
import traceback
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from lam_ws.errors import LamError
from lam_ws.nodes import nodes
from lam_ws.nodes.security import complaint
from lam_ws.site import load_site, Site
from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.executors import Executor
from rclpy.experimental import EventsExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
from rclpy.timer import Timer

PARENT = 'LAM_WS_SUPERVISOR'   # process id of the supervisor, set in its children
_PR_SET_PDEATHSIG = 1
_PRIORITY = 10                 # of SCHED_FIFO, for nodes that keep a rate; needs a privilege
_SPIN_S = 0.1                  # longest wait before a signal is noticed
_LAST_WORDS = 5
_CLOSING_S = 4.0               # after a signal the process is gone within this time


class LamNode(LifecycleNode):
    """A lifecycle node that fails loudly.

    Attributes:
        site: The checked site, there from `open` on.
        running: Whether the node is active: between `start` and `stop`.
        failure: The exception that ended this node, or None.
    """

    site: Site

    def __init__(self, name: str):
        super().__init__(name)
        self.running = False
        self.failure: BaseException | None = None
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.declare_parameter('site', Parameter.Type.STRING, ParameterDescriptor(
            description='Site name or path', read_only=True))
        # rclpy's own use_sim_time can be set at any time; nothing here may change while it runs.
        self.add_on_set_parameters_callback(lambda wanted: SetParametersResult(
            successful=False, reason='parameters are set at start only'))
        answer = self._service_change_state.callback
        self._service_change_state.callback = _refuse_impossible(answer)
        self._diagnostics = self.create_publisher(DiagnosticArray, nodes.DIAGNOSTICS, 10)
        self.create_timer(1.0, self._diagnose)

    def create_timer(self, period_s: float, callback: Callable[[], None],
                     clock: Clock | None = None) -> Timer:
        """Call back each `period_s` of the monotonic clock, or of `clock`.

        rclpy's own default is the wall clock: set back by an hour, it would stop every timer of
        the cell for that hour, the guard's cycle included.
        """
        return super().create_timer(period_s, callback,
                                    clock=self._steady if clock is None else clock)

    def open(self) -> None:
        """Load what is needed and create publishers, subscriptions and services."""

    def start(self) -> None:
        """Begin to work; publishers deliver from here on."""

    def stop(self) -> None:
        """Cease to work; may be followed by another `start`."""

    def shut(self) -> None:
        """Release what `open` took; must bear being called twice or after a failed `open`."""

    def health(self) -> dict[str, object]:
        """Return what /diagnostics should say about this node while it runs."""
        return {}

    def fail(self, failure: BaseException) -> None:
        """Log `failure` and take the node from wherever it is to its error state."""
        self.failure = failure
        self._log(failure)
        try:
            if self._state_machine.current_state[1] == 'active':
                self.trigger_deactivate()
            else:
                self.shut()
        except Exception as second:
            self._log(second)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        def act() -> None:
            self.site = load_site(self.get_parameter('site').value)
            self.open()
        return self._guarded(act, super().on_configure, state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        answer = self._guarded(lambda: None, super().on_activate, state)
        if answer != TransitionCallbackReturn.SUCCESS:
            return answer
        self.running = True
        return self._guarded(self.start, None, state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.running = False
        if self.failure is not None:
            return TransitionCallbackReturn.ERROR
        return self._guarded(self.stop, super().on_deactivate, state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._guarded(self.shut, super().on_cleanup, state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        def act() -> None:
            self.running = False
            if state.label == 'active':
                self.stop()
            self.shut()
        return self._guarded(act, super().on_shutdown, state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.running = False
        self._guarded(self.shut, super().on_error, state)
        # FAILURE leads to 'finalized': an error state is left by a new process only.
        return TransitionCallbackReturn.FAILURE

    def _guarded(self, act: Callable[[], None],
                 entities: Callable[[LifecycleState], TransitionCallbackReturn] | None,
                 state: LifecycleState) -> TransitionCallbackReturn:
        try:
            act()
            return entities(state) if entities else TransitionCallbackReturn.SUCCESS
        except Exception as failure:
            self.failure = failure
            self._log(failure)
            return TransitionCallbackReturn.ERROR

    def _log(self, failure: BaseException) -> None:
        self.get_logger().error(str(failure) or type(failure).__name__)
        if not isinstance(failure, LamError):
            print(''.join(traceback.format_exception(failure)), file=sys.stderr, flush=True)

    def _diagnose(self) -> None:
        label = self._state_machine.current_state[1]
        level = DiagnosticStatus.OK if self.failure is None else DiagnosticStatus.ERROR
        health = self.health() if self.running else {}
        message = DiagnosticArray(status=[DiagnosticStatus(
            level=level, name=self.get_fully_qualified_name(), message=label,
            values=[KeyValue(key=key, value=str(value))
                    for key, value in health.items()])])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def run_node(create: Callable[[], LamNode], urgent: bool = False) -> int:
    """Make a node and run it until it fails, is shut down or the process is told to end.

    Args:
        create: Makes the node.
        urgent: It must keep a rate: run before others where the system permits that.

    Returns:
        The exit status: 0 after a signal, 1 after a failure, 2 where security is asked for by
            halves, so that ROS would go on without.
    """
    ending = follow_signals()
    _die_with_parent()
    if urgent:
        with suppress(OSError):   # without the privilege it shares the processor as others do
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    if reason := complaint(os.environ):
        print(reason, file=sys.stderr)
        return 2
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    node = create()
    try:
        executor = EventsExecutor()   # a callback costs a fifth of what it does in the others
        executor.add_node(node)
        _spin(node, executor, ending)
        if node.failure is None:
            _close(node, executor)
        executor.remove_node(node)
        return 1 if node.failure is not None else 0
    finally:
        node.destroy_node()   # or its shared memory stays behind
        rclpy.try_shutdown()


def _spin(node: LamNode, executor: Executor, ending: threading.Event) -> None:
    # EventsExecutor.spin() never fires a timer and burns a core; spin_once does its work.
    while not ending.is_set() and node.failure is None:
        try:
            executor.spin_once(timeout_sec=_SPIN_S)
        except Exception as failure:
            node.fail(failure)
    if node.failure is not None:
        with suppress(Exception):   # what has failed may fail again
            executor.spin_once(timeout_sec=0.0)   # let the answer to a failed transition leave


def _close(node: LamNode, executor: Executor) -> None:
    try:
        if node.running:
            node.trigger_deactivate()
            for _ in range(_LAST_WORDS):   # results and states that `stop` produced
                executor.spin_once(timeout_sec=0.0)
        node.trigger_shutdown()
    except Exception as failure:
        node.fail(failure)


def follow_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set; the process ends soon after in any case."""
    ending = threading.Event()

    def end(number: int, frame: object) -> None:
        ending.set()
        # A node that hangs in foreign code would outlive its supervisor.
        timer = threading.Timer(_CLOSING_S, os._exit, (1,))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    return ending


def _die_with_parent() -> None:
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):   # it died before the request was in place
        os._exit(1)


def _refuse_impossible(answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    # rclpy lets the exception of a transition that the state does not allow end the process.
    def change(request: Any, response: Any) -> Any:
        try:
            return answer(request, response)
        except rclpy._rclpy_pybind11.RCLError:
            response.success = False
            return response
    return change
