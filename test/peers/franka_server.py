"""The counterpart of the Franka adapter: franka-sim with every limit of the interface enforced.

Runs in an environment of its own that has franka-sim and not this repository (`franka_peer.py`
makes it). An address to listen on enters; the arm's control interface leaves there, on the port
that libfranka knows. The arm's model is the package's own fr3.urdf without its meshes, so nothing
is downloaded. franka-sim has no user stop: SIGUSR1 presses one here and SIGUSR2 releases it,
with the mode and the answers to motions that libfranka's enumerations have for it.
"""
import argparse
import logging
import os
from pathlib import Path
import signal
import tempfile
from xml.etree import ElementTree

import franka_sim
from franka_sim import mujoco_franka_sim
from franka_sim.franka_protocol import MoveStatus, RobotMode
from franka_sim.franka_sim_server import FrankaSimServer
import mujoco

# Of each joint: N m s/rad, kg m^2, N m. As the model has them that franka-sim would download.
DAMPING, ARMATURE, FRICTION = 0.21, 0.195, 1.1

PRIORITY = 10   # of SCHED_FIFO


class Server(FrankaSimServer):
    """franka-sim with a user stop."""

    pressed = False

    def press(self):
        """Press the user stop: a running motion is aborted, and none begins."""
        with self._motion_lock:
            self.pressed = True
            self._abort_with_error((), 'user stop')
            if self._pending_move_response is not None:
                motion, _, packed = self._pending_move_response
                self._pending_move_response = motion, MoveStatus.kEmergencyAborted, packed
            self.robot_state.set_robot_mode(RobotMode.kUserStopped)

    def release(self):
        """Release it; the arm stands in idle mode."""
        with self._motion_lock:
            self.pressed = False
            self.robot_state.set_robot_mode(RobotMode.kIdle)

    def _refuse_move_while_latched(self, client_socket, header):
        if self.pressed:
            self.send_move_response(
                client_socket, header.command_id,
                MoveStatus.kCommandRejectedDueToActivatedSafetyFunctions)
            return True
        return super()._refuse_move_while_latched(client_socket, header)

    def handle_stop_move_command(self, client_socket, header):
        """Stop as franka-sim does; a pressed stop stays pressed."""
        super().handle_stop_move_command(client_socket, header)
        if self.pressed:
            self.robot_state.set_robot_mode(RobotMode.kUserStopped)

    def handle_automatic_error_recovery_command(self, client_socket, header, payload):
        """Recover as franka-sim does; a pressed stop stays pressed."""
        super().handle_automatic_error_recovery_command(client_socket, header, payload)
        if self.pressed:
            self.robot_state.set_robot_mode(RobotMode.kUserStopped)

    def reset_state(self):
        """Begin a connection; a pressed stop stays pressed."""
        super().reset_state()
        if self.pressed:
            self.robot_state.set_robot_mode(RobotMode.kUserStopped)


def model():
    """Return the MJCF text of the package's arm, without meshes and with joint dynamics."""
    root = ElementTree.parse(Path(franka_sim.__file__).parent / 'models' / 'fr3.urdf').getroot()
    for link in root.iter('link'):
        for part in [*link.findall('visual'), *link.findall('collision')]:
            link.remove(part)
    # An accelerometer is a link without mass, which the engine would take for a fault.
    compiler = ElementTree.SubElement(ElementTree.SubElement(root, 'mujoco'), 'compiler')
    compiler.set('fusestatic', 'false')
    spec = mujoco.MjSpec.from_string(ElementTree.tostring(root, encoding='unicode'))
    for joint in spec.joints:
        joint.damping, joint.armature, joint.frictionloss = DAMPING, ARMATURE, FRICTION
    spec.compile()
    return spec.to_xml()


def main():
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--start', type=float, nargs=7, metavar='RAD',
                        help='joint positions to begin at')
    parser.add_argument('--hand', action='store_true', help='with a Franka Hand')
    parser.add_argument('--object', type=float, metavar='M', help='width of what lies in it')
    arguments = parser.parse_args()
    try:   # a controller has a computer to itself
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except PermissionError:
        pass
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(levelname)s %(message)s')
    if arguments.start:
        mujoco_franka_sim.ARM_INITIAL_Q[:] = arguments.start
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'fr3.xml'
        path.write_text(model())
        os.environ['FR3_MJCF'] = str(path)
        server = Server(host=arguments.host, enable_gripper=arguments.hand,
                        gripper_object_width=arguments.object,
                        enforce_comm_constraints=True, enforce_motion_limits=True)
        signal.signal(signal.SIGUSR1, lambda *_: server.press())
        signal.signal(signal.SIGUSR2, lambda *_: server.release())
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        server.start()


if __name__ == '__main__':
    main()
