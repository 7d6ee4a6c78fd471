"""Counterparts of vendors' clients as processes of their own: installed, started, told things.

A counterpart that does not fit into the environment of this repository gets one below .peers/,
made from its pins in test/peers/NAME.txt. One that does runs with the Python of the tests. It says
on its first line where it listens; then a wish a line enters as JSON and an answer leaves.
"""
import fcntl
from itertools import count
import json
import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / 'test' / 'peers'
_INSTALL_S = 600.0
_HOSTS = count(78)


def install(name):
    """Return the Python of the environment `name`; raise RuntimeError where it cannot be made."""
    folder, pins = ROOT / '.peers' / name, SCRIPTS / f'{name}.txt'
    python, stamp = folder / 'bin' / 'python', folder / 'installed.txt'
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f'{name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == pins.read_text():
            return python
        for command in ([sys.executable, '-m', 'venv', str(folder)],
                        [str(python), '-m', 'pip', 'install', '--quiet', '--no-deps',
                         '--disable-pip-version-check', '-r', str(pins)]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S)
            if done.returncode:
                raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
        stamp.write_text(pins.read_text())
    return python


class VendorPeer:
    """A running counterpart; `said` is its first line."""

    def __init__(self, script, *arguments, python=sys.executable):
        self.process = subprocess.Popen(
            [str(python), str(SCRIPTS / script), *map(str, arguments)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
            env={**os.environ, 'OMP_NUM_THREADS': '1'})
        self.said = self._answer()

    def wish(self, *words):
        """Tell it something; return its state."""
        self.process.stdin.write(json.dumps(words) + '\n')
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f'the counterpart ended with {self.process.wait()}')
        return json.loads(line)

    def kill(self):
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.stdin.close()
        self.process.stdout.close()


def own_host():
    """Return a loopback address that nothing else has had: of this process and this call."""
    pid = os.getpid()
    return f'127.{next(_HOSTS)}.{pid // 250 % 250 + 1}.{pid % 250 + 1}'
