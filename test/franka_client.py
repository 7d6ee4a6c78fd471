"""A process that moves a Franka arm for as long as it lives: python franka_client.py HOST.

It swings the first joint to and fro and prints a line whenever the arm's mode or fault changes,
so that a test can stop or kill it in mid-motion.
"""
import sys
import time

from franka_streaming import adapter
from lam_ws.arm.adapters import make_arm
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.types import Command
import numpy as np
import streaming


def swing(start, since_s):
    """Return [n] position and [n] velocity of the swing, `since_s` s after it began."""
    axis = np.eye(len(start))[0]
    return (start + 0.3 * (1.0 - np.cos(2.0 * since_s)) * axis,
            0.6 * np.sin(2.0 * since_s) * axis)


def main():
    """Swing until killed, or until the arm no longer follows."""
    spec = load_arm('fr3')
    streaming.urgent()
    arm = make_arm(spec, adapter(sys.argv[1]), 0.01)
    arm.connect()
    start, began_s, told = arm.read().position, time.monotonic(), None
    while True:
        status, now_s = arm.status(), time.monotonic()
        if status != told:
            print(status.mode.value, status.fault, status.text, flush=True)
            told = status
        try:
            arm.stream(Command(now_s, spec.names, *swing(start, now_s + 0.01 - began_s)))
        except ArmError:
            pass
        time.sleep(0.01)


if __name__ == '__main__':
    main()
