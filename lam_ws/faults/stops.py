"""An operator's STOP in every phase, and the two steps that alone lead out of it.

The cycles between the call and the guard's first braking decision leave. Then everything that
could set the arm in motion again is tried: waiting, a new instruction, a reset without arm.
"""
import time

from lam_ws.faults.faults import Case, PHASES, Seen
from lam_ws.faults.running import MOVING, Running, running, STRAYED
from lam_ws.faults.signals import BRAKING, HEARD, TAKEN

_REST_S = 1.0
_AGAIN_S = 10.0      # until an arm that may move again does


def stopped_by_service(case: Case, phase: str, seed: int) -> Seen:
    """Call the guard's stop service in a phase."""
    with running(seed) as run:
        run.go_to(phase)
        called_s = time.monotonic()
        run.cell.client.ask_to_stop()
        run.turn(_REST_S)
        stop_s = run.witness.stopped_s(called_s)
        cycles = (stop_s - called_s) / run.cycle_s
        moved = (run.witness.rested_s(stop_s) - stop_s) / run.cycle_s
        if run.witness.state != 'stopped' or moved > BRAKING + HEARD:
            return Seen(f'guard {run.witness.state} {run.witness.reason}, arm moved for '
                        f'{moved:.0f} cycles', cycles, False)
        return leaves_by_two_steps(run, cycles)


def leaves_by_two_steps(run: Running, cycles: float) -> Seen:
    """Try to set a stopped arm in motion; only reset and then arm may lead there."""
    reason, stopped_s = run.witness.reason, time.monotonic()
    run.order()
    run.turn(_REST_S)
    if run.witness.strayed(stopped_s) > STRAYED:
        return Seen(f'{reason}; moves by a new instruction', cycles, False)
    run.cell.client.clear()
    run.order()
    run.turn(_REST_S)
    if run.witness.strayed(stopped_s) > STRAYED:
        return Seen(f'{reason}; moves after a reset alone', cycles, False)
    run.go_to('idle')
    run.order()
    if not run.until(lambda: run.witness.speed > MOVING, _AGAIN_S):
        return Seen(f'{reason}; does not move after reset and arm', cycles, False)
    return Seen(f'{reason}; moves after reset and arm', cycles, True)


STOP_CASES = (
    Case(18, 'stop_service', 'P', 'operator', 'brakes at once; moves only after reset and arm',
         TAKEN, 'lam_ws.faults.stops:stopped_by_service',
         ('reach', *(phase for phase in PHASES if phase != 'reach')), 1, quick=True),
)
