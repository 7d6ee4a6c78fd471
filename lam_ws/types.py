"""The data that travels along the path, frozen, with units.

Everything here is plain numpy and the standard library. Arrays are made read-only on
construction, so a stage can hand its data on without copying it. SI units, REP-103 axes,
joint order as in `robot.ArmSpec.names`: the arm joints (rad) first, the gripper opening (m) last.
Stamps are seconds on the clock of the run (simulated in lock-step, monotonic otherwise).
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Point = tuple[float, float, float]


def freeze(value: npt.ArrayLike) -> Array:
    """Return `value` as a read-only float64 array of its own."""
    array = np.array(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def freeze_fields(instance: object, *names: str) -> None:
    """Make fields of a frozen dataclass read-only float64 arrays of their own."""
    for name in names:
        object.__setattr__(instance, name, freeze(getattr(instance, name)))


@dataclass(frozen=True)
class JointState:
    """Measured joints.

    Attributes:
        stamp_s: When it was measured, s.
        names: [n] joint names.
        position, velocity: [n] rad (gripper m), [n] rad/s (gripper m/s).
        effort: [n] N m (gripper N), None where the arm reports none.
    """

    stamp_s: float
    names: tuple[str, ...]
    position: Array
    velocity: Array
    effort: Array | None = None

    def __post_init__(self) -> None:
        freeze_fields(self, 'position', 'velocity')
        if self.effort is not None:
            freeze_fields(self, 'effort')


@dataclass(frozen=True)
class CameraModel:
    """A pinhole camera as calibrated.

    Attributes:
        name: Camera name, also its topic namespace.
        width, height: px.
        K: [3, 3] intrinsics, px; optical frame of REP-103 (x right, y down, z forward).
        parent: Frame the camera is mounted on: 'base' or 'tcp'.
        X_ParentCamera: [4, 4] calibrated pose of the optical frame in the parent frame, m.
    """

    name: str
    width: int
    height: int
    K: Array
    parent: str
    X_ParentCamera: Array

    def __post_init__(self) -> None:
        freeze_fields(self, 'K', 'X_ParentCamera')


@dataclass(frozen=True)
class Frame:
    """One camera image: `pixels` is uint8 RGB [height, width, 3], taken at `stamp_s`."""

    stamp_s: float
    camera: CameraModel
    pixels: Pixels


@dataclass(frozen=True)
class Observation:
    """What the policy may see: measured joints and checked camera frames by name."""

    stamp_s: float
    joints: JointState
    frames: Mapping[str, Frame]

    def __post_init__(self) -> None:
        object.__setattr__(self, 'frames', MappingProxyType(dict(self.frames)))


@dataclass(frozen=True)
class Detection:
    """One thing that perception sees.

    Attributes:
        kind: A part or a place of `lam_ws.policy.vocabulary`, for example 'cube' or 'bin'.
        colour: 'red', 'green', 'blue', 'yellow', 'black', 'white', or 'none' for bare metal.
        position: [3] m in the arm's base frame, where a part is taken or something is put.
        confidence: 0..1.
        also: Kind that it is nearly as likely to be, '' where there is no doubt.
    """

    kind: str
    colour: str
    position: Array
    confidence: float
    also: str = ''

    def __post_init__(self) -> None:
        freeze_fields(self, 'position')


class CameraHealth(StrEnum):
    """What is known about a camera's stream."""

    OK = 'ok'
    FROZEN = 'frozen'
    BLACK = 'black'
    SATURATED = 'saturated'
    WRONG_SIZE = 'wrong_size'
    STALE = 'stale'
    MISSING = 'missing'


@dataclass(frozen=True)
class Scene:
    """What is where, read from the images alone, and how well the cameras do."""

    stamp_s: float
    detections: tuple[Detection, ...]
    cameras: Mapping[str, CameraHealth] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'cameras', MappingProxyType(dict(self.cameras)))

    def find(self, kind: str, colour: str) -> Detection | None:
        """Return the surest detection of that kind and colour, or what may be it, if any."""
        found = (one for one in self.detections
                 if one.colour == colour and kind in (one.kind, one.also))
        return max(found, key=lambda one: (one.kind == kind, one.confidence), default=None)

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return kind and colour of all that is there, then of what may be and is not else."""
        sure = [(one.kind, one.colour) for one in self.detections]
        maybe = ((one.also, one.colour) for one in self.detections if one.also)
        return (*sure, *(one for one in maybe if one not in sure))


@dataclass(frozen=True)
class Instruction:
    """What an operator said: `text` as typed, `language` 'ko', 'en' or 'auto'."""

    text: str
    language: str = 'auto'
    operator: str = 'local'


@dataclass(frozen=True)
class Goal:
    """One thing for the policy to do; a step of a plan.

    Attributes:
        skill: A name of `lam_ws.policy.skills.SKILLS`, for example 'pick_place'.
        kind, colour: Of what is acted on: a part, a button, a lever.
        destination: Colour of the second thing: the bin it goes to, the line it is pushed over.
        text: What the policy reads: the operator's own words where they do, else canonical.
        place: Kind of the second thing, '' where the skill has none.
        seen_at, place_at: m in the base frame, where perception saw the two, if it did.
        part, tool: Ids of the cell's knowledge, '' where it has none or none is handled.
    """

    skill: str
    kind: str
    colour: str
    destination: str
    text: str
    place: str = 'bin'
    seen_at: Point | None = None
    place_at: Point | None = None
    part: str = ''
    tool: str = ''


@dataclass(frozen=True)
class Plan:
    """A grounded instruction.

    Attributes:
        instruction: What was said.
        language: 'ko' or 'en'.
        steps: In the order of doing.
        citations: The sources they rest on.
        kb_version: `Knowledge.version()` that the ids of the steps are of, '' without a company.
    """

    instruction: Instruction
    language: str
    steps: tuple[Goal, ...]
    citations: tuple[str, ...] = ()
    kb_version: str = ''


@dataclass(frozen=True)
class ActionChunk:
    """Joint targets for the next moments, as a policy proposes them.

    Attributes:
        stamp_s: Stamp of the observation it was computed from, s.
        names: [n] joint names.
        times: [H] s after `stamp_s`, strictly increasing.
        position: [H, n] rad (gripper m).
        done: Probability that the goal is reached, 0..1.
        phase: What the policy believes it is doing, for people and reports.
    """

    stamp_s: float
    names: tuple[str, ...]
    times: Array
    position: Array
    done: float = 0.0
    phase: str = ''

    def __post_init__(self) -> None:
        freeze_fields(self, 'times', 'position')


@dataclass(frozen=True)
class Command:
    """What the arm is told for the next control cycle.

    Attributes:
        stamp_s: Start of the cycle, s.
        names: [n] joint names.
        position, velocity: [n] rad (gripper m), [n] rad/s (m/s), at the end of the cycle.
    """

    stamp_s: float
    names: tuple[str, ...]
    position: Array
    velocity: Array

    def __post_init__(self) -> None:
        freeze_fields(self, 'position', 'velocity')
