"""The command line from outside: real processes, exit statuses, one line for each fault."""
import json
import os
from pathlib import Path
import subprocess
import sys

from lam_ws import __version__, cli
from lam_ws.errors import LamError
from lam_ws.resources import share
import pytest

ROOT = Path(__file__).resolve().parents[1]


def lam(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run `python -m lam_ws` as a user does."""
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    return subprocess.run([sys.executable, '-m', 'lam_ws', *arguments], cwd=folder, timeout=60,
                          capture_output=True, text=True, env=environment)


def refused(done: subprocess.CompletedProcess) -> str:
    """Return the one line of a refusal: status 2, nothing on stdout, no traceback."""
    assert done.returncode == 2, done
    assert done.stdout == '' and 'Traceback' not in done.stderr
    assert done.stderr.count('\n') == 1, done.stderr
    return done.stderr


def test_help_lists_every_verb_and_needs_nothing_installed():
    """Pins that help costs no import of ROS, torch or PyBullet."""
    done = lam('--help')
    assert done.returncode == 0 and done.stderr == ''
    for verb, (_, text) in cli.VERBS.items():
        assert verb in done.stdout and text in done.stdout
    heavy = subprocess.run(
        [sys.executable, '-c', 'import sys, lam_ws.cli; print(*sys.modules)'], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout.split()
    assert not {'rclpy', 'torch', 'pybullet', 'cv2'} & set(heavy)


@pytest.mark.parametrize('verb', sorted(cli.VERBS))
def test_every_verb_in_the_table_exists_and_explains_itself(verb):
    """Pins that the table names real functions with `--help` and `--json`."""
    done = lam(verb, '--help')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('usage: lam')


def test_keys_are_made_where_they_are_asked_for(tmp_path):
    """Pins the line that a shell can read, and that a second call changes nothing."""
    folder = tmp_path / 'keys'
    assert lam('keys', str(folder)).stdout == f'export LAM_KEYS={folder}\n'
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert json.loads(lam('keys', str(folder), '--json').stdout)['roles'][0] == 'policy'
    assert len(before) == 5
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    folder.chmod(0o755)
    assert 'others may read it' in refused(lam('keys', str(folder)))


def test_the_version_is_the_packages():
    """Pins one source of the version."""
    assert lam('--version').stdout == f'lam {__version__}\n'


def test_an_unknown_verb_names_the_nearest():
    """Pins exit status 2 and the hint."""
    assert "did you mean 'check'?" in refused(lam('chek'))
    assert 'lam --help' in refused(lam('xyzzy'))
    assert lam().returncode == 2


def test_a_misspelt_option_names_the_nearest():
    """Pins one line where argparse prints its whole usage, and no silent abbreviation."""
    assert 'did you mean --json?' in refused(lam('check', '--jsn', 'sim_bench'))
    assert 'did you mean --json?' in refused(lam('check', '--jso', 'sim_bench'))
    assert 'NAME' in refused(lam('check'))


def test_an_unknown_site_is_one_line_with_the_nearest():
    """Pins the first mistake anyone makes."""
    assert "did you mean 'sim_demo'?" in refused(lam('check', 'sim_dmo'))


@pytest.mark.parametrize('arguments', [('run', '--site'), ('do', 'x', '--site'),
                                       ('demo', '--site')])
def test_verbs_that_start_a_cell_refuse_an_unknown_site_before_they_start(arguments):
    """Pins that nothing is started, and nothing left running, for a site that is not there."""
    assert "did you mean 'sim_demo'?" in refused(lam(*arguments, 'sim_dmo'))


BAD = {
    'unknown key': (lambda t: t.replace('limits:', 'limts:'), "did you mean 'limits'"),
    'malformed': (lambda t: t.replace('cameras:', 'cameras: ['), 'not valid YAML'),
    'not a number': (lambda t: t.replace('tool_speed: ', 'tool_speed: .nan  # '), 'finite'),
    'wrong type': (lambda t: t.replace('seed: ', 'seed: seven  # '), 'a whole number'),
    'twice': (lambda t: t + 'arm: ur5e\n', 'stands twice, first in line'),
    'bomb': (lambda t: 'a: &a [1]\nb: [*a, *a]\n' + t, 'anchors and aliases'),
    'large': (lambda t: t + '#' * 1_000_000, 'larger than 1000000 bytes'),
    'code': (lambda t: t.replace('seed: ', 'seed: !!python/object/new:os.system '), 'tags'),
    'empty': (lambda t: '', 'the file is empty'),
}


@pytest.mark.parametrize('case', BAD)
def test_a_bad_site_file_is_one_line_with_file_and_line(tmp_path, case):
    """Pins every kind of bad file at the door where a user meets it."""
    change, words = BAD[case]
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    (tmp_path / 'sim_bench.yaml').write_text(change(text))
    line = refused(lam('check', 'sim_bench.yaml', folder=tmp_path))
    assert line.startswith('sim_bench.yaml:') and words in line


def test_a_missing_file_is_one_line():
    """Pins the wording for a path that leads nowhere."""
    assert refused(lam('check', 'nowhere/x.yaml')) == 'nowhere/x.yaml: no such file\n'


def test_json_is_one_object_also_when_there_are_faults(tmp_path):
    """Pins that a program can read file, line, message and nearest key of every fault."""
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    path = tmp_path / 'sim_bench.yaml'
    wrong = text.replace('model: fr3', 'model: fr4').replace('task: pick_place', 'task: pick')
    path.write_text(wrong)
    done = lam('check', str(path), '--json')
    assert done.returncode == 2 and done.stderr == ''
    answer = json.loads(done.stdout)
    assert answer['holds'] is False
    assert [fault['nearest'] for fault in answer['faults']] == ['fr3', 'pick_place']
    lines = path.read_text().splitlines()
    assert [lines[fault['line'] - 1][:4] for fault in answer['faults']] == ['arm:', 'task']


@pytest.mark.parametrize(('raised', 'status', 'words'), [
    (LamError('two\nlines'), 2, 'lam check: two lines\n'),
    (ModuleNotFoundError('x', name='pybullet'), 2, "needs the Python package 'pybullet'"),
    (KeyboardInterrupt(), 130, 'interrupted\n'),
    (SystemExit(3), 3, ''),
])
def test_what_a_verb_raises_becomes_a_status(monkeypatch, capsys, raised, status, words):
    """Pins the table of exit statuses; Ctrl-C leaves no traceback."""
    def leave(_):
        raise raised
    monkeypatch.setattr('lam_ws.verbs.check.main', leave)
    assert cli.main(['check']) == status
    assert words in capsys.readouterr().err


def test_a_bug_is_not_dressed_up_as_a_user_fault(monkeypatch):
    """Pins that our own errors keep their traceback."""
    def leave(_):
        raise KeyError('x')
    monkeypatch.setattr('lam_ws.verbs.check.main', leave)
    with pytest.raises(KeyError):
        cli.main(['check'])
