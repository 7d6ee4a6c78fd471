"""A graph on a server: Virtuoso, which others wrote, and peers that break off, drip or lie."""
from contextlib import contextmanager
import http.client
from pathlib import Path
import shutil
import socket
import subprocess
from threading import Thread
import time

from lam_ws.cli import main
from lam_ws.errors import ConfigurationError, WireError
from lam_ws.knowledge.exchange.endpoint import fetch, LOGIN, publish
from lam_ws.knowledge.knowledge import load_knowledge
import pytest

READY_S = 90.0
SETTINGS = """
[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
LockFile = v.lck
TransactionFile = v.trx
xa_persistent_file = v.pxa
[TempDatabase]
DatabaseFile = t.db
TransactionFile = t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 2000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 4
[SPARQL]
"""


def free_port():
    """Return a port that nobody listens on."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def answers(port):
    """Return whether something speaks HTTP there."""
    line = http.client.HTTPConnection('127.0.0.1', port, timeout=2)
    try:
        line.request('GET', '/sparql-graph-crud?graph=http://a/b')
        with line.getresponse() as answer:
            return answer.status == 404
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


@pytest.fixture(scope='module')
def virtuoso(tmp_path_factory):
    """Return the Graph Store address of a real Virtuoso, which anybody may write to."""
    server, sql = shutil.which('virtuoso-t'), shutil.which('isql-vt')
    if server is None or sql is None:
        pytest.skip('no Virtuoso: apt install virtuoso-opensource-7-bin')
    folder: Path = tmp_path_factory.mktemp('virtuoso')
    ports = {'sql': free_port(), 'http': free_port()}
    (folder / 'v.ini').write_text(SETTINGS.format(**ports))
    process = subprocess.Popen([server, '-f', '-c', 'v.ini'], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + READY_S
        while not answers(ports['http']) and time.monotonic() < end:
            time.sleep(0.2)
        subprocess.run([sql, f'127.0.0.1:{ports["sql"]}', 'dba', 'dba',
                        'exec=GRANT SPARQL_UPDATE TO "SPARQL";'], check=True,
                       capture_output=True, timeout=30)
        yield f'http://127.0.0.1:{ports["http"]}/sparql-graph-crud'
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize('name', ['hangyeol/changwon/sort', 'nuri/gwangju/kitting'])
def test_what_was_published_comes_back_the_same(virtuoso, name, tmp_path, capsys):
    """Pins that a store of other people keeps every fact: the version is the same."""
    where, out = ['--endpoint', virtuoso, '--graph', f'http://example.org/{name}'], \
        tmp_path / name.partition('/')[0]
    assert main(['kb', 'publish', name, *where]) == 0
    assert main(['kb', 'publish', name, *where]) == 0   # takes the place of what was there
    assert main(['kb', 'import', *where, str(out), '--language', 'en']) == 0
    assert 'as the file says' in capsys.readouterr().out
    cell = out / name.partition('/')[2]
    assert load_knowledge(cell).version() == load_knowledge(name).version()


def test_a_graph_that_is_not_there(virtuoso):
    """Pins the message of a real server's 404."""
    with pytest.raises(WireError, match='no graph') as told:
        fetch(virtuoso, 'http://example.org/none')
    assert told.value.reason == 'refused'


def test_what_is_no_graph_store_is_told(virtuoso):
    """Pins a wrong path on a real server: its front page is no RDF."""
    with pytest.raises(WireError) as told:
        fetch(virtuoso.replace('sparql-graph-crud', 'sparql'), 'http://example.org/none')
    assert told.value.reason in ('malformed', 'refused')


@contextmanager
def peer(*pieces, pause_s=0.0):
    """Serve one connection with these bytes, and return its address."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        def serve():
            try:
                line, _ = listener.accept()
                with line:
                    line.recv(65_536)
                    for piece in pieces:
                        line.sendall(piece)
                        time.sleep(pause_s)
            except OSError:   # the client left, or nobody came
                pass

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f'http://127.0.0.1:{listener.getsockname()[1]}/store'
        listener.close()
        thread.join(2.0)


RIGHT = b'HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\n'


@pytest.mark.parametrize(('pieces', 'reason'), [
    ([b''], 'lost'), ([b'SSH-2.0-OpenSSH\r\n'], 'malformed'), ([b'HTTP/1.1 200'], 'malformed'),
    ([RIGHT + b'Content-Length: 100\r\n\r\n<http://a/b> '], 'lost'),
    ([RIGHT + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n'], 'lost'),
    ([b'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n'], 'refused'),
    ([b'HTTP/1.1 401 No\r\n\r\n'], 'unauthorised'), ([b'HTTP/1.1 500 No\r\n\r\n'], 'refused'),
    ([b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>'], 'malformed'),
    ([b'HTTP/1.1 200 OK\r\n' + b'a: b\r\n' * 200], 'malformed')])
def test_a_peer_that_breaks_the_protocol(pieces, reason):
    """Pins the reason of each way to fail, and that no redirection is followed."""
    with peer(*pieces) as url, pytest.raises(WireError) as told:
        fetch(url, 'http://a/b', 5.0)
    assert told.value.reason == reason, told.value


@pytest.mark.parametrize('pieces', [
    [b'H'] * 50, [RIGHT, *[b'a: b\r\n'] * 50], [RIGHT + b'\r\n', *[b'#\n'] * 50]])
def test_a_peer_that_drips_is_cut_off(pieces):
    """Pins the budget for status, headers and data: each byte comes in time, all do not."""
    began = time.monotonic()
    with peer(*pieces, pause_s=0.1) as url, pytest.raises(WireError, match='longer') as told:
        fetch(url, 'http://a/b', 0.5)
    assert told.value.reason == 'slow' and time.monotonic() - began < 4.0


def test_a_graph_that_never_ends_is_cut_off(monkeypatch):
    """Pins the cap on size."""
    monkeypatch.setattr('lam_ws.knowledge.exchange.endpoint.LARGEST', 100_000)
    with peer(RIGHT + b'\r\n', *[b'#' * 50_000] * 10) as url, \
            pytest.raises(WireError, match='more than'):
        fetch(url, 'http://a/b', 5.0)


def test_nobody_is_there():
    """Pins the message of a server that is gone."""
    with pytest.raises(WireError) as told:
        publish(f'http://127.0.0.1:{free_port()}/store', 'http://a/b', b'')
    assert told.value.reason == 'unreachable' and 'refused' in str(told.value)


@pytest.mark.parametrize(('url', 'graph'), [
    ('ftp://a/b', 'http://a/b'), ('http://', 'http://a/b'), ('http://a:b/', 'http://a/b'),
    ('http://me:secret@a/', 'http://a/b'), ('file:///etc/passwd', 'http://a/b'),
    ('http://a/\r\nX: y', 'http://a/b'), ('http://a/ b', 'http://a/b'), ('http://a/', 'b'),
    ('http://a/', 'http://a/\r\nb'), ('http://a/', 'http://a/>b')])
def test_what_is_no_address_is_refused(url, graph):
    """Pins that nothing is sent where an address or a name could hide a second header."""
    with pytest.raises(ConfigurationError) as told:
        fetch(url, graph)
    assert 'secret' not in str(told.value)


def test_a_login_goes_by_https_or_to_this_machine_only(monkeypatch):
    """Pins that a password is never sent in the clear."""
    monkeypatch.setenv(LOGIN, 'me:secret')
    with pytest.raises(ConfigurationError, match='https'):
        fetch('http://192.0.2.1/store', 'http://a/b', 0.2)
    with peer(RIGHT + b'\r\n<http://a/b> <http://a/c> "d" .\n') as url:
        assert fetch(url, 'http://a/b', 5.0).startswith(b'<http://a/b>')
