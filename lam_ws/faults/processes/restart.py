"""A node that died is started again: how soon it works, and that nothing moves by its return.

The supervisor reacts here, as `lam run --restart` lets it.
"""
import os
import signal
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import running, STRAYED
from lam_ws.faults.processes.stops import leaves_by_two_steps

READY = 500.0        # cycles: 5 s, models loaded anew
_LONGEST_S = 15.0


def started_again(case: Case, phase: str, seed: int) -> Seen:
    """Kill a node under a supervisor that starts it again."""
    with running(seed, deaths='restart') as run:
        run.go_to(phase)
        before = run.cell.processes[case.component]
        os.kill(before, signal.SIGKILL)
        struck_s = time.monotonic()
        back = run.until(lambda: run.cell.processes.get(case.component, before) != before,
                         _LONGEST_S)
        cycles = (time.monotonic() - struck_s) / run.cycle_s
        rested_s = run.witness.rested_s(struck_s)
        run.turn(1.0)
        told = f'guard {run.witness.state} {run.witness.reason}'.strip()
        if not back:
            return Seen(f'not back; {told}', cycles, False)
        if run.witness.strayed(rested_s) > STRAYED:
            return Seen(f'moves by itself; {told}', cycles, False)
        return leaves_by_two_steps(run, cycles)


RESTART_CASES = tuple(
    Case(13, f'{node}_restart', 'P', node,
         'works again, nothing moves before reset and arm', READY,
         'lam_ws.faults.processes.restart:started_again', ('reach',), 1)
    for node in ('policy', 'perception', 'task'))
