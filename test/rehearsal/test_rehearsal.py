"""A scripted operator before a real console: what it does arrives by the protocol, in order."""
from dataclasses import replace
import socket
import threading
import time

import pytest

pytest.importorskip('lam_ws.console.server')
from lam_ws.console.console import Answer
from lam_ws.geometry import Chain
from lam_ws.rehearsal.page import ConsoleError, Page
from lam_ws.rehearsal.rehearsal import Operator, Part
from lam_ws.site import ConsoleSettings, load_site
from lam_ws.types import Goal
import numpy as np
from stand_in_cell import done, StandInCell

ARM = load_site('sim_demo').arm
PASSWORD = 'as long as it takes'
GOAL = Goal('pick_place', 'cube', 'red', 'black', '')
TRUTH = {'parts': [{'kind': 'cube', 'colour': 'red', 'position': [0.5, -0.05, 0.02],
                    'quaternion': [0.0, 0.0, 0.0, 1.0], 'size': [0.04, 0.04, 0.04],
                    'grip': {'z': 0.02, 'width': 0.04, 'turns': 4}, 'velocity': [0.0] * 3}],
         'bins': [{'colour': 'black', 'position': [0.5, 0.28, 0.0], 'yaw': 0.0}]}


class MovingCell(StandInCell):
    """Moves as it is asked, and only while it is asked: a hand's jog lasts a tenth of a second."""

    def __init__(self):
        super().__init__()
        self.q, self.held, self.drops = ARM.home.copy(), False, 0
        self.path = []
        self._chain, self._lock = Chain(ARM), threading.Lock()
        self._jog, self._jog_s, self._last_s = None, 0.0, time.monotonic()

    def state(self):
        """Return where the arm is by now."""
        with self._lock:
            self._move()
            return {'joints': {'names': list(ARM.names), 'position': self.q.tolist()},
                    'guard': {'state': 'armed', 'reason': ''}, 'teleop': {'holds': self.held}}

    def _move(self):
        now_s = time.monotonic()
        span_s = max(min(now_s, self._jog_s + 0.1) - self._last_s, 0.0)
        self._last_s = now_s
        if self._jog is None or not self.held or not span_s:
            return
        twist = np.array(self._jog.vector) * np.repeat([0.25, 0.6], 3)
        J = self._chain.jacobian(self.q[None, :-1])[0]
        self.q[:-1] += span_s * (J.T @ np.linalg.solve(J @ J.T + 1e-6 * np.eye(6), twist))
        tool = self._chain.forward(self.q[:-1])[:3, 3]
        full = np.hypot(*(tool[:2] - [0.5, -0.05])) < 0.01 and tool[2] < 0.03
        least = 0.04 if full or self.q[-1] < 0.041 else 0.0
        self.q[-1] = np.clip(self.q[-1] + 0.06 * span_s * self._jog.gripper, least, 0.08)
        self.path.append((*tool, self.q[-1]))

    def jog(self, jog):
        """Go on as is asked; the first hand is dropped in mid-motion as often as is wanted."""
        with self._lock:
            self._move()
            self._jog, self._jog_s = jog, time.monotonic()
            if self.drops and len(self.path) > 15:
                self.held, self.drops = False, self.drops - 1
        super().jog(jog)

    def release(self):
        """Stand."""
        with self._lock:
            self._move()
            self._jog = None

    def ask(self, wish, person):
        """Remember a wish; a hand is taken and given."""
        super().ask(wish, person)
        if getattr(wish, 'action', '') in ('take', 'give'):
            self.held = wish.action == 'take'
        return done(Answer(True, data={'episode_id': 'one'}))


@pytest.fixture
def cell(tmp_path):
    """Yield a cell behind a console that listens, and the address of that."""
    from lam_ws.console.server import Console
    from lam_ws.console.users import Users
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
    users = Users(tmp_path / 'users.yaml')
    users.add('kim', 'operator', PASSWORD)
    users.add('guest', 'viewer', PASSWORD)
    moving = MovingCell()
    console = Console(replace(load_site('sim_demo'), console=ConsoleSettings(
        port=port, users=str(users.path), audit=str(tmp_path / 'audit.jsonl'))), moving)
    moving.url = f'http://127.0.0.1:{port}/'
    yield moving
    console.close()


def wishes(cell):
    """Return what was asked, in order, in short."""
    return [getattr(wish, 'action', type(wish).__name__.lower()) for wish, _ in cell.asked]


@pytest.mark.parametrize('drops', [0, 1])
def test_a_part_is_carried_by_jogs_alone_and_recorded(cell, drops):
    """Pins the whole of a demonstration, also one in which the guard takes the arm away once."""
    cell.drops = drops
    with Page(cell.url, 'kim', PASSWORD) as page:
        take = Operator(page, ARM).demonstrate(Part(GOAL, '아까 가꾸 구로 하꼬에 여라'),
                                               lambda: TRUTH, lambda *seen: True)
    assert (take.label, take.why, take.episode) == ('success', '', 'one')
    again = ['reset', 'arm', 'take'] * drops
    assert wishes(cell) == ['start', 'take', *again, 'stop', 'give']
    start = cell.asked[0][0]
    assert start.instruction == '아까 가꾸 구로 하꼬에 여라'
    assert cell.asked[-2][0].label == 'success'
    path = np.array(cell.path)
    closed = path[path[:, 3] < 0.045]
    assert np.hypot(*(closed[0, :2] - [0.5, -0.05])) < 0.006 and closed[0, 2] < 0.03
    assert np.hypot(*(closed[-1, :2] - [0.5, 0.28])) < 0.02
    assert path[:, 2].min() > 0.012


def test_an_arm_that_does_not_come_is_a_failure_and_is_labelled_so(cell, monkeypatch):
    """Pins that nothing is called a success because it was tried."""
    monkeypatch.setattr('lam_ws.rehearsal.rehearsal.LONGEST_S', 0.5)
    monkeypatch.setattr(MovingCell, 'jog', lambda self, jog: None)
    with Page(cell.url, 'kim', PASSWORD) as page:
        take = Operator(page, ARM).demonstrate(Part(GOAL, '아까 가꾸'), lambda: TRUTH,
                                               lambda *seen: True)
    assert take.label == 'failure' and 'does not come' in take.why
    assert cell.asked[-2][0].label == 'failure'


def test_who_may_not_move_the_arm_is_told_so_by_the_console(cell):
    """Pins that roles hold for a script as for a person."""
    with pytest.raises(ConsoleError, match='login'):
        Page(cell.url, 'kim', 'something else')
    with Page(cell.url, 'guest', PASSWORD) as page:
        with pytest.raises(ConsoleError, match='record'):
            page.record('start', instruction='아까 가꾸')
        with pytest.raises(ConsoleError, match='hand take'):
            page.hand('take', tries=1)
    assert not cell.asked and not cell.jogs
