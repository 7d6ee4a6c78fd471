"""Spoilt frames for a policy server, and spoilt answers for a cell that asks one.

A case enters; what real processes and real sockets made of cut, flipped, swollen and foreign
frames leaves. A server may refuse or answer; what it answers must be finite, it must go on
serving, and its memory must not grow with what a stranger promised to send.
"""
from collections.abc import Iterator
from contextlib import contextmanager, ExitStack
from dataclasses import replace
import json
import math
import os
from pathlib import Path
import random
import subprocess
import sys
import threading
from typing import Any

from lam_ws.errors import ObservationError, WireError
from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.inputs.files import Tally
from lam_ws.policy.embodiment import image_key, PROMPT, STATE, VELOCITY
from lam_ws.policy.remote import RemotePolicy
from lam_ws.policy.wire import decode, encode, MAX_FRAME
from lam_ws.remote_file import RemoteSettings
from lam_ws.site import load_site, PolicySettings, Site
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import serve, ServerConnection

SITE = 'sim_bench'
FRAMES = 500            # in one run
PROMISES = (b'\x81\xa1a\xdd\xff\xff\xff\xff', b'\xdf\xff\xff\xff\xff',
            b'\x81\xa1a' + b'\x91' * 5000, b'\x81\xa1a\xc6\xff\xff\xff\xff', b'', b'\x80',
            bytes(1_000_000))
GROWTH_BYTES = 100_000_000
WAIT_S, START_S = 30.0, 120.0


def spoil(case: Case, phase: str, seed: int) -> Seen:
    """Send spoilt frames to `lam serve`, and spoilt answers to a remote policy."""
    chance, tally = random.Random(seed), Tally()
    site = load_site(SITE)
    with _serving() as (process, url), _Asker(url) as asker:
        before = 0
        for number in range(FRAMES):
            frame = _spoilt(_request(site), chance)
            _ask(asker, frame, f'frame {seed}.{number}', tally, site)
            before = before or _resident(process.pid)
        answer = asker.exchange(_request(site))
        if not isinstance(answer, bytes) or not _sound(decode(answer), site):
            tally.wrong.append('the server answers nothing sound any more')
        if _resident(process.pid) - before > GROWTH_BYTES:
            tally.wrong.append(f'the server grew by {_resident(process.pid) - before} bytes')
    _answers(site, chance, seed, tally)
    return tally.seen('spoilt frames and answers')


@contextmanager
def _serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `lam serve` on a free port of this host."""
    process = subprocess.Popen(
        [sys.executable, '-m', 'lam_ws', 'serve', '--site', SITE, '--port', '0', '--json'],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, 'OMP_NUM_THREADS': '1',
             'PYTHONPATH': os.pathsep.join(path for path in sys.path if path)})
    assert process.stdout is not None
    late = threading.Timer(START_S, process.kill)
    late.start()
    try:
        told = ''
        for line in process.stdout:
            told += line
            if line.startswith('}'):
                break
        late.cancel()
        yield process, json.loads(told)['url']
    finally:
        late.cancel()
        process.terminate()   # SIGINT is ignored by what a worker of `lam faults` starts
        process.wait(timeout=WAIT_S)
        process.stdout.close()


class _Asker:
    """A client that sends bytes as they are, and comes back after it was turned away."""

    def __init__(self, url: str):
        self._url, self._open = url, ExitStack()

    def __enter__(self) -> '_Asker':
        self.join()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def join(self) -> None:
        """Connect and hear the greeting."""
        self._open.close()
        self._peer = self._open.enter_context(
            connect(self._url, compression=None, max_size=MAX_FRAME, proxy=None))
        self._peer.recv(timeout=WAIT_S)

    def exchange(self, frame: bytes) -> bytes | str:
        """Send a frame and return what comes back."""
        self._peer.send(frame)
        return self._peer.recv(timeout=WAIT_S)


def _request(site: Site) -> bytes:
    """Return one sound request: noise from the cameras, the arm at home."""
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {
        STATE: np.asarray(site.arm.home), VELOCITY: np.zeros(site.arm.axes),
        PROMPT: 'put the red cylinder in the black bin'}
    for camera in site.cameras:
        table[image_key(camera.name)] = rng.integers(
            0, 256, (camera.height, camera.width, 3), np.uint8)
    return encode(table)


def _spoilt(frame: bytes, chance: random.Random) -> bytes:
    """Return a frame that is cut, flipped, swollen, or something else altogether."""
    match chance.randrange(8):
        case 0:
            return frame[:chance.randrange(len(frame))]
        case 1:
            return frame + chance.randbytes(chance.randint(1, 100))
        case 2:
            return chance.choice(PROMISES)
        case 3:
            return chance.randbytes(chance.randint(1, 2000))
        case 4 if chance.random() < 0.1:
            return frame + bytes(MAX_FRAME)
    found, head = bytearray(frame), min(400, len(frame))
    for _ in range(chance.randint(1, 3)):   # pixels are most of it, and any pixel is sound
        place = chance.randrange(head if chance.random() < 0.9 else len(frame))
        found[place] ^= 1 << chance.randrange(8)
    return bytes(found)


def _ask(asker: _Asker, frame: bytes, what: str, tally: Tally, site: Site) -> None:
    """Send one frame and note what came back."""
    tally.files += 1
    try:
        answer = asker.exchange(frame)
    except ConnectionClosed:
        tally.refused += 1
        asker.join()
        return
    except TimeoutError:
        tally.wrong.append(f'{what} was not answered')
        asker.join()
        return
    if isinstance(answer, str):
        tally.refused += 1
        if '\n' in answer or answer.startswith('internal'):
            tally.wrong.append(f'{what}: {answer[:80]}')
    elif not _sound(decode(answer), site):
        tally.wrong.append(f'{what} was answered with what cannot be followed')


def _sound(answer: dict[str, Any], site: Site) -> bool:
    """Tell whether an answer is a chunk for this arm, or says that a reset was heard."""
    actions = answer.get('actions')
    if actions is None:
        return answer.keys() == {'reset'}
    return bool(np.shape(actions)[1] == site.arm.axes and np.isfinite(actions).all())


def _resident(pid: int) -> int:
    pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE')


def _answers(site: Site, chance: random.Random, seed: int, tally: Tally) -> None:
    """Let a server spoil its answers; the cell's policy must refuse, or follow what is finite."""
    actions = np.zeros((site.policy.horizon, site.arm.axes), np.float32)
    sound = encode({'actions': actions, 'done': 0.5, 'phase': 'reach'})

    def converse(peer: ServerConnection) -> None:
        try:
            peer.send(encode({}))
            for _ in peer:
                peer.send(_spoilt(sound, chance))
        except ConnectionClosed:
            pass
    server = serve(converse, '127.0.0.1', 0, compression=None, max_size=None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    port = server.socket.getsockname()[1]
    policy = RemotePolicy(replace(site, policy=PolicySettings(
        'far', 'remote', 0.5, site.policy.horizon,
        remote=RemoteSettings(f'ws://127.0.0.1:{port}', 5.0))))
    policy.reset(Goal('', '', '', '', 'stay', ''))
    try:
        for number in range(FRAMES):
            _follow(policy, site, f'answer {seed}.{number}', tally)
    finally:
        policy.close()
        server.shutdown()
        thread.join()


def _follow(policy: RemotePolicy, site: Site, what: str, tally: Tally) -> None:
    tally.files += 1
    joints = JointState(0.0, site.arm.names, site.arm.home, np.zeros(site.arm.axes))
    frames = {camera.name: Frame(0.0, camera.model(), np.zeros(
        (camera.height, camera.width, 3), np.uint8)) for camera in site.cameras}
    try:
        chunk = policy.act(Observation(0.0, joints, frames))
    except ObservationError:
        tally.refused += 1
        return
    except WireError as error:
        tally.wrong.append(f'{what}: a WireError reached the cell: {error}')
        return
    if not np.isfinite(chunk.position).all() or not math.isfinite(chunk.done):
        tally.wrong.append(f'{what} was followed, and is not finite')
