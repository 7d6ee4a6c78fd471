"""A simulated cell that does what a real arm does: measured joints enter, camera images leave.

For sites with a real arm, or the counterpart of one, and simulated cameras. The cell's arm is
driven to where the real one is measured; table, parts and light are the simulator's. A gripper
that has no driver may be the cell's: it takes `gripper/command` and says where its fingers are.
"""
import sys
import time

from lam_ws.errors import ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.cell_cameras import CellCameras
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.scene_service import serve_scene
from lam_ws.types import Command
from lam_ws.types import JointState as Joints
import numpy as np
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

_CATCH_UP = 5   # cycles made up for at once after a delay; more are dropped


class MirrorNode(LamNode):
    """Runs `lam_ws.sim.cell.Cell` as the surroundings of an arm that is elsewhere."""

    def __init__(self) -> None:
        super().__init__('mirror')

    def open(self) -> None:
        from lam_ws.sim.cell import Cell

        self.cell = Cell(self.site)
        self._cameras = CellCameras(self, self.cell)
        self._fingers = None
        if self.site.adapter is not None and self.site.adapter.gripper == 'topic':
            self._fingers = self.create_lifecycle_publisher(JointState, nodes.GRIPPER_STATES,
                                                            nodes.RELIABLE)
            self.create_subscription(JointTrajectory, nodes.GRIPPER_COMMAND, self._grip,
                                     nodes.RELIABLE)
        self.create_subscription(JointState, nodes.JOINT_STATES, self._seen, nodes.RELIABLE)
        serve_scene(self, self.cell, self._begin)
        self.create_timer(self.cell.cycle_s, self._follow)
        self._begin()

    def start(self) -> None:
        self._begin()

    def shut(self) -> None:
        if hasattr(self, 'cell'):
            self.cell.close()

    def health(self) -> dict[str, object]:
        return {'cycles': self._cycles, 'measured': self._joints is not None}

    def _begin(self) -> None:
        self._joints: Joints | None = None
        self._opening = float(self.site.arm.limits.upper[-1])
        self._cycles, self._started_s = 0, time.monotonic()
        self._cameras.begin(self._started_s)

    def _seen(self, message: JointState) -> None:
        try:
            joints = conversion.joint_state(message, self.site.arm.names)
        except ObservationError as refusal:
            self.get_logger().error(f'joint state refused: {refusal}', throttle_duration_sec=1.0)
            return
        if self._joints is None:   # it stood there before
            self.cell.place_arm(np.append(joints.position[:-1], self._opening))
        self._joints = joints

    def _grip(self, message: JointTrajectory) -> None:
        if message.points and len(message.points[-1].positions) == 1:
            limits = self.site.arm.limits
            self._opening = float(np.clip(message.points[-1].positions[0], limits.lower[-1],
                                          limits.upper[-1]))

    def _follow(self) -> None:
        """Advance the cell to the present, its arm to where the real one is."""
        if not self.running:
            return
        now_s = time.monotonic()
        due = int((now_s - self._started_s) / self.cell.cycle_s) - self._cycles
        if due > _CATCH_UP:
            self._started_s += (due - _CATCH_UP) * self.cell.cycle_s
            due = _CATCH_UP
        if due < 1:
            return
        if self._joints is not None:
            fingers = self._joints.position[-1] if self._fingers is None else self._opening
            self.cell.stream(Command(now_s, self.site.arm.names,
                                     np.append(self._joints.position[:-1], fingers),
                                     np.append(self._joints.velocity[:-1], 0.0)))
        self.cell.advance(due)
        self._cycles += due
        if self._fingers is not None:
            measured = self.cell.read()
            self._fingers.publish(conversion.joint_state_message(Joints(
                now_s, measured.names[-1:], measured.position[-1:], measured.velocity[-1:])))
        self._cameras.publish_due(now_s)


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(MirrorNode, urgent=True)


if __name__ == '__main__':
    sys.exit(main())
