"""An arm behind a controller of ros2_control, or any driver that speaks like one.

Commands of the guard enter; each leaves at once as a short trajectory that ends at rest, so that
the controller itself brakes when nothing follows (its own time-out of commands is off by
default, and it refuses trajectories that end in motion). Joint states, the share at which the
controller plays and whether it is active come back by topic, under whatever names the
adapter's file says.
"""
import math
import time

from lam_ws.adapter_file import AdapterFile, ControllerSettings
from lam_ws.arm.arm import ArmStatus, AWAY_RAD, check_command, DEADLINE_S, Mode
from lam_ws.errors import ArmError, ObservationError
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.activity import Activity
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, Command, JointState
import numpy as np
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64, Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

_UNTOLD_S = 0.5       # without a word, after which an arm that plays slowly is waited for
_SHORTEST_S = 0.01   # of the way to rest


class ControllerArm:
    """The contract of `arm.Arm` by topics of a controller.

    Args:
        node: Whose publishers and subscriptions are used.
        spec: The arm; its gripper is another's.
        adapter: How it is reached; its section ros2_control is there.
        cycle_s: Control cycle of the guard, s.
    """

    def __init__(self, node: LifecycleNode, spec: ArmSpec, adapter: AdapterFile,
                 cycle_s: float):
        assert adapter.ros2_control is not None
        self.spec, self._cycle_s, self._stale_s = spec, cycle_s, adapter.stale_s
        self._settings: ControllerSettings = adapter.ros2_control
        own = spec.names[:-1]
        self._names = self._settings.joints or own
        if len(self._names) != len(own):
            raise ArmError(f'{adapter.name} names {len(self._names)} joints, {spec.name} has '
                           f'{len(own)}')
        self._joints: JointState | None = None
        self._command: Command | None = None
        self._opening = float(spec.limits.upper[-1])
        self._fault, self._text, self._began = '', '', False
        self._share, self._share_s = 1.0, -math.inf   # at which it plays, and when it said so
        kind = JointTrajectory if self._settings.kind == 'trajectory' else Float64MultiArray
        self._out = node.create_publisher(kind, self._settings.command, nodes.RELIABLE)
        node.create_subscription(JointStateMessage, self._settings.states, self._measured,
                                 nodes.NEWEST)
        if self._settings.speed_scaling is not None:
            node.create_subscription(Float64, self._settings.speed_scaling, self._scaled,
                                     nodes.RELIABLE)
        self._activity = Activity(node, self._settings)

    def connect(self) -> None:
        """See `Arm`; the first joint state comes with the executor, so nothing is waited for."""

    def read(self) -> JointState:
        """See `Arm`."""
        if self._joints is None:
            raise ArmError(f'nothing on {self._settings.states} yet that has the joints '
                           f'{", ".join(self._names)}')
        return self._joints

    def status(self) -> ArmStatus:
        """See `Arm`."""
        fault, text = self._cause()
        self._began |= not fault
        if fault and self._began and not self._fault:   # what never drove has lost nothing
            self._fault, self._text = fault, text
            self._brake()
        mode = {'': Mode.READY, 'link': Mode.OFFLINE}.get(fault, Mode.HELD)
        return ArmStatus(mode, self._fault or fault, self._text or text, self._pace())

    def _pace(self) -> float:
        """Return the share at which it plays; none while it is to say so and does not."""
        if self._settings.speed_scaling is None:
            return 1.0
        return self._share if time.monotonic() - self._share_s < _UNTOLD_S else 0.0

    def _cause(self) -> tuple[str, str]:
        """Return the fault that stands now and what it is about."""
        silent_s = math.inf if self._joints is None else \
            time.monotonic() - self._joints.stamp_s
        if silent_s > self._stale_s:
            return 'link', f'no joint states on {self._settings.states}'
        if self._out.get_subscription_count() == 0:
            return 'switched', f'no controller takes {self._settings.command}'
        return self._activity.cause()

    def stream(self, command: Command) -> Command:
        """See `Arm`."""
        check_command(command, self.spec)
        status = self.status()
        if not status.ready:
            raise ArmError(f'{self.spec.name} is not ready: {status.fault} {status.text}')
        if self._command is None:
            away = float(np.abs(command.position - self.read().position)[:-1].max())
            if not away <= AWAY_RAD:
                raise ArmError(f'command refused: it begins {away:.3f} rad away from where the '
                               f'arm rests, at most {AWAY_RAD:g} is allowed')
        self._command, self._opening = command, float(command.position[-1])
        self._publish(command.position[:-1], command.velocity[:-1])
        return command

    def stop(self) -> None:
        """See `Arm`."""
        self._brake()

    def recover(self) -> None:
        """See `Arm`."""
        fault, text = self._cause()
        if fault:
            raise ArmError(f'{self.spec.name} is still not ready: {text}')
        self._fault = self._text = ''
        self._command = None

    def close(self) -> None:
        """See `Arm`."""
        self._brake()

    def _brake(self) -> None:
        """Send the way to rest of the last command, unless it was played long ago."""
        command, self._command = self._command, None
        if command is None or time.monotonic() - command.stamp_s > DEADLINE_S:
            return
        self._publish(command.position[:-1], command.velocity[:-1])

    def _publish(self, position: Array, velocity: Array) -> None:
        """Send where to be in a moment, and where that motion comes to rest."""
        if self._settings.kind == 'forward':
            self._out.publish(Float64MultiArray(data=position.tolist()))
            return
        limits, ahead_s = self.spec.limits, self._settings.ahead_s
        brake_s = max(float(np.abs(velocity / limits.acceleration[:-1]).max()), _SHORTEST_S)
        rest = np.clip(position + 0.5 * brake_s * velocity, limits.lower[:-1],
                       limits.upper[:-1])
        points = [JointTrajectoryPoint(
            positions=where.tolist(), velocities=speed.tolist(),
            time_from_start=conversion.to_duration(when_s))
            for where, speed, when_s in ((position, velocity, ahead_s + self._cycle_s),
                                         (rest, 0.0 * velocity,
                                          ahead_s + self._cycle_s + brake_s))]
        # No stamp: to begin at once, on whatever clock the controller goes by.
        self._out.publish(JointTrajectory(joint_names=list(self._names), points=points))

    def _measured(self, message: JointStateMessage) -> None:
        try:
            seen = conversion.joint_state(message, self._names)
        except ObservationError:   # of other joints, or spoilt: its age tells
            return
        effort = None if seen.effort is None else np.append(seen.effort, 0.0)
        self._joints = JointState(time.monotonic(), self.spec.names,
                                  np.append(seen.position, self._opening),
                                  np.append(seen.velocity, 0.0), effort)

    def _scaled(self, message: Float64) -> None:
        share = message.data / (100.0 if self._settings.percent else 1.0)
        self._share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
        self._share_s = time.monotonic()
