"""What may stand in config/arms/*.yaml, key by key.

Checked files leave as an `ArmSpec`. Every rule within such a file stands here.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from lam_ws import rules
from lam_ws.geometry import pose
from lam_ws.robot import ArmSpec, DhRow, JointLimits, ToolShape
from lam_ws.rules import Identifier, Length, Range
import numpy as np

Fault = tuple[str, str]  # key, message
Radius = Annotated[float, Range(above=0.0, upper=0.5)]   # m


@dataclass(frozen=True)
class TcpFile:
    """Tool centre point in the last DH frame: xyz [3] m, rpy [3] rad."""

    xyz: rules.Place
    rpy: rules.Turns


@dataclass(frozen=True)
class PalmFile:
    """The widest part of the gripper, a capsule across the tool; see `robot.ToolShape`."""

    behind: Annotated[float, Range(0.0, 1.0)]                # m
    half: Annotated[float, Range(above=0.0, upper=1.0)]      # m
    radius: Radius                                           # m


@dataclass(frozen=True)
class GripperFile:
    """A parallel gripper as one more axis: the opening between its pads."""

    joint: Identifier
    opening: Annotated[float, Range(above=0.0, upper=1.0)]     # m
    velocity: Annotated[float, rules.Speed]                    # m/s
    acceleration: Annotated[float, rules.Acceleration]         # m/s^2
    jerk: Annotated[float, rules.Jerk]                         # m/s^3
    force: Annotated[float, Range(above=0.0, upper=1e4)]       # N
    radius: Radius   # m, of the capsule from the last joint frame to the TCP
    palm: PalmFile


@dataclass(frozen=True)
class ArmFile:
    """config/arms/<name>.yaml; see `ArmSpec` for units."""

    name: Identifier
    convention: Literal['craig', 'standard']
    dh: Annotated[tuple[rules.DhNumbers, ...], Length(1, 12)]
    joints: tuple[Identifier, ...]
    lower: rules.Ends
    upper: rules.Ends
    velocity: Annotated[tuple[float, ...], rules.Speed]
    acceleration: Annotated[tuple[float, ...], rules.Acceleration]
    jerk: Annotated[tuple[float, ...], rules.Jerk]
    home: rules.Ends
    link_radius: tuple[Radius, ...]
    tcp: TcpFile
    gripper: GripperFile
    effort: Annotated[tuple[float, ...], Range(above=0.0, upper=1e5)] | None = None   # N m

    def contradictions(self) -> Iterator[Fault]:
        """Yield what cannot be true together."""
        for key in ('joints', 'lower', 'upper', 'velocity', 'acceleration', 'jerk', 'home',
                    'link_radius', 'effort'):
            given = getattr(self, key)
            if given is not None and (found := len(given)) != len(self.dh):
                yield key, f'must have {len(self.dh)} entries, one for each row of dh, ' \
                           f'found {found}'
        if len({*self.joints, self.gripper.joint}) != len(self.joints) + 1:
            yield 'joints', 'a joint name stands twice'
        for i, (low, start, high) in enumerate(zip(self.lower, self.home, self.upper,
                                                   strict=False)):
            if low >= high:
                yield f'lower[{i}]', f'must be less than upper[{i}] = {high:g}, found {low:g}'
            elif not low <= start <= high:
                yield f'home[{i}]', f'must be within {low:g} .. {high:g}, found {start:g}'

    def spec(self) -> ArmSpec:
        """Return what the program reads: the gripper appended as the last axis."""
        gripper = self.gripper
        limits = JointLimits(np.array([*self.lower, 0.0]),
                             np.array([*self.upper, gripper.opening]),
                             np.array([*self.velocity, gripper.velocity]),
                             np.array([*self.acceleration, gripper.acceleration]),
                             np.array([*self.jerk, gripper.jerk]))
        return ArmSpec(self.name, (*self.joints, gripper.joint), limits,
                       np.array([*self.home, gripper.opening]), self.convention,
                       tuple(DhRow(*row) for row in self.dh), pose(self.tcp.xyz, self.tcp.rpy),
                       self.link_radius, gripper.force,
                       ToolShape(gripper.radius, gripper.palm.behind, gripper.palm.half,
                                 gripper.palm.radius), self.effort or ())
