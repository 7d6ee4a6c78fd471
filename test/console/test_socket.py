"""What a page may do over its WebSocket, and what happens when it is gone."""
from concurrent.futures import Future
import json
from pathlib import Path
import socket as sockets
import struct
import time

from console_browser import tell, until
from lam_ws.console.console import Answer, Hand
from lam_ws.console.socket import LARGEST
import pytest
from websockets.exceptions import ConnectionClosed


def wait(holds, timeout_s=10.0):
    """Wait until something is true."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, 'it never came'
        time.sleep(0.005)


def closed(line):
    """Return the code with which the console closes."""
    with pytest.raises(ConnectionClosed) as end:
        while True:
            line.recv(timeout=20)
    return end.value.rcvd.code if end.value.rcvd else None


def jog(line, sequence, **more):
    """Send a jog."""
    tell(line, type='jog', mode='joint', vector=[0.0] * 7, sequence=sequence, **more)


def test_a_page_is_shown_everything(visit):
    """Pins state, health and pictures, and that a number that is none arrives as null."""
    with visit('viewer').socket() as line:
        assert until(line, 'welcome')['role'] == 'viewer'
        state = until(line, 'state')
        assert state['joints']['velocity'] == [None] and state['teleop']['mine'] is False
        assert until(line, 'health')['nodes'][0]['name'] == 'guard'
        data = ''
        while isinstance(data, str):
            data = line.recv(timeout=10)
        length = struct.unpack('>H', data[:2])[0]
        assert json.loads(data[2:2 + length])['camera'] == 'front'
        assert data[2 + length:].startswith(b'\xff\xd8')


@pytest.mark.parametrize('first', [
    {'type': 'hello', 'csrf': 'wrong'}, {'type': 'stop'}, {'type': 'hello'}, {'type': 'state'}])
def test_a_page_that_does_not_know_the_token_is_closed(visit, cell, first):
    """A page elsewhere that got past Origin would still not know it."""
    with visit().socket(hello=False) as line:
        tell(line, **first)
        assert closed(line) == 4403
    assert not cell.stops


def test_every_role_stops_and_the_cell_is_asked_at_once(visit, cell):
    """Pins STOP for a viewer, from message to cell, and that it is answered."""
    spans = []
    with visit('viewer').socket() as line:
        until(line, 'welcome')
        for _ in range(20):
            time.sleep(0.05)
            sent_s = time.monotonic()
            tell(line, type='stop')
            until(line, 'stopped')
            spans.append(cell.stops[-1][0] - sent_s)
    assert len(cell.stops) == 20 and sorted(spans)[10] < 0.1
    assert cell.stops[0][1].name == 'viewer'


def test_a_stop_does_not_wait_for_what_is_under_way(visit, cell):
    """Pins that wishes which the cell does not answer keep no stop back."""
    cell.answer = Future()     # never
    with visit().socket() as line:
        until(line, 'welcome')
        for _ in range(12):
            tell(line, type='hand', action='take')
        tell(line, type='stop')
        until(line, 'stopped')
    assert len(cell.stops) == 1


def test_viewers_do_nothing_but_stop(visit, cell):
    """Pins the roles within the socket."""
    with visit('viewer').socket() as line:
        tell(line, type='hand', action='take')
        assert until(line, 'error')['error'] == 'wrong_role'
        jog(line, 1)
        time.sleep(0.3)
        jog(line, 2)
        assert until(line, 'error')['error'] == 'hand_not_taken'
    assert not cell.asked and not cell.jogs


def test_what_a_hand_did_is_written_down_however_its_page_ended(visit, site):
    """Pins the log: jogs of a page that was closed, and a hand that a role was denied."""
    with visit().socket() as line:
        until(line, 'welcome')
        tell(line, type='hand', action='take')
        jog(line, 1)
        jog(line, 2)
        tell(line, type='ping', number=1)
        until(line, 'pong')
    with visit('viewer').socket() as line:
        until(line, 'welcome')
        tell(line, type='hand', action='take')
        until(line, 'error')

    def written(what):
        entries = map(json.loads, Path(site.console.audit).read_text().splitlines())
        return [(entry['name'], entry['detail']) for entry in entries if entry['what'] == what]
    wait(lambda: written('jogged') and written('denied'))
    assert written('jogged') == [('operator', {'messages': 2})]
    assert written('denied') == [('viewer', {'path': '/ws', 'wish': 'hand'})]


def test_one_hand_at_a_time(visit, cell):
    """Two people who jog one arm are worse than none."""
    with visit().socket() as first, visit('engineer').socket() as second:
        tell(first, type='hand', action='take')
        assert until(first, 'state', holds=lambda m: m['teleop']['mine'])
        assert until(second, 'state', holds=lambda m: m['teleop']['owner'] == 'operator')
        tell(second, type='hand', action='take')
        refused = until(second, 'error')
        assert refused['error'] == 'hand_taken' and 'operator' in refused['text']['ko']
        jog(first, 1)
        wait(lambda: len(cell.jogs) == 1)
        tell(first, type='hand', action='give')
        until(second, 'state', holds=lambda m: m['teleop']['owner'] == '')
        time.sleep(0.3)
        tell(second, type='hand', action='take')
        until(second, 'state', holds=lambda m: m['teleop']['mine'])
    assert [wish for wish, _ in cell.asked] == [Hand('take'), Hand('give'), Hand('take')]


def test_a_take_that_the_guard_refuses_leaves_no_owner(visit, cell):
    """A page that believes to hold the arm would jog into nothing."""
    cell.answer = Answer(False, 'hand_refused', '거부', 'refused')
    with visit().socket() as line:
        tell(line, type='hand', action='take')
        assert until(line, 'error')['error'] == 'hand_refused'
        until(line, 'state', holds=lambda m: m['teleop']['owner'] == '')


def test_an_old_jog_counts_for_nothing(visit, cell):
    """What waited in a network says what a hand wished long ago."""
    with visit().socket() as line:
        tell(line, type='hand', action='take')
        for sequence in (1, 3, 2, 3, 4):
            jog(line, sequence)
        wait(lambda: len(cell.jogs) == 3)
    assert [one.sequence for _, one in cell.jogs] == [1, 3, 4]


def test_the_arm_is_let_go_when_the_page_says_so_or_goes(visit, cell):
    """Pins release, a closed page, and a line that is cut without a word."""
    browser = visit()
    for leave in ('release', 'close', 'cut'):
        with browser.socket() as line:
            tell(line, type='hand', action='take')
            jog(line, 1)
            wait(lambda: cell.jogs)
            cell.released.clear()
            began_s = time.monotonic()
            if leave == 'release':
                tell(line, type='release')
            elif leave == 'close':
                line.close()
            else:
                line.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER,
                                       struct.pack('ii', 1, 0))
                line.socket.close()
            wait(lambda: cell.released)
            assert 0.0 <= cell.released[0] - began_s < 1.0, leave
        cell.jogs.clear()


@pytest.mark.parametrize('text, code', [
    ('{', 'not_json'), ('[]', 'not_json'), ('{"type": "fly"}', 'bad_request'),
    ('{"type": "stop", "more": 1}', 'bad_value'), ('{"type": ["stop"]}', 'bad_request'),
    ('{"type": "jog", "mode": "joint", "vector": [2.0]}', 'bad_value'),
    ('{"type": "jog", "mode": "joint", "vector": [1e999]}', 'bad_value'),
    ('{"type": "jog", "mode": "joint", "vector": [NaN]}', 'not_json'),
    ('{"type": "jog", "mode": "joint", "vector": []}', 'bad_value'),
    ('{"type": "jog", "mode": "fly", "vector": [0.0]}', 'bad_value'),
    ('{"type": "jog", "mode": "joint", "vector": [0.0], "speed": 0}', 'bad_value'),
    ('{"type": "jog", "mode": "joint", "vector": [true]}', 'bad_value')])
def test_nonsense_is_refused_and_the_page_stays(visit, cell, text, code):
    """Pins each fault by its code; a slip of the page must not cost the operator its STOP."""
    with visit().socket() as line:
        line.send(text)
        assert until(line, 'error')['error'] == code
        tell(line, type='stop')
        until(line, 'stopped')
    assert not cell.jogs


def test_what_is_too_long_or_too_often_ends_the_page(visit, cell):
    """Pins the bounds of size, kind and rate."""
    browser = visit()
    with browser.socket() as line:
        line.send('x' * (LARGEST + 1))
        assert closed(line) in (1009, None)
    with browser.socket() as line:
        line.send(b'binary')
        assert closed(line) == 4400
    with browser.socket() as line:
        tell(line, type='hand', action='take')
        with pytest.raises(ConnectionClosed):
            for sequence in range(1, 5000):
                jog(line, sequence)
            closed(line)
            raise AssertionError('5000 messages at once')
    wait(lambda: cell.released)
    assert len(cell.jogs) < 1000


def test_a_flood_of_stops_is_one_stop_each_moment(visit, cell):
    """Pins that STOP is never one too many, and that a flood of it fills nothing."""
    with visit('viewer').socket() as line:
        for _ in range(2000):
            tell(line, type='stop')
        time.sleep(0.1)
        tell(line, type='stop')
        until(line, 'stopped')
    assert 1 < len(cell.stops) < 600
