"""One instruction on its way: grounded, carried out step by step, brought to rest, reported.

Scenes, joints and the policy's done-probability enter at each tick; the subgoal of the moment,
feedback and finally a result leave. The decisions are those of `lam_ws.pipeline.Task`; what is
added here is the time before it (grounding) and after it (until the arm is still).
"""
from lam_interfaces.action import ExecuteInstruction
from lam_interfaces.msg import Subgoal
from lam_ws.errors import InstructionError
from lam_ws.grounding.answers import result_text
from lam_ws.grounding.grammar import language_of
from lam_ws.grounding.grounding import Grounder
from lam_ws.nodes import conversion
from lam_ws.pipeline import Task, TaskState
from lam_ws.site import Site
from lam_ws.types import Instruction, JointState, Plan, Scene

STILL = 0.02       # rad/s (m/s), largest joint speed of an arm at rest
SETTLE_S = 2.0     # an arm that is not at rest by then is reported as it is
ARMING_S = 0.5     # time for the news that the guard was armed to arrive


class Assignment:
    """One accepted instruction.

    Args:
        instruction: What was said.
        episode: Id of the episode, also the name of its recording.
        grounder: Turns the instruction into a plan.
        site: Its task's rules and its gripper count.

    Attributes:
        phase: 'grounding', 'running', 'succeeded', 'failed' or 'cancelled'.
        over: Whether the result may be given.
    """

    def __init__(self, instruction: Instruction, episode: str, grounder: Grounder, site: Site):
        self.instruction, self.episode = instruction, episode
        self._grounder, self._site = grounder, site
        self.phase, self.over = 'grounding', False
        self.reason, self._text = '', ''
        self._plan: Plan | None = None
        self._task: Task | None = None
        self._state: TaskState | None = None
        self._now_s = self._started_s = self._ended_s = 0.0

    def advance(self, scene: Scene, joints: JointState, done: float | None,
                guard: tuple[str, str]) -> None:
        """Take one tick's news and decide.

        Args:
            scene: What perception sees.
            joints: Measured at the same time.
            done: The policy's last done-probability for this episode, None before the first.
            guard: State and reason of the guard as far as known, '' otherwise.
        """
        self._now_s = scene.stamp_s
        if self._task is None and self.phase == 'grounding':
            self._ground(scene)
        if self._task is not None and self.phase == 'running':
            self._judge_guard(*guard)
        if self._task is not None and self.phase == 'running':
            self._take(self._task.advance(self._now_s, scene, joints, done))
        if self.phase not in ('grounding', 'running') and not self.over:
            still = bool(abs(joints.velocity).max() < STILL)
            self.over = still or self._now_s - self._ended_s > SETTLE_S

    def cancel(self) -> None:
        """End as soon as the arm is still; what has ended already stays as it is."""
        if self.phase in ('grounding', 'running'):
            if self._task is not None:
                self._state = self._task.cancel()
            self._end('cancelled', 'cancelled')

    def give_up(self, reason: str) -> None:
        """Fail with `reason` now."""
        if self.phase in ('grounding', 'running'):
            self._end('failed', reason)
        self.over = True

    def subgoal(self, stamp_s: float) -> Subgoal:
        """Return what the policy should work on."""
        if self.phase != 'running' or self._state is None:
            return conversion.subgoal_message(stamp_s, self.episode, None)
        return conversion.subgoal_message(stamp_s, self.episode, self._state.goal,
                                          self._state.step, self._state.attempt)

    def feedback(self) -> ExecuteInstruction.Feedback:
        """Return where it stands."""
        message = ExecuteInstruction.Feedback(phase=self.phase)
        if self._state is not None:
            message.step, message.steps = self._state.step, self._state.steps
            message.progress = float(self._state.progress)
            if self._state.goal is not None:
                message.text = self._state.goal.text
        return message

    def result(self) -> ExecuteInstruction.Result:
        """Return what came of it."""
        return ExecuteInstruction.Result(
            success=self.phase == 'succeeded', reason=self.reason,
            text=self._text or self._sentence(), episode_id=self.episode,
            citations=list(self._plan.citations) if self._plan is not None else [])

    def _ground(self, scene: Scene) -> None:
        try:
            self._plan = self._grounder.ground(self.instruction, scene)
        except InstructionError as refusal:
            self._text = str(refusal)
            self._end('failed', refusal.reason)
            return
        self._task = Task(self._plan, self._site.task, self._now_s, self._site.arm, scene)
        self._started_s, self.phase = self._now_s, 'running'

    def _judge_guard(self, state: str, reason: str) -> None:
        if state in ('stopping', 'stopped'):
            self._end('failed', f'guard_{reason}')
        elif state == 'disarmed' and self._now_s - self._started_s > ARMING_S:
            self._end('failed', 'not_armed')

    def _take(self, state: TaskState) -> None:
        self._state = state
        if state.phase != 'running':
            self._end(state.phase, state.reason)

    def _end(self, phase: str, reason: str) -> None:
        self.phase, self.reason, self._ended_s = phase, reason, self._now_s

    def _sentence(self) -> str:
        language = self._plan.language if self._plan else language_of(self.instruction)
        reason = 'guard_stopped' if self.reason.startswith('guard_') else self.reason
        return result_text(reason, language, steps=len(self._plan.steps) if self._plan else 1)
