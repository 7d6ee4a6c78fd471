"""franka-sim as a process of its own, for tests: installed once, started and waited for.

    python test/franka_peer.py --host 127.0.0.1     installs it and serves until Ctrl-C

It cannot live in the environment of this repository (numpy 1.26), so it gets one below
.peers/, and talks to tests as a robot would: by network, on a loopback address of its own.
"""
from contextlib import contextmanager
import os
import signal
import socket
import subprocess
import sys
import time

from vendor_peer import install, SCRIPTS

NAME = 'franka'
SERVER = SCRIPTS / 'franka_server.py'
PORT = 1337          # libfranka knows no other
_STARTED_S = 30.0


def own_host():
    """Return a loopback address that belongs to this process alone."""
    pid = os.getpid()
    return f'127.77.{pid // 250 % 250 + 1}.{pid % 250 + 1}'


class Peer:
    """A running franka-sim.

    Attributes:
        host: Where it listens.
        process: Its process.
    """

    def __init__(self, host, start=None, hand=False, held=None, log=None):
        self.host, self._log = host, log
        self._command = [str(install(NAME)), str(SERVER), '--host', host]
        if start is not None:
            self._command += ['--start', *map(str, start)]
        if hand:
            self._command.append('--hand')
        if held is not None:
            self._command += ['--object', str(held)]
        self.begin()

    def begin(self):
        """Start the process and wait until it listens."""
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL,
                                        stdout=self._log or subprocess.DEVNULL,
                                        stderr=subprocess.STDOUT)
        deadline_s = time.monotonic() + _STARTED_S
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                self.kill()
                raise RuntimeError(f'franka-sim does not listen on {self.host}')
            time.sleep(0.05)

    def _listens(self):
        """Whether the port is taken, without a connection that the server would serve."""
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host, PORT))
            except OSError:
                return True
        return False

    def press(self):
        """Press the user stop."""
        self.process.send_signal(signal.SIGUSR1)

    def release(self):
        """Release it."""
        self.process.send_signal(signal.SIGUSR2)

    def freeze(self):
        """Let it fall silent."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """End it at once."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(**arguments):
    """Yield a running `Peer` on an address of its own."""
    peer = Peer(own_host(), **arguments)
    try:
        yield peer
    finally:
        peer.kill()


def main():
    """Serve in the foreground."""
    return subprocess.call([str(install(NAME)), str(SERVER), *sys.argv[1:]])


if __name__ == '__main__':
    sys.exit(main())
