"""A whole cell of processes, brought to a phase of an episode, with a witness beside it.

A phase and a seed enter; a cell leaves in which the arm does just that, so that something can be
broken in it. The supervisor does nothing about deaths here: what is judged is what the nodes do
by themselves. A cell that this host kept waiting stops, as it should, and is set going again.
"""
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
import os
from pathlib import Path
import tempfile
import time
from types import MappingProxyType
from typing import Any, TYPE_CHECKING
from xml.etree import ElementTree

from lam_ws.graph import PROFILES
from lam_ws.resources import share
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction
import numpy as np
import yaml

if TYPE_CHECKING:   # ROS is there only where a cell is
    from lam_ws.nodes.session import Session
    from lam_ws.nodes.witness import Witness

SITE = 'sim_demo'
MOVING = 0.15       # rad/s; above it the arm is plainly on its way
STRAYED = 0.02      # rad; an arm that is farther from where it rested has moved
WAITS = ('late_cycle', 'stale_joints')   # a guard that this host kept waiting
_TRIES = 4
_MEMORY = 'cell_memory'   # the transport in shared memory, in config/fastdds.xml
_PHASE_S = 20.0     # until an arm that was told to is in a phase
_DOINGS = {'reach': ('approach', 'descend'), 'grasp': ('close',), 'carry': ('lift', 'carry'),
           'release': ('open',)}      # what the policy says it does in each phase


class CellFailed(Exception):
    """The cell could not be brought to where a fault is to be provoked."""


class Running:
    """A cell that runs.

    Args:
        cell: Its processes and a client.
        witness: Hears it.

    Attributes:
        text: The instruction that is given: the first part that can be told from the others.
    """

    def __init__(self, cell: 'Session', witness: 'Witness'):
        self.cell, self.witness = cell, witness
        self._result: Any = None
        self._handle: Any = None
        self.text = sentence(cell.truth())

    @property
    def cycle_s(self) -> float:
        """One control cycle in s."""
        return 1.0 / self.cell.site.limits.control_hz

    def turn(self, seconds: float) -> None:
        """Let the cell run."""
        self.cell.client.turn_for(seconds)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Let the cell run until `condition` holds; return whether it did in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            self.cell.client.turn()
        return condition()

    def order(self) -> None:
        """Give the instruction and do not wait for anything."""
        self._handle = self.cell.client.send(Instruction(self.text, 'en', 'fault'))
        self._result = None

    def succeeded(self, seconds: float) -> bool:
        """Return whether the instruction ends well within `seconds`."""
        self.until(lambda: bool(self._handle.done()), seconds)
        if self._result is None and self._handle.done() and self._handle.result().accepted:
            self._result = self._handle.result().get_result_async()
        if self._result is None or not self.until(lambda: bool(self._result.done()), seconds):
            return False
        return bool(self._result.result().result.success)

    @property
    def over(self) -> bool:
        """Whether the instruction has come to its result."""
        return self._result is not None and bool(self._result.done())

    def told(self, well: bool) -> str:
        """Return in words how the episode ended and what the guard says."""
        return f'episode {"succeeds" if well else "fails"}; guard {self.witness.state} ' \
               f'{self.witness.reason}'.strip()

    def go_to(self, phase: str) -> None:
        """Arm, and bring the arm into `phase`; 'idle' is an armed arm without work.

        Raises:
            CellFailed: It does not come there.
        """
        for _ in range(_TRIES):
            self.cell.arm()
            self.turn(0.3)
            if phase == 'idle':
                return
            self.order()
            if self.until(lambda: self._is_in(phase) or self.stopped(), _PHASE_S) \
                    and not self.stopped():
                return
            if self.witness.reason not in WAITS:
                break
            self.release()
        raise CellFailed(f'no {phase}: the guard says {self.witness.state} '
                         f'{self.witness.reason}, the policy {self.witness.phase}')

    def release(self) -> None:
        """Take a latched stop away, once the arm is at rest and the instruction is over."""
        self.until(lambda: self.witness.state == 'stopped', 3.0)
        self.turn(0.5)
        self.cell.client.clear()
        self.turn(0.1)

    def stopped(self) -> bool:
        """Return whether a stop is latched."""
        return self.witness.state in ('stopping', 'stopped')

    def _is_in(self, phase: str) -> bool:
        moving = self.witness.speed > MOVING or phase in ('grasp', 'release')
        return self.witness.phase in _DOINGS[phase] and moving


@contextmanager
def running(seed: int, site: str | Site = SITE, variables: Mapping[str, str] | None = None,
            deaths: str = 'ignore') -> Iterator[Running]:
    """Give a cell; nothing of it is left on exit.

    Args:
        seed: 0 for the scene that the site has, else the seed of another.
        site: Its name or the checked site.
        variables: Environment of its processes, on top of this one's.
        deaths: As `lam_ws.nodes.session.Session` has it.
    """
    from lam_ws.nodes.session import Session
    from lam_ws.nodes.witness import Witness

    before = dict(os.environ)
    os.environ.update(variables or {})
    try:
        with tempfile.TemporaryDirectory() as logs, Session(
                with_folder(site, Path(logs)), logs=Path(logs),
                deaths=deaths) as cell:   # type: ignore[arg-type]
            if seed:
                cell.reset(seed)
            witness = Witness(cell.client.node)
            run = Running(cell, witness)
            if not run.until(lambda: witness.state != '' and witness.heard_s > 0.0, 5.0):
                raise CellFailed('neither guard nor arm is heard')
            yield run
    finally:
        os.environ.clear()
        os.environ.update(before)


def with_folder(site: str | Site, folder: Path,
                more: Mapping[str, Any] = MappingProxyType({})) -> Site:
    """Return the site with recordings in a folder of their own, and `more` sections."""
    checked = load_site(site) if isinstance(site, str) else site
    content = yaml.safe_load(checked.path.read_text(encoding='utf-8'))
    if checked.record is None or not str(content['record']['folder']).startswith('out/'):
        return checked
    content['record']['folder'] = str(folder / 'episodes')
    content.update(more)
    path = folder / f'{checked.name}.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True),
                    encoding='utf-8')
    return load_site(path)


def without_shared_memory(folder: Path) -> dict[str, str]:
    """Return what makes the nodes of a cell talk over UDP alone, where it can be seen and cut."""
    tree = ElementTree.parse(share() / PROFILES)   # noqa: S314 - the package's own file
    space = {'dds': 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'}
    ElementTree.register_namespace('', space['dds'])
    for place in ('dds:transport_descriptors', './/dds:userTransports'):
        parent = tree.find(place, space)
        assert parent is not None   # test/faults/test_running.py
        for child in list(parent):
            if _MEMORY in (child.text, child.findtext('dds:transport_id', None, space)):
                parent.remove(child)
    path = folder / 'udp.xml'
    tree.write(path, encoding='unicode', xml_declaration=True)
    return {'LAM_WS_DDS_PROFILES': str(path)}


def sentence(truth: Mapping[str, Any]) -> str:
    """Return an instruction about the first part that no other part looks like."""
    looks = [(part['colour'], part['kind']) for part in truth['parts']]
    for colour, kind in looks:
        if looks.count((colour, kind)) == 1:
            return f'put the {colour} {kind} in the {truth["bins"][0]["colour"]} bin'
    raise CellFailed('no part of the scene can be told from the others')


def braking_s(site: Site) -> float:
    """Return the longest time that the arm needs to come to rest, in s, from its limits."""
    arm, scale = site.arm.limits, site.limits
    slowing = arm.acceleration[:-1] * scale.acceleration_scale
    return float(np.max(arm.velocity[:-1] * scale.velocity_scale / slowing
                        + slowing / (arm.jerk[:-1] * scale.jerk_scale)))
