"""A simulated arm with drives is late and lags as told; without, nothing has changed."""
from dataclasses import replace

from lam_ws.errors import ConfigurationError
from lam_ws.identify.identify import identify
from lam_ws.identify.track import read_tracks
from lam_ws.site import DriveSettings, load_site
from lam_ws.types import Command
import numpy as np
import pytest
from recordings import write_motion

pytestmark = pytest.mark.sim

SEED = 11
LAGS_S = (0.05, 0.04, 0.03, 0.06, 0.02, 0.05, 0.08)


def cell_of(drive):
    """Return a cell whose arm has these drives."""
    from lam_ws.sim.cell import Cell
    site = load_site('sim_bench')
    return Cell(replace(site, sim=replace(site.sim, drive=drive)), seed=SEED)


def wave(cell, home, i):
    """Return the command of cycle `i`: every arm joint swings around where it was."""
    t, n = (i + 1) * cell.cycle_s, cell.spec.axes
    pulse = 1.0 + 0.3 * np.arange(n)
    ramp = min(t, 1.0)
    position = home + ramp * 0.12 * np.sin(pulse * t)
    velocity = ramp * 0.12 * pulse * np.cos(pulse * t) + 0.12 * np.sin(pulse * t) * (t < 1.0)
    position[-1], velocity[-1] = home[-1], 0.0
    return Command(cell.now_s, cell.spec.names, position, velocity)


def test_without_drives_the_motors_get_what_they_always_got():
    """Pins bit by bit that a site without the section moves as before there was one."""
    import pybullet
    cell, plain = cell_of(None), cell_of(None)
    home, reached = cell.read().position, plain._target
    for i in range(60):
        command = wave(cell, home, i)
        cell.stream(command)
        cell.advance()
        for share in (0.5, 0.0):   # of the cycle's way, left at the end of each physics step
            target = command.position - (command.position - reached) * share
            plain._arm.drive(target.tolist(), command.velocity.tolist())
            pybullet.stepSimulation(physicsClientId=plain._client)
        reached = command.position
        for ours, expected in zip(plain._arm.measure(), (
                cell.read().position, cell.read().velocity, cell.read().effort), strict=True):
            assert np.array_equal(ours, expected)
    cell.close()
    plain.close()


@pytest.mark.parametrize('delay_s', [0.0, 0.03, 0.0725])
def test_an_identification_finds_the_drives_of_a_simulated_cell(tmp_path, delay_s):
    """Pins the closed loop: what the site says comes out of its recording, within 1.5 ms."""
    cell = cell_of(DriveSettings(delay_s, LAGS_S))
    home, told, seen = cell.read().position, [], []
    for i in range(900):
        command = wave(cell, home, i)
        told.append((cell.now_s, command.position))
        seen.append((cell.now_s, cell.read().position))
        cell.stream(command)
        cell.advance()
    cell.close()
    found = identify(read_tracks(write_motion(tmp_path / 'a.mcap', cell.spec.names, told, seen)))
    assert not found.faults
    assert found.delay_s.value == pytest.approx(delay_s, abs=0.0015)
    assert [lag.value for lag in found.time_constant_s] == pytest.approx(LAGS_S, abs=0.0015)


def test_an_arm_that_is_put_somewhere_rests_there():
    """Pins that what was told before a jump is forgotten: nothing late comes after it."""
    cell = cell_of(DriveSettings(0.2, (0.1,) * 7))
    home = cell.read().position
    for i in range(50):
        cell.stream(wave(cell, home, i))
        cell.advance()
    cell.place_arm(home + 0.1 * (np.arange(cell.spec.axes) < 7))
    there = cell.read().position
    for _ in range(40):
        cell.advance()
    assert np.abs(cell.read().position - there)[:-1].max() < 1e-3
    cell.close()


def test_as_many_lags_as_joints(tmp_path):
    """Pins the check of a site: another number of lags, and drives of a real arm."""
    text = load_site('sim_bench').path.read_text(encoding='utf-8').replace(
        'name: sim_bench', 'name: bench')
    path = tmp_path / 'bench.yaml'
    path.write_text(text.replace('sim:\n', 'sim:\n  drive: {delay_s: 0.02, '
                                           'time_constant_s: [0.1, 0.1]}\n'), encoding='utf-8')
    with pytest.raises(ConfigurationError, match='needs 7 entries'):
        load_site(path)
    path.write_text(path.read_text(encoding='utf-8').replace('[0.1, 0.1]', str([0.1] * 7)),
                    encoding='utf-8')
    assert load_site(path).sim.drive == DriveSettings(0.02, (0.1,) * 7)
    path.write_text(path.read_text(encoding='utf-8').replace(
        'adapter: pybullet', 'adapter: joint_trajectory').replace(
        'clock: lockstep', 'clock: wall'), encoding='utf-8')
    with pytest.raises(ConfigurationError, match='this one has drives of its own'):
        load_site(path)
