"""A policy server as a real process, and a client written from the protocol alone.

The client knows msgpack, websockets and openpi's form of an array; it imports nothing of
lam_ws. The policy is `Hold`: small, real, and different for each sentence, so that memory shows.
"""
from contextlib import contextmanager
import json
import os
from pathlib import Path
import signal
import subprocess
import sys

import msgpack
import numpy as np
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[1]
# `lam serve` with one row of its table of policies replaced; everything else is as shipped.
PROGRAM = """
import sys
from lam_ws import cli
from lam_ws.policy import policy
policy.BACKENDS['native'] = 'hold:Hold'
sys.exit(cli.main(['serve', *sys.argv[1:]]))
"""


def pack(table):
    """Return one frame; written from openpi's description of its arrays."""
    def form(value):
        if isinstance(value, np.ndarray):
            return {b'__ndarray__': True, b'data': value.tobytes(), b'dtype': value.dtype.str,
                    b'shape': value.shape}
        raise TypeError(value)
    return msgpack.packb(table, default=form)


def unpack(frame):
    """Return the table of a frame."""
    def form(table):
        if b'__ndarray__' in table:
            return np.ndarray(buffer=table[b'data'], dtype=np.dtype(table[b'dtype']),
                              shape=table[b'shape'])
        return table
    return msgpack.unpackb(frame, object_hook=form)


def environment(**more):
    """Return the environment of a server process; test/ holds its policy."""
    path = os.pathsep.join([str(ROOT), str(ROOT / 'test'),
                            os.environ.get('PYTHONPATH', '')])
    return {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': path, **more}


class Server:
    """A running `lam serve`: its process, where it listens, and what it said of itself."""

    def __init__(self, process, said):
        self.process, self.said, self.url = process, said, said['url']

    def memory(self):
        """Return the resident memory, bytes."""
        pages = int(Path(f'/proc/{self.process.pid}/statm').read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE')

    def stop(self):
        """Interrupt it as Ctrl-C does; return its status and what it wrote to stderr."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@contextmanager
def serving(*arguments, program=('-c', PROGRAM), **variables):
    """Run `lam serve` on a free port and yield it; kill it at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, *program, '--json', '--port', '0', *arguments],
        cwd=ROOT, env=environment(**variables), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == '}\n':
                break
        if not lines:
            raise AssertionError(process.communicate(timeout=20)[1])
        yield Server(process, json.loads(''.join(lines)))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@contextmanager
def client(url, key=None):
    """Connect as any client of openpi's protocol; yield the connection and the metadata."""
    headers = {} if key is None else {'Authorization': f'Api-Key {key}'}
    with connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None,
                 open_timeout=20) as peer:
        yield peer, unpack(peer.recv(timeout=20))


def ask(peer, table):
    """Send one table and return the answer: a table, or the text of a refusal."""
    peer.send(pack(table))
    answer = peer.recv(timeout=20)
    return answer if isinstance(answer, str) else unpack(answer)


def observation(metadata, seed=0, **more):
    """Return a request that fits what the server says it needs."""
    rng = np.random.default_rng(seed)
    n = len(metadata['joints'])
    table = {'prompt': 'put the red cylinder in the black bin',
             'observation/state': rng.uniform(0.0, 0.05, n),
             'observation/velocity': np.zeros(n)}
    for camera in metadata['cameras']:
        shape = (camera['height'], camera['width'], 3)
        table[f'observation/images/{camera["name"]}'] = rng.integers(0, 256, shape, np.uint8)
    return {**table, **more}


def nonsense(rng, good):
    """Yield frames that are none: noise, cuts, flips, claims, nesting, wrong kinds and text."""
    while True:
        yield rng.randbytes(rng.randrange(0, 400))
        yield good[:rng.randrange(len(good))]
        flipped = bytearray(good)
        for _ in range(rng.randrange(1, 60)):
            flipped[rng.randrange(400)] ^= 1 << rng.randrange(8)
        yield bytes(flipped)
        yield b'\x81\xa1a' + rng.choice([b'\xdd', b'\xdf', b'\xc6', b'\xdb']) + b'\xff' * 4
        yield b'\x81\xa1a' + rng.choice([b'\x91', b'\x81\xa1b']) * rng.randrange(10, 20_000)
        yield b'\x81\xa1a\xdc\xff\xff' + b'\x90' * 65_535
        shape = rng.choice([[-1], [2 ** 62], [2 ** 32, 2 ** 32], [8, 1], [9], 'x', None, []])
        kind = rng.choice(['<f8', '|O', '<c16', 'float64', '>f8', 7])
        yield pack({'observation/state': {b'__ndarray__': True, b'data': bytes(64),
                                          b'dtype': kind, b'shape': shape}})
        yield rng.choice(['', 'text', '\x00' * 100])
