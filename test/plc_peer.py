"""PLCs that nobody here wrote: npm's modbus-serial and node-opcua as real processes.

Installed once, by the tests that need them, into `.peers/plc` with the exact versions below;
where npm or the registry cannot be had the tests are skipped and say so.
"""
from contextlib import contextmanager
import fcntl
import json
import os
from pathlib import Path
import queue
import shutil
import socket
import subprocess
import threading
import time

from lam_ws.plc_file import HeartbeatSettings, InputSettings, OutputSettings, PlcSettings
import pytest

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / '.peers/plc'
PACKAGES = {'node-opcua': '2.182.0', 'modbus-serial': '8.0.25'}
INSTALL_S, READY_S, ANSWER_S = 300.0, 60.0, 10.0

PLACES = {
    'modbus': {'gate': 'discrete:0', 'fixture': 'discrete:1', 'start': 'coil:10',
               'part': 'input:3.2', 'busy': 'coil:0', 'fault': 'coil:1', 'clamp': 'holding:2',
               'theirs': 'input:9', 'ours': 'holding:8'},
    'opcua': {'gate': 'nsu=urn:vm:NodeOPCUA-Server;s=Cell.Gate', 'fixture': 'ns=1;s=Cell.Fixture',
              'start': '/Objects/1:Cell/1:Start', 'part': 'ns=1;s=Cell.Part',
              'busy': 'ns=1;s=Cell.Busy', 'fault': 'ns=1;s=Cell.Fault',
              'clamp': '/Objects/1:Cell/1:Clamp', 'theirs': 'ns=1;s=Cell.Counter',
              'ours': 'ns=1;s=Cell.Beat'}}


def packages():
    """Return the folder of the installed packages, made now if need be; skip where it cannot."""
    if shutil.which('node') is None or shutil.which('npm') is None:
        pytest.skip('needs node and npm: apt install nodejs npm')
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / '.lock').open('w') as lock:   # several test runs may come at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = json.dumps({'private': True, 'dependencies': PACKAGES})
        stamp = PLACE / 'installed.json'
        if not stamp.is_file() or stamp.read_text() != wanted:
            (PLACE / 'package.json').write_text(wanted)
            try:
                done = subprocess.run(
                    ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund',
                     '--no-package-lock'], cwd=PLACE, capture_output=True, text=True,
                    timeout=INSTALL_S)
            except subprocess.TimeoutExpired:
                pytest.skip(f'npm did not install {PACKAGES} within {INSTALL_S:g} s')
            if done.returncode:
                pytest.skip(f'npm cannot install {PACKAGES}: {done.stderr.strip()[-200:]}')
            stamp.write_text(wanted)
    return PLACE / 'node_modules'


class PlcPeer:
    """A PLC's process: what it is told to do, and what the cell told it.

    Attributes:
        process: Of node.
        port: Where it listens.
        said: What it printed at the start.
        told: (monotonic time of reading, what) of each output that changed.
    """

    def __init__(self, process, port):
        self.process, self.port, self.said, self.told = process, port, {}, []
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            if not line.startswith('{'):
                continue
            what = json.loads(line)
            if 'told' in what:
                self.told.append((time.monotonic(), what['told']))
            else:
                self._answers.put(what)

    def answer(self, longest_s=ANSWER_S):
        """Return the next line that is no news of an output."""
        return self._answers.get(timeout=longest_s)

    def do(self, **wish):
        """Have something done in the PLC; return when it was, and the value asked for."""
        self.process.stdin.write(json.dumps(wish) + '\n')
        self.process.stdin.flush()
        got = self.answer()
        assert 'done' in got, got
        return time.monotonic(), got['got']

    def now(self, *place):
        """Return what an output is now, 0 where it was never written."""
        key = list(place) if len(place) > 1 else place[0]
        return self.do(get=key)[1]


def free_port():
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def settings(kind, port, **more):
    """Return the section of a site whose PLC is at `port`."""
    at = PLACES[kind]
    address = f'127.0.0.1:{port}' if kind == 'modbus' else f'opc.tcp://127.0.0.1:{port}'
    known = {
        'inputs': (InputSettings('gate', at['gate'], role='gate'),
                   InputSettings('fixture', at['fixture'], role='ready'),
                   InputSettings('part', at['part'], inverted=True)),
        'outputs': (OutputSettings('busy', at['busy'], role='busy'),
                    OutputSettings('fault', at['fault'], role='fault'),
                    OutputSettings('clamp', at['clamp'], skill='insert')),
        'heartbeat': HeartbeatSettings(at['theirs'], at['ours'])}
    section = PlcSettings(kind, address, **{**known, **more})
    assert not list(section.contradictions())
    return section


@contextmanager
def plc(kind, port=None):
    """Yield a running PLC of `kind`, 'modbus' or 'opcua'; it is gone afterwards."""
    pytest.importorskip('pymodbus' if kind == 'modbus' else 'asyncua')
    found = packages()
    port = free_port() if port is None else port
    process = subprocess.Popen(
        ['node', str(ROOT / f'test/peers/plc_{kind}.js'), str(port)], text=True, cwd=PLACE,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, 'NODE_PATH': str(found), 'HOME': str(PLACE)})
    try:
        peer = PlcPeer(process, port)
        peer.said = peer.answer(READY_S)
        assert 'port' in peer.said, peer.said
        yield peer
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
