"""Servers on loopback that answer as they are told: obeying, refusing, hanging, lying."""
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import threading

from lam_ws.grounding.proposing.proposing import Candidate

CANDIDATES = (
    Candidate('bj20r', 'parts', ('적색 볼조인트', 'red-cap ball joint'), 'red ball_joint'),
    Candidate('quarantine', 'places', ('부적합품 격리함', 'nonconforming quarantine box')),
    Candidate('start_btn', 'places', ('검사 시작 버튼', 'inspection start button')),
    Candidate('gripper_2f', 'tools', ('2지 그리퍼', 'two-finger gripper')),
    Candidate('crack', 'defects', ('크랙', 'crack')))


def order(*steps):
    """Return the reply of a model with some steps, each what differs from one that works."""
    whole = {'skill': 'pick_place', 'object': 'bj20r', 'destination': 'quarantine', 'source': '',
             'tool': '', 'defect': '', 'count': '1'}
    return json.dumps({'steps': [{**whole, **step} for step in steps]})


def chat(content):
    """Return the body of a chat's answer."""
    return json.dumps({'choices': [{'message': {'role': 'assistant', 'content': content}}]}
                      ).encode()


def sent(status=200, body=b'', **headers):
    """Return a behaviour: this status and body."""
    def behave(handler, asked):
        handler.send_response(status)
        for name, value in {'Content_Length': str(len(body)), **headers}.items():
            handler.send_header(name.replace('_', '-'), value)
        handler.end_headers()
        handler.wfile.write(body)
    return behave


@contextmanager
def serving(behave):
    """Yield the address of a server that does `behave(handler, asked)`, and all it was asked.

    Each thing asked is (path, headers, JSON of the body).
    """
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            heard.append((self.path, dict(self.headers), json.loads(body)))
            try:
                behave(self, heard[-1][2])
            except OSError:
                pass   # the client has hung up

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.server_address[1]}/v1', heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
