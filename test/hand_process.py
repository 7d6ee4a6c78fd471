"""A process that jogs the arm for as long as it lives: python hand_process.py SITE DOMAIN."""
import os
import sys
import time

from lam_ws.keys import read_keys
from lam_ws.nodes.environment import enter
from lam_ws.policy.teleop import Jog
from lam_ws.site import load_site


def main():
    """Take the arm, then turn the first joint to and fro until this process ends."""
    site, domain = load_site(sys.argv[1]), int(sys.argv[2])
    enter(domain)
    from lam_ws.nodes.hand import HAND_KEYS
    from lam_ws.nodes.teleoperator import teleoperating
    with teleoperating(site, domain, read_keys(HAND_KEYS)) as link:
        began_s = time.monotonic()
        while os.getppid() > 1:
            state = link.hand.state
            if not state.holds and state.code not in ('taking', 'no_guard'):
                link.hand.take()
            sign = 1.0 if (time.monotonic() - began_s) % 3.0 < 1.5 else -1.0
            link.hand.jog(Jog('joint', (sign, *[0.0] * (site.arm.axes - 2)), 0.0, 1.0),
                          time.monotonic())
            link.turn(0.005)


if __name__ == '__main__':
    main()
