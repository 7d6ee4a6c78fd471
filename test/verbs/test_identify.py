"""`lam identify`: what it writes, what it refuses, and its exit status."""
import json

from lam_ws import cli
import numpy as np
import pytest
from recordings import write_motion
import yaml

NAMES = ('a', 'b', 'grip')


@pytest.fixture
def recording(tmp_path):
    """Return a function that records an arm which is late by 40 ms; `b` moves by its scale."""
    def record(scale):
        def where(t):
            return np.array([0.4 * np.sin(2.0 * t), scale * np.sin(3.0 * t), 0.04])
        rows = [round(0.01 * i, 2) for i in range(600)]
        return write_motion(tmp_path / 'late.mcap', NAMES,
                            [(t, where(t + 0.01)) for t in rows],
                            [(t, where(t - 0.04)) for t in rows])
    return record


def test_it_writes_lines_for_a_site(recording, tmp_path, capsys):
    """Pins the files, and that the lines are those of `sim: drive`."""
    out = tmp_path / 'out'
    assert cli.main(['identify', str(recording(0.3)), '--out', str(out), '--json']) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / 'identify.json').read_text(encoding='utf-8'))
    lines = yaml.safe_load((out / 'drive.yaml').read_text(encoding='utf-8'))['sim']['drive']
    assert lines['delay_s'] + lines['time_constant_s'][0] == pytest.approx(0.04, abs=0.001)
    assert len(lines['time_constant_s']) == 2
    assert (out / 'identify.png').read_bytes().startswith(b'\x89PNG')


def test_a_refused_joint_fails_and_leaves_no_lines(recording, tmp_path, capsys):
    """Pins exit status 1: there is a picture to look at and nothing to copy."""
    out = tmp_path / 'out'
    assert cli.main(['identify', str(recording(0.01)), '--out', str(out)]) == 1
    assert 'refused: b: was moved by 0.02' in capsys.readouterr().out
    assert (out / 'identify.png').is_file() and not (out / 'drive.yaml').exists()


def test_what_cannot_be_read_is_one_line(tmp_path, capsys):
    """Pins exit status 2 for a file that is none, and for --replay without a site."""
    assert cli.main(['identify', str(tmp_path / 'none.mcap')]) == 2
    assert capsys.readouterr().err.count('\n') == 1
    assert cli.main(['identify', 'a.mcap', '--replay', 'b.mcap']) == 2
    assert '--replay needs --site' in capsys.readouterr().err


@pytest.mark.sim
def test_a_recording_of_another_arm_is_not_played(recording, tmp_path, capsys):
    """Pins against comparing with an arm of other joints."""
    made = str(recording(0.3))
    assert cli.main(['identify', made, '--replay', made, '--site', 'sim_bench', '--out',
                     str(tmp_path / 'out')]) == 2
    assert 'is of the joints a, b, grip' in capsys.readouterr().err
