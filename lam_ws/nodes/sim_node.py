"""The simulated cell as a node: commands enter, clock, images and joint states leave.

In lock-step time moves by one control cycle for each command that answers the current stamp; in
wall mode it follows the monotonic clock. Either way the cell is an arm that brakes by itself
when no fresh command comes, so that it comes to rest even when the guard was killed.
"""
from dataclasses import replace
import json
import sys
import time

from geometry_msgs.msg import TransformStamped
from lam_interfaces.srv import CellTruth, ResetCell
from lam_ws.errors import ArmError, LamError, ObservationError
from lam_ws.keys import read_keys
from lam_ws.nodes import conversion, nodes, sealing
from lam_ws.nodes.lifecycle import LamNode, run_node
from lam_ws.types import Command
from rclpy.lifecycle import LifecyclePublisher
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
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
        quality = nodes.RELIABLE
        self._cameras: dict[str, tuple[LifecyclePublisher, ...]] = {
            camera.name: (
                self.create_lifecycle_publisher(CameraInfo, nodes.info_topic(camera.name),
                                                quality),
                self.create_lifecycle_publisher(TransformStamped,
                                                nodes.mount_topic(camera.name), quality),
                self.create_lifecycle_publisher(Image, nodes.image_topic(camera.name), quality))
            for camera in self.site.cameras}
        self.create_subscription(JointTrajectory, nodes.COMMAND, self._command, nodes.RELIABLE,
                                 raw=True)
        self.create_service(ResetCell, nodes.SIM_RESET, self._reset)
        self.create_service(CellTruth, nodes.SIM_TRUTH, self._truth)
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
        self._next_images_s = self._started_s
        self._to_render: list[str] = []
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
            for name in self._cameras:
                self._publish_image(name, stamp_s)
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
        if now_s >= self._next_images_s:
            self._next_images_s = max(self._next_images_s + nodes.tick_ns(self.site) / 1e9, now_s)
            self._to_render = list(self._cameras)
        if self._to_render:   # one a cycle: rendering both at once would delay the joint states
            self._publish_image(self._to_render.pop(0), now_s)

    def _publish_clock(self, stamp_s: float) -> None:
        self._clock_out.publish(Clock(clock=conversion.to_time(stamp_s)))

    def _publish_joints(self, stamp_s: float) -> None:
        joints = replace(self.cell.read(), stamp_s=stamp_s)
        self._joints.publish(conversion.joint_state_message(joints))

    def _publish_image(self, name: str, stamp_s: float) -> None:
        info, mount, image = self._cameras[name]
        frame = replace(self.cell.render(name), stamp_s=stamp_s)
        info.publish(conversion.info_message(frame))
        mount.publish(conversion.mount_message(frame))
        image.publish(conversion.image_message(frame))

    # Services

    def _reset(self, request: ResetCell.Request,
               response: ResetCell.Response) -> ResetCell.Response:
        try:
            self.cell.stage(_scene_name(request.scene_json) or self.site.sim.scene)
            self.cell.reset(request.seed)
            response.truth_json = json.dumps(self.cell.truth())
            response.success = True
        except LamError as refusal:
            response.message = str(refusal)
            return response
        if self.running:
            untouched = self._lockstep and self._cycles == 0
            if untouched:   # no stamp would go back, and nobody notice: let one go ahead
                self._publish_joints(nodes.tick_ns(self.site) / 1e9)
            self._begin()
            if untouched:   # what was noticed by the first of these is taken with the second
                self._ask()
        return response

    def _truth(self, request: CellTruth.Request,
               response: CellTruth.Response) -> CellTruth.Response:
        response.truth_json = json.dumps(self.cell.truth())
        return response


def _scene_name(text: str) -> str:
    """Return the scene file that a request asks for, '' for the site's own.

    Raises:
        ObservationError: It asks for something else.
    """
    if not text:
        return ''
    try:
        asked = json.loads(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or set(asked) != {'scene'} or not isinstance(
            asked['scene'], str) or not asked['scene'].isidentifier():
        raise ObservationError('malformed', 'expected {"scene": "<name in sim/scenes>"}')
    return asked['scene']


def main() -> int:
    """Run the node until it is told to end."""
    return run_node(SimNode, urgent=True)


if __name__ == '__main__':
    sys.exit(main())
