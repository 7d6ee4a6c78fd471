"""`lam teleop` in a pseudo-terminal: its keys, and the real arm and guard behind it."""
import json
import os
from pathlib import Path
import pty
import select
import subprocess
import sys
import time

from lam_ws.errors import KeyFileError, LamError
from lam_ws.keys import FOLDER, make_keys
from lam_ws.site import load_site
from lam_ws.verbs.teleop import _cut, _names, _parse, keys_for
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_terminal_it_says_so():
    """Pins a pipe: keys that nobody holds must not move an arm."""
    done = subprocess.run([sys.executable, '-m', 'lam_ws', 'teleop', '--site', 'sim_demo'],
                          cwd=ROOT, input=b'twwww', capture_output=True, timeout=120)
    assert done.returncode == 2 and b'standard input is none' in done.stderr
    assert done.stderr.count(b'\n') == 1


@pytest.mark.parametrize('speed', ['0', '1.1', 'nan', '-1'])
def test_a_speed_that_is_none_is_refused(speed, capsys):
    """Pins the range, in one line."""
    with pytest.raises(SystemExit):
        _parse(['--site', 'sim_demo', f'--speed={speed}'])
    assert capsys.readouterr().err.count('\n') == 1


def test_names_of_a_leader():
    """Pins ARM=LEADER, and the mend where it is not."""
    site = load_site('sim_demo')
    assert _names(['fr3_joint1=left_1'], site) == {'fr3_joint1': 'left_1'}
    for wrong in ('joint1=left_1', 'fr3_joint1', 'fr3_joint1='):
        with pytest.raises(LamError, match='expected ARM=LEADER with one of fr3_joint1'):
            _names([wrong], site)


def test_where_the_keys_are_looked_for(tmp_path, monkeypatch):
    """Pins the order: what LAM_KEYS names, a cell that `lam run` runs, one that was launched."""
    site = load_site('sim_demo')
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    monkeypatch.setenv('ROS_HOME', str(tmp_path / 'ros'))
    monkeypatch.setenv(FOLDER, '/named')
    assert keys_for(site, 3) == Path('/named')
    monkeypatch.delenv(FOLDER)
    with pytest.raises(KeyFileError, match='lam run --site sim_demo'):
        keys_for(site, 3)
    make_keys(tmp_path / 'ros/lam_ws/keys/sim_demo')
    assert keys_for(site, 3) == tmp_path / 'ros/lam_ws/keys/sim_demo'


def test_a_line_fits_the_screen():
    """Pins Korean, whose letters take two columns."""
    assert _cut('abc', 2) == 'ab' and _cut('관절', 3) == '관' and _cut('a관절', 5) == 'a관절'


class Terminal:
    """A pseudo-terminal with `lam teleop` in it."""

    def __init__(self, site, domain, keys, folder):
        self.number, inside = pty.openpty()
        self.shown, self.out = '', (folder / 'out').open('wb')
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'lam_ws', 'teleop', '--site', str(site), '--domain',
             str(domain), '--language', 'ko', '--json', '--speed', '1.0'],
            cwd=ROOT, stdin=inside, stderr=inside, stdout=self.out,
            env={**os.environ, FOLDER: str(keys), 'PYTHONPATH': str(ROOT)})
        os.close(inside)

    def read(self):
        while select.select([self.number], [], [], 0.0)[0]:
            self.shown += os.read(self.number, 4096).decode(errors='replace')

    def press(self, keys):
        os.write(self.number, keys.encode())


@pytest.mark.ros
@pytest.mark.sim
def test_keys_in_a_terminal_move_the_arm_of_a_running_cell(tmp_path):
    """Pins the whole way: t takes, a held key moves, q gives back, and the terminal is whole."""
    pytest.importorskip('rclpy')
    pytest.importorskip('pybullet')
    sys.path.insert(0, str(ROOT / 'test/nodes'))
    from lam_ws.nodes.session import Session
    from test_teleoperation import idle_task, Seat, site_with
    site = site_with(tmp_path, blind=True, stale_joints_s=0.3)
    with Session(site, logs=tmp_path / 'logs', only=['sim', 'guard'], deaths='ignore') as cell:
        idle_task(cell)
        seat = Seat(cell)
        cell.client.arm()
        terminal = Terminal(site, cell.client.node.context.get_domain_id(), cell.supervisor.keys,
                            tmp_path)
        try:
            assert seat.turn(40.0, terminal.read, lambda: '잡지 않았' in terminal.shown)
            terminal.press('t')
            assert seat.turn(5.0, terminal.read, lambda: '[베이스 100%] 잡음' in terminal.shown)
            before = seat.tool()[2, 3]
            due = [0.0]

            def hold():
                terminal.read()
                if time.monotonic() > due[0]:
                    due[0] = time.monotonic() + 0.03
                    terminal.press('r')
            assert seat.turn(15.0, hold, lambda: seat.tool()[2, 3] > before + 0.05)
            terminal.press('q')
            assert seat.turn(15.0, terminal.read, lambda: terminal.process.poll() is not None)
        finally:
            terminal.process.kill()
            terminal.process.wait()
            os.close(terminal.number)
            seat.close()
        terminal.out.close()
        told = json.loads((tmp_path / 'out').read_text())
        assert terminal.process.returncode == 0 and told['took'] and told['jogs'] > 3
        assert told['site'] == 'jog_cell'
