"""A policy that runs beside a cell and moves nothing: what a cell says enters, a `Watch` leaves.

The pipeline is the cell's own (observe, ground, decide, guard), in another process. It keeps to
the plan that it made itself. Where the cell's task says which step it is at, the shadow is at
that step of its own plan, and begins anew when the cell does; where a person moves the arm and
there is no task, its own rules say what is done.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field

from lam_ws.errors import InstructionError, ObservationError
from lam_ws.grounding.grounding import load_limits
from lam_ws.pipeline import located, Pipeline, Task, TaskState
from lam_ws.safety.handling import Handled, handlings
from lam_ws.safety.safety import guard_config
from lam_ws.shadow.trial import Trial, Verdict
from lam_ws.types import (
    ActionChunk,
    Command,
    Frame,
    Goal,
    Instruction,
    JointState,
    Observation,
    Plan,
    Scene,
)

GROUND_S = 3.0   # s for which a sentence may not fit the scene: perception has to see it first
STILL_S = 2.0    # between two pictures that are kept
IDLE = TaskState('cancelled', 0, 0, 0, None)


@dataclass(frozen=True)
class Asked:
    """What the task of the cell asks for: a step of an episode, `goal` None when nothing."""

    stamp_s: float
    episode: str
    step: int
    attempt: int
    goal: Goal | None

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells one attempt from every other."""
        return self.episode, self.step, self.attempt


@dataclass(frozen=True)
class Said:
    """What the guard of the cell says."""

    stamp_s: float
    state: str
    reason: str
    limited: str
    commander: str


@dataclass(frozen=True)
class Predicted:
    """One chunk of the shadow.

    Attributes:
        step: Of its own plan, from 0.
        attempt: From 0.
        chunk: What it would have sent.
        verdict: What the guard would have made of it.
        led: The cell's task asked for something then.
    """

    step: int
    attempt: int
    chunk: ActionChunk
    verdict: Verdict
    led: bool


@dataclass(frozen=True)
class Pursuit:
    """What the shadow pursued from `stamp_s` on, and what the cell's task did, if it had one."""

    stamp_s: float
    own: Goal
    cells: Goal | None


@dataclass
class Watch:
    """Everything that was heard and predicted; times are s on the clock of the cell.

    Attributes:
        instruction: What the shadow was told.
        plan: What it made of it, None while it did not.
        refusal: Reason code and sentence why it did not, ('', '') if it did.
        views: Observations that it could use.
        blind: Those that it could not, by reason.
        chunks: What it would have done.
        pursuits: What it was after.
        joints: Measured.
        commands: What the cell's guard sent to the arm.
        proposals: What the cell's own policy or hand proposed, by stamp in ns.
        said: What the cell's guard said.
        stills: (s, frame of the first camera), one every few seconds.
    """

    instruction: Instruction
    plan: Plan | None = None
    refusal: tuple[str, str] = ('', '')
    views: int = 0
    blind: dict[str, int] = field(default_factory=dict)
    chunks: list[Predicted] = field(default_factory=list)
    pursuits: list[Pursuit] = field(default_factory=list)
    joints: list[JointState] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    proposals: dict[int, ActionChunk] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    stills: list[Frame] = field(default_factory=list)


class Shadow:
    """Runs a pipeline on what a cell shows, and sends nothing.

    Args:
        pipeline: The stages, of the site that is watched.
        instruction: What it is told to do.

    Attributes:
        watch: What came of it so far.
        over: It cannot go on: the sentence fits no scene.
    """

    def __init__(self, pipeline: Pipeline, instruction: Instruction):
        site = pipeline.site
        self._pipeline, self.watch = pipeline, Watch(instruction)
        self.over = False
        self._trial = Trial(guard_config(site, handlings(*load_limits(site.knowledge))),
                            site.policy.replan_s)
        self._replan_ns = round(site.policy.replan_s * 1e9)
        self._asked: Asked | None = None
        self._followed = False    # whether the cell's task has asked for anything yet
        self._task: Task | None = None
        self._pursued: object = None
        self._goal: Goal | None = None
        self._last: ActionChunk | None = None
        self._planned_ns = self._begun_ns = -1

    def measured(self, joints: JointState) -> None:
        """Take measured joints."""
        self.watch.joints.append(joints)

    def asked(self, asked: Asked) -> None:
        """Take what the cell's task asks for."""
        self._asked, self._followed = asked, self._followed or asked.goal is not None

    def view(self, joints: JointState, frames: Mapping[str, Frame], stamp_ns: int) -> None:
        """Take what the cameras show, and decide as the policy of the cell would."""
        try:
            observation, scene = self._pipeline.observe(joints, frames, stamp_ns / 1e9)
        except ObservationError as refusal:
            self.watch.blind[refusal.reason] = self.watch.blind.get(refusal.reason, 0) + 1
            return
        self.watch.views += 1
        self._keep(next(iter(observation.frames.values())))
        if self.watch.plan is None and not self._ground(scene, stamp_ns):
            return
        state = self._state(scene, joints, stamp_ns / 1e9)
        if state.goal is None:
            self._pursued = self._last = None
            self._pipeline.decide(observation, IDLE)
        elif self._last is None or stamp_ns - self._planned_ns >= self._replan_ns:
            self._decide(observation, state, stamp_ns)

    def _keep(self, frame: Frame) -> None:
        """Keep a picture now and then."""
        stills = self.watch.stills
        if not stills or not 0.0 <= frame.stamp_s - stills[-1].stamp_s < STILL_S:
            stills.append(frame)

    def _ground(self, scene: Scene, stamp_ns: int) -> bool:
        """Make the plan of the sentence; return whether there is one."""
        self._begun_ns = stamp_ns if self._begun_ns < 0 else self._begun_ns
        try:
            self.watch.plan = self._pipeline.ground(self.watch.instruction, scene)
        except InstructionError as refusal:
            self.watch.refusal = refusal.reason, str(refusal)
            self.over = stamp_ns - self._begun_ns >= GROUND_S * 1e9
            return False
        self.watch.refusal = '', ''
        return True

    def _state(self, scene: Scene, joints: JointState, now_s: float) -> TaskState:
        """Return what is to be pursued now, IDLE where nothing is."""
        plan, asked = self.watch.plan, self._asked
        assert plan is not None
        if not self._followed:
            if self._task is None:
                self._task = Task(plan, self._pipeline.site.task, now_s, self._pipeline.site.arm,
                                  scene)
            done, phase = (None, '') if self._last is None else (self._last.done,
                                                                 self._last.phase)
            state = self._task.advance(now_s, scene, joints, done, phase)
            if state.goal is not None and self._pursued != (state.step, state.attempt):
                self._pursue((state.step, state.attempt), state.goal, now_s, None)
            return state
        if asked is None or asked.goal is None:
            return IDLE
        step = min(asked.step, len(plan.steps) - 1)
        if self._pursued != asked.key:
            self._pursue(asked.key, located(plan.steps[step], scene), now_s, asked.goal)
        return TaskState('running', step, len(plan.steps), asked.attempt, self._goal)

    def _pursue(self, key: object, goal: Goal, now_s: float, cells: Goal | None) -> None:
        """Begin a new attempt."""
        self._pursued, self._goal, self._last = key, goal, None
        self.watch.pursuits.append(Pursuit(now_s, goal, cells))

    def _decide(self, observation: Observation, state: TaskState, stamp_ns: int) -> None:
        """Ask for a chunk, and the guard what it would make of it."""
        if self._last is None:   # a new attempt, of whatever episode
            self._pipeline.decide(observation, IDLE)
        try:
            chunk = self._pipeline.decide(observation, state)
        except ObservationError as refusal:
            self.watch.blind[refusal.reason] = self.watch.blind.get(refusal.reason, 0) + 1
            return
        if chunk is None or state.goal is None or self.watch.plan is None:
            return   # the answer is under way
        self._last, self._planned_ns = chunk, stamp_ns
        verdict = self._trial.judge(
            observation.joints, chunk,
            Handled(state.goal.skill, state.goal.part, state.goal.tool,
                    self.watch.plan.kb_version))
        self.watch.chunks.append(Predicted(state.step, state.attempt, chunk, verdict,
                                           self._followed))
