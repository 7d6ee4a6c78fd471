"""How an arm follows the guard: period of its wire, lag, error; in real time, on the arm itself.

An arm that is connected and ready enters; it is led through the guard on a slow swing of a few
hundredths of a radian, one joint after the other, and figures leave. The swing begins and ends at
rest where the arm stands.
"""
from collections.abc import Callable
from dataclasses import dataclass
import time

from lam_ws.arm.arm import Arm
from lam_ws.arm.wired import WiredArm
from lam_ws.errors import ArmError
from lam_ws.safety.guard import start, step
from lam_ws.safety.lease import Claim, POLICY
from lam_ws.safety.safety import GuardConfig, GuardInputs, GuardState, Request
from lam_ws.types import ActionChunk, Array, freeze
import numpy as np

SWING_S = 2.0        # one swing of one joint
REACH_RAD = 0.08     # there and back
REPLAN_S = 0.5
_LONGEST_LAG_S = 0.5


@dataclass(frozen=True)
class ArmFigures:
    """What was measured.

    Attributes:
        arm: Name of the arm.
        driver: Of the adapter.
        seconds: How long it was led.
        commands: That the guard sent.
        refused: Of them by the arm.
        faults: Faults that the controller reported.
        period_p50_ms, period_p99_ms: Length of the controller's cycles; None where they are
            somebody else's.
        command_p99_ms: 99th percentile of how late a command left, against a cycle of its own.
        lag_ms: By which the measured joints are behind the commanded, at best agreement.
        rms_rad: What is left between the two when that is taken off, over all joints.
    """

    arm: str
    driver: str
    seconds: float
    commands: int
    refused: int
    faults: int
    period_p50_ms: float | None
    period_p99_ms: float | None
    command_p99_ms: float
    lag_ms: float
    rms_rad: float


class _Lead:
    """A guard that follows the swing in real time."""

    def __init__(self, arm: Arm, config: GuardConfig):
        self.arm, self.config, self.memory = arm, config, start(config)
        self.count = self.refused = self.faults = 0
        self.home = arm.read().position
        self.rows: list[tuple[float, Array, float, Array]] = []   # stamp, command, stamp, joints
        self.late: list[float] = []

    def state(self) -> GuardState:
        """Return where the guard stands."""
        return self.memory.state

    def turn(self, request: Request = Request.NONE, chunk: ActionChunk | None = None) -> None:
        """Let one cycle pass."""
        self.count += 1
        now_s, joints = time.monotonic(), self.arm.read()
        self.memory, decision = step(self.config, self.memory, GuardInputs(
            now_s, joints, chunk, False, request,
            claim=Claim(POLICY, 'bench', 1, self.count, now_s),
            pace=self.arm.status().pace))
        if decision.command is None:
            return
        try:
            self.arm.stream(decision.command)
            self.rows.append((now_s + self.config.cycle_s, decision.command.position,
                              joints.stamp_s, joints.position))
        except ArmError:
            self.refused += 1

    def chunk(self, began_s: float) -> ActionChunk:
        """Return the next second of the swing, from now."""
        now_s, times = time.monotonic(), freeze(0.1 * np.arange(1, 11))
        targets = np.tile(self.home, (len(times), 1))
        for row, at_s in zip(targets, times + now_s - began_s, strict=True):
            joint = int(at_s / SWING_S) % (self.arm.spec.axes - 1)
            middle = 0.5 * float((self.arm.spec.limits.lower + self.arm.spec.limits.upper)[joint])
            side = 1.0 if self.home[joint] <= middle else -1.0
            row[joint] += side * REACH_RAD * 0.5 * (1.0 - np.cos(2.0 * np.pi * at_s / SWING_S))
        return ActionChunk(now_s, self.arm.spec.names, times, targets)


def measure(arm: Arm, config: GuardConfig, driver: str, seconds: float,
            wait: Callable[[float], None], told: Callable[[float], None] = lambda share: None,
            ) -> ArmFigures:
    """Return how `arm` follows a swing of its joints for `seconds`.

    Args:
        arm: Connected, ready, at rest, free to move by some centimetres.
        config: Of the guard.
        driver: What to call the way it is reached.
        seconds: How long.
        wait: Waits until a time of the monotonic clock.
        told: Hears the share that is done.

    Raises:
        ArmError: The guard does not let the arm move.
    """
    lead, cycle_s = _Lead(arm, config), config.cycle_s
    due_s = time.monotonic()

    def pass_cycle(request: Request = Request.NONE, chunk: ActionChunk | None = None) -> None:
        nonlocal due_s
        lead.turn(request, chunk)
        due_s += cycle_s
        wait(due_s)
        lead.late.append(time.monotonic() - due_s)
    for request in (Request.NONE, Request.ARM, Request.NONE):
        pass_cycle(request)
    if lead.state() is not GuardState.ARMED:
        raise ArmError(f'the guard does not arm: {lead.memory.reason.name} '
                       f'{lead.memory.reason.where}')
    if isinstance(arm, WiredArm):
        arm.periods = []
    began_s, chunk_s = time.monotonic(), -np.inf
    while (passed_s := time.monotonic() - began_s) < seconds:
        chunk = None
        if passed_s - chunk_s >= REPLAN_S:
            chunk, chunk_s = lead.chunk(began_s), passed_s
            told(passed_s / seconds)
        pass_cycle(chunk=chunk)
        if lead.state() not in (GuardState.ARMED, GuardState.RUNNING):
            lead.faults += 1
            break
    periods = np.array(arm.periods) if isinstance(arm, WiredArm) and arm.periods else None
    lead.faults += not arm.status().ready
    arm.stop()
    lag_s, rms = behind(lead.rows)
    return ArmFigures(
        arm.spec.name, driver, round(time.monotonic() - began_s, 1), len(lead.rows), lead.refused,
        lead.faults, _ms(periods, 50), _ms(periods, 99),
        float(1e3 * np.percentile(lead.late, 99)), 1e3 * lag_s, rms)


def _ms(values: Array | None, share: float) -> float | None:
    return None if values is None else float(1e3 * np.percentile(values, share))


def behind(rows: list[tuple[float, Array, float, Array]]) -> tuple[float, float]:
    """Return by how many s the measured joints are behind the commanded, and the rms left, rad."""
    stamps, commanded, seen_s, seen = (np.array(column) for column in zip(*rows, strict=True))
    seen_s, first = np.unique(seen_s, return_index=True)
    seen = seen[first][:, :-1]
    inside = (seen_s > stamps[0] + _LONGEST_LAG_S) & (seen_s < stamps[-1])
    best = (np.inf, 0.0)
    for lag_s in np.arange(0.0, _LONGEST_LAG_S, 0.001):
        wanted = np.stack([np.interp(seen_s[inside] - lag_s, stamps, commanded[:, joint])
                           for joint in range(seen.shape[1])], axis=1)
        gap = seen[inside] - wanted
        rms = float(np.sqrt(np.mean((gap - gap.mean(0)) ** 2)))
        best = min(best, (rms, float(lag_s)))
    return best[1], best[0]
