"""A Trossen arm controller that nobody here wrote, as a process: trossen-arm-sim, with its faults.

Runs in the environment that has trossen-arm-sim. A host and joints to start from (rad, gripper m)
enter as arguments, then wishes as JSON lines: `["fault", "JOINT_OVERHEATED", "joint 3"]` as the
simulator offers it, and `["lasting", true]`, while which no fault can be cleared.
"""
import json
import logging
import sys

import mujoco
from trossen_arm_sim.protocol import ErrorState
from trossen_arm_sim.server import TrossenArmSimServer
from trossen_arm_sim.sim import WidowXSim


class Server(TrossenArmSimServer):
    """The simulator's own server, with faults whose cause lasts."""

    lasting = False

    def clear_error(self):
        """Clear as the simulator does, unless the cause lasts."""
        if not self.lasting:
            super().clear_error()


def main():
    """Serve until stdin closes."""
    logging.disable(logging.CRITICAL)
    host, *start = sys.argv[1:]
    arm = WidowXSim()
    arm.data.qpos[arm._qpos_addr] = arm.data.ctrl[arm._actuator_ids] = [float(q) for q in start]
    arm.data.joint('right_carriage_joint').qpos[:] = float(start[-1])
    mujoco.mj_forward(arm.model, arm.data)
    arm.start()
    server = Server(arm, host=host)
    server.start()
    print(json.dumps({'version': server.driver_version}), flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        if name == 'fault':
            server.fault(ErrorState[arguments[0]], arguments[1])
        elif name == 'lasting':
            server.lasting = arguments[0]
        elif name == 'clear':
            server.lasting = False
            server.clear_error()
        joints = arm.read_joint_outputs()
        print(json.dumps({'q': [one.position for one in joints],
                          'qd': [one.velocity for one in joints],
                          'modes': [mode.name for mode in server.modes],
                          'error': server.error_state.name}), flush=True)


if __name__ == '__main__':
    main()
