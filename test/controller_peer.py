"""`peers/controller.py` as a process of its own: a trajectory controller that is no ROS node.

Cyclone DDS finds the cell's participants by address, on the loopback device alone.
"""
from contextlib import contextmanager
import json
import os
import subprocess

import pytest
from vendor_peer import install, SCRIPTS

URI = ('<CycloneDDS><Domain><General><Interfaces><NetworkInterface name="lo" multicast="false"/>'
       '</Interfaces><AllowMulticast>false</AllowMulticast></General><Discovery>'
       '<ParticipantIndex>auto</ParticipantIndex><LeaseDuration>1s</LeaseDuration>'
       '<MaxAutoParticipantIndex>60</MaxAutoParticipantIndex>'
       '<Peers><Peer address="127.0.0.1"/></Peers></Discovery></Domain></CycloneDDS>')


class ControllerPeer:
    """A running controller of the arm of a site.

    Args:
        site: Whose adapter says by which names the controller goes.
        domain: ROS domain.
        home: [n - 1] rad, where its joints begin, by default the arm's rest pose.
        more: Further words for its command line.
    """

    def __init__(self, site, domain, home=None, more=()):
        settings = site.adapter.ros2_control
        names = settings.joints or site.arm.names[:-1]
        where = site.arm.home[:-1] if home is None else home
        command = [str(install('cyclone')), str(SCRIPTS / 'controller.py'), ','.join(names),
                   ','.join(f'{value:.17g}' for value in where), '--domain', str(domain),
                   '--command', settings.command.strip('/'),
                   '--states', settings.states.strip('/')]
        if settings.speed_scaling is not None:
            command += ['--scaling', settings.speed_scaling.strip('/')]
        self.process = subprocess.Popen([*command, *more], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1,
                                        env={**os.environ, 'CYCLONEDDS_URI': URI})
        assert self.process.stdout.readline() == 'READY\n'

    def tell(self, *words):
        """Change how it behaves."""
        self.process.stdin.write(' '.join(map(str, words)) + '\n')
        self.process.stdin.flush()

    def report(self):
        """Return what it got: taken, refused, reasons, position."""
        self.tell('report')
        return json.loads(self.process.stdout.readline())

    def kill(self):
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def controlling(site, domain, **arguments):
    """Yield a running `ControllerPeer`; skip where Cyclone DDS cannot be had."""
    try:
        install('cyclone')
    except RuntimeError as missing:
        pytest.skip(f'no Cyclone DDS: {missing}')
    peer = ControllerPeer(site, domain, **arguments)
    try:
        yield peer
    finally:
        peer.kill()
