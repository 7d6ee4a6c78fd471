"""The disk fails under the recorder: full, read-only. Motion takes no notice, nothing is lost.

One episode is recorded whole; then the disk fails and a second one is carried out. What leaves
is the longest gap between two commands after the fault. The finished recording has to be
readable to its end, what was acknowledged of the other one too, and the failure has to be told.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import resource
import shutil
import subprocess
import tempfile
import time

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.processes.running import Running, running, with_folder
from lam_ws.faults.processes.signals import STALE
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import recover

_EPISODE_S = 40.0
_FULL_BYTES = 65_536     # what the recorder may still write into a file
_DISK = 'size=64m'       # of memory; holds two episodes
_END_S = 1.5             # until a recording is finished after its episode


def disk_fails(case: Case, phase: str, seed: int) -> Seen:
    """Let the disk fail as the case's component says, before or within the second episode."""
    with _disk() as disk, running(seed, with_folder('sim_demo', disk)) as run:
        first = _carried_out(run, 'idle')
        kept = sorted((disk / 'episodes').glob('*.mcap'))
        assert run.cell.site.sim is not None
        run.cell.reset(seed or run.cell.site.sim.seed)   # the part is back where it was
        if phase == 'idle':
            _fail(run, case.component, disk)
        run.go_to('reach' if phase == 'idle' else phase)
        if phase != 'idle':
            _fail(run, case.component, disk)
        failed_s = time.monotonic()
        well = run.succeeded(_EPISODE_S)
        run.turn(_END_S)
        gap = run.witness.longest_gap(failed_s) / run.cycle_s
        told = 'not recording' in run.cell.supervisor.log_tail('record', 100)
        _mend(case.component, disk)
        finished = sum(_commands(path) for path in kept)
        torn = sum(_commands(path) for path in (disk / 'episodes').glob('*.part'))
        return Seen(f'episodes {"succeed" if first and well else "fail"}, '
                    f'{"alarm" if told else "no alarm"}; {finished} commands are read from the '
                    f'finished recording, {torn} from the torn one', gap,
                    first and well and told and finished > 0 and len(kept) == 1)


def _carried_out(run: Running, phase: str) -> bool:
    run.go_to(phase)
    run.order()
    well = run.succeeded(_EPISODE_S)
    run.turn(_END_S)
    return well


@contextmanager
def _disk() -> Iterator[Path]:
    """Give a disk of its own where this user may mount one, else a folder."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = shutil.which('mount') is not None and subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', _DISK, 'none', folder],
            capture_output=True).returncode == 0
        try:
            yield Path(folder)
        finally:
            if mounted:
                subprocess.run(['umount', '-l', folder], check=False)


def _fail(run: Running, how: str, disk: Path) -> None:
    """Take the recorder's disk away."""
    if how == 'disk_quota':
        resource.prlimit(run.cell.processes['record'], resource.RLIMIT_FSIZE,
                         (_FULL_BYTES, resource.RLIM_INFINITY))
    elif how == 'disk_full':
        free = shutil.disk_usage(disk).free
        (disk / 'filling').write_bytes(bytes(max(free - _FULL_BYTES, 0)))
    else:
        subprocess.run(['mount', '-o', 'remount,ro', str(disk)], check=True, capture_output=True)


def _mend(how: str, disk: Path) -> None:
    """Give the disk back, so that what is on it can be recovered."""
    if how == 'disk_read_only':
        subprocess.run(['mount', '-o', 'remount,rw', str(disk)], check=True)
    (disk / 'filling').unlink(missing_ok=True)


def _commands(path: Path) -> int:
    """Return how many commands can be read from a recording, a torn one included."""
    if path.suffix == '.part':
        path = path.with_suffix('')
        recover(path)
    return len(read_episode(path, images=False).command.times)


DISK_CASES = tuple(
    Case(30, name, 'P', name, 'episodes succeed, an alarm, the finished recording is whole',
         STALE, 'lam_ws.faults.processes.disks:disk_fails', (phase,), 1)
    for name, phase in (('disk_full', 'carry'), ('disk_quota', 'reach'),
                        ('disk_read_only', 'idle')))
