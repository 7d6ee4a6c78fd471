"""Arms that do not obey: blocked, refused, slowed down, drifting; fingers that fail.

A case, a phase and a seed enter; what the stack made of it leaves. The arm is broken between the
guard's command and the drives, so that the stack sees what it would see of a real one: measured
joints and images.
"""
from collections.abc import Callable
from dataclasses import replace
import math

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.aftermath import Bench, handled_in, resume, tempt
from lam_ws.faults.lockstep.breaking import Fault, Robot, Row
from lam_ws.faults.lockstep.rehearsal import leave, Rehearsal, stand
from lam_ws.faults.lockstep.seeing import stopped
from lam_ws.types import Command, JointState
import numpy as np

TRACKING_RAD, TRACKING_LAG_S, OWED_S = 0.15, 0.20, 2.0   # as docs/safety.md has it
DRIFT = 0.6           # rad/s by which a slipping encoder drifts
CYCLE_S = 0.01        # of the site
SCALED = 0.15         # share of its speed to which a pendant slows an arm down
CRAWL = 150           # cycles in which a slow arm gets to where it was told to be
NOTHING, EVERYTHING = 0.004, 0.076   # m between fingers that hold nothing: shut, open
LOST = ('not_gripped', 'dropped')   # what the task says of a part that is not held
FASTEST = 1.3         # of its own speed limit that an arm may be measured at
RETRIED = 6000        # cycles in which the task may notice what the fingers do


class Blocked(Fault):
    """The arm stands where it was, whatever it is told: in collision, or its brakes are on."""

    def __init__(self) -> None:
        self._stands: Command | None = None

    def command(self, command: Command | None) -> Command | None:
        """Return the command of the moment in which it was blocked, at rest."""
        if self._stands is None and command is not None:
            self._stands = replace(command, velocity=0.0 * command.velocity)
        return self._stands


class Refused(Fault):
    """The driver takes no command any more: the arm's own deadline brakes it."""

    def command(self, command: Command | None) -> Command | None:
        """Return nothing."""
        return None


class Slowed(Fault):
    """A pendant scales the arm's speed down; nobody tells the stack."""

    def __init__(self) -> None:
        self._at: np.ndarray | None = None

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Take how far the arm now gets in a cycle."""
        self._step = SCALED * robot.spec.limits.velocity * CYCLE_S

    def command(self, command: Command | None) -> Command | None:
        """Return a command that goes a share of the way."""
        if command is None:
            return None
        at = command.position if self._at is None else self._at
        self._at = at + np.clip(command.position - at, -self._step, self._step)
        return replace(command, position=self._at, velocity=SCALED * command.velocity)


class Drifting(Fault):
    """The encoder of the first joint slips, slowly enough for no single jump."""

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Choose the joint, the side, and take the time."""
        self._start_s = robot.read().stamp_s
        self._way = np.zeros(robot.spec.axes)
        self._way[int(rng.integers(robot.spec.axes - 1))] = rng.choice([-DRIFT, DRIFT])

    def joints(self, joints: JointState) -> JointState:
        """Return the joints with the drift so far."""
        off = self._way * (joints.stamp_s - self._start_s)
        return replace(joints, position=joints.position + off)


class Fingers(Fault):
    """The fingers do not close, do not open, or open by themselves.

    Args:
        opening: m that they are at whatever they are told, None for where they were.
    """

    def __init__(self, opening: float | None):
        self._opening = opening

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Take where the fingers are."""
        if self._opening is None:
            self._opening = float(robot.read().position[-1])

    def command(self, command: Command | None) -> Command | None:
        """Return the command with the fingers' own mind."""
        if command is None or self._opening is None:
            return command
        position, velocity = command.position.copy(), command.velocity.copy()
        position[-1], velocity[-1] = self._opening, 0.0
        return replace(command, position=position, velocity=velocity)


FAULTS: dict[str, Callable[[], Fault]] = {
    'arm_blocked': Blocked, 'driver_refuses': Refused, 'speed_scaled': Slowed,
    'encoder_drifts': Drifting, 'gripper_stays_open': lambda: Fingers(0.08),
    'gripper_drops': lambda: Fingers(0.08), 'gripper_stays_shut': lambda: Fingers(None),
}


def lockstep(case: Case, phase: str, seed: int) -> Seen:
    """Break the arm in an episode: a stop, in the cycle after it is further off than allowed."""
    slow = case.name == 'speed_scaled'
    run = stand().rehearse(FAULTS[case.name](), phase, seed, case.fault,
                           follow=_crawl if slow else leave)
    (off, reason), fastest = _off(run), _fastest(run)
    share = f'measured at most {fastest:.2f} of the speed limit'
    if slow and off == len(run.rows):   # it keeps up: there is nothing to stop for
        return Seen('; '.join(['never further off than allowed', run.reason or 'no stop', share,
                               *run.complaints]), 0.0, not run.reason and fastest < FASTEST
                    and not run.complaints)
    seen = stopped(run, reason, since=off)
    return Seen(f'{seen.observed}; {share}', seen.cycles, seen.right and fastest < FASTEST)


def _crawl(bench: Bench, run: Rehearsal, row: int) -> list[str]:
    """Let a slow arm come to where it was told to be, then go on as after any stop."""
    for _ in range(CRAWL):
        bench.cycle()
    complaints = tempt(bench)
    bench.heal()
    return complaints + resume(bench, handled_in(run.rows))


def _off(run: Rehearsal) -> tuple[int, str]:
    """Return the first row in which the arm is further off than it may be, and what that is.

    From its command, or in the way that a joint was commanded and did not go.
    """
    config, envelope = run.config, 0.0
    decay, fade = (math.exp(-config.cycle_s / span) for span in (TRACKING_LAG_S, OWED_S))
    owed, commanded = np.zeros(config.spec.axes - 1), run.rows[0].decision.command
    for i, (before, row) in enumerate(zip(run.rows, run.rows[1:], strict=False), start=1):
        command = before.decision.command
        if command is None:
            continue
        envelope = max(decay * envelope, float(np.abs(command.velocity[:-1]).max()))
        went = np.abs(_told(row).position - _told(before).position)[:-1]
        if commanded is not None:
            owed = np.maximum(fade * owed - went + np.abs(
                command.position - commanded.position)[:-1], 0.0)
        commanded = command
        off = np.abs(_told(row).position - command.position)[:-1].max()
        for far, reason in ((off, 'tracking'), (owed.max(), 'stalled')):
            if i >= run.since and far > TRACKING_RAD + TRACKING_LAG_S * envelope:
                return i, reason
    return len(run.rows), 'tracking'


def _told(row: Row) -> JointState:
    """Return what the guard was told of the joints."""
    return row.measured if row.inputs.joints is None else row.inputs.joints


def _fastest(run: Rehearsal) -> float:
    """Return the largest measured joint speed after the fault, as a share of the limit."""
    speeds = [np.abs(row.measured.velocity[:-1]) / run.config.velocity[:-1]
              for row in run.rows[run.since:]]
    return float(np.max(speeds)) if speeds else 0.0


def fingers(case: Case, phase: str, seed: int) -> Seen:
    """Let the fingers fail in an episode: the task notices, tries again, and says so at the end.

    Counted from the cycle in which the policy goes on as if it held something, or in which what
    it held was lost, to the new attempt.
    """
    place = stand()
    run = place.rehearse(FAULTS[case.name](), phase, seed, case.fault, RETRIED)
    outcome, again = run.outcome, place.pipeline.again
    if outcome is None:
        return Seen(run.failure or 'goes on', math.inf, False)
    empty = next((i for i in range(run.since, len(run.rows)) if _empty(run.rows[i])), None)
    said = '; '.join([outcome.phase, outcome.reason, f'{outcome.attempts} attempts',
                      *run.complaints])
    right = outcome.phase == 'failed' and outcome.reason in LOST and not run.complaints
    return Seen(said, math.inf if empty is None or again is None else again - empty, right)


def _empty(row: Row) -> bool:
    """Return whether the policy goes on as if it held something, and the fingers do not."""
    return row.said == 'carry' and not NOTHING < float(row.measured.position[-1]) < EVERYTHING


def unopened(case: Case, phase: str, seed: int) -> Seen:
    """Let the fingers stay shut where they should open: what was not let go is never done."""
    run = stand().rehearse(FAULTS[case.name](), phase, seed, case.fault, RETRIED)
    ended = ('goes on', '') if run.outcome is None else (run.outcome.phase, run.outcome.reason)
    return Seen('; '.join([*ended, *run.complaints]), 0.0 if ended[0] == 'failed' else math.inf,
                ended[0] == 'failed' and ended[1] != '' and not run.complaints)
