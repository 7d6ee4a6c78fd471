"""Processes: they start, they end, and nothing of them stays."""
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from processes import children, orphans, segments
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')

pytestmark = [pytest.mark.ros, pytest.mark.sim]
PART = ['sim', 'guard', 'record']   # no models to load: what is tested is the processes


def start(domain, *options):
    """Start `lam run` with a part of the demonstration cell."""
    return subprocess.Popen(
        [sys.executable, '-m', 'lam_ws', 'run', '--site', 'sim_demo', '--domain', str(domain),
         '--only', *PART, *options], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def wait_for(condition, seconds):
    """Return whether `condition` came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def read_until_ready(run):
    """Read stderr up to READY."""
    for line in run.stderr:
        if line.startswith('READY'):
            return line
    raise AssertionError('the cell did not become ready')


def catches(process, number):
    """Return whether a process has a handler of its own for a signal, as the kernel sees it."""
    try:
        status = Path(f'/proc/{process.pid}/status').read_text()
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith('SigCgt'))
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize('number, after_s', [
    *((signal.SIGINT, after_s) for after_s in (0.0, 0.2, 0.7, 1.2, 1.7, 3.0)),
    (signal.SIGTERM, 0.0), (signal.SIGTERM, 0.5), (signal.SIGTERM, 3.0)])
def test_a_signal_at_any_moment_leaves_nothing_behind(domain, number, after_s):
    """Pins: Ctrl-C between the start of a process and the note that it was started."""
    before = segments()
    run = start(domain)
    # The clock starts when the session listens: until then there is nothing to leave behind.
    assert wait_for(lambda: catches(run, signal.SIGTERM), 30.0)
    time.sleep(after_s)
    run.send_signal(number)
    _, told = run.communicate(timeout=30)
    assert run.returncode == 130 and 'Traceback' not in told, told
    assert not children(run.pid)
    assert not orphans(before)


def test_a_killed_supervisor_takes_its_nodes_along(domain):
    """Pins: nodes that go on moving an arm when nobody supervises them."""
    run = start(domain)
    read_until_ready(run)
    assert len(children(run.pid)) == len(PART)
    run.kill()
    run.wait()
    assert wait_for(lambda: not children(run.pid), 8.0), children(run.pid)
    run.stderr.close()
    run.stdout.close()


@pytest.mark.parametrize('victim, ends', [('guard', True), ('sim', True), ('record', False)])
def test_the_death_of_a_node(domain, victim, ends):
    """Pins: a cell that runs on without its guard, or stops because recording failed."""
    before = segments()
    run = start(domain)
    read_until_ready(run)
    found = {name: pid for pid, line in children(run.pid).items() for name in PART
             if f'nodes.{name}_node' in line}
    os.kill(found[victim], signal.SIGKILL)
    if not ends:
        time.sleep(1.5)
        assert run.poll() is None
        run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=30)
    assert run.returncode == (1 if ends else 130), told
    if ends:
        assert f'node {victim} was ended by SIGKILL' in told
    assert not children(run.pid)
    assert not orphans(before)


def test_an_unknown_node_or_site_starts_nothing():
    """Pins: a run that begins before its configuration was checked."""
    for options, hint in ((['--site', 'sim_dmeo'], "did you mean 'sim_demo'"),
                          (['--site', 'sim_demo', '--only', 'gaurd'], "no node 'gaurd'")):
        run = subprocess.run([sys.executable, '-m', 'lam_ws', 'run', *options],
                             capture_output=True, text=True, timeout=20, check=False)
        assert run.returncode == 2
        assert hint in run.stderr and len(run.stderr.strip().splitlines()) == 1
