"""One instruction on its way: grounded, carried out step by step, brought to rest, reported.

Scenes, joints and the policy's done-probability enter at each tick; the subgoal of the moment,
feedback and finally a result leave. The decisions are those of `lam_ws.pipeline.Task`; what is
added here is the time before it (grounding) and after it (until the arm is still).
"""
from collections.abc import Callable
import json

from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.msg import Subgoal
from lam_ws.errors import InstructionError, Question
from lam_ws.grounding.answers import result_text, waiting_text
from lam_ws.grounding.grammar import language_of
from lam_ws.grounding.grounding import Grounder
from lam_ws.nodes import conversion
from lam_ws.pipeline import Task, TaskState
from lam_ws.site import Site
from lam_ws.types import Goal, Instruction, JointState, Plan, Scene

STILL = 0.02       # rad/s (m/s), largest joint speed of an arm at rest
SETTLE_S = 2.0     # an arm that is not at rest by then is reported as it is
ARMING_S = 0.5     # time for the news to arrive that the guard was armed, or holds no more
REPLY_S = 120.0    # a question that nobody replies to ends the instruction
UNFINISHED = ('grounding', 'asking', 'running')


class Assignment:
    """One accepted instruction.

    Args:
        instruction: What was said.
        episode: Id of the episode, also the name of its recording.
        grounder: Turns the instruction into a plan.
        site: Its task's rules and its gripper count.
        may_ask: Whether a question waits for a reply; otherwise it ends the instruction.
        lacking: Returns the signal of the PLC that a step has to wait for, '' for none.

    Attributes:
        phase: 'grounding', 'asking', 'running', 'succeeded', 'failed' or 'cancelled'.
        over: Whether the result may be given.
    """

    def __init__(self, instruction: Instruction, episode: str, grounder: Grounder, site: Site,
                 may_ask: bool = False, lacking: Callable[[Goal], str] = lambda goal: ''):
        self._lacking, self._waits = lacking, ''
        self._begun: tuple[int, int] | None = None   # step and attempt that waited enough
        self._waiting_s = 0.0                        # since when one waits
        self.instruction, self.episode = instruction, episode
        self._may_ask, self._asked = may_ask, 0
        self._question: Question | None = None
        self._reply: str | None = None
        self._scene: Scene | None = None   # the last one
        self._grounder, self._site = grounder, site
        self.phase, self.over = 'grounding', False
        self.reason, self._text = '', ''
        self._plan: Plan | None = None
        self._task: Task | None = None
        self._state: TaskState | None = None
        self._now_s = self._started_s = self._asked_s = self._ended_s = 0.0
        self._lost_s = 0.0   # by an arm that plays slowly

    def advance(self, scene: Scene, joints: JointState, done: float | None,
                guard: tuple[str, str], phase: str = '', pace: float = 1.0) -> None:
        """Take one tick's news and decide.

        Args:
            scene: What perception sees.
            joints: Measured at the same time.
            done: The policy's last done-probability for this episode, None before the first.
            guard: State and reason of the guard as far as known, '' otherwise.
            phase: What the policy said last that it does for this episode.
            pace: Share of its speed at which the arm plays: the task's own time goes along.
        """
        if self._scene is not None:
            self._lost_s += (1.0 - pace) * max(scene.stamp_s - self._scene.stamp_s, 0.0)
        self._now_s, self._scene = scene.stamp_s, scene
        if self.phase == 'grounding':
            self._ground(lambda: self._grounder.ground(self.instruction, scene))
        elif self.phase == 'asking':
            self._take_reply(scene)
        if self._task is not None and self.phase == 'running':
            self._judge_guard(*guard)
        if self._task is not None and self.phase == 'running':
            if not self._wait(self._task, scene):
                self._take(self._task.advance(self._task_s, scene, joints, done, phase))
                if self.phase == 'running':
                    self._wait(self._task, scene)
        if self.phase not in UNFINISHED and not self.over:
            still = bool(abs(joints.velocity).max() < STILL)
            self.over = still or self._now_s - self._ended_s > SETTLE_S

    @property
    def _task_s(self) -> float:
        return self._now_s - self._lost_s

    def cancel(self) -> None:
        """End as soon as the arm is still; what has ended already stays as it is."""
        if self.phase in UNFINISHED:
            if self._task is not None:
                self._state = self._task.cancel()
            self._end('cancelled', 'cancelled')

    def give_up(self, reason: str) -> None:
        """Fail with `reason` now."""
        if self.phase in UNFINISHED:
            self._end('failed', reason)
        self.over = True

    def subgoal(self, stamp_s: float) -> Subgoal:
        """Return what the policy should work on; a step that waits is told, and not active."""
        if self.phase != 'running' or self._state is None:
            return conversion.subgoal_message(stamp_s, self.episode, None)
        message = conversion.subgoal_message(
            stamp_s, self.episode, self._state.goal, self._state.step, self._state.attempt,
            '' if self._plan is None else self._plan.kb_version)
        message.active = message.active and not self._waits
        return message

    def feedback(self) -> ExecuteInstruction.Feedback:
        """Return where it stands."""
        message = ExecuteInstruction.Feedback(phase=self.phase)
        if self.phase == 'asking' and self._question is not None:
            message.question, message.options = str(self._question), list(self._question.options)
            message.asked = self._asked
        if self._state is not None:
            message.step, message.steps = self._state.step, self._state.steps
            message.progress = float(self._state.progress)
            if self._state.goal is not None:
                message.text = self._state.goal.text
                if self._waits and self._plan is not None:
                    message.text = waiting_text(self._waits, message.text, self._plan.language)
        return message

    def result(self) -> ExecuteInstruction.Result:
        """Return what came of it."""
        return ExecuteInstruction.Result(
            success=self.phase == 'succeeded', reason=self.reason,
            text=self._text or self._sentence(), episode_id=self.episode,
            citations=list(self._plan.citations) if self._plan is not None else [])

    def news(self) -> str:
        """Return as JSON what was asked for, and what came of it once that is known."""
        said = self.instruction
        told: dict[str, object] = {'episode_id': self.episode, 'text': said.text,
                                   'language': language_of(said), 'operator_id': said.operator}
        if self.over:
            result = self.result()
            told |= {'success': result.success, 'reason': result.reason, 'result': result.text}
        return json.dumps(told, ensure_ascii=False)

    def reply(self, words: str, asked: int) -> bool:
        """Take the operator's reply, to be read with the next scene; return whether it is.

        Args:
            words: What was replied.
            asked: Number of the question that it is to; none but the open one is answered.
        """
        if self.phase != 'asking' or asked != self._asked or self._reply is not None:
            return False
        self._reply = words
        return True

    def _take_reply(self, scene: Scene) -> None:
        """Go on with a reply that came, or end where none has come for too long."""
        question, words = self._question, self._reply
        self._reply = None
        if words is not None:
            self._ground(lambda: question.reply(words, scene))
        elif self._now_s - self._asked_s > REPLY_S:
            self._end('failed', question.reason)

    def _ground(self, planned: Callable[[], Plan]) -> None:
        try:
            self._plan = planned()
        except Question as question:
            self._text, self._question, self._asked_s = str(question), question, self._now_s
            self.phase, self._asked = 'asking', self._asked + 1
            if not self._may_ask:
                self._end('failed', question.reason)
            return
        except InstructionError as refusal:
            self._text = str(refusal)
            self._end('failed', refusal.reason)
            return
        self._text = ''
        self._task = Task(self._plan, self._site.task, self._task_s, self._site.arm, self._scene)
        self._started_s, self.phase = self._now_s, 'running'

    def _judge_guard(self, state: str, reason: str) -> None:
        if state in ('stopping', 'stopped'):
            self._end('failed', f'guard_{reason}')
        elif self._now_s - self._started_s > ARMING_S and (reason or state == 'disarmed'):
            self._end('failed', 'not_armed' if state == 'disarmed' else f'guard_{reason}')

    def _wait(self, task: Task, scene: Scene) -> bool:
        """Return whether the attempt at hand may not begin yet; once begun it goes on."""
        state = task.state()
        if state.goal is None or (state.step, state.attempt) == self._begun:
            return False
        before, self._waits = self._waits, self._lacking(state.goal)
        if not self._waits:
            self._begun = state.step, state.attempt
            if before:
                self._take(task.begin_again(self._task_s, scene))
            return False
        if not before:
            self._waiting_s = self._now_s
        self._take(state)
        patience_s = 0.0 if self._site.plc is None else self._site.plc.ready_s
        if self._now_s - self._waiting_s > patience_s:
            self._end('failed', 'not_ready')
        return True

    def _take(self, state: TaskState) -> None:
        self._state = state
        if state.phase != 'running':
            self._end(state.phase, state.reason)

    def _end(self, phase: str, reason: str) -> None:
        self.phase, self.reason, self._ended_s = phase, reason, self._now_s
        self._waits = ''

    def _sentence(self) -> str:
        language = self._plan.language if self._plan else language_of(self.instruction)
        reason = 'guard_stopped' if self.reason.startswith('guard_') else self.reason
        return result_text(reason, language, steps=len(self._plan.steps) if self._plan else 1)
