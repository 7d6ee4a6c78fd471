"""The data that travels along the path, frozen, with units.

Everything here is plain numpy and the standard library. Arrays are made read-only on
construction, so a stage can hand its data on without copying it. SI units, REP-103 axes,
joint order as in `ArmSpec.names`: the arm joints (rad) first, the gripper opening (m) last.
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


def _freeze(instance: object, *names: str) -> None:
    for name in names:
        object.__setattr__(instance, name, freeze(getattr(instance, name)))


@dataclass(frozen=True)
class JointLimits:
    """Bounds of every axis of one arm, gripper last.

    Attributes:
        lower, upper: [n] rad (gripper m), smallest and largest position.
        velocity, acceleration, jerk: [n] largest, rad (gripper m) per s, s^2 and s^3.
    """

    lower: Array
    upper: Array
    velocity: Array
    acceleration: Array
    jerk: Array

    def __post_init__(self) -> None:
        _freeze(self, 'lower', 'upper', 'velocity', 'acceleration', 'jerk')


@dataclass(frozen=True)
class DhRow:
    """One row of a Denavit-Hartenberg table: a [m], alpha [rad], d [m], offset [rad]."""

    a: float
    alpha: float
    d: float
    offset: float = 0.0


@dataclass(frozen=True)
class ArmSpec:
    """What is true of one arm wherever it runs; read from config/arms/*.yaml.

    Attributes:
        name: Embodiment name that a checkpoint must match.
        names: [n] joint names in command order, the gripper last.
        limits: Bounds of all n axes.
        home: [n] rest pose, rad (gripper m).
        convention: 'craig' (modified DH) or 'standard'.
        dh: One row for each arm joint (n - 1 rows).
        X_FlangeTcp: [4, 4] tool centre point in the last DH frame, m.
        link_radius: [n - 1] m, radius of the low-poly link that follows each joint.
        gripper_force: N, largest closing force of one finger.
    """

    name: str
    names: tuple[str, ...]
    limits: JointLimits
    home: Array
    convention: str
    dh: tuple[DhRow, ...]
    X_FlangeTcp: Array
    link_radius: tuple[float, ...]
    gripper_force: float

    def __post_init__(self) -> None:
        _freeze(self, 'home', 'X_FlangeTcp')

    @property
    def axes(self) -> int:
        """Number of axes n, gripper included."""
        return len(self.names)


@dataclass(frozen=True)
class JointState:
    """Measured joints.

    Attributes:
        stamp_s: When it was measured, s.
        names: [n] joint names.
        position, velocity: [n] rad (gripper m), [n] rad/s (gripper m/s).
    """

    stamp_s: float
    names: tuple[str, ...]
    position: Array
    velocity: Array

    def __post_init__(self) -> None:
        _freeze(self, 'position', 'velocity')


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
        _freeze(self, 'K', 'X_ParentCamera')


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
        _freeze(self, 'position')


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
    """

    skill: str
    kind: str
    colour: str
    destination: str
    text: str
    place: str = 'bin'
    seen_at: Point | None = None
    place_at: Point | None = None


@dataclass(frozen=True)
class Plan:
    """A grounded instruction: ordered steps, and the sources they rest on."""

    instruction: Instruction
    language: str
    steps: tuple[Goal, ...]
    citations: tuple[str, ...] = ()


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
        _freeze(self, 'times', 'position')


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
        _freeze(self, 'position', 'velocity')
