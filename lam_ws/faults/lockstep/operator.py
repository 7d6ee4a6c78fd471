"""What operators do in the middle of everything: stop, let go, change their mind, push the arm.

A case, a phase and a seed enter; what the stack made of it leaves: the cycle of the first braking
command, whether anything moved before it was reset and armed, and whether the stream of commands
stayed inside every bound.
"""
from collections.abc import Callable
from dataclasses import replace
import math

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.judging import braking_cycles, broken
from lam_ws.faults.lockstep.aftermath import (
    Bench,
    come_to_rest,
    CREEP,
    handled_in,
    proposal,
    tempt,
    turning,
)
from lam_ws.faults.lockstep.breaking import Fault
from lam_ws.faults.lockstep.lone_guard import LoneGuard
from lam_ws.faults.lockstep.rehearsal import Rehearsal, Stage, Stand, stand
from lam_ws.faults.lockstep.seeing import stopped
from lam_ws.safety.safety import GuardInputs, Request
from lam_ws.types import Command, Instruction
import numpy as np

HELD = 120        # cycles for which an arm that was let go is looked at
PUSHED = 0.25     # rad by which a hand pushes a joint of a stopped arm


class Stopping(Fault):
    """STOP is pressed once; with `chased`, a chunk comes in the same cycle."""

    def __init__(self, chased: bool = False):
        self._chased, self._done = chased, False

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs with the request, once."""
        if self._done:
            return inputs
        self._done = True
        chunk = None
        if self._chased and inputs.joints is not None:
            chunk = turning(inputs.joints, inputs.now_s)
        return replace(inputs, request=Request.STOP, chunk=chunk or inputs.chunk)


class Pushed(Stopping):
    """STOP is pressed; then a hand moves the arm while its drives are off.

    Attributes:
        free: Whether the drives are off.
    """

    free = False

    def command(self, command: Command | None) -> Command | None:
        """Return the command unless the drives are off."""
        return None if self.free else command


class LetGo(Fault):
    """The hold-to-run key is released: the guard is told to hold."""

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs with a hold."""
        return replace(inputs, hold=True)


class Cancelled(Fault):
    """The instruction is taken back: no step is in progress any more."""

    def inputs(self, inputs: GuardInputs) -> GuardInputs:
        """Return the inputs without a step."""
        return replace(inputs, handled=None)


FAULTS: dict[str, Callable[[], Fault]] = {
    'stop': Stopping, 'stop_against_chunk': lambda: Stopping(chased=True),
    'dead_man': LetGo, 'cancel': Cancelled, 'new_instruction': Cancelled,
    'reset_with_chunk': Stopping, 'moved_by_hand': Pushed,
}


def stop(case: Case, phase: str, seed: int) -> Seen:
    """Press STOP in an episode."""
    return _stopped(_rehearse(case, stand(), phase, seed))


def stop_alone(case: Case, phase: str, seed: int) -> Seen:
    """Press STOP on the guard alone."""
    return _stopped(_rehearse(case, LoneGuard(seed), phase, seed))


def let_go(case: Case, phase: str, seed: int) -> Seen:
    """Release the key, or cancel, in an episode: the arm comes to rest and holds."""
    fault = FAULTS[case.name]()
    return _rested(stand().rehearse(fault, phase, seed, case.fault, HELD))


def let_go_alone(case: Case, phase: str, seed: int) -> Seen:
    """Release the key, or cancel, with the guard alone."""
    return _rested(_rehearse(case, LoneGuard(seed), phase, seed))


def change_of_mind(case: Case, phase: str, seed: int) -> Seen:
    """Cancel in mid-motion and say something else at once; commands beyond a bound count."""
    place = stand()
    cut = int(np.random.default_rng(seed).integers(1, 8))
    place.rehearse(FAULTS[case.name](), phase, seed, case.fault, cut)
    place.heal()
    part = place.cell.draw.parts[-1]
    outcome = place.run(Instruction(f'put the {part.colour} {part.kind} in the white box', 'en'))
    decisions = [row.decision for row in place.pipeline.rows]
    found = broken(place.config, decisions)
    return Seen('; '.join([f'{len(decisions)} commands', outcome.phase, outcome.reason, *found]),
                len(found), not outcome.reason.startswith('guard')
                and (outcome.chunks > 0 or outcome.phase == 'refused'))   # it may be in the hand


def unsafe_resume(case: Case, phase: str, seed: int) -> Seen:
    """Reset and arm with something in the way; cycles in which the arm moved count."""
    follow = {'reset_with_chunk': _pending, 'moved_by_hand': _pushed}[case.name]
    run = stand().rehearse(FAULTS[case.name](), phase, seed, case.fault, follow=follow)
    return Seen('; '.join([run.reason, *run.complaints]), len(run.complaints),
                run.reason == 'operator_stop')


def _rehearse(case: Case, stage: Stage, phase: str, seed: int) -> Rehearsal:
    return stage.rehearse(FAULTS[case.name.removesuffix('_alone')](), phase, seed, case.fault)


def _stopped(run: Rehearsal) -> Seen:
    """Judge a stop: in its own cycle no joint may go on faster than before."""
    seen = stopped(run, 'operator_stop')
    row = run.stop()
    if row is None or not row or not _faster(run, row):
        return seen
    return replace(seen, observed=f'{seen.observed}; faster after the stop', right=False)


def _faster(run: Rehearsal, row: int) -> bool:
    """Return whether a joint gained more speed in `row` than it must while it stops to gain."""
    before, now = run.rows[row - 1].decision.command, run.rows[row].decision.command
    if before is None or now is None:
        return False
    config = run.config
    gain = np.minimum(0.5 * config.acceleration / config.jerk, config.cycle_s)
    return bool((np.abs(now.velocity) > np.abs(before.velocity)
                 + config.acceleration * gain).any())


def _rested(run: Rehearsal) -> Seen:
    """Judge a hold: brakes in its first cycle, rests in time, and goes on resting."""
    rows, since = run.rows, run.since
    if since >= len(rows):
        return Seen('never began', math.inf, False)
    before = rows[since - 1].decision.command
    speeds = [_speed(row.decision.command) for row in rows[since:]]
    arm = [_arm_speed(row.decision.command) for row in rows[since - 1:]]
    allowed = braking_cycles(run.config, before)
    first = next((i for i, speed in enumerate(arm[1:]) if speed < arm[0] or speed == 0.0),
                 math.inf)
    rest = next((i for i, speed in enumerate(speeds) if speed == 0.0), len(speeds))
    right = rest <= allowed and not any(speeds[rest:]) and not run.complaints
    return Seen('; '.join([f'at rest after {rest} of {allowed} cycles', *run.complaints]), first,
                right)


def _pending(bench: Bench, run: Rehearsal, row: int) -> list[str]:
    """Reset and arm while chunks of before are pending; none of them may be followed."""
    complaints = come_to_rest(bench, run.rows, row) + tempt(bench)
    bench.heal()
    handled, stood = handled_in(run.rows), bench.read().position
    old = proposal(bench)   # stamped before the arm is armed
    bench.cycle(old, handled, Request.RESET)
    bench.cycle(old, handled, Request.ARM)
    for _ in range(20):
        if bench.cycle(old, handled).state == 'running':
            complaints.append('followed a chunk of before it was armed')
    return complaints + _crept(bench, stood)


def _pushed(bench: Stand, run: Rehearsal, row: int) -> list[str]:
    """Push the stopped arm by hand: it may only begin anew where it then is."""
    complaints = come_to_rest(bench, run.rows, row)
    assert isinstance(run.fault, Pushed)
    handled, place = handled_in(run.rows), bench.read().position.copy()
    old = proposal(bench)
    place[0] += PUSHED if place[0] < 0.0 else -PUSHED
    run.fault.free = True
    bench.cell.place_arm(place)
    for _ in range(5):
        bench.cycle()
    run.fault.free = False
    for request in (Request.RESET, Request.ARM):
        decision = bench.cycle(old, handled, request)
        command = decision.command
        if command is None or np.abs(command.position - place)[:-1].max() > CREEP:
            complaints.append(f'commanded the pose of before at {request}')
    for _ in range(20):
        bench.cycle(old, handled)
    if decision.state != 'armed':
        complaints.append(f'{decision.state} {decision.reason} after reset and arm')
    return complaints + _crept(bench, place)


def _crept(bench: Bench, stood: np.ndarray) -> list[str]:
    crept = float(np.abs(bench.read().position - stood)[:-1].max())
    return [f'moved {crept:.3f} rad'] if crept > CREEP else []


def _speed(command: Command | None) -> float:
    return 0.0 if command is None else float(np.abs(command.velocity).max())


def _arm_speed(command: Command | None) -> float:
    return 0.0 if command is None else float(np.abs(command.velocity[:-1]).max())
