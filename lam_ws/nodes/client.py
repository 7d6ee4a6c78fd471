"""Talks to a running cell as an operator does: services, one action, and what the guard says.

Requests enter as calls, outcomes leave as data. Whoever waits here keeps the executor turning
and calls `check`, which raises when there is no point in waiting any longer; an instruction
that is interrupted so is cancelled first, and the arm brakes.
"""
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
import json
import time
from typing import Any

from action_msgs.msg import GoalStatus
from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.msg import GuardState, Scene
from lam_interfaces.srv import CellTruth, Reply, ResetCell
from lam_ws.errors import LamError
from lam_ws.nodes import nodes
from lam_ws.nodes.joining import joined
from lam_ws.nodes.outcome import Outcome
from lam_ws.nodes.security import OPERATOR
from lam_ws.site import Site
from lam_ws.types import Instruction
from rclpy.action import ActionClient
from rclpy.action.client import ClientGoalHandle
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

_POLL_S = 0.02
_KNOWN_S = 0.2       # until a server knows that a new client listens for its answers
_LOST = 0.4          # share of the time for an answer after which it counts as lost
_RECOVER_S = 8.0     # of an arm's controller
_ANSWER_S = 5.0      # longest wait for a service
_ARMED_S = 3.0       # longest wait for the guard to say that it is armed
_ASK_AGAIN_S = 0.5
_CANCEL_S = 5.0      # longest wait for the result of a cancelled instruction


class CellError(LamError):
    """The cell does not answer, or refuses."""


class Client:
    """One operator of a cell.

    Args:
        site: The site that runs.
        node: Node in the cell's namespace to talk from.
        executor: Executor of that node.
        check: Called while waiting; raises to give up.

    Attributes:
        guard: What the guard said last, None before it said anything.
    """

    def __init__(self, site: Site, node: Node, executor: Executor,
                 check: Callable[[], None] = lambda: None):
        self._site, self.node, self.executor, self._check = site, node, executor, check
        self._services: dict[str, Any] = {}
        self._action = ActionClient(node, ExecuteInstruction, nodes.EXECUTE)
        self.guard: GuardState | None = None
        # Made here so that the services know them when they are needed, and in a hurry.
        for name in (nodes.STOP, nodes.RESET, nodes.ARM):
            self._service(Trigger, name)
        if site.adapter is not None:
            self._service(Trigger, nodes.RECOVER)
        if site.sim is not None:
            self._service(ResetCell, nodes.SIM_RESET)
            self._service(CellTruth, nodes.SIM_TRUTH)
        self._scenes = 0     # that perception gave so far
        node.create_subscription(Scene, nodes.SCENE, self._scene, nodes.RELIABLE)
        node.create_subscription(GuardState, nodes.GUARD_STATE, self._guard_state,
                                 nodes.RELIABLE)

    def close(self) -> None:
        """Release the action client; the node stays the caller's."""
        self._action.destroy()

    def wait_for_cell(self, timeout_s: float = _ANSWER_S) -> None:
        """Wait until the cell takes instructions.

        Raises:
            CellError: None does on this domain.
        """
        deadline = time.monotonic() + timeout_s
        while not self._action.server_is_ready():
            if time.monotonic() > deadline:
                raise CellError(f'no cell of site {self._site.name} answers; start one with '
                                f'`lam run --site {self._site.name}`')
            self.turn()
        self.turn_for(_KNOWN_S)

    def stop(self) -> None:
        """Brake and latch."""
        self._trigger(nodes.STOP)

    def ask_to_stop(self) -> None:
        """Send a stop without waiting for an answer, to a guard that may be gone."""
        self._service(Trigger, nodes.STOP).call_async(Trigger.Request())

    def clear(self) -> None:
        """Clear a latched stop; motion needs `arm` as well."""
        self._trigger(nodes.RESET)

    def recover(self) -> tuple[bool, str]:
        """Clear the fault of a real arm; return whether it is cleared, and what the arm says."""
        answer = self.call(Trigger, nodes.RECOVER, Trigger.Request(), _RECOVER_S)
        return answer.success, answer.message

    def arm(self) -> None:
        """Permit motion, and see that the guard does.

        Raises:
            CellError: The guard refuses; the text says why.
        """
        self._trigger(nodes.ARM)
        if nodes.lockstep(self._site):   # nothing is decided before time moves
            return
        deadline = time.monotonic() + _ARMED_S
        asked_s = time.monotonic()
        while self.guard is None or self.guard.state not in ('armed', 'running'):
            latched = self.guard is not None and self.guard.state in ('stopping', 'stopped')
            if latched or time.monotonic() > deadline:
                why = f': {self.guard.text or self.guard.state}' if self.guard else ''
                raise CellError(f'the guard cannot be armed{why}')
            if time.monotonic() - asked_s > _ASK_AGAIN_S:   # the joints may only just come in
                asked_s = time.monotonic()
                self._trigger(nodes.ARM)
            self.turn()

    def reset_cell(self, seed: int, scene: str = '') -> dict[str, Any]:
        """Lay the simulated cell out anew, with another scene file if asked; return the truth."""
        wish = ResetCell.Request(seed=seed, scene_json=json.dumps({'scene': scene}) * bool(scene))
        answer = self.call(ResetCell, nodes.SIM_RESET, wish, 30.0)
        if not answer.success:
            raise CellError(f'the cell cannot be reset: {answer.message}')
        truth: dict[str, Any] = json.loads(answer.truth_json)
        return truth

    def wait_for_scene(self, timeout_s: float = 30.0) -> None:
        """Wait for perception to look once more.

        What comes first may have been on its way already, so the one after it counts.

        Raises:
            CellError: It does not.
        """
        deadline, before = time.monotonic() + timeout_s, self._scenes
        while self._scenes < before + 2:
            if time.monotonic() > deadline:
                raise CellError('perception gives no scene')
            self.turn()

    def truth(self) -> dict[str, Any]:
        """Return what the simulator knows; for scoring only."""
        answer = self.call(CellTruth, nodes.SIM_TRUTH, CellTruth.Request())
        truth: dict[str, Any] = json.loads(answer.truth_json)
        return truth

    def instruct(self, instruction: Instruction, heard: Callable[
            [ExecuteInstruction.Feedback], None] = lambda feedback: None,
            answer: Callable[[str, Sequence[str]], str] | None = None) -> Outcome:
        """Send an instruction, pass feedback to `heard`, return the outcome.

        A KeyboardInterrupt of `check` cancels the instruction and waits for the arm to stop.

        Args:
            instruction: What to do.
            heard: Takes the news.
            answer: Takes a question and its options and returns the reply; without it a question
                ends the instruction.
        """
        started, news = time.monotonic(), [ExecuteInstruction.Feedback()]

        def hear(message: Any) -> None:
            news[0] = message.feedback
            heard(message.feedback)
        self.wait_for_cell()
        asked = self.send(instruction, hear, answer is not None)
        handle: ClientGoalHandle = self.wait(asked, _ANSWER_S)
        if not handle.accepted:
            return Outcome(False, 'busy', 'The cell is carrying out another instruction.')
        future, replied = handle.get_result_async(), 0
        try:
            while not future.done():
                self.turn()
                if answer is not None and news[0].question and news[0].asked > replied:
                    replied = news[0].asked
                    self.call(Reply, nodes.REPLY, Reply.Request(
                        asked=replied, text=answer(news[0].question, news[0].options)))
        except KeyboardInterrupt:
            self._cancel(handle, future)
            raise
        came = future.result()
        result = came.result
        if came.status == GoalStatus.STATUS_UNKNOWN:
            raise CellError('the cell lost the instruction')
        return Outcome(result.success, result.reason, result.text, tuple(result.citations),
                       result.episode_id, time.monotonic() - started)

    def send(self, instruction: Instruction, hear: Callable[[Any], None] | None = None,
             may_ask: bool = False) -> Future:
        """Send an instruction and do not wait; the future's result is the handle of its goal."""
        wish = ExecuteInstruction.Goal(text=instruction.text, language=instruction.language,
                                       operator_id=instruction.operator, may_ask=may_ask)
        return self._action.send_goal_async(wish, feedback_callback=hear)

    def turn(self) -> None:
        """Handle what has arrived; raises what `check` raises."""
        self._check()
        self.executor.spin_once(timeout_sec=_POLL_S)

    def turn_for(self, span_s: float) -> None:
        """Handle what arrives within `span_s`."""
        deadline = time.monotonic() + span_s
        while time.monotonic() < deadline:
            self.turn()

    def wait(self, future: Future, timeout_s: float | None = None) -> Any:
        """Return the result of `future`.

        Raises:
            CellError: It did not come in time.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not future.done():
            if deadline is not None and time.monotonic() > deadline:
                raise CellError('the cell does not answer')
            self.turn()
        return future.result()

    def _cancel(self, handle: ClientGoalHandle, future: Future) -> None:
        handle.cancel_goal_async()
        deadline = time.monotonic() + _CANCEL_S
        while not future.done() and time.monotonic() < deadline:
            self.executor.spin_once(timeout_sec=_POLL_S)

    def _trigger(self, name: str) -> None:
        answer = self.call(Trigger, name, Trigger.Request())
        if not answer.success:
            raise CellError(f'{name}: {answer.message}')

    def call(self, kind: type, name: str, request: object, timeout_s: float = _ANSWER_S) -> Any:
        client = self._service(kind, name)
        deadline = time.monotonic() + timeout_s
        while not client.service_is_ready():
            if time.monotonic() > deadline:
                raise CellError(f'no service {client.service_name} on this domain')
            self.turn()
        answer = client.call_async(request)
        asked_s = time.monotonic()
        while not answer.done():
            if time.monotonic() > deadline:
                raise CellError(f'{client.service_name} does not answer')
            if time.monotonic() - asked_s > _LOST * timeout_s:   # all may be asked twice
                asked_s = time.monotonic()
                answer = client.call_async(request)
            self.turn()
        return answer.result()

    def _service(self, kind: type, name: str) -> Any:
        if name not in self._services:
            self._services[name] = self.node.create_client(kind, name)
        return self._services[name]

    def _scene(self, message: Scene) -> None:
        self._scenes += 1

    def _guard_state(self, message: GuardState) -> None:
        self.guard = message


@contextmanager
def connected(site: Site, domain: int, check: Callable[[], None]) -> Iterator[Client]:
    """Give a client of the cell of `site` on `domain`; it leaves the graph on exit.

    The environment of this process must fit the domain: call `environment.enter` first.
    """
    with joined(site, domain, OPERATOR) as (node, executor):
        client = Client(site, node, executor, check)
        try:
            yield client
        finally:
            client.close()
