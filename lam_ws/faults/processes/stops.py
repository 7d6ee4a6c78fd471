"""An operator's STOP in every phase, and the two steps that alone lead out of it.

The cycles between the call and the guard's first braking decision leave. Then everything that
could set the arm in motion again is tried: waiting, a new instruction, a reset without arm.
"""
from collections.abc import Callable
from pathlib import Path
import subprocess
import sys
import tempfile
import time

from lam_ws.faults.faults import Case, PHASES, Seen
from lam_ws.faults.processes.running import MOVING, Running, running, SITE, STRAYED, with_folder
from lam_ws.faults.processes.signals import BRAKING, HEARD, TAKEN

HEARTBEAT_S = 0.5    # of the button, so that a busy host is no silence
COMMAND = 500.0      # cycles, from the start of `lam stop`
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


def stopped_from_outside(case: Case, phase: str, seed: int) -> Seen:
    """Let a button, a file or the silence of a button stop the arm, and see that it lasts."""
    from lam_ws.nodes.meddling import Button

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / 'stop'
        site = with_folder(SITE, Path(name), {'stop': {'heartbeat_s': HEARTBEAT_S,
                                                       'file': str(file)}})
        with running(seed, site) as run:
            button = Button(run.cell.client.node)
            ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
                'button': (lambda: button.press(True), lambda: button.press(False)),
                'file': (file.touch, file.unlink),
                'silence': (lambda: button.fail(True), lambda: button.fail(False))}
            begin, end = ways[case.component]
            run.turn(0.5)
            run.go_to(phase)
            began_s = time.monotonic()
            begin()
            run.turn(_REST_S)
            cycles = (run.witness.stopped_s(began_s) - began_s) / run.cycle_s
            reason, stood_s = run.witness.reason, time.monotonic()
            run.cell.client.clear()
            run.turn(0.2)
            if run.witness.state != 'stopped' or run.witness.strayed(stood_s) > STRAYED:
                return Seen(f'{reason}; reset while the cause stands: {run.witness.state}',
                            cycles, False)
            end()
            run.turn(0.3)
            return leaves_by_two_steps(run, cycles)


def stopped_by_command(case: Case, phase: str, seed: int) -> Seen:
    """Let `lam stop` stop the arm; its process has to start and to find the cell first."""
    with running(seed) as run:
        run.go_to(phase)
        called_s = time.monotonic()
        stop = subprocess.Popen([sys.executable, '-m', 'lam_ws', 'stop', '--site', SITE,
                                 '--domain', str(run.cell.supervisor.domain)],
                                stdout=subprocess.DEVNULL)
        run.until(lambda: run.stopped() and stop.poll() is not None, COMMAND * run.cycle_s)
        cycles = (run.witness.stopped_s(called_s) - called_s) / run.cycle_s
        status = stop.wait()
        seen = leaves_by_two_steps(run, cycles)
        return Seen(f'status {status}, {seen.observed}', cycles, seen.right and status == 0)


_LASTS = 'brakes; neither reset nor arm while the cause stands; then both are needed'
STOP_CASES = (
    *(Case(number, f'stop_{how}', 'P', how, _LASTS, bound,
           'lam_ws.faults.processes.stops:stopped_from_outside', ('reach', 'carry'), 1)
      for number, how, bound in ((18, 'button', TAKEN), (18, 'file', TAKEN),
                                 (19, 'silence', 100.0 * HEARTBEAT_S + TAKEN))),
    Case(18, 'stop_command', 'P', 'operator', 'the arm stands within 5 s of the command line',
         COMMAND, 'lam_ws.faults.processes.stops:stopped_by_command', ('reach',), 1),
    Case(18, 'stop_service', 'P', 'operator', 'brakes at once; moves only after reset and arm',
         TAKEN, 'lam_ws.faults.processes.stops:stopped_by_service',
         ('reach', *(phase for phase in PHASES if phase != 'reach')), 1, quick=True),
)
