"""One episode in lock-step without ROS: the pipeline and a cell in one process.

A cell, a pipeline and an instruction enter; an `Outcome` leaves. Time is the cell's own, so the
same seed gives the same commands. The ROS graph runs the same stages with the same rates:
100 control cycles a second, observations at the camera rate, a new chunk each `replan_s`. A
policy that is late answers at a later observation while the arm goes on, and is asked again once
it has answered and `replan_s` have passed. A cell that cannot be seen for BLIND periods of its
cameras ends the task, and the arm comes to rest.
"""
from dataclasses import dataclass, field, replace

from lam_ws.errors import InstructionError, ObservationError
from lam_ws.pipeline import Pipeline, Task, TaskState
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Claim, Commander, POLICY
from lam_ws.safety.safety import GuardDecision, GuardInputs, GuardState, Request
from lam_ws.sim.cell import Cell
from lam_ws.types import ActionChunk, Command, Instruction, Plan, Scene
import numpy as np

BLIND = 2.5   # camera periods without a trustworthy observation, after which a task is given up
SILENT = 'stale_camera'   # what it is called where nothing else was found wrong


@dataclass(frozen=True)
class Outcome:
    """What came of one episode.

    Attributes:
        phase: 'succeeded', 'failed', 'cancelled' or 'refused', as the task saw it.
        reason: Reason code, '' on success.
        seconds: Simulated s.
        plan: None when the instruction was refused.
        attempts: Attempts at the last step.
        chunks: Chunks the policy proposed.
        limited: Control cycles in which the guard held a bound.
        commands: Every command sent, when they were kept.
    """

    phase: str
    reason: str
    seconds: float
    plan: Plan | None = None
    attempts: int = 0
    chunks: int = 0
    limited: int = 0
    commands: tuple[Command, ...] = field(default=(), repr=False)


class Episode:
    """Runs instructions on a cell.

    Args:
        cell: The simulated cell, reset by the caller.
        pipeline: The stages.
        keep: Keep every command for comparison.
        blind: Show the policy grey images, to see what it does by the sentence alone.
    """

    def __init__(self, cell: Cell, pipeline: Pipeline, keep: bool = False, blind: bool = False):
        self.cell, self.pipeline, self._keep, self._blind = cell, pipeline, keep, blind
        self._commander = Commander(POLICY, 'episode', 1)
        site = cell.site
        rate = max(camera.rate_hz for camera in site.cameras)
        self._tick = round(site.limits.control_hz / rate)
        self._replan = max(1, round(site.policy.replan_s * rate))
        self._blind_s = BLIND / rate

    def run(self, instruction: Instruction) -> Outcome:
        """Arm the guard, carry out `instruction`, and return what came of it."""
        self._begin()
        scene = self._look()
        if scene is None:
            return Outcome('refused', self._refusal, self.cell.now_s)
        try:
            plan = self.pipeline.ground(instruction, scene)
        except InstructionError as refusal:
            return Outcome('refused', refusal.reason, self.cell.now_s)
        return self._carry_out(plan, scene)

    def pursue(self, plan: Plan) -> Outcome:
        """Arm the guard, carry out a plan that was made elsewhere, and return what came of it.

        Nobody tells the policy where perception sees what the plan is about.
        """
        self._begin()
        return self._carry_out(plan, None)

    def _begin(self) -> None:
        self._commands: list[Command] = []
        self._limited = self._chunks = 0
        self._seen_s, self._refusal = self.cell.now_s, SILENT
        self._arm()

    def _carry_out(self, plan: Plan, scene: Scene | None) -> Outcome:
        task = Task(plan, self.cell.site.task, self.cell.now_s, self.cell.spec, scene)
        state = self._work(task)
        return Outcome(state.phase, state.reason, self.cell.now_s, plan, state.attempt + 1,
                       self._chunks, self._limited, tuple(self._commands))

    def _arm(self) -> None:
        self._cycle(None, None, Request.RESET)
        self._cycle(None, None, Request.ARM)

    def _work(self, task: Task) -> TaskState:
        """Tick until the task has ended or the guard has stopped it."""
        state, done, phase, tick, due = task.state(), None, '', 0, 0
        while True:
            scene = self._look()
            before = (state.step, state.attempt)
            state = task.advance(self.cell.now_s, scene, self.cell.read(), done, phase)
            if state.phase != 'running':
                return state
            if (state.step, state.attempt) != before:
                done, phase, tick, due = None, '', 0, 0
            chunk = None
            while scene is not None and tick >= due and (new := self._decide(state)) is not None:
                chunk, done, phase = new, new.done, new.phase
                due = max(due + self._replan, tick)
                self._chunks += 1
            for k in range(self._tick):
                if self._is_blind():
                    self._rest()
                    return task.give_up(self._refusal)
                decision = self._cycle(
                    chunk if k == 0 else None, task.handled(),
                    claim=self._commander.claim(self.cell.now_s) if k == 0 else None)
                if decision.reason:   # it stopped, or holds until another step comes
                    return TaskState('failed', state.step, state.steps, state.attempt, None,
                                     f'guard_{decision.reason}')
            tick += 1

    def _decide(self, state: TaskState) -> ActionChunk | None:
        """Ask for a chunk; where the policy refuses, the last one runs out, as in the nodes."""
        try:
            return self.pipeline.decide(self._observation, state)
        except ObservationError:
            return None

    def _look(self) -> Scene | None:
        """Take one observation; keeps it for the policy. None where it cannot be trusted."""
        frames = {camera.name: self.cell.render(camera.name) for camera in self.cell.site.cameras}
        try:
            self._observation, scene = self.pipeline.observe(self.cell.read(), frames,
                                                             self.cell.now_s)
        except ObservationError as refusal:
            self._refusal = refusal.reason
            return None
        self._refusal = SILENT
        self._seen_s = min(frame.stamp_s for frame in self._observation.frames.values())
        if self._blind:
            grey = {name: replace(frame, pixels=np.full_like(frame.pixels, 128))
                    for name, frame in frames.items()}
            self._observation = replace(self._observation, frames=grey)
        return scene

    def _is_blind(self) -> bool:
        """Return whether nothing trustworthy has been seen for too long."""
        return self.cell.now_s - self._seen_s > self._blind_s + 1e-9

    def _rest(self) -> None:
        """Let the arm come to rest."""
        while self._cycle(None, None).state in (GuardState.RUNNING, GuardState.STOPPING):
            pass

    def _cycle(self, chunk: ActionChunk | None, handled: Handled | None,
               request: Request = Request.NONE, claim: Claim | None = None) -> GuardDecision:
        """Run one control cycle: guard, send, advance."""
        decision = self.pipeline.guard(GuardInputs(self.cell.now_s, self.cell.read(), chunk,
                                                   False, request, handled, claim))
        self._limited += bool(decision.limited)
        if decision.command is not None:
            self.cell.stream(decision.command)
            if self._keep:
                self._commands.append(decision.command)
        self.cell.advance()
        return decision
