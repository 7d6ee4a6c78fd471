"""A FANUC CRX controller that nobody here wrote, as a process: airo-fanuc's FakeCRXController.

Joint angles to start from (degrees) enter as arguments, one wish a line on stdin as JSON
(`["press_estop"]`, `["set_contact_stop", 2]`, ...); one JSON answer a line leaves on stdout. The
first line names the ports. It runs on the wall clock until stdin closes or it is killed.
"""
import json
import sys

from airo_fanuc.testing import FakeCRXController, WallClock

WISHES = {'press_estop', 'release_estop', 'set_teach', 'set_contact_stop', 'inject_alarm',
          'drop_status', 'drop_motion_possible', 'restore_motion_possible', 'set_ext_status',
          'set_safety_scale', 'push_system_fault'}


def state(controller):
    """Return what the controller itself measures (deg, deg/s) and how the client broke rules."""
    return {'q': list(controller.q_meas_deg[:6]), 'qd': list(controller.qd_meas_deg_s[:6]),
            'motion_possible': controller.motion_possible, 'violations': controller.violations}


def main():
    """Serve until stdin closes."""
    controller = FakeCRXController(clock=WallClock(),
                                   initial_q_deg=[float(word) for word in sys.argv[1:]])
    with controller:
        controller.start_realtime()
        print(json.dumps({'stream_port': controller.sm_port, 'rmi_port': controller.rmi_port}),
              flush=True)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            if name in WISHES:
                named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
                getattr(controller, name)(*arguments, **named)
            print(json.dumps(state(controller)), flush=True)


if __name__ == '__main__':
    main()
