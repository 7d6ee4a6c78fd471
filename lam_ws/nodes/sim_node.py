"""The simulated cell as a node: commands enter, clock, images and joint states leave.

In lock-step time moves by one control cycle for each command that answers the current stamp; in
wall mode it follows the monotonic clock. Either way the cell is an arm that brakes by itself
when no fresh command comes, so that it comes to rest even when the guard was killed.
"""
from dataclasses import replace
import sys
import time

from lam_ws.errors import ArmError, ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.cell_cameras import CellCameras
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.nodes.scene_service import serve_scene
from lam_ws.types import Command
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

DEADLINE_S = 0.1        # wall mode: age of the last command at which the arm brakes by itself
SILENCE_S = 5.0         # lock-step: wall time without an answer after which a moving arm brakes
_REPEAT_S = 0.25        # lock-step: a question without an answer is asked again
_CATCH_UP = 5           # cycles made up for at once after a delay; more are dropped
_AWAY = 0.02            # rad; an arm that braked by itself follows no command farther from it
_STILL = 0.01           # rad/s (m/s)


class SimNode(LamNode):
    """Runs `lam_ws.sim.cell.Cell` behind the topics of a real arm with cameras."""

    def __init__(self) -> None:
        super().__init__('sim')

    def open(self) -> None:
        from lam_ws.sim.cell import Cell

        self._key = read_keys(('guard',))['guard']
        self.cell = Cell(self.site)
        self._lockstep = nodes.lockstep(self.site)
        self._cycle_ns = nodes.cycle_ns(self.site)
        self._clock_out = self.create_lifecycle_publisher(Clock, nodes.CLOCK, nodes.RELIABLE)
        self._joints = self.create_lifecycle_publisher(JointState, nodes.JOINT_STATES,
                                                       nodes.RELIABLE)
        self._cameras = CellCameras(self, self.cell)
        self.create_subscription(JointTrajectory, nodes.COMMAND, self._command, nodes.RELIABLE,
                                 raw=True)
        serve_scene(self, self.cell, self._staged)
        period_s = _REPEAT_S if self._lockstep else self.cell.cycle_s
        self.create_timer(period_s, self._repeat if self._lockstep else self._follow_time)

    def start(self) -> None:
        self._begin()

    def stop(self) -> None:
        self.cell.stop()

    def shut(self) -> None:
        if hasattr(self, 'cell'):
            self.cell.close()

    def health(self) -> dict[str, object]:
        return {'cycles': self._cycles, 'refused_commands': self._refused,
                'foreign_commands': self._foreign}

    def _begin(self) -> None:
        self._cycles, self._refused, self._foreign = 0, 0, 0
        self._command_s, self._alone = 0.0, False
        self._started_s = self._heard_s = time.monotonic()
        self._cameras.begin(self._started_s)
        if self._lockstep:
            self._ask()

    def _command(self, data: bytes) -> None:
        if not self.running:
            return
        message = sealing.command(data, self._key)
        if message is None or not (self._lockstep or self._newer(
                conversion.to_seconds(message.header.stamp))):
            self._foreign += 1   # it never was: the deadline of the last one goes on
            self.get_logger().error('command refused: not from the guard, or an old one',
                                    throttle_duration_sec=1.0)
            return
        if self._lockstep and conversion.to_ns(message.header.stamp) != self._now_ns():
            return
        try:
            command = conversion.command(message, self.cell.spec.names)
            if self._alone and self._away(command) > _AWAY:
                self.get_logger().error('command refused: it begins away from where the arm '
                                        'came to rest by itself', throttle_duration_sec=1.0)
                return
            self.cell.stream(command)
            self._alone = False
        except (ArmError, ObservationError) as refusal:
            self._refused += 1
            self.cell.stop()
            self.get_logger().error(f'command refused: {refusal}', throttle_duration_sec=1.0)
        self._heard_s = time.monotonic()
        if self._lockstep:
            self.cell.advance()
            self._cycles += 1
            self._ask()

    def _away(self, command: Command) -> float:
        """Return how far in rad a joint of the arm is from where a command wants it."""
        gap = command.position - self.cell.read().position
        return float(abs(gap[:-1]).max())

    def _newer(self, stamp_s: float) -> bool:
        """Take note of a stamp; return whether it follows the last one and is in time."""
        age_s = time.monotonic() - stamp_s
        if not (self._command_s < stamp_s and -self.cell.cycle_s <= age_s < DEADLINE_S):
            return False
        self._command_s = stamp_s
        return True

    # Lock-step

    def _now_ns(self) -> int:
        return self._cycles * self._cycle_ns

    def _ask(self) -> None:
        """Publish everything of the current stamp; its command is the answer."""
        self._asked_s = time.monotonic()
        stamp_s = self._now_ns() / 1e9
        self._publish_clock(stamp_s)
        if nodes.is_tick(self.site, self._now_ns()):
            self._cameras.publish_all(stamp_s)
        self._publish_joints(stamp_s)

    def _repeat(self) -> None:
        if not self.running or time.monotonic() - self._asked_s < _REPEAT_S:
            return
        if time.monotonic() - self._heard_s > SILENCE_S and self._moving():
            self.get_logger().error('no command: braking')
            self.cell.stop()
            while self._moving():
                self.cell.advance()
                self._cycles += 1
        self._ask()

    def _moving(self) -> bool:
        return bool(abs(self.cell.read().velocity).max() > _STILL)

    # Wall mode

    def _follow_time(self) -> None:
        """Advance the cell to the present."""
        if not self.running:
            return
        now_s = time.monotonic()
        if now_s - self._heard_s > DEADLINE_S:
            self.cell.stop()
            self._alone = True   # the guard has to begin anew at where the arm is
        due = int((now_s - self._started_s) / self.cell.cycle_s) - self._cycles
        if due > _CATCH_UP:   # what cannot be made up for never happened
            self._started_s += (due - _CATCH_UP) * self.cell.cycle_s
            due = _CATCH_UP
        if due < 1:
            return
        self.cell.advance(due)
        self._cycles += due
        self._publish_clock(now_s)
        self._publish_joints(now_s)
        self._cameras.publish_due(now_s)

    def _publish_clock(self, stamp_s: float) -> None:
        self._clock_out.publish(Clock(clock=conversion.to_time(stamp_s)))

    def _publish_joints(self, stamp_s: float) -> None:
        joints = replace(self.cell.read(), stamp_s=stamp_s)
        self._joints.publish(conversion.joint_state_message(joints))

    def _staged(self) -> None:
        """Begin anew in the scene that was asked for."""
        if not self.running:
            return
        untouched = self._lockstep and self._cycles == 0
        if untouched:   # no stamp would go back, and nobody notice: let one go ahead
            self._publish_joints(nodes.tick_ns(self.site) / 1e9)
        self._begin()
        if untouched:   # what was noticed by the first of these is taken with the second
            self._ask()


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(SimNode, urgent=True)


if __name__ == '__main__':
    sys.exit(main())
