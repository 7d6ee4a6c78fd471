"""The instructions of a console: sentences leave by action, what becomes of them is kept.

Wishes enter in the node's thread and nothing waits there; where the instruction stands, its plan,
its result and the history of all are read from any thread. An instruction that another commander
gave is shown as far as the subgoal of the moment tells.
"""
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
import math
import time
from typing import Any

from action_msgs.msg import GoalStatus
from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.srv import Reply as ReplyService
from lam_ws.console.console import Answer, Instruct, Json, Person, Reply
from lam_ws.errors import ObservationError
from lam_ws.nodes import nodes
from lam_ws.nodes.asking import after, Asking, given, settle
from lam_ws.nodes.planning import Planning
from lam_ws.nodes.showing import scene_of, Showing
from lam_ws.nodes.wordings import accepted, refusal
from lam_ws.site import Site
from lam_ws.types import Instruction, Scene
from rclpy.action import ActionClient
from rclpy.node import Node

_MOST = 200          # instructions remembered
_THERE_S = 2.0       # longest wait for the task to be known here
_TAKEN_S = 5.0       # until the task has said whether it takes an instruction
_CANCEL_S = 5.0
_RESULT_S = 3.0      # after feedback told of the end, until the result counts as lost
OVER = ('succeeded', 'failed', 'cancelled')


class Instructing:
    """One instruction at a time, and those before it.

    Args:
        node: Talks to the task.
        site: Of the cell.
        showing: What the cell says.
        asking: Carries requests.
        tell: Takes events for the pages, from any thread.
    """

    def __init__(self, node: Node, site: Site, showing: Showing, asking: Asking,
                 tell: Callable[[Json], None]):
        self._showing, self._asking, self._tell = showing, asking, tell
        self._action = ActionClient(node, ExecuteInstruction, nodes.EXECUTE)
        self._replies = node.create_client(ReplyService, nodes.REPLY)
        self._planning = Planning(site)
        self._handle: Any = None
        self._number = 0                       # of the instruction that was sent last
        self._sent_s = 0.0                     # on the monotonic clock
        self._over_s = math.inf                # when feedback told of the end
        self.open = False    # an instruction of ours is under way: its result has not come
        self._before = ''                      # episode before the one that was just sent
        self.task: Mapping[str, Any] = {}      # replaced, never changed
        self.plan: Json | None = None
        self.result: Json | None = None
        self.history: deque[Json] = deque(maxlen=_MOST)

    def close(self) -> None:
        """Release the action client."""
        self._planning.close()
        self._action.destroy()

    # Wishes, in the node's thread

    def instruct(self, wish: Instruct, person: Person) -> 'Future[Answer]':
        """Send an instruction; the answer comes once the task has taken it or not."""
        there = self._asking.wait(
            lambda: accepted() if self._action.server_is_ready() else None,
            lambda: refusal('no_task'), _THERE_S)
        return after(there, lambda: self._begin(wish, person))

    def _begin(self, wish: Instruct, person: Person) -> 'Future[Answer]':
        if self.open:
            return given(refusal('busy'))
        answer: Future[Answer] = Future()
        instruction = Instruction(wish.text, wish.language, person.name)
        subgoal = self._showing.subgoal()
        self._before = subgoal.episode_id if subgoal is not None else ''
        self._began_s, self.plan, self.result, self._handle = time.time(), None, None, None
        self.open, self._over_s, self._sent_s = True, math.inf, time.monotonic()
        self._number += 1
        number = self._number
        self.task = {'phase': 'sending', 'instruction': wish.text, 'operator': person.name,
                     'language': wish.language, 'episode_id': '', 'step': 0, 'steps': 0,
                     'progress': 0.0, 'question': '', 'options': [], 'asked': 0, 'text': ''}
        sent = self._action.send_goal_async(
            ExecuteInstruction.Goal(text=wish.text, language=wish.language,
                                    operator_id=person.name, may_ask=True),
            feedback_callback=lambda message: self._hear(message.feedback))
        sent.add_done_callback(
            lambda done: self._accepted(done.result(), number, instruction, answer))
        return answer

    def _accepted(self, handle: Any, number: int, instruction: Instruction,
                  answer: 'Future[Answer]') -> None:
        if number != self._number or not self.open:   # it was given up: nobody would watch it
            if handle.accepted:
                handle.cancel_goal_async()
            settle(answer, lambda: refusal('lost'))
            return
        if not handle.accepted:
            self.open, self.task = False, {}
            settle(answer, lambda: refusal('busy'))
            return
        self._handle = handle
        self._become(phase='grounding')
        self._await_result(handle)
        self._planning.begin(instruction, self._scene(), self._plans(number))
        settle(answer, accepted)

    def _await_result(self, handle: Any) -> None:
        """Ask for the result; what comes for an instruction that is over counts for nothing."""
        self._over_s = math.inf

        def take(done: Any) -> None:
            if handle is not self._handle:
                return
            if done.result().status == GoalStatus.STATUS_UNKNOWN:   # the task began anew
                self._lose()
            else:
                self._end(done.result().result)
        handle.get_result_async().add_done_callback(take)

    def cancel(self) -> 'Future[Answer]':
        """Cancel the instruction; the answer comes when the arm stands."""
        if not self.open or self._handle is None:
            return given(refusal('nothing_to_cancel'))
        self._handle.cancel_goal_async()

        def late() -> Answer:
            self._lose()
            return refusal('lost')
        return self._asking.wait(lambda: None if self.open else accepted(), late, _CANCEL_S)

    def reply(self, wish: Reply) -> 'Future[Answer]':
        """Answer the open question."""
        def read(response: Any) -> Answer:
            return accepted() if response.success else refusal('no_question')
        asked = wish.asked or self.task.get('asked', 0)
        self._planning.go_on(wish.text, self._scene(), self._plans(self._number))
        return self._asking.send(self._replies, ReplyService.Request(
            asked=asked, text=wish.text), read)

    # What the cell says

    def _hear(self, feedback: Any) -> None:
        if not self.open:
            return
        if feedback.phase in OVER and self._over_s == math.inf:
            self._over_s = time.monotonic()
        self._become(phase=feedback.phase, step=int(feedback.step), steps=int(feedback.steps),
                     progress=round(float(feedback.progress), 4), question=feedback.question,
                     options=list(feedback.options), asked=int(feedback.asked),
                     text=feedback.text)
        subgoal = self._showing.subgoal()
        if not self.task['episode_id'] and subgoal is not None and subgoal.episode_id not in (
                '', self._before):
            self._become(episode_id=subgoal.episode_id)
            if self.plan is not None:
                self._planned(dict(self.plan))

    def _plans(self, number: int) -> Callable[[dict[str, Any]], None]:
        """Return what takes the plan of one instruction; that of one before comes too late."""
        return lambda plan: self._planned(plan) if number == self._number else None

    def _planned(self, plan: dict[str, Any]) -> None:
        self.plan = {**plan, 'type': 'plan', 'episode_id': self.task.get('episode_id', '')}
        self._tell(self.plan)

    def look(self) -> None:
        """Notice a task that is gone, and with it the instruction; the node calls this often."""
        silent = self._handle is None and time.monotonic() - self._sent_s > _TAKEN_S
        if self.open and (silent or not self._action.server_is_ready()):
            self._lose()
        elif self.open and time.monotonic() - self._over_s > _RESULT_S:
            self._await_result(self._handle)   # an answer may get lost; see `client`

    def _lose(self) -> None:
        """End an instruction of which nothing more will be heard."""
        if self.open:
            lost = refusal('lost')
            self._end(ExecuteInstruction.Result(
                success=False, reason='lost', text=f'{lost.ko} / {lost.en}',
                episode_id=self.task['episode_id']))

    def _end(self, result: Any) -> None:
        if not self.open:   # it was given up before
            return
        self.open = False
        seconds = time.monotonic() - self._sent_s
        phase = 'succeeded' if result.success else \
            'cancelled' if result.reason == 'cancelled' else 'failed'
        self.result = {'type': 'result', 'episode_id': result.episode_id,
                       'success': result.success, 'reason': result.reason, 'text': result.text,
                       'citations': list(result.citations), 'seconds': round(seconds, 3),
                       'instruction': self.task.get('instruction', ''),
                       'operator': self.task.get('operator', '')}
        steps = [] if self.plan is None else self.plan['steps']
        self.history.append({**self.result, 'began_s': self._began_s, 'phase': phase,
                             'steps': steps})
        self._become(phase=phase, text=result.text, question='', options=[],
                     episode_id=result.episode_id or self.task.get('episode_id', ''))
        if phase == 'succeeded':
            self._become(progress=1.0)
        self._tell(self.result)

    def _become(self, **news: Any) -> None:
        self.task = {**self.task, **news}

    def _scene(self) -> Scene | None:
        try:
            return scene_of(self._showing)
        except ObservationError:
            return None

    # For the pages, from any thread

    def state(self) -> Mapping[str, Any]:
        """Return where the instruction stands, ours or somebody else's."""
        own, subgoal = self.task, self._showing.subgoal()
        if subgoal is None or not subgoal.active or self.open \
                or own.get('episode_id') == subgoal.episode_id:
            return own
        return {'phase': 'running', 'instruction': subgoal.text, 'text': subgoal.text,
                'episode_id': subgoal.episode_id, 'step': int(subgoal.step), 'steps': 0,
                'progress': 0.0, 'question': '', 'options': [], 'asked': 0, 'operator': ''}

    def recent(self) -> list[Json]:
        """Return plan and result of the last instruction."""
        return [event for event in (self.plan, self.result) if event is not None]
