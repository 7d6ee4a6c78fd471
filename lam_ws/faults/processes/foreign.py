"""A foreign node that wants to move the arm, at a thousand messages a second.

What it says is forged, replayed, truncated and bit-flipped (`lam_ws.nodes.attacker`). Whether
any of it is obeyed leaves: an armed arm without work must not move at all, one that works may be
slowed by a host that is short of processors but neither stopped nor led astray, and who publishes
commands must be named within a second.
"""
from collections.abc import Iterator
from contextlib import contextmanager
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import Running, running, STRAYED
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:   # ROS is there only where a cell is
    from lam_ws.nodes.witness import SealedCommands

RATE_HZ = 1000
SPAN_S = 5.0
ALARM = 100       # cycles, one second
LATE = 1.0        # cycle, p99 of lateness under attack
_EPISODE_S = 40.0
_HERE_S = 20.0


def proposals(case: Case, phase: str, seed: int) -> Seen:
    """Attack all that leads to a command, while the arm has nothing to do, or while it works."""
    with running(seed) as run:
        heard = _heard(run)
        run.go_to('idle')
        run.turn(SPAN_S)
        quiet, start = _p99(heard.late_s(run.cycle_s)), len(heard.stamps)
        with _attacked('proposed', 'subgoal', run=run) as sent:
            since_s = run.witness.heard_s
            if phase == 'idle':
                run.turn(SPAN_S)
                strayed = run.witness.strayed(since_s)
                well, told = strayed < STRAYED, f'arm strayed {strayed:.4f} rad'
            else:
                run.order()
                done = run.succeeded(_EPISODE_S)
                well = done or not (run.stopped() or run.over)
                told = f'episode {"succeeds" if done else "goes on, slowed" if well else "ends"}'
            late = _p99(heard.late_s(run.cycle_s, start))
        return Seen(f'{told}; late p99 {late:.2f} ms, before {quiet:.2f}; {_count(sent)} sent',
                    late / 1e3 / run.cycle_s, well and _count(sent) > 0)


def commands(case: Case, phase: str, seed: int) -> Seen:
    """Publish commands beside the guard: it must stop, say who, and not arm meanwhile."""
    from lam_ws.nodes.client import CellError

    with running(seed) as run:
        run.go_to(phase)
        with _attacked('command', run=run) as sent:
            since_s = time.monotonic()
            run.turn(SPAN_S)
            stop_s = run.witness.stopped_s(since_s)
            rested_s = run.witness.rested_s(stop_s)
            strayed, reason = run.witness.strayed(rested_s), run.witness.reason
            run.cell.client.clear()
            try:
                run.cell.client.arm()
                armed = True
            except CellError:
                armed = False
        well = reason == 'foreign_commander' and strayed < STRAYED and not armed
        return Seen(f'guard {reason}; strayed {strayed:.4f} rad at rest; '
                    f'{"arms" if armed else "does not arm"}; {_count(sent)} sent',
                    (stop_s - since_s) / run.cycle_s, well and _count(sent) > 0)


def _heard(run: Running) -> 'SealedCommands':
    from lam_ws.keys import FOLDER, read_keys
    from lam_ws.nodes.witness import SealedCommands
    key = read_keys(('guard',), {FOLDER: str(run.cell.supervisor.keys)})['guard']
    return SealedCommands(run.cell.client.node, key)


@contextmanager
def _attacked(*topics: str, run: Running) -> Iterator[dict[str, dict[str, int]]]:
    """Let a foreign process attack; what it sent is told on exit."""
    sent: dict[str, dict[str, int]] = {}
    attacker = subprocess.Popen(
        [sys.executable, '-m', 'lam_ws.nodes.attacker', f'/{run.cell.site.namespace}',
         str(RATE_HZ / len(topics)), *topics], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    assert attacker.stdout is not None
    try:
        attacker.stdout.readline()   # it is there
        yield sent
        attacker.send_signal(signal.SIGINT)
        sent.update(json.loads(attacker.communicate(timeout=_HERE_S)[0]))
    finally:
        attacker.kill()
        attacker.wait()
        attacker.stdout.close()


def _count(sent: dict[str, dict[str, int]]) -> int:
    return sum(sum(ways.values()) for ways in sent.values())


def _p99(late_s: NDArray[np.float64]) -> float:
    return 1e3 * float(np.percentile(late_s, 99))   # ms


FOREIGN_CASES = (
    Case(24, 'foreign_proposals', 'P', 'commander', 'not one is obeyed, p99 of lateness within '
         'a cycle', LATE, 'lam_ws.faults.processes.foreign:proposals', ('idle', 'reach'), 1),
    Case(24, 'foreign_commands', 'P', 'commander', 'stops within a second, names it, does not '
         'arm', ALARM, 'lam_ws.faults.processes.foreign:commands', ('idle', 'reach'), 1),
)
