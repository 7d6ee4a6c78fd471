"""What recording costs a cell that works, for `lam bench recording`.

The demonstration cell runs in real time and its policy carries out one instruction after the
other, while a process sends two cameras at 640x480 and 30 Hz. First nothing records, then an
operator's episode of a minute, then nothing again; images that are missing in the file, the
processor time of the recorder and the guard's command times with and without it leave.
"""
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
import itertools
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any

from lam_interfaces.srv import Record
from lam_ws import graph
from lam_ws.bench.bench import Measured
from lam_ws.errors import LamError
from lam_ws.grounding.sentences import sample_sentence
from lam_ws.keys import FOLDER
from lam_ws.nodes import nodes
from lam_ws.nodes.bench import _cpu_s
from lam_ws.nodes.bench_cameras import HEIGHT, number_of, WIDTH
from lam_ws.nodes.client import CellError
from lam_ws.nodes.environment import environment
from lam_ws.nodes.manager import Manager
from lam_ws.nodes.session import Session
from lam_ws.nodes.supervisor import Supervisor
from lam_ws.record.card import Card
from lam_ws.record.reader import read_pictures
from lam_ws.record.shelf import card
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction
import numpy as np
from trajectory_msgs.msg import JointTrajectory
import yaml

SITE, SEED = 'sim_demo', 11
RECORD_S, WITHOUT_S = 60.0, 30.0    # WITHOUT_S before and again after
RATE_HZ, NAMES = 30.0, ('left', 'right')
WINDOW_S = 10.0                     # over which processor time is taken
CONTROL_HZ = 120.0                  # of the recorder's site alone: 30 Hz must divide it


class Cell:
    """A working cell: instructions go on while whoever measures waits."""

    def __init__(self, cell: Session):
        self.cell, self._seed, self.instructed, self.succeeded = cell, SEED, 0, 0
        self.stamps: list[int] = []
        self.watched = 0
        self.used: list[tuple[float, float]] = []   # wall and processor time of it, s
        self._listening = False
        cell.client.node.create_subscription(JointTrajectory, nodes.COMMAND, self._command,
                                             nodes.DEEP, raw=True)

    def watch(self, process: int) -> None:
        """Look each WINDOW_S at the processor time of a process, 0 for none."""
        self.watched = process
        self.used = [(time.monotonic(), _cpu_s(process))] if process else []

    def shares(self) -> list[float]:
        """Return the share of a core that the process took in each window."""
        return [(after[1] - before[1]) / (after[0] - before[0])
                for before, after in itertools.pairwise(self.used)]

    def _command(self, data: bytes) -> None:
        if self.watched and time.monotonic() - self.used[-1][0] >= WINDOW_S:
            self.used.append((time.monotonic(), _cpu_s(self.watched)))
        if self._listening:
            self.stamps.append(int.from_bytes(data[4:8], 'little') * 1_000_000_000
                               + int.from_bytes(data[8:12], 'little'))

    def work(self, seconds: float) -> list[float]:
        """Carry out instructions for `seconds`; return how far off commands were, ms."""
        until, late_ms = time.monotonic() + seconds, []
        cycle_ms = 1e3 / self.cell.site.limits.control_hz
        while time.monotonic() < until:
            self.stamps, self._seed = [], self._seed + 1
            try:
                self._instruct()
            except CellError:   # a machine with other work may keep the guard from running
                self.cell.client.clear()
            finally:
                self._listening = False
            late_ms += list(np.abs(np.diff(self.stamps) / 1e6 - cycle_ms))
        return late_ms

    def _instruct(self) -> None:
        truth = self.cell.reset(self._seed)
        part, bin_ = truth['parts'][0], truth['bins'][0]
        text = sample_sentence(part['kind'], part['colour'], bin_['colour'], 'ko',
                               np.random.default_rng(self._seed), 'train')
        self.cell.arm()
        self._listening, self.instructed = True, self.instructed + 1
        self.succeeded += self.cell.instruct(Instruction(text, 'ko')).success


def recording(wanted: Collection[str], say: Callable[[str], None],
              seconds: float = RECORD_S, without_s: float = WITHOUT_S) -> dict[str, Measured]:
    """Measure lost images, share of a core in percent, and the ratio of command jitter."""
    with TemporaryDirectory(prefix='lam_bench_', dir=os.environ.get('LAM_BENCH_FOLDER')) \
            as name, Session(SITE, logs=Path(name) / 'log', without=['record']) as session, \
            _cameras(session) as sent:
        cell, folder = Cell(session), Path(name)
        say(f'READY; {without_s:g} s without a recorder')
        alone = cell.work(without_s)
        with _recorder(session, folder) as process:
            say(f'recording {seconds:g} s')
            path, shares, beside = _record(cell, folder, process, seconds)
        say(f'{without_s:g} s without a recorder')
        alone += cell.work(without_s)
        size, known = path.stat().st_size, card(path)
        gaps = _gaps(path)
    say(f'cameras: {sent}; verdict {known.verdict}')
    return _measured(gaps, shares, alone, beside, known, size, cell)


def _record(cell: Cell, folder: Path, process: int, seconds: float
            ) -> tuple[Path, list[float], list[float]]:
    """Return the recording, the recorder's shares of a core, and the command jitter in ms."""
    client = cell.cell.client
    client.turn_for(2.0)   # what it does to begin with is not what is asked here

    def ask(action: str) -> str:
        answer = client.call(Record, nodes.RECORD, Record.Request(
            action=action, instruction='bench', operator_id='bench'), 30.0)
        if not answer.success:
            raise LamError(f'the recorder: {answer.message}')
        return str(answer.episode_id)
    episode = ask('start')
    cell.watch(process)
    late = cell.work(seconds)
    shares = cell.shares()
    cell.watch(0)
    ask('stop')
    return folder / 'episodes' / f'{episode}.mcap', shares, late


def _measured(gaps: dict[str, tuple[int, int]], shares: list[float], alone: list[float],
              beside: list[float], known: Card, size: int, cell: Cell) -> dict[str, Measured]:
    lost = sum(missing for _, missing in gaps.values())
    images = ', '.join(f'{name} {there}' for name, (there, _) in gaps.items())
    p99 = [float(np.quantile(late, 0.99)) for late in (alone, beside)]
    p50 = [float(np.quantile(late, 0.5)) for late in (alone, beside)]
    method = (f'two cameras of {WIDTH}x{HEIGHT} rgb8 with noise at {RATE_HZ:g} Hz from a process '
              f"of their own, recorded for {known.seconds:.0f} s as an operator's episode while "
              f'the nodes of {SITE} carried out {cell.instructed} instructions '
              f'({cell.succeeded} succeeded), all on {os.cpu_count()} cores')
    verdict = known.verdict
    assert verdict is not None
    return {
        'recording_lost': Measured(lost, f'{method}; by the numbers in the images between the '
                                         f'first and the last in the file; recorded: {images}; '
                                         f"the recorder's own verdict: faults "
                                         f'{list(verdict.faults)}, dropped '
                                         f'{[one.dropped for one in verdict.cameras]}'),
        'recording_cpu': Measured(100.0 * min(shares, default=np.nan), (
            f'{method}; user and system time of the whole recorder process, listening included, '
            f'by wall time: the least of {len(shares)} windows of {WINDOW_S:g} s, as other work '
            f'on the machine makes the same work dearer; mean {100.0 * np.mean(shares):.1f} %, '
            f'most {100.0 * max(shares, default=np.nan):.1f} %; {size / 1e6:.0f} MB written')),
        'recording_jitter': Measured(p99[1] / p99[0], (
            f'{method}; 99th percentile of how far the stamps of successive commands were off '
            f'one cycle, with a recorder by without: {p99[1]:.3f} by {p99[0]:.3f} ms (median '
            f'{p50[1]:.3f} by {p50[0]:.3f} ms, {len(beside)} and {len(alone)} commands)'))}


def _gaps(path: Path) -> dict[str, tuple[int, int]]:
    """Return by camera how many images a recording has, and how many are missing in between."""
    numbers: dict[str, list[int]] = {}
    for camera, picture in read_pictures(path):
        numbers.setdefault(camera, []).append(number_of(picture.pixels))
    return {camera: (len(set(found)), max(found) - min(found) + 1 - len(set(found)))
            for camera, found in sorted(numbers.items())}


@contextmanager
def _cameras(cell: Session) -> Iterator[dict[str, Any]]:
    """Run the two cameras beside a cell; what they sent is known afterwards."""
    sent: dict[str, Any] = {}
    child = subprocess.Popen(
        [sys.executable, '-m', 'lam_ws.nodes.bench_cameras', f'/{cell.site.namespace}',
         str(RATE_HZ), *NAMES], env=environment(cell.supervisor.domain),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0)
    try:
        yield sent
        child.send_signal(signal.SIGTERM)
        sent.update(json.loads(child.communicate(timeout=10.0)[0]))
    finally:
        child.kill()
        child.wait()


@contextmanager
def _recorder(cell: Session, folder: Path) -> Iterator[int]:
    """Run a recorder of the two cameras beside a cell; gives its process id."""
    site = _own_site(folder)
    row = next(spec for spec in graph.nodes(site) if spec.name == 'record')
    os.environ[FOLDER] = str(cell.supervisor.keys)
    try:
        with Supervisor([row], cell.supervisor.domain, folder / 'log') as supervisor:
            supervisor.start()
            Manager(cell.client.node, cell.client.executor, [row]).bring_up()
            yield supervisor.processes()['record']
    finally:
        del os.environ[FOLDER]


def _own_site(folder: Path) -> Site:
    """Return the site as the recorder reads it: with the cameras that are to be recorded."""
    content = yaml.safe_load(load_site(SITE).path.read_text(encoding='utf-8'))
    content['record']['folder'] = str(folder / 'episodes')
    content['limits']['control_hz'] = CONTROL_HZ
    content['sim']['physics_hz'] = 2 * CONTROL_HZ
    content['cameras'] = [{'name': name, 'parent': 'base', 'width': WIDTH, 'height': HEIGHT,
                           'fov_deg': 50.0, 'rate_hz': RATE_HZ, 'eye': [1.1, 0.0, 0.8],
                           'target': [0.5, 0.0, 0.0]} for name in NAMES]
    path = folder / f'{SITE}.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return load_site(path)
