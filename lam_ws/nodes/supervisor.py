"""Starts the rows of the node table as processes and leaves nothing behind.

Node specs enter, processes run, deaths are reported. Each node is the leader of its own process
group, dies with this process (it asks the kernel for that), and is stopped upstream first: the
arm comes last, so that it can bring itself to rest. Segments of shared memory that a killed
node could not return are removed once no process has them mapped.
"""
from collections.abc import Iterable
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from lam_ws.graph import NodeSpec
from lam_ws.keys import FOLDER, make_for_this_run, make_keys, note_cell
from lam_ws.nodes.environment import environment
from lam_ws.nodes.security import require

MEMORY = Path('/dev/shm')  # noqa: S108 - where Fast DDS keeps its segments
_PARENT = 'LAM_WS_SUPERVISOR'
_PATIENCE_S = 5.0      # between asking a node to end and making it
_OLD_S = 60.0          # an unmapped segment of this age is not one that is just being made
_LAST = ('arm', 'sim', 'mirror', 'record')


@dataclass(frozen=True)
class Death:
    """A node process that ended by itself: `status` is negative for a signal."""

    spec: NodeSpec
    status: int

    def __str__(self) -> str:
        how = (f'was ended by {signal.Signals(-self.status).name}' if self.status < 0
               else f'ended with status {self.status}')
        return f'node {self.spec.name} {how}'


class Supervisor:
    """The processes of one cell; use as a context manager.

    Args:
        specs: Nodes to start.
        domain: ROS domain of the cell.
        logs: Folder for one <node>.log each; None leaves their output on this process's stderr.

    Attributes:
        keys: Folder of the nodes' keys: what LAM_KEYS names, else one for this run alone.
    """

    def __init__(self, specs: Iterable[NodeSpec], domain: int, logs: Path | None = None):
        self.specs, self.domain, self.logs = tuple(specs), domain, logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._reported: set[str] = set()
        self._segments: set[str] = set()
        self.keys: Path | None = None

    def start(self) -> None:
        """Start all processes; returns at once.

        Raises:
            SecurityError: The cell is to be secured, and would not be.
        """
        if self.logs is not None:
            self.logs.mkdir(parents=True, exist_ok=True)
            for spec in self.specs:   # what is started again goes on in its log
                (self.logs / f'{spec.name}.log').unlink(missing_ok=True)
        require(self.specs, environment(self.domain))
        self._start_keys()
        for spec in self.specs:
            self.start_one(spec)

    def start_one(self, spec: NodeSpec) -> None:
        """Start the process of one node, for the first time or after it died."""
        variables = environment(self.domain) | {_PARENT: str(os.getpid()),
                                                FOLDER: str(self.keys)}
        self._children[spec.name] = self._spawn(spec, variables)
        self._reported.discard(spec.name)

    def _start_keys(self) -> None:
        named = os.environ.get(FOLDER, '')
        self.keys = Path(named) if named else make_for_this_run()
        make_keys(self.keys)
        site = self.specs[0].parameters.get('site', '') if self.specs else ''
        if site and not named:
            note_cell(self.keys, Path(site), self.domain)

    def processes(self) -> dict[str, int]:
        """Return the process id of each node that is alive."""
        return {name: child.pid for name, child in self._children.items()
                if child.poll() is None}

    def deaths(self) -> tuple[Death, ...]:
        """Return the nodes that died since the last call."""
        found = []
        for spec in self.specs:
            child = self._children.get(spec.name)
            if child is None or spec.name in self._reported:
                continue
            if child.poll() is not None:
                self._reported.add(spec.name)
                found.append(Death(spec, child.returncode))
        return tuple(found)

    def log_tail(self, name: str, lines: int = 12) -> str:
        """Return the end of a node's log, '' when it logs elsewhere."""
        if self.logs is None or not (self.logs / f'{name}.log').exists():
            return ''
        text = (self.logs / f'{name}.log').read_text(errors='replace')
        return '\n'.join(text.strip().splitlines()[-lines:])

    def resident_bytes(self) -> int:
        """Return the memory of all nodes, shared pages counted once for each."""
        return sum(_resident(pid) for pid in self.processes().values())

    def stop(self) -> None:
        """End all processes, upstream first, and clean up after those that were killed."""
        self._note_segments()
        self._end([name for name in self._children if name not in _LAST])
        self._end([name for name in self._children if name in _LAST])
        if self.keys is not None and str(self.keys) != os.environ.get(FOLDER, ''):
            shutil.rmtree(self.keys, ignore_errors=True)
        self.clean()

    def __enter__(self) -> 'Supervisor':
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _spawn(self, spec: NodeSpec, variables: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, '-m', f'{spec.package}.nodes.{spec.executable}_node',
                   '--ros-args', '-r', f'__node:={spec.name}', '--enclave', spec.enclave]
        if spec.namespace:
            command += ['-r', f'__ns:=/{spec.namespace.strip("/")}']
        for key, value in spec.parameters.items():
            command += ['-p', f'{key}:={value}']
        if self.logs is None:
            return subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL,
                                    stdout=sys.stderr.fileno(), process_group=0)
        with (self.logs / f'{spec.name}.log').open('ab') as log:
            return subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, process_group=0)

    def _end(self, names: list[str]) -> None:
        for name in names:
            _signal_group(self._children[name], signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_S
        while (any(self._children[name].poll() is None for name in names)
               and time.monotonic() < deadline):
            self._note_segments()   # a node that was only just starting may still make some
            time.sleep(0.05)
        for name in names:   # the whole group: whatever a node started ends with it
            _signal_group(self._children[name], signal.SIGKILL)
            self._children[name].wait()

    def _note_segments(self) -> None:
        for pid in [os.getpid(), *self.processes().values()]:
            self._segments |= _mapped(pid)

    def watch(self) -> None:
        """Remember which shared memory the nodes use; call now and then while they run."""
        self._note_segments()

    def clean(self) -> None:
        """Remove shared memory that nobody needs any more: this cell's and old one.

        This process may still have read from a node that was killed: that its memory is mapped
        here keeps nobody's alive. What another process has mapped always stays.
        """
        others = _mapped_by(entry for entry in Path('/proc').iterdir()
                            if entry.name.isdigit() and int(entry.name) != os.getpid())
        old = _old_segments() - _mapped(os.getpid())
        for name in (self._segments | old) - others:
            for path in (MEMORY / name, MEMORY / f'{name}_el', MEMORY / f'sem.{name}_mutex'):
                path.unlink(missing_ok=True)


class Interruption:
    """Turns SIGINT and SIGTERM into an exception at places of our choosing.

    An exception that strikes between the start of a process and the note that it was started
    would leave that process behind. Within this context signals are only noted; `check` raises.
    """

    def __init__(self) -> None:
        self.noted = False
        self._before: dict[int, Any] = {}

    def check(self) -> None:
        """Raise KeyboardInterrupt when a signal came since the context was entered."""
        if self.noted:
            raise KeyboardInterrupt

    def __enter__(self) -> 'Interruption':
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.noted = True


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def _mapped(pid: int) -> set[str]:
    """Return the names of Fast DDS's shared memory in a process's maps."""
    try:
        lines = Path(f'/proc/{pid}/maps').read_text().splitlines()
    except OSError:
        return set()
    marker = f'{MEMORY}/fastrtps_'
    return {Path(line.split()[5]).name for line in lines if marker in line}


def _mapped_by(processes: Iterable[Path]) -> set[str]:
    """Return the names of Fast DDS's shared memory in the maps of some processes of /proc."""
    return set().union(*(_mapped(int(entry.name)) for entry in processes))


def _old_segments() -> set[str]:
    """Return what earlier processes of this user left behind when they were killed."""
    found = set()
    for path in MEMORY.glob('fastrtps_*'):
        try:
            status = path.stat()
        except OSError:
            continue
        if status.st_uid == os.getuid() and time.time() - status.st_mtime > _OLD_S:
            found.add(path.name.removesuffix('_el'))
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf('SC_PAGE_SIZE')
