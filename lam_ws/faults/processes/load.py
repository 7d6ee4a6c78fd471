"""A host that is busy elsewhere: processors taken away, strangers on the network, long runs.

What leaves is how regularly the guard still works, by the stamps of its commands, in control
cycles. The stamps are the guard's own monotonic clock, so a witness that is late itself does
not show.
"""
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import subprocess
import sys

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import CellFailed, Running, running
import numpy as np
from numpy.typing import NDArray

FIFO_LATE = 0.1          # cycles: 1 ms, of the guard before all others
DEFAULT_LATE = 1.0       # cycles, where it shares the processor like any process
SPAN_S = 15.0
STRANGERS = (3, 8)       # processes, participants in each
_BUSY = 2                # loops that never rest
_APPEAR_S = 20.0


def busy_loops(case: Case, phase: str, seed: int) -> Seen:
    """Let loops that never rest take the processors, and see how late the guard's cycles are."""
    with running(seed) as run:
        run.go_to('idle')
        if case.component == 'guard_default':
            _as_any_process(run.cell.processes['guard'])
        elif not _is_first(run.cell.processes['guard']):
            raise CellFailed('not run: no right to SCHED_FIFO on this host')
        quiet = late(run)
        with _loops():
            run.order()      # in motion, so that every node has its work to do
            busy = late(run)
        stopped = f', guard stops: {run.witness.reason}' if run.stopped() else ''
        return Seen(f'late p50 {_at(busy, 50):.2f} p99 {_at(busy, 99):.2f} max '
                    f'{busy.max():.2f} ms; before p99 {_at(quiet, 99):.2f} max '
                    f'{quiet.max():.2f}{stopped}', _at(busy, 99) / 1e3 / run.cycle_s,
                    not stopped or busy.max() / 1e3 > run.cycle_s)


def discovery_storm(case: Case, phase: str, seed: int) -> Seen:
    """Let foreign participants appear, stay a while and be killed."""
    with running(seed) as run:
        run.go_to('idle')
        quiet = late(run)
        start = len(run.witness.commands)
        processes, each = STRANGERS
        crowd = [subprocess.Popen([sys.executable, '-m', 'lam_ws.nodes.foreign', str(each)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                 for _ in range(processes)]
        try:
            run.order()
            among = late(run)
        finally:
            for stranger in crowd:   # no farewell: the cell finds out by itself
                stranger.kill()
                stranger.wait()
        after = late(run)
        told = f'guard {run.witness.state} {run.witness.reason}'.strip()
        return Seen(f'{processes * each} strangers: late p99 {_at(among, 99):.2f} max '
                    f'{among.max():.2f} ms, after them {_at(after, 99):.2f}, before '
                    f'{_at(quiet, 99):.2f} max {quiet.max():.2f}; {told}, '
                    f'{len(run.witness.commands) - start} commands',
                    _at(among, 99) / 1e3 / run.cycle_s, not run.stopped())


def late(run: Running) -> NDArray[np.float64]:
    """Return by how many ms each cycle of the next while came later than a cycle's length."""
    since_s = run.witness.commands[-1][0]
    run.turn(SPAN_S)
    return np.maximum(run.witness.gaps(since_s) - run.cycle_s, 0.0) * 1e3


def _at(values: NDArray[np.float64], percent: float) -> float:
    return float(np.percentile(values, percent))


@contextmanager
def _loops() -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, '-c', 'while True: pass'])
             for _ in range(_BUSY)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _threads(pid: int) -> list[int]:
    return [int(entry.name) for entry in Path(f'/proc/{pid}/task').iterdir()]


def _is_first(pid: int) -> bool:
    return os.sched_getscheduler(pid) == os.SCHED_FIFO


def _as_any_process(pid: int) -> None:
    for thread in _threads(pid):
        os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


LOAD_CASES = (
    Case(33, 'busy_loops_fifo', 'P', 'guard_fifo', 'p99 of lateness within 1 ms', FIFO_LATE,
         'lam_ws.faults.processes.load:busy_loops', ('reach',), 1),
    Case(33, 'busy_loops_default', 'P', 'guard_default', 'p99 of lateness within one cycle',
         DEFAULT_LATE, 'lam_ws.faults.processes.load:busy_loops', ('reach',), 1),
    Case(17, 'discovery_storm', 'P', 'network', 'no stop, p99 of lateness within 1 ms',
         FIFO_LATE, 'lam_ws.faults.processes.load:discovery_storm', ('reach',), 1),
)
