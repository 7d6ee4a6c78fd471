"""A process that connects to an arm and swings its last joint until it is ended.

Name of an arm and path of an adapter's file enter; a line leaves once the swing has begun.
"""
import sys

from arm_driving import PERIOD_S, swing
from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.adapters import make_arm
from lam_ws.configuration import load
from lam_ws.site import load_arm


def main():
    """Swing for a minute at most."""
    arm = make_arm(load_arm(sys.argv[1]), load(sys.argv[2], AdapterFile), 0.01)
    arm.connect()
    print('swings', flush=True)
    swing(arm, arm.read().position, 30.0 * PERIOD_S, reach=0.6)


if __name__ == '__main__':
    main()
