"""The seams at which a running stack is broken: thin wrappers, the stack itself stays as it is.

What passes between the cell and the stages enters; the same leaves, or what a `Fault` makes of
it from its moment on. The moment hangs on what really happens in the episode: what the policy
says it does, what the fingers do, whether the part is in the air.
"""
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple, Protocol

from lam_ws.pipeline import Pipeline, TaskState
from lam_ws.robot import ArmSpec
from lam_ws.safety.safety import GuardDecision, GuardInputs
from lam_ws.sim.cell import Cell
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Command, Frame, JointState, Observation, Scene
import numpy as np

# What the policy says it does: the phase of a fault.
PHASE_OF = {'approach': 'reach', 'descend': 'reach', 'close': 'grasp', 'lift': 'carry',
            'carry': 'carry', 'lower': 'carry', 'open': 'release'}
MOVES = 0.05      # rad/s, an arm that is on its way
FINGERS = 0.005   # m/s, fingers that open or close
RAISED = 0.06     # m above the table, the centre of a part that is carried
WAIT = 20         # cycles, at most, from the beginning of a phase to the fault


class Robot(Protocol):
    """What a fault may know of the arm that it breaks."""

    spec: ArmSpec

    def read(self) -> JointState:
        """Return what is measured now."""


class Fault:
    """Something that breaks. It passes on what it does not override.

    Attributes:
        touched: Whether what was handed on last was not what came.
    """

    touched = True

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Take note of the arm and of chance at the moment in which it breaks."""

    def frames(self, frames: Mapping[str, Frame]) -> Mapping[str, Frame]:
        """Return what perception and policy are given for what the cameras sent."""
        return frames

    def joints(self, joints: JointState) -> JointState | None:
        """Return what the guard and perception are given for the measured joints."""
        return joints

    def chunk(self, ask: Callable[[], ActionChunk | None]) -> ActionChunk | None:
        """Return what the policy is taken to have answered."""
        return ask()

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return what the guard is given in this cycle."""
        return inputs

    def command(self, command: Command | None) -> Command | None:
        """Return what reaches the arm for what the guard sent."""
        return command


class Row(NamedTuple):
    """One control cycle.

    Attributes:
        measured: Joints.
        inputs: What the guard was told.
        decision: What it decided.
        said: Phase in which the policy last said it was, of the phases of a fault.
    """

    measured: JointState
    inputs: GuardInputs
    decision: GuardDecision
    said: str = ''


class Enough(Exception):
    """Ends an episode in which everything was seen that there is to see."""


class BreakablePipeline(Pipeline):
    """The stages, with a fault between them and the cell, and a note of each cycle.

    Attributes:
        rows: Every control cycle since `prepare`.
        since: Row from which the fault could be noticed, None before it.
        leaked: Spoilt frames that perception or policy took for good ones.
        again: Row in which the policy was told to begin anew after the fault, None before that.
    """

    def __init__(self, site: Site, cell: Cell):
        super().__init__(site)
        self._cell = cell
        self.prepare(Fault(), '', np.random.default_rng(0), 0)

    def prepare(self, fault: Fault, phase: str, rng: np.random.Generator, patience: int) -> None:
        """Begin a run in which `fault` breaks in `phase`, and which ends `patience` cycles on."""
        self.rows: list[Row] = []
        self.since: int | None = None
        self.leaked = 0
        self.again: int | None = None
        self._fault, self._phase, self._rng, self._patience = fault, phase, rng, patience
        self._wait = int(rng.integers(WAIT))
        self._said = 'idle'
        self.begun = self.active = False

    def heal(self) -> None:
        """End the fault."""
        self.active = False

    def observe(self, joints: JointState, frames: Mapping[str, Frame],
                now_s: float) -> tuple[Observation, Scene]:
        """Return the observation of what reaches perception."""
        if not self.active:
            return super().observe(joints, frames, now_s)
        given = self._fault.frames(frames)
        spoilt = any(given[name] is not frames[name] for name in given) or len(given) < len(frames)
        if spoilt:
            self._notice()
        seen = super().observe(self._fault.joints(joints), given, now_s)  # type: ignore[arg-type]
        self.leaked += spoilt
        return seen

    def decide(self, observation: Observation, state: TaskState) -> ActionChunk | None:
        """Return what reaches the guard of what the policy answers."""
        if self.begun and self.again is None and self._pursued not in (
                None, (state.step, state.attempt)):
            self.again = len(self.rows)
        if self.active:
            chunk = self._fault.chunk(lambda: super(BreakablePipeline, self).decide(
                observation, state))
            if type(self._fault).chunk is not Fault.chunk and self._fault.touched:
                self._notice()
        else:
            chunk = super().decide(observation, state)
        if chunk is not None:
            self._said = PHASE_OF.get(chunk.phase, '')
        return chunk

    def guard(self, inputs: GuardInputs) -> GuardDecision:
        """Return the decision, with the command that reaches the arm."""
        if self.active and self.since is not None \
                and len(self.rows) > self.since + self._patience:
            raise Enough
        measured = inputs.joints
        assert measured is not None
        if not self.begun and self._due(measured):
            self.begun = self.active = True
            self._fault.begin(self._cell, self._rng)
        if self.active:
            inputs = self._spoil(inputs, measured)
        decision = super().guard(inputs)
        self.rows.append(Row(measured, inputs, decision, self._said))
        if not self.active:
            return decision
        command = self._fault.command(decision.command)
        if command is not decision.command:
            self._notice()
        return decision._replace(command=command)

    def _spoil(self, inputs: GuardInputs, measured: JointState) -> GuardInputs:
        given = self._fault.joints(measured)
        spoilt = inputs if given is measured else replace(inputs, joints=given)
        spoilt = self._fault.inputs(spoilt)
        if spoilt is not inputs:
            self._notice()
        return spoilt

    def _notice(self) -> None:
        """Remember the first cycle in which something spoilt reached the stack."""
        if self.since is None:
            self.since = len(self.rows)

    def _due(self, joints: JointState) -> bool:
        """Return whether the moment has come: so many cycles after the phase was seen."""
        if self._wait < 0 or self._said != self._phase or not self._seen(joints):
            return False
        self._wait -= 1
        return self._wait < 0

    def _seen(self, joints: JointState) -> bool:
        """Return whether the cell shows what the policy says."""
        arm, fingers = np.abs(joints.velocity[:-1]).max(), joints.velocity[-1]
        if self._phase == 'reach':
            return bool(arm > MOVES)
        if self._phase == 'grasp':
            return bool(fingers < -FINGERS)
        if self._phase == 'carry':
            return any(part['position'][2] > RAISED for part in self._cell.truth()['parts'])
        if self._phase == 'release':
            return bool(fingers > FINGERS)
        return True
