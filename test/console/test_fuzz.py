"""Requests that no browser would send: never a 5xx, never a deed by accident, memory bounded.

`LAM_FUZZ=10000 pytest test/console/test_fuzz.py` sends ten thousand.
"""
import gc
import json
import os
from pathlib import Path
import random
from select import select
import socket

from lam_ws.console.console import Instruct, Record
from lam_ws.console.endpoints import ROWS

MANY = int(os.environ.get('LAM_FUZZ', '1000'))
GROWTH = 40_000_000   # bytes
METHODS = ('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'get', 'PRI')
WORDS = ('', 'a', '빨간 큐브', '\0', '\ud800', '../..', "'; --", '<script>', 'x' * 3000, '\u202e',
         'success', 'start', 'auto', 'take')
VALUES = (*WORDS, None, True, 0, -1, 1e308, 2 ** 70, [], {}, [[[]]], {'a': {'b': []}}, 0.5)
KEYS = ('text', 'language', 'asked', 'action', 'episode_id', 'instruction', 'label', 'note',
        'name', 'password', 'type', 'ключ', '__proto__', '')


def body(draw):
    """Return a body of some kind."""
    kind = draw.randrange(9)
    if kind == 0:
        return b''
    if kind == 1:
        return draw.randbytes(draw.randrange(200))
    if kind == 2:
        return b'[' * draw.choice((10, 1000, 30_000))
    if kind == 3:
        return b'{"text": ' + b'9' * draw.choice((10, 5000, 20_000)) + b'}'
    if kind == 4:
        return draw.choice((b'null', b'[]', b'"x"', b'NaN', b'{"a": NaN}', b'\xef\xbb\xbf{}',
                            '{}'.encode('utf-16'), b'{"text": "\\ud800"}', b'{"a":1,"a":2}'))
    if kind == 5:
        return b' ' * draw.choice((100, 70_000))
    return json.dumps({draw.choice(KEYS): draw.choice(VALUES)
                       for _ in range(draw.randrange(4))}).encode()


def request(draw, browser):
    """Return the bytes of a request; most come from a page that is logged in."""
    row = draw.choice(ROWS)
    path = row.path.replace('{episode}', draw.choice(
        ('none', '..', '%2e%2e', 'a' * 300, '%00', '%ff', 'a%2fb', '가'.encode().hex())))
    if draw.random() < 0.15:
        path = '/' + ''.join(draw.choice('ab/.%?#;=&~\\"') for _ in range(draw.randrange(40)))
    if draw.random() < 0.1:
        path += '?' + draw.randbytes(10).hex() * draw.randrange(50)
    method = row.method if draw.random() < 0.7 else draw.choice(METHODS)
    data = body(draw)
    headers = {'Host': browser.host, 'Origin': browser.origin, 'Cookie': browser.cookie,
               'X-CSRF-Token': browser.csrf, 'Content-Type': 'application/json',
               'Content-Length': str(len(data)), 'Connection': 'close'}
    for _ in range(draw.randrange(3)):
        name = draw.choice((*headers, 'Range', 'Accept', 'Transfer-Encoding', 'Upgrade',
                            'If-None-Match', 'X-Forwarded-For', 'Expect', 'Sec-Fetch-Site'))
        value = draw.choice(('', 'x', '0', '-1', 'bytes=0-1,5-', 'chunked', 'websocket',
                             'a' * 5000, '*', 'null', '=;=;', 'text/plain; charset=x'))
        if name == 'Connection':
            continue
        headers[name] = value if draw.random() < 0.8 else ''
        if draw.random() < 0.2:
            headers.pop(name)
    head = f'{method} {path} HTTP/1.1\r\n' + ''.join(
        f'{name}: {value}\r\n' for name, value in headers.items())
    raw = head.encode('utf-8', 'replace') + b'\r\n' + data
    if draw.random() < 0.03:
        raw = draw.randbytes(200) if draw.random() < 0.5 else raw[:draw.randrange(len(raw))]
    return raw


def send(port, raw):
    """Return the status of the answer, 0 where there is none."""
    with socket.create_connection(('127.0.0.1', port), timeout=20) as line:
        try:
            line.sendall(raw)
            if not select([line], [], [], 0.3)[0]:
                line.shutdown(socket.SHUT_WR)    # it waits for more, which does not come
            found = b''
            while piece := line.recv(65536):
                found += piece
        except (ConnectionResetError, BrokenPipeError):
            return 0
    words = found.split(b' ', 2)
    return int(words[1]) if found.startswith(b'HTTP/1.1 ') else 0


def resident():
    """Return the memory of this process, which is the server's as well."""
    gc.collect()
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def test_no_request_makes_the_console_stumble(visit, cell, site):
    """Pins principle 5: what a stranger sends is refused or done, and leaves nothing behind."""
    browser, draw = visit('engineer'), random.Random(7)
    counts = {}
    for number in range(MANY):
        if number == MANY // 5:
            before = resident()
        raw = request(draw, browser)
        status = send(site.console.port, raw)
        counts[status] = counts.get(status, 0) + 1
        assert status < 500, (status, raw[:500])
        if status == 200 and b'/api/logout' in raw or b'/api/login' in raw[:20]:
            if browser.get('/api/me').status == 401:
                browser = visit('engineer')
        cell.stops.clear()
    grown = resident() - before
    print(f'{MANY} requests: {dict(sorted(counts.items()))}, memory +{grown / 1e6:.1f} MB')
    assert grown < GROWTH
    assert counts.get(200, 0) > MANY / 50 and sum(counts.get(s, 0) for s in (
        400, 403, 404, 405, 413, 415)) > MANY / 3
    for wish, _ in cell.asked:   # what was done had been asked for in the right form
        if isinstance(wish, Instruct):
            assert 1 <= len(wish.text) <= 1000 and '\0' not in wish.text
        if isinstance(wish, Record):
            assert wish.action in ('start', 'stop', 'discard', 'label')
    assert browser.get('/api/me').status == 200
