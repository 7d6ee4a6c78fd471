"""The description of a robot arm: what is true of it wherever it runs, frozen, with units.

config/arms/*.yaml enters (`site_files`); an `ArmSpec` leaves. It does not travel along the path:
every stage that needs it is given it once.
"""
from dataclasses import dataclass

from lam_ws.types import Array, freeze_fields


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
        freeze_fields(self, 'lower', 'upper', 'velocity', 'acceleration', 'jerk')


@dataclass(frozen=True)
class DhRow:
    """One row of a Denavit-Hartenberg table: a [m], alpha [rad], d [m], offset [rad]."""

    a: float
    alpha: float
    d: float
    offset: float = 0.0


@dataclass(frozen=True)
class ToolShape:
    """A parallel gripper as two capsules: along the tool, and the palm across it.

    Attributes:
        radius: m, of the one from the last joint frame to the TCP: flange and open fingers.
        palm_behind: m, from the TCP back to the centre of the palm.
        palm_half: m, half of the palm's centre line, which lies along the tool's y axis.
        palm_radius: m, around that line.
    """

    radius: float
    palm_behind: float
    palm_half: float
    palm_radius: float


@dataclass(frozen=True, eq=False)
class ArmSpec:
    """One arm. Two of them are the same only if they are one object, so it can be a key.

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
        tool: What the gripper takes up in space.
        effort: [n - 1] N m, largest torque of each joint, () where the guard is to watch none.
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
    tool: ToolShape
    effort: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        freeze_fields(self, 'home', 'X_FlangeTcp')

    @property
    def axes(self) -> int:
        """Number of axes n, gripper included."""
        return len(self.names)
