"""Nobody gets through the gate who should not, at any address that the application has."""
import re
import time

from lam_ws.console.app import make_app, make_desk, SOCKET
from lam_ws.console.audit import Audit
from lam_ws.console.console import ROLES
from lam_ws.console.endpoints import ROWS
from lam_ws.console.gate import BODY
from lam_ws.console.users import Users
import pytest
from starlette.routing import Mount, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus

FOREIGN = 'http://evil.example'


def paths():
    """Return (method, path, role) of every row, with an id where one is wanted."""
    return [(row.method, re.sub(r'\{\w+\}', 'none', row.path), row.role) for row in ROWS]


def test_every_route_of_the_application_is_a_row_of_the_table(site, cell, tmp_path):
    """A route that is added past the table would have no role, and no row in this test."""
    audit = Audit(tmp_path / 'other.jsonl')
    desk = make_desk(cell, site.console, Users(tmp_path / 'none'), audit, None)
    routes = make_app(desk)._app.routes
    audit.close()
    found = {(method, route.path) for route in routes if isinstance(route, Route)
             for method in route.methods - {'HEAD'}}
    assert found == {(row.method, row.path) for row in ROWS}
    others = [route for route in routes if not isinstance(route, Route)]
    assert [type(route) for route in others] == [WebSocketRoute, Mount]
    assert others[0].path == SOCKET
    assert all(row.role in ROLES or row.path == '/api/login' for row in ROWS)


def wrong(cell, reply, *statuses):
    """Check a refusal: its status, words in both languages, and that nothing was done."""
    assert reply.status in statuses, (reply.status, reply.body)
    told = reply.json()
    assert told['ok'] is False and told['error']
    assert re.search('[가-힣]', told['text']['ko']) and told['text']['en']
    assert 'Traceback' not in reply.body.decode()
    assert not cell.asked and not cell.stops and not cell.jogs


def test_no_address_answers_a_stranger(visit, cell):
    """Pins the whole table of refusals: login, role, CSRF, Origin, Host and size, each alone."""
    stranger, viewer, engineer = visit(''), visit('viewer'), visit('engineer')
    checked = 0
    for method, path, role in paths():
        body = {} if method == 'POST' else None
        if role is not None:
            wrong(cell, stranger.send(method, path, body), 401)
            wrong(cell, engineer.send(method, path, body, {'Cookie': None}), 401)
            wrong(cell, engineer.send(method, path, body, {'Cookie': 'lam_1=x'}), 401)
        if role not in (None, 'viewer'):
            wrong(cell, viewer.send(method, path, body), 403)
        if role is not None and method == 'POST':
            for token in (None, 'x', viewer.csrf, engineer.csrf[:-1]):
                wrong(cell, engineer.send(method, path, body, {'X-CSRF-Token': token}), 403)
        origins = [FOREIGN, 'null', engineer.origin + '.evil.example', 'https://' + engineer.host]
        for origin in origins + ([None] if method == 'POST' else []):
            wrong(cell, engineer.send(method, path, body, {'Origin': origin}), 403)
        wrong(cell, engineer.send(method, path, body, {'Sec-Fetch-Site': 'cross-site'}), 403)
        for host in ('evil.example', f'evil.example:{engineer.port}', '127.0.0.1:1'):
            wrong(cell, engineer.send(method, path, body, {'Host': host}), 421)
        # The server itself wants one and hears no body out: a body under way would meet a reset.
        assert engineer.send(method, path, None, {'Host': None}).status == 400
        wrong(cell, engineer.send(method, path, b' ' * (BODY + 1)), 413)
        wrong(cell, engineer.send(method, path, None, {'Content-Length': str(10 ** 12)}), 413)
        if method == 'POST':
            wrong(cell, engineer.send(method, path, b'{}', {'Content-Type': 'text/plain'}), 415)
            wrong(cell, engineer.send(method, path, b'[]'), 400)
            wrong(cell, engineer.send(method, path, {'another': 1}), 400)
        checked += 1
    assert checked == len(ROWS) >= 19


@pytest.mark.parametrize('headers, status', [
    ({'Cookie': 'lam_1=x'}, 401), ({'Origin': FOREIGN}, 403), ({'Origin': None}, 403),
    ({'Origin': 'null'}, 403), ({'Host': 'evil.example'}, 421)])
def test_the_socket_answers_no_stranger_either(visit, headers, status):
    """Browsers let any page open a WebSocket anywhere: only the server can refuse it."""
    with pytest.raises(InvalidStatus) as refused, visit().socket(**headers):
        pass
    assert refused.value.response.status_code == status


def test_a_body_that_lies_about_its_length_is_cut(visit, cell):
    """Chunked bodies have no length to look at beforehand."""
    browser = visit()
    chunk = b'1000\r\n' + b' ' * 0x1000 + b'\r\n'
    reply = browser.send('POST', '/api/reset', chunk * (BODY // 0x1000 + 2) + b'0\r\n\r\n',
                         {'Transfer-Encoding': 'chunked', 'Content-Length': None})
    wrong(cell, reply, 413)


def test_two_of_a_header_are_one_too_many(site, visit):
    """Proxies and servers differ in which of two they believe."""
    import http.client
    browser = visit()
    for name, value in (('Origin', FOREIGN), ('Host', 'evil.example')):
        line = http.client.HTTPConnection('127.0.0.1', site.console.port, timeout=5)
        line.putrequest('GET', '/api/me', skip_host=True)
        for key, one in (('Host', browser.host), ('Origin', browser.origin),
                         ('Cookie', browser.cookie), (name, value)):
            line.putheader(key, one)
        line.endheaders()
        assert line.getresponse().status in (400, 403, 421)
        line.close()


def test_what_leaves_is_sealed(visit):
    """Pins that no answer lets a browser run, frame, sniff or keep what it should not."""
    browser = visit()
    for path in ('/api/me', '/', '/nothing', '/api/nothing'):
        headers = browser.get(path).headers
        policy = headers['Content-Security-Policy']
        assert "script-src 'self'" in policy and 'unsafe' not in policy and 'http' not in policy
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        assert headers['X-Content-Type-Options'] == 'nosniff'
        assert 'server' not in {name.lower() for name in headers}
        kept = headers.get('Cache-Control')
        assert kept == {'/': 'no-cache', '/nothing': None}.get(path, 'no-store')


def test_a_fault_of_ours_shows_nothing_of_itself(visit, cell, capfd):
    """A stack trace tells a stranger where to look; the log has it."""
    browser = visit()

    def fail():
        raise RuntimeError('the secret')
    cell.facts = fail
    reply = browser.get('/api/site')
    assert reply.status == 500 and reply.json()['error'] == 'internal'
    assert 'secret' not in reply.body.decode()
    said, deadline = '', time.monotonic() + 10.0
    while 'the secret' not in said and time.monotonic() < deadline:   # the answer goes first
        time.sleep(0.05)
        said += capfd.readouterr().err
    assert 'the secret' in said


def test_nothing_is_served_from_elsewhere(visit):
    """Pins that no spelling of a path leaves the folder of the page."""
    browser = visit()
    for path in ('/../console.py', '/%2e%2e/console.py', '/..%2fconsole.py', '/%2fetc/passwd',
                 '//etc/passwd', '/%00', '/' + 'a' * 5000, '/api/episodes/..%2f..%2fusers',
                 '/api/episodes/%2e%2e/film.mp4', '/ws/x'):
        assert browser.get(path).status in (400, 404), path
