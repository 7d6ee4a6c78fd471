"""The file of users, and the first account."""
import stat
import threading

from lam_ws.cli import main
from lam_ws.console.users import first_account, Users
from lam_ws.errors import ConfigurationError, KeyFileError
import pytest


def test_a_password_opens_and_only_its_own(tmp_path):
    """Pins hashes of argon2id, in a file for its owner alone, that holds no password."""
    users = Users(tmp_path / 'deep' / 'users.yaml')
    users.add('김철수', 'engineer', 'correct horse')
    users.add('lee', 'viewer', 'another horse')
    assert users.verify('김철수', 'correct horse').role == 'engineer'
    assert users.verify('lee', 'correct horse') is None
    assert users.verify('nobody', 'correct horse') is None
    text = users.path.read_text()
    assert 'horse' not in text and text.count('$argon2id$') == 2
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    assert Users(users.path).role('김철수') == 'engineer'
    assert users.remove('lee') and not users.remove('lee')
    assert [user.name for user in users.all()] == ['김철수']


def test_a_file_that_others_may_read_is_refused(tmp_path):
    """Hashes that anybody may copy can be guessed at leisure."""
    users = Users(tmp_path / 'users.yaml')
    users.add('kim', 'viewer', 'correct horse')
    users.path.chmod(0o640)
    with pytest.raises(KeyFileError, match='chmod 600'):
        users.all()


@pytest.mark.parametrize('text, fault', [
    ('users:\n- name: kim\n  role: admin\n  hash: x\n', r'users.yaml:3'),
    ('users:\n- name: kim\n  rolle: viewer\n  hash: x\n', r"users.yaml:3.*'rolle'.*role"),
    ('users:\n- name: "a b"\n  role: viewer\n  hash: x\n', r'users.yaml:2'),
    ('users:\n- name: kim\n  role: viewer\n  hash: secret\n', r'users.yaml:4.*argon2id')])
def test_a_spoilt_file_names_its_line(tmp_path, text, fault):
    """Pins that a file mended by hand says what is wrong with it, and lets nobody in."""
    path = tmp_path / 'users.yaml'
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=fault):
        Users(path).all()


@pytest.mark.parametrize('name, role, password', [
    ('kim', 'viewer', 'short'), ('kim', 'viewer', 'x' * 201), ('', 'viewer', 'long enough'),
    ('a b', 'viewer', 'long enough'), ("a'", 'viewer', 'long enough'),
    ('kim', 'admin', 'long enough')])
def test_what_will_not_do_leaves_the_file_alone(tmp_path, name, role, password):
    """A user who is refused must not cost the others theirs."""
    users = Users(tmp_path / 'users.yaml')
    users.add('lee', 'viewer', 'correct horse')
    before = users.path.read_bytes()
    with pytest.raises(ConfigurationError):
        users.add(name, role, password)
    assert users.path.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {'users.yaml', '.users.yaml.lock'}


def test_two_writers_lose_nobody(tmp_path):
    """Two terminals may add users at once."""
    path = tmp_path / 'users.yaml'
    threads = [threading.Thread(target=Users(path).add, args=(f'name{n}', 'viewer',
                                                              'long enough')) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {user.name for user in Users(path).all()} == {f'name{n}' for n in range(6)}


def test_the_first_account_is_made_once(tmp_path):
    """Pins a random password that opens, and that a second start makes none."""
    users = Users(tmp_path / 'users.yaml')
    name, password = first_account(users)
    assert users.verify(name, password).role == 'operator' and len(password) >= 19
    assert first_account(users) is None


def test_the_verb_adds_lists_and_removes(tmp_path, capsys, monkeypatch):
    """Pins that a password comes from stdin or is made, never from the command line."""
    import io
    path = str(tmp_path / 'users.yaml')
    monkeypatch.setattr('sys.stdin', io.StringIO('correct horse\n'))
    assert main(['users', 'add', 'kim', '--role', 'engineer', '--file', path]) == 0
    assert main(['users', 'add', 'lee', '--generate', '--file', path]) == 0
    made = capsys.readouterr().out.strip()
    assert Users(tmp_path / 'users.yaml').verify('lee', made).role == 'operator'
    assert Users(tmp_path / 'users.yaml').verify('kim', 'correct horse').role == 'engineer'
    assert main(['users', 'list', '--file', path]) == 0
    assert 'engineer' in capsys.readouterr().out
    assert main(['users', 'remove', 'kim', '--file', path]) == 0
    assert main(['users', 'remove', 'kim', '--file', path]) == 1
    assert main(['users', 'add', '--file', path]) == 2
