"""The contract of the guard: what it is told, what it answers, and what it must know to start.

Joint states, chunks and requests enter as `GuardInputs`; a `GuardDecision` with the one command
of this control cycle leaves. The guard exists so that no policy, network or sentence can move
the arm outside the site's limits; it never sees text and knows no other way to say no.
"""
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
import math
from typing import NamedTuple

from lam_ws.errors import LimitError
from lam_ws.keep_out import KeepOut
from lam_ws.robot import ArmSpec
from lam_ws.safety.bound import Bound
from lam_ws.safety.handling import Handled, Handlings, WITHOUT_COMPANY
from lam_ws.safety.lease import Claim
from lam_ws.safety.required import check_arm, check_keep_out, number, vector
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Command, freeze, JointState

LEAST_PACE = 0.05     # share of its speed below which an arm is waited for
JUMP_FACTOR = 2.0     # of the arm's largest speed that a measured joint may seem to move
JUMP_SLACK = 0.02     # rad: encoder noise and the error of a stamp


class GuardState(StrEnum):
    """Where the guard stands; docs/safety.md draws the transitions."""

    DISARMED = 'disarmed'  # no motion permitted; holds
    ARMED = 'armed'        # motion permitted, nothing to follow; holds
    RUNNING = 'running'    # follows a chunk
    STOPPING = 'stopping'  # brakes within the limits
    STOPPED = 'stopped'    # latched; leaves by RESET, then ARM


class Request(StrEnum):
    """What an operator asks in this cycle; none implies another."""

    NONE = 'none'
    STOP = 'stop'
    RESET = 'reset'
    ARM = 'arm'


@dataclass(frozen=True)
class GuardInputs:
    """Everything the guard may know in one cycle.

    Attributes:
        now_s: Start of the cycle on the clock of the run, s.
        joints: The latest measured state, None before the first.
        chunk: A chunk that arrived since the last cycle, None when none did.
        hold: True while there is nothing to do, whatever the commander says.
        request: What the operator asks.
        handled: What the step in progress handles, None when none is.
        claim: Newest claim of whoever sent a message since the last cycle, that of the chunk
            where there is one; None when nobody did. Without one no chunk is followed.
        alarm: A cause to stop that was found outside and lasts: an emergency stop that is
            pressed or lost, a second commander of the arm. None when there is none.
        pace: Share of the commanded speed at which the arm's controller plays, 0..1.
    """

    now_s: float
    joints: JointState | None = None
    chunk: ActionChunk | None = None
    hold: bool = False
    request: Request = Request.NONE
    handled: Handled | None = Handled()
    claim: Claim | None = None
    alarm: Bound | None = None
    pace: float = 1.0

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do, so that the arm comes to rest."""
        return self.hold or self.handled is None or not self.pace >= LEAST_PACE

    @property
    def played(self) -> float:
        """Share of its speed at which a chunk is planned, LEAST_PACE..1."""
        return min(self.pace, 1.0) if self.pace >= LEAST_PACE else LEAST_PACE


class GuardDecision(NamedTuple):
    """What the guard did in one cycle.

    Attributes:
        command: For the arm; None only before the first trustworthy joint state.
        state: After this cycle.
        reason: Why it stopped, refuses to arm or holds, '' when none of it.
        limited: The bound that was active in this cycle, '' when none was.
        measured: Value that belongs to `limited`, else to `reason`.
        allowed: Its bound, same unit.
        where: Joint or point it concerns, '' for the whole arm.
        restarted: True where this command begins anew at the measured pose instead of
            continuing the one before.
    """

    command: Command | None
    state: GuardState
    reason: str = ''
    limited: str = ''
    measured: float = 0.0
    allowed: float = 0.0
    where: str = ''
    restarted: bool = False


@dataclass(frozen=True, eq=False)
class GuardConfig:
    """Every number the guard enforces. None has a default that could stand in for a limit.

    Attributes:
        spec: The arm; its limits are multiplied by the three scales.
        velocity_scale: Share of the arm's joint speed, above 0, at most 1.
        acceleration_scale: Same for acceleration, braking included.
        jerk_scale: Same for jerk.
        workspace_lower: [3] m, smallest TCP position in the base frame.
        workspace_upper: [3] m, largest.
        table_z: m, plane that the TCP and the links stay above.
        tool_speed: m/s, largest speed of the TCP.
        stale_joints_s: s, age at which a joint state no longer counts; also the longest
            silence of the guard itself.
        stale_chunk_s: s, age of its observation at which a chunk is dead.
        lease_s: s, silence after which a commander's lease lapses, and the arm comes to rest.
        control_hz: Cycles a second.
        tracking_rad: rad, largest distance of the measured from the commanded arm at rest.
        tracking_lag_s: s of motion by which a drive may lag in addition.
        handlings: What the cell's knowledge allows of what is handled.
        keep_out: Boxes that tool and links stay out of.
        effort_scale: Share of the arm's joint torques at which it stops, above 0, at most 1.

    Raises:
        LimitError: A number is missing, not finite, or contradicts another.
    """

    spec: ArmSpec
    velocity_scale: float
    acceleration_scale: float
    jerk_scale: float
    workspace_lower: Array
    workspace_upper: Array
    table_z: float
    tool_speed: float
    stale_joints_s: float
    stale_chunk_s: float
    lease_s: float
    control_hz: float
    tracking_rad: float = 0.15
    tracking_lag_s: float = 0.20
    handlings: Handlings = WITHOUT_COMPANY
    keep_out: tuple[KeepOut, ...] = ()
    effort_scale: float = 1.0

    def __post_init__(self) -> None:
        for name in ('workspace_lower', 'workspace_upper'):
            object.__setattr__(self, name, vector(name, getattr(self, name), 3))
        for name in ('velocity_scale', 'acceleration_scale', 'jerk_scale', 'effort_scale'):
            if not 0.0 < number(name, getattr(self, name)) <= 1.0:
                raise LimitError(f'{name} must be above 0 and at most 1, '
                                 f'found {getattr(self, name)}')
        for name in ('tool_speed', 'stale_joints_s', 'stale_chunk_s', 'lease_s', 'control_hz',
                     'tracking_rad'):
            if not number(name, getattr(self, name)) > 0.0:
                raise LimitError(f'{name} must be above 0, found {getattr(self, name)}')
        if number('tracking_lag_s', self.tracking_lag_s) < 0.0:
            raise LimitError(f'tracking_lag_s must not be negative, found {self.tracking_lag_s}')
        number('table_z', self.table_z)
        if not isinstance(self.handlings, Handlings):
            raise LimitError(f'handlings are missing, found {self.handlings!r}')
        check_keep_out(self.keep_out)
        check_arm(self.spec)
        self._check_together()

    def _check_together(self) -> None:
        """Raise where two limits cannot both hold."""
        if not (self.workspace_lower < self.workspace_upper).all():
            raise LimitError('workspace_lower must be below workspace_upper on every axis')
        if self.table_z >= self.workspace_upper[2]:
            raise LimitError(f'table_z {self.table_z} m leaves no workspace below '
                             f'workspace_upper z {self.workspace_upper[2]} m')
        for name in ('stale_joints_s', 'stale_chunk_s', 'lease_s'):
            if getattr(self, name) < self.cycle_s:
                raise LimitError(f'{name} {getattr(self, name)} s is shorter than one control '
                                 f'cycle of {self.cycle_s} s')
        if not (self.upper - self.lower > 0.0).all():
            raise LimitError('the joint ranges are smaller than the braking margin')

    @property
    def cycle_s(self) -> float:
        """Length of one control cycle, s."""
        return 1.0 / self.control_hz

    @cached_property
    def velocity(self) -> Array:
        """[n] rad/s (gripper m/s), largest joint speed at this site."""
        return freeze(self.spec.limits.velocity * self.velocity_scale)

    @cached_property
    def acceleration(self) -> Array:
        """[n] rad/s^2 (gripper m/s^2), largest joint acceleration at this site."""
        return freeze(self.spec.limits.acceleration * self.acceleration_scale)

    @cached_property
    def jerk(self) -> Array:
        """[n] rad/s^3 (gripper m/s^3), largest joint jerk at this site."""
        return freeze(self.spec.limits.jerk * self.jerk_scale)

    @cached_property
    def lower(self) -> Array:
        """[n] rad (gripper m), lowest position that is aimed at.

        The limit, plus what the braking law sets aside for a partial last step (a dt^2/8), plus
        a quarter of that for what a stop may hide between two looks at it.
        """
        return freeze(self.spec.limits.lower + self._margin)

    @cached_property
    def upper(self) -> Array:
        """[n] rad (gripper m), highest position that is aimed at; see `lower`."""
        return freeze(self.spec.limits.upper - self._margin)

    @cached_property
    def _margin(self) -> Array:
        """[n] rad (gripper m) between the limits and what is aimed at."""
        return freeze(1.25 * self.acceleration * self.cycle_s ** 2 / 8.0)

    @cached_property
    def effort(self) -> tuple[float, ...]:
        """[n - 1] N m, largest joint torque at this site, () where none is watched."""
        return tuple(self.effort_scale * most for most in self.spec.effort)

    @cached_property
    def decay(self) -> float:
        """What is left, after one cycle, of the lag of a drive that lags by tracking_lag_s."""
        if self.tracking_lag_s == 0.0:
            return 0.0
        return math.exp(-self.cycle_s / self.tracking_lag_s)

    @cached_property
    def encoders(self) -> tuple[tuple[str, float, float], ...]:
        """[n] name, rad/s (gripper m/s) and rad (gripper m) that a measurement may jump.

        Fingers snap shut when a part slips out of them: only more than their stroke is a jump.
        """
        stroke = float(self.spec.limits.upper[-1] - self.spec.limits.lower[-1])
        slack = [JUMP_SLACK] * (self.spec.axes - 1) + [stroke]
        speed = (JUMP_FACTOR * self.spec.limits.velocity).tolist()
        return tuple(zip(self.spec.names, speed, slack, strict=True))


def guard_config(site: Site, handlings: Handlings = WITHOUT_COMPANY) -> GuardConfig:
    """Return what the guard enforces at `site`, with what its knowledge allows.

    Raises:
        LimitError: A limit of the site is missing, not finite or contradictory.
    """
    limits, arm, share = site.limits, site.arm, site.limits.effort_scale
    if share is None:   # said in so many words: the torques of this arm are not watched
        arm, share = replace(arm, effort=()), 1.0
    return GuardConfig(
        arm, limits.velocity_scale, limits.acceleration_scale, limits.jerk_scale,
        limits.workspace_lower, limits.workspace_upper, limits.table_z, limits.tool_speed,
        limits.stale_joints_s, limits.stale_chunk_s, site.heartbeat_s, limits.control_hz,
        handlings=handlings, keep_out=limits.keep_out, effort_scale=share)
