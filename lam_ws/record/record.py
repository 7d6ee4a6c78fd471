"""An episode as it was recorded: the contract between the recorder and everyone who reads.

What enters is a stream of serialised ROS messages (`Recorder`); what leaves is an `Episode`
of read-only arrays with time in seconds after the first message. It exists so that reports,
films, training and tests read one shape of data and none of them knows MCAP or CDR.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from lam_ws.record.card import Card
from lam_ws.types import Array, freeze, Pixels, Scene
import numpy as np

#: A topic is known by the last part of its name, so that any namespace reads the same.
JOINT_STATES, COMMAND, PROPOSED = 'joint_states', 'command', 'proposed'
SCENE, SUBGOAL, GUARD_STATE, IMAGE = 'scene', 'subgoal', 'guard_state', 'image_raw'


class MessageSink(Protocol):
    """What a recording node needs: `lam_ws.record.writer.Recorder` keeps it."""

    def open(self) -> None:
        """Create the file; raises RecordingError when that cannot be done."""

    def write(self, topic: str, type_name: str, definition_text: str | None, cdr_bytes: bytes,
              log_time_ns: int) -> None:
        """Append one serialised message; raises RecordingError, never blocks on a full disk."""

    def close(self) -> Path:
        """Finish the file under its final name and return that name."""


@dataclass(frozen=True)
class Motion:
    """Joints over time, measured or commanded.

    Attributes:
        times: [T] s after the start of the recording.
        names: [n] joint names, gripper last.
        position: [T, n] rad (gripper m).
        velocity: [T, n] rad/s (gripper m/s); NaN where the message carried none.
    """

    times: Array
    names: tuple[str, ...]
    position: Array
    velocity: Array

    def __post_init__(self) -> None:
        for name in ('times', 'position', 'velocity'):
            object.__setattr__(self, name, freeze(getattr(self, name)))


@dataclass(frozen=True)
class ProposalRecord:
    """One chunk that was proposed; `times` [H] s and `position` [H, n] are empty on hold.

    `role` and `commander` are what its sender claims to be; nobody looked at the seal.
    """

    time_s: float
    step: int
    attempt: int
    sequence: int
    phase: str
    done: float
    times: Array
    position: Array
    role: str = ''
    commander: str = ''

    def __post_init__(self) -> None:
        object.__setattr__(self, 'times', freeze(self.times))
        object.__setattr__(self, 'position', freeze(self.position))


@dataclass(frozen=True)
class GuardRecord:
    """What the guard said: its state, why, the bound at work, and who holds the lease."""

    time_s: float
    state: str
    reason: str
    text: str
    limited: str
    measured: float
    allowed: float
    commands: int
    limited_count: int
    rejected_count: int
    commander: str = ''


@dataclass(frozen=True)
class SubgoalRecord:
    """One step of the plan as the task sent it; what older recordings lack is ''."""

    time_s: float
    active: bool
    step: int
    attempt: int
    skill: str
    kind: str
    colour: str
    destination: str
    text: str
    part: str = ''
    tool: str = ''
    kb_version: str = ''


@dataclass(frozen=True)
class Picture:
    """One camera image: `pixels` is uint8 RGB [height, width, 3]."""

    time_s: float
    pixels: Pixels


def no_motion() -> Motion:
    """Return the Motion of a topic that was never recorded."""
    return Motion(np.empty(0), (), np.empty((0, 0)), np.empty((0, 0)))


@dataclass(frozen=True)
class Episode:
    """A recording, decoded.

    Attributes:
        path: The file it was read from.
        start_ns: Log time of its first message, ns.
        duration_s: From the first to the last message, s.
        joints: Measured joints.
        command: What the guard sent to the arm.
        proposals: What the policy proposed, in order.
        guard: What the guard said, in order.
        subgoals: What the task asked for, in order.
        scenes: What perception saw; `stamp_s` is s after the start of the recording.
        frames: Pictures by camera name, in order.
        notes: Key-value notes by name, for example the site and who was operating.
        counts: Messages by topic.
        card: Who recorded it, what for, how it ended and how good it is.
    """

    path: Path
    start_ns: int = 0
    duration_s: float = 0.0
    joints: Motion = field(default_factory=no_motion)
    command: Motion = field(default_factory=no_motion)
    proposals: tuple[ProposalRecord, ...] = ()
    guard: tuple[GuardRecord, ...] = ()
    subgoals: tuple[SubgoalRecord, ...] = ()
    scenes: tuple[Scene, ...] = ()
    frames: Mapping[str, tuple[Picture, ...]] = field(default_factory=dict)
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    card: Card = Card('')

    def __post_init__(self) -> None:
        for name in ('frames', 'notes', 'counts'):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
