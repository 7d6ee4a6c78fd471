"""A real arm as a node: the guard's commands enter, measured joints and the arm's state leave.

The same topics as the simulated cell has. Whatever the adapter, a command counts only under the
guard's seal, in time, and newer than the last; a fault of the controller lasts until `recover`,
which moves nothing: the guard has stopped, and asks for reset and arm.
"""
from dataclasses import replace
import sys
import time

from lam_interfaces.msg import ArmState
from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Arm, ArmStatus, DEADLINE_S, Mode
from lam_ws.errors import ArmError, LamError, ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.controller import ControllerArm
from lam_ws.nodes.gripper import Gripper
from lam_ws.nodes.lifecycle import LamNode, run_node
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

_STATE_CYCLES = 10   # arm_state is sent at least each so many cycles


class ArmNode(LamNode):
    """Runs one adapter of `lam_ws.arm` behind the topics of an arm."""

    def __init__(self) -> None:
        super().__init__('arm')

    def open(self) -> None:
        adapter = self.site.adapter
        if adapter is None:
            raise ArmError(f'{self.site.name} has no real arm: its arm.adapter is pybullet')
        self._key = read_keys(('guard',))['guard']
        cycle_s = nodes.cycle_ns(self.site) / 1e9
        self.arm: Arm = ControllerArm(self, self.site.arm, adapter, cycle_s) \
            if adapter.driver == 'ros2_control' else make_arm(self.site.arm, adapter, cycle_s)
        self._gripper = Gripper(self, self.site.arm.names[-1], adapter.stale_s) \
            if adapter.gripper == 'topic' else None
        self._joints = self.create_lifecycle_publisher(JointState, nodes.JOINT_STATES,
                                                       nodes.RELIABLE)
        self._state_out = self.create_lifecycle_publisher(ArmState, nodes.ARM_STATE,
                                                          nodes.RELIABLE)
        self._begin()
        self.create_subscription(JointTrajectory, nodes.COMMAND, self._command, nodes.RELIABLE,
                                 raw=True)
        self.create_service(Trigger, nodes.RECOVER, self._recover)
        self.create_timer(cycle_s, self._cycle)
        self.arm.connect()

    def start(self) -> None:
        self._begin()

    def stop(self) -> None:
        self.arm.stop()

    def shut(self) -> None:
        if hasattr(self, 'arm'):
            self.arm.close()

    def health(self) -> dict[str, object]:
        status = self._status()
        return {'mode': status.mode.value, 'fault': status.fault, 'text': status.text,
                'pace': status.pace, 'refused_commands': self._refused,
                'foreign_commands': self._foreign}

    def _begin(self) -> None:
        self._refused = self._foreign = self._cycles = 0
        self._command_s = 0.0
        self._told: ArmStatus | None = None

    def _command(self, data: bytes) -> None:
        if not self.running:
            return
        message = sealing.command(data, self._key)
        if message is None or not self._newer(conversion.to_seconds(message.header.stamp)):
            self._foreign += 1
            self.get_logger().error('command refused: not from the guard, or an old one',
                                    throttle_duration_sec=1.0)
            return
        try:
            command = conversion.command(message, self.arm.spec.names)
            self.arm.stream(command)
            if self._gripper is not None:
                self._gripper.move(float(command.position[-1]))
        except (ArmError, ObservationError) as refusal:
            self._refused += 1
            self.arm.stop()
            self.get_logger().error(str(refusal), throttle_duration_sec=1.0)

    def _newer(self, stamp_s: float) -> bool:
        """Take note of a stamp; return whether it follows the last one and is in time."""
        age_s = time.monotonic() - stamp_s
        if not (self._command_s < stamp_s and -0.01 <= age_s < DEADLINE_S):
            return False
        self._command_s = stamp_s
        return True

    def _status(self) -> ArmStatus:
        """Return how the arm and its gripper are."""
        status = self.arm.status()
        if status.ready and self._gripper is not None and self._gripper.silent():
            return replace(status, mode=Mode.OFFLINE, fault='link',
                           text='the driver of the gripper is silent')
        return status

    def _cycle(self) -> None:
        """Publish what is measured, and how the arm is."""
        if not self.running:
            return
        status = self._status()
        try:
            joints = self.arm.read()
            if self._gripper is not None:
                joints = self._gripper.measured(joints)
            self._joints.publish(conversion.joint_state_message(joints))
        except ArmError as silence:
            self.get_logger().error(str(silence), throttle_duration_sec=1.0)
        self._cycles += 1
        if status != self._told or self._cycles % _STATE_CYCLES == 0:
            if self._told is not None and status.fault != self._told.fault:
                self.get_logger().warning(f'arm {status.mode}: {status.fault or "no fault"} '
                                          f'{status.text}')
            self._told = status
            self._state_out.publish(ArmState(
                header=Header(stamp=conversion.to_time(time.monotonic()),
                              frame_id=nodes.BASE_FRAME),
                mode=status.mode.value, fault=status.fault, text=status.text,
                pace=float(status.pace)))

    def _recover(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if not self.running:
            response.message = 'the arm is not active'
            return response
        try:
            self.arm.recover()
            response.success, response.message = True, 'no fault stands; then reset, then arm'
        except LamError as refusal:
            response.message = str(refusal)
        return response


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(ArmNode, urgent=True)


if __name__ == '__main__':
    sys.exit(main())
