"""Keys: made once, read by their owner alone, refused in any other state."""
import os
import stat

from lam_ws.errors import KeyFileError
from lam_ws.keys import (
    FOLDER,
    folder_of,
    make_for_this_run,
    make_keys,
    note_cell,
    of_running_cell,
    read_keys,
    ROLES,
)
import pytest


def test_keys_are_made_once_and_differ(tmp_path):
    """Pins modes, lengths, and that a second start keeps what is there."""
    folder = tmp_path / 'a' / 'keys'
    make_keys(folder)
    keys = read_keys(ROLES, {FOLDER: str(folder)})
    make_keys(folder)
    assert read_keys(ROLES, {FOLDER: str(folder)}) == keys
    assert len(set(keys.values())) == len(ROLES) and {len(key) for key in keys.values()} == {32}
    assert sorted(path.name for path in folder.iterdir()) == sorted(f'{r}.key' for r in ROLES)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(('spoil', 'said'), [
    (lambda folder: os.chmod(folder / 'policy.key', 0o640), 'chmod 600'),
    (lambda folder: os.chmod(folder, 0o750), 'chmod 700'),
    (lambda folder: (folder / 'policy.key').unlink(), 'a key is expected here'),
    (lambda folder: (folder / 'policy.key').write_bytes(b'short'), 'has 32 bytes, found 5'),
])
def test_a_key_in_any_other_state_is_refused(tmp_path, spoil, said):
    """Pins what would let others in, or nobody: each with its mend."""
    folder = tmp_path / 'keys'
    make_keys(folder)
    spoil(folder)
    with pytest.raises(KeyFileError, match=said):
        read_keys(('policy',), {FOLDER: str(folder)})


def test_without_a_folder_nothing_starts(tmp_path):
    """Pins the error that a node started by hand gives, and one for a folder of someone else."""
    with pytest.raises(KeyFileError, match='LAM_KEYS names no folder'):
        read_keys(('policy',), {})
    with pytest.raises(KeyFileError, match='a folder is expected here'):
        read_keys(('policy',), {FOLDER: str(tmp_path / 'none')})
    (tmp_path / 'file').write_text('')
    with pytest.raises(KeyFileError, match='no keys can be made'):
        make_keys(tmp_path / 'file' / 'keys')


@pytest.mark.skipif(os.getuid() != 0, reason='only root may give files away')
def test_a_key_of_another_user_is_refused(tmp_path):
    """Pins the owner: whoever may write it may command."""
    make_keys(tmp_path / 'keys')
    os.chown(tmp_path / 'keys' / 'guard.key', 12345, -1)
    with pytest.raises(KeyFileError, match='belongs to another user'):
        read_keys(('guard',), {FOLDER: str(tmp_path / 'keys')})


def test_keys_of_a_run_are_its_own_and_those_of_the_killed_are_removed(tmp_path, monkeypatch):
    """Pins what a supervisor that was killed leaves behind: until the next one starts."""
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    dead, alive = tmp_path / 'lam_ws.keys.4194305.x', tmp_path / f'lam_ws.keys.{os.getppid()}.x'
    for folder in (dead, alive):
        make_keys(folder)
    mine = make_for_this_run()
    assert not dead.exists() and alive.exists() and mine.name.split('.')[2] == str(os.getpid())
    assert len(read_keys(ROLES, {FOLDER: str(mine)})) == len(ROLES)


def test_keys_are_of_this_start_of_the_computer(tmp_path, monkeypatch):
    """Pins what was sealed before a start, when the clock of its stamps read the same."""
    make_keys(tmp_path / 'keys')
    now = read_keys(('guard',), {FOLDER: str(tmp_path / 'keys')})
    assert now['guard'] != (tmp_path / 'keys' / 'guard.key').read_bytes()
    (tmp_path / 'boot').write_text('another start')
    monkeypatch.setattr('lam_ws.keys._BOOT', tmp_path / 'boot')
    assert read_keys(('guard',), {FOLDER: str(tmp_path / 'keys')}) != now


def test_where_the_keys_of_a_site_are():
    """Pins that launches of one site find the same keys, and that LAM_KEYS comes first."""
    assert str(folder_of('a', {'ROS_HOME': '/r'})) == '/r/lam_ws/keys/a'
    assert str(folder_of('a', {'ROS_HOME': '/r', FOLDER: '/k'})) == '/k'
    assert folder_of('a', {}).parts[-4:] == ('.ros', 'lam_ws', 'keys', 'a')


@pytest.fixture
def run_of(tmp_path, monkeypatch):
    """Return a maker of key folders as `lam run` makes them: site, domain, its process."""
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))

    def make(site, domain, process=None, name='x'):
        folder = tmp_path / f'lam_ws.keys.{os.getpid() if process is None else process}.{name}'
        make_keys(folder)
        note_cell(folder, tmp_path / site, domain)
        return folder
    return make


def test_the_keys_of_a_running_cell_are_found_by_site_and_domain(run_of, tmp_path):
    """Pins `lam teleop` beside `lam run`: this cell, not another one, and none that ended."""
    mine = run_of('a.yaml', 7)
    run_of('a.yaml', 8, name='other_domain')
    run_of('b.yaml', 7, name='other_site')
    run_of('a.yaml', 7, 4194305)    # no such process
    assert of_running_cell(tmp_path / 'a.yaml', 7) == mine
    with pytest.raises(KeyFileError, match='no cell of c on domain 7 .* `lam run --site c`'):
        of_running_cell(tmp_path / 'c.yaml', 7)
    again = run_of('a.yaml', 7, os.getppid())
    with pytest.raises(KeyFileError, match='2 cells of a run on domain 7') as told:
        of_running_cell(tmp_path / 'a.yaml', 7)
    assert str(mine) in str(told.value) and str(again) in str(told.value)


@pytest.mark.parametrize('spoil', [
    lambda folder: os.chmod(folder, 0o755),
    lambda folder: (folder / 'cell.json').write_text('{'),
    lambda folder: (folder / 'cell.json').write_text('[1]'),
    lambda folder: (folder / 'cell.json').write_bytes(bytes([255, 254])),
    lambda folder: (folder / 'cell.json').unlink(),
    lambda folder: folder.rename(folder.with_name('lam_ws.keys.me.x')),
    lambda folder: (folder.rename(folder.parent / 'elsewhere'),
                    folder.symlink_to(folder.parent / 'elsewhere'))])
def test_a_folder_that_is_not_as_a_run_makes_it_is_nobodys(run_of, tmp_path, spoil):
    """Pins /tmp, where anybody may put a folder: others' keys must not become ours."""
    spoil(run_of('a.yaml', 7))
    with pytest.raises(KeyFileError, match='no cell of a'):
        of_running_cell(tmp_path / 'a.yaml', 7)


@pytest.mark.skipif(os.getuid() != 0, reason='only root may give files away')
def test_keys_of_another_users_run_are_not_taken(run_of, tmp_path):
    """Pins the owner of the folder, whatever it says."""
    os.chown(run_of('a.yaml', 7), 12345, -1)
    with pytest.raises(KeyFileError, match='no cell of a'):
        of_running_cell(tmp_path / 'a.yaml', 7)
