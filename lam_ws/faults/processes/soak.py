"""A cell that works for minutes on end: what each of its processes has in memory, and more of.

Minutes enter, the steepest rise among the nodes leaves, after a time to warm up. Run as
`python -m lam_ws.faults.processes.soak --minutes 30` for longer than the table does.
"""
from argparse import ArgumentParser
from pathlib import Path
import sys
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import Running, running
import numpy as np

MINUTES = 3.0
WARM_S = 60.0
STEEPEST = 1.0       # MB a minute
_EVERY_S = 2.0
_EPISODE_S = 40.0


def works_for_minutes(case: Case, phase: str, seed: int) -> Seen:
    """Let the cell carry out one instruction after the other for `MINUTES`."""
    return soak(MINUTES, seed)


def soak(minutes: float, seed: int) -> Seen:
    """Let the cell work for `minutes` after it is warm, and measure its memory meanwhile."""
    with running(seed) as run:
        rows: list[list[float]] = []
        episodes = failures = 0
        started_s = time.monotonic()
        while time.monotonic() - started_s < WARM_S + 60.0 * minutes:
            assert run.cell.site.sim is not None
            run.cell.reset(seed or run.cell.site.sim.seed)
            run.go_to('idle')
            run.order()
            done_s = time.monotonic() + _EPISODE_S
            while time.monotonic() < done_s and not run.succeeded(_EVERY_S):
                _measure(run, started_s, rows)
            episodes += 1
            failures += time.monotonic() >= done_s
            if run.stopped():
                run.release()
        table = np.array([row for row in rows if row[0] > WARM_S])
        slopes = np.polyfit(table[:, 0] / 60.0, table[:, 1:] / 1e6, 1)[0]
        told = ', '.join(f'{name} {slope:+.2f}' for name, slope in
                         zip(run.cell.processes, slopes, strict=True))
        return Seen(f'{told} MB a minute over {minutes:g} minutes; {episodes} episodes, '
                    f'{failures} of them unfinished', 0.0, bool(slopes.max() <= STEEPEST))


def _measure(run: Running, started_s: float, rows: list[list[float]]) -> None:
    rows.append([time.monotonic() - started_s,
                 *(_resident_bytes(pid) for pid in run.cell.processes.values())])


def _resident_bytes(pid: int) -> float:
    """Return the memory of a process that no other shares, in bytes."""
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('RssAnon'):
            return float(line.split()[1]) * 1024.0
    return 0.0


def main() -> int:
    """Soak for as long as the command line says, and say what was seen."""
    options = ArgumentParser(description=__doc__)
    options.add_argument('--minutes', type=float, default=MINUTES)
    options.add_argument('--seed', type=int, default=0)
    given = options.parse_args()
    seen = soak(given.minutes, given.seed)
    print(seen.observed)
    return 0 if seen.right else 1


SOAK_CASES = (
    Case(32, 'soak', 'P', 'memory', 'no node takes more than 1 MB a minute more', 0,
         'lam_ws.faults.processes.soak:works_for_minutes', ('idle',), 1),
)

if __name__ == '__main__':
    sys.exit(main())
