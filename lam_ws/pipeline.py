"""The data path on one page: observe, ground, decide, guard. No I/O, no clock, no ROS.

Frames, joints and an instruction enter; one command a control cycle and the state of the task
leave. The ROS nodes run these same pieces in separate processes; lam_ws.episode runs them in
one, in lock-step.
"""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lam_ws.done import Evidence, Grip
from lam_ws.grounding.grounding import Grounder, load_grounder, load_limits
from lam_ws.perception.perception import load_scene_estimator, SceneEstimator, synchronise
from lam_ws.policy.policy import LatePolicy, load_policy
from lam_ws.robot import ArmSpec
from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled, handlings
from lam_ws.safety.safety import guard_config, GuardDecision, GuardInputs
from lam_ws.site import Site, TaskSettings
from lam_ws.types import (
    ActionChunk,
    Frame,
    Goal,
    Instruction,
    JointState,
    Observation,
    Plan,
    Point,
    Scene,
)

DISPUTED_S = 1.5      # s, how long perception may contradict a policy that says done


class Pipeline:
    """The stages of one cell, wired.

    Args:
        site: The cell.
        perception: Scene estimator, by default the one the site names.
        grounder: By default the one of the site's knowledge.
        policy: By default the one the site names.
    """

    def __init__(self, site: Site, perception: SceneEstimator | None = None,
                 grounder: Grounder | None = None, policy: LatePolicy | None = None):
        self.site = site
        self.perception = perception or load_scene_estimator(site)
        self.grounder = grounder or load_grounder(site.knowledge, site.moves,
                                                  site.language_model)
        self.policy: LatePolicy = policy or load_policy(site)
        self._config = guard_config(site, handlings(*load_limits(site.knowledge)))
        self.restart()

    def restart(self) -> None:
        """Begin a new run: the guard disarmed, nothing pursued, nothing seen."""
        self.perception.forget()
        self._memory = start(self._config)
        self._pursued: tuple[int, int] | None = None

    def observe(self, joints: JointState, frames: Mapping[str, Frame],
                now_s: float) -> tuple[Observation, Scene]:
        """Return a checked observation and the scene in it.

        Raises:
            ObservationError: Something of it cannot be trusted.
        """
        observation = synchronise(self.site, joints, frames, now_s)
        return observation, self.perception.estimate(observation)

    def ground(self, instruction: Instruction, scene: Scene) -> Plan:
        """Return the plan of an instruction; raises InstructionError with a reason."""
        return self.grounder.ground(instruction, scene)

    def decide(self, observation: Observation, state: 'TaskState') -> ActionChunk | None:
        """Return the policy's chunk for the task's goal, None when there is none (yet)."""
        if state.phase != 'running' or state.goal is None:
            self._pursued = None
            return None
        if self._pursued != (state.step, state.attempt):
            self.policy.reset(state.goal)
            self._pursued = (state.step, state.attempt)
        return self.policy.act(observation)

    def guard(self, inputs: GuardInputs) -> GuardDecision:
        """Return the one command of this cycle."""
        self._memory, decision = step(self._config, self._memory, inputs)
        return decision


@dataclass(frozen=True)
class TaskState:
    """Where a task stands.

    Attributes:
        phase: 'running' until the last step is done, given up or cancelled.
        step: Index of the step in work.
        steps: Number of steps.
        attempt: 0 for the first attempt at this step.
        goal: What the policy should do now; None when not running.
        reason: Why it failed: 'timeout', 'done_contradicted', 'not_gripped', 'dropped',
            'cancelled', that of a camera that cannot be trusted, else ''.
        progress: 0..1.
    """

    phase: Literal['running', 'succeeded', 'failed', 'cancelled']
    step: int
    steps: int
    attempt: int
    goal: Goal | None
    reason: str = ''
    progress: float = 0.0


class Task:
    """Decides on observations what is done, what comes next and when to give up.

    A step is done when the policy says so and, independently, the observations bear it out
    (`lam_ws.done`), both for `settle_s`. A policy that says done while they do not starts a new
    attempt, as does a time-out, and a part that the fingers do not hold though they should; the
    budget is `retries`. At the start of each attempt the goal is told where perception sees what
    it is about.

    Args:
        plan: What to do.
        settings: Rules.
        now_s: Time at which it begins, on the clock of the scenes.
        arm: The arm that does it.
        scene: In which the plan was made; None leaves it to the policy alone to find things.
    """

    def __init__(self, plan: Plan, settings: TaskSettings, now_s: float, arm: ArmSpec,
                 scene: Scene | None = None):
        self._plan, self._settings, self._arm = plan, settings, arm
        self._tells = scene is not None
        self._step = self._attempt = 0
        self._evidence = Evidence(plan.steps[0], arm)
        self._ended: tuple[Literal['succeeded', 'failed', 'cancelled'], str] | None = None
        self._begin(now_s, scene)

    def _begin(self, now_s: float, scene: Scene | None) -> None:
        goal = self._plan.steps[self._step]
        self._goal = located(goal, scene) if self._tells and scene is not None else goal
        self._grip = Grip(goal, self._arm)
        self._since_s = now_s
        self._disputed_s: float | None = None  # since when only the policy says done
        self._agreed_s: float | None = None    # since when both do

    def advance(self, now_s: float, scene: Scene | None, joints: JointState,
                done: float | None, phase: str = '') -> TaskState:
        """Take one tick's news and return where the task stands now.

        Args:
            now_s: Time of the scene, s.
            scene: What perception sees, None when it sees nothing trustworthy.
            joints: Measured joints.
            done: Newest done-probability of the policy for this step and attempt.
            phase: What it said last that it does, for this step and attempt.
        """
        if self._ended is not None:
            return self.state()
        says = done is not None and done >= self._settings.done_threshold
        agrees = self._evidence.bears_out(scene, joints) and says
        self._disputed_s = _since(self._disputed_s, says and not agrees, now_s)
        self._agreed_s = _since(self._agreed_s, agrees, now_s)
        if self._agreed_s is not None and now_s - self._agreed_s >= self._settings.settle_s:
            self._next_step(now_s, scene)
        elif self._disputed_s is not None and now_s - self._disputed_s >= DISPUTED_S:
            self._retry('done_contradicted', now_s, scene)
        elif lost := self._grip.lost(joints, phase):
            self._retry(lost, now_s, scene)
        elif now_s - self._since_s >= self._settings.timeout_s:
            self._retry('timeout', now_s, scene)
        return self.state()

    def begin_again(self, now_s: float, scene: Scene | None) -> TaskState:
        """Begin the attempt at hand once more, after a wait that counts for nothing."""
        self._begin(now_s, scene)
        return self.state()

    def handled(self) -> Handled | None:
        """Return what the guard looks up for the step in work, None when none is."""
        if self._ended is not None:
            return None
        goal = self._goal
        return Handled(goal.skill, goal.part, goal.tool, self._plan.kb_version)

    def cancel(self) -> TaskState:
        """End it as cancelled, unless it has ended."""
        self._ended = self._ended or ('cancelled', 'cancelled')
        return self.state()

    def give_up(self, reason: str) -> TaskState:
        """End it as failed for `reason`, unless it has ended."""
        self._ended = self._ended or ('failed', reason)
        return self.state()

    def state(self) -> TaskState:
        """Return where the task stands."""
        steps = len(self._plan.steps)
        if self._ended is None:
            return TaskState('running', self._step, steps, self._attempt, self._goal, '',
                             self._step / steps)
        phase, reason = self._ended
        return TaskState(phase, self._step, steps, self._attempt, None, reason,
                         1.0 if phase == 'succeeded' else self._step / steps)

    def _next_step(self, now_s: float, scene: Scene | None) -> None:
        if self._step + 1 == len(self._plan.steps):
            self._ended = ('succeeded', '')
            return
        self._step, self._attempt = self._step + 1, 0
        self._evidence = Evidence(self._plan.steps[self._step], self._arm)
        self._begin(now_s, scene)

    def _retry(self, reason: str, now_s: float, scene: Scene | None) -> None:
        if self._attempt >= self._settings.retries:
            self._ended = ('failed', reason)
            return
        self._attempt += 1
        self._begin(now_s, scene)


def located(goal: Goal, scene: Scene) -> Goal:
    """Return the goal with where the scene shows what it is about."""
    return replace(goal, seen_at=_where(scene, goal.kind, goal.colour),
                   place_at=_where(scene, goal.place, goal.destination))


def _where(scene: Scene, kind: str, colour: str) -> Point | None:
    found = scene.find(kind, colour)
    if found is None:
        return None
    x, y, z = found.position.tolist()
    return x, y, z


def _since(before: float | None, holds: bool, now_s: float) -> float | None:
    if not holds:
        return None
    return now_s if before is None else before
