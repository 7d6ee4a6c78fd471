"""A browser of few words for tests of the console: HTTP by hand, a WebSocket, one cookie."""
from contextlib import contextmanager
import http.client
import json
import socket
import time

from websockets.sync.client import connect

PASSWORD = 'long enough'


def free_port():
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Reply:
    """What came back: `status`, `headers` and `body`."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        """Return the body as JSON."""
        return json.loads(self.body)


class Browser:
    """One person's browser on the console at `port` of this host."""

    def __init__(self, port, timeout_s=20.0):
        self.port, self.host, self.timeout_s = port, f'127.0.0.1:{port}', timeout_s
        self.origin, self.cookie, self.csrf = f'http://{self.host}', '', ''

    def send(self, method, path, body=None, headers=None, own=True):
        """Send a request with the browser's own headers, changed by `headers`; None removes."""
        sent = {'Host': self.host}
        if own:
            sent |= {'Origin': self.origin, 'X-CSRF-Token': self.csrf, 'Cookie': self.cookie,
                     'Content-Type': 'application/json'}
        sent |= headers or {}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        line = http.client.HTTPConnection('127.0.0.1', self.port, timeout=self.timeout_s)
        try:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None and value != '':
                    line.putheader(name, value)
            if data is not None and 'Content-Length' not in sent:
                line.putheader('Content-Length', str(len(data)))
            line.endheaders()
            if data is not None:
                line.send(data)
            return Reply(line.getresponse())
        finally:
            line.close()

    def get(self, path):
        """Return the answer to a GET."""
        return self.send('GET', path)

    def post(self, path, body=None):
        """Return the answer to a POST."""
        return self.send('POST', path, {} if body is None else body)

    def login(self, name, password=PASSWORD):
        """Log in; keep the cookie and the CSRF token."""
        reply = self.post('/api/login', {'name': name, 'password': password})
        if reply.status == 200:
            self.cookie = reply.headers['Set-Cookie'].split(';')[0]
            self.csrf = reply.json()['csrf']
        return reply

    @contextmanager
    def socket(self, hello=True, **headers):
        """Give the page's WebSocket, which has said hello."""
        sent = {'Cookie': self.cookie} | headers
        origin, host = sent.pop('Origin', self.origin), sent.pop('Host', self.host)
        way = socket.create_connection(('127.0.0.1', self.port), timeout=self.timeout_s)
        with connect(f'ws://{host}/ws', sock=way, origin=origin, proxy=None,
                     additional_headers=sent, compression=None, max_size=None,
                     close_timeout=1.0) as line:
            if hello:
                line.send(json.dumps({'type': 'hello', 'csrf': self.csrf}))
            yield line


def until(line, kind, timeout_s=20.0, holds=lambda message: True):
    """Return the next message of a type for which `holds` is true."""
    deadline, last = time.monotonic() + timeout_s, {}
    while (left_s := deadline - time.monotonic()) > 0.0:
        try:
            data = line.recv(timeout=left_s)
        except TimeoutError:
            break
        if isinstance(data, str):
            message = json.loads(data)
            last[message['type']] = message
            if message['type'] == kind and holds(message):
                return message
    told = {key: last.get('state', {}).get(key) for key in ('guard', 'task', 'teleop')}
    raise TimeoutError(f'no such {kind} in {timeout_s} s; last: {told} {last.get("error")}')


def tell(line, **message):
    """Send a message."""
    line.send(json.dumps(message))
