"""The wall clock of all nodes jumps by an hour in the middle of an episode, and back.

libfaketime shifts the wall clock alone; a file says by how much. What leaves is the longest gap
between two commands around the jumps: decisions on the monotonic clock take no notice.
"""
from pathlib import Path
import shutil
import tempfile
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import Running, running
from lam_ws.faults.processes.signals import STALE, TAKEN

HOUR_S = 3600
_APART_S = 0.5      # between two jumps
_EPISODE_S = 40.0


def wall_clock_jumps(case: Case, phase: str, seed: int) -> Seen:
    """Shift the wall clock forward and back, let the episode end, shift again, and stop."""
    with tempfile.TemporaryDirectory() as folder:
        shift = Path(folder) / 'shift'
        shift.write_text('+0')
        with running(seed, variables=_variables(shift)) as run:
            run.go_to(phase)
            jumped_s = time.monotonic()
            _jump(run, shift)
            if phase == 'idle':
                run.order()
            well = run.succeeded(_EPISODE_S)
            gap = run.witness.longest_gap(jumped_s) / run.cycle_s
            told = run.told(well)
            _jump(run, shift)
            called_s = time.monotonic()
            run.cell.client.ask_to_stop()
            run.turn(_APART_S)
            late = (run.witness.stopped_s(called_s) - called_s) / run.cycle_s
            return Seen(f'{told}; then a stop within {late:.1f} cycles', gap,
                        well and late <= TAKEN)


def _jump(run: Running, shift: Path) -> None:
    """Let the wall clock jump forward by an hour, then back by one.

    A clock set back to before the processes started is not tried: under libfaketime that stops
    DDS itself from handing on what it receives.
    """
    for offset in (HOUR_S, 0):
        shift.write_text(f'{offset:+d}')
        run.turn(_APART_S)


def _variables(shift: Path) -> dict[str, str]:
    """Return what makes processes take their wall clock's shift from a file.

    Raises:
        FileNotFoundError: libfaketime is not on this host.
    """
    starter = shutil.which('faketime')
    places = sorted(Path('/usr/lib').glob('*/faketime/libfaketime.so.1')) if starter else []
    if not places:
        raise FileNotFoundError('not run: libfaketime (Debian package faketime) is missing')
    return {'LD_PRELOAD': str(places[0]), 'FAKETIME_TIMESTAMP_FILE': str(shift),
            'FAKETIME_NO_CACHE': '1', 'FAKETIME_DONT_FAKE_MONOTONIC': '1',
            'DONT_FAKE_MONOTONIC': '1'}


CLOCK_CASES = (
    Case(15, 'wall_clock_jumps', 'P', 'clock',
         'no false stop: the episode succeeds; no missed stop', STALE,
         'lam_ws.faults.processes.wall_clock:wall_clock_jumps', ('reach', 'carry', 'idle'), 1),
)
