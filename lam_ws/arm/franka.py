"""The adapter of a Franka arm, through franky and libfranka.

Set-points enter as references of franky's joint impedance tracker, which closes the loop with the
arm a thousand times a second in a thread of its own; what the robot measures and complains of
leaves. The tracker begins with the first set-point and ends with a fault, so connecting moves
nothing and an arm at rest that was commanded once is held by the tracker. The robot brakes by
itself when that thread stops answering: 20 answers in a row are what it waits for.
"""
from collections.abc import Callable
import queue
import threading
import time
from typing import Any

import franky
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.franka_hand import Hand
from lam_ws.arm.wired import Setpoint, WiredArm
from lam_ws.errors import ArmError
from lam_ws.geometry import Chain, inverse
from lam_ws.types import Array, JointState
import numpy as np

CONNECT_S = 5.0     # that reaching a controller may take; libfranka itself would wait a minute
ELSEWHERE_M = 2e-3  # m, between the wrist as the controller and as the arm's file compute it
_JOINTS = 7
# N m by which franky may change a torque from one cycle to the next. Of that libfranka's filter
# (100 Hz) leaves 0.386, and the robot allows 1 N m: slower, the arm swings after a hard braking.
TORQUE_STEP = 2.5
_FAILED = (RuntimeError, franky.Exception)   # franky lets some faults of the wire through as such
_MODES = {
    franky.RobotMode.Other: ArmStatus(Mode.HELD, 'brake', 'brakes are closed or FCI is off'),
    franky.RobotMode.Guiding: ArmStatus(Mode.MANUAL, 'teach', 'guided by hand'),
    franky.RobotMode.UserStopped: ArmStatus(Mode.HELD, 'estop', 'user stop is pressed'),
    franky.RobotMode.AutomaticErrorRecovery: ArmStatus(Mode.HELD, 'alarm', 'recovering'),
}
# Errors by which a reflex means something of its own; every other is a 'reflex'.
_REFLEXES = {
    'contact': ('joint_reflex', 'cartesian_reflex'),
    'link': ('communication_constraints_violation',),
    'limit': ('joint_position_limits_violation', 'self_collision_avoidance_violation',
              'cartesian_position_limits_violation'),
}
_STOPPED = 'User Stop pressed'   # libfranka's word for a motion that a user stop ended


class FrankaArm(WiredArm):
    """An FR3 with seven joints; see `WiredArm`."""

    period_s = 0.005   # s; the references of the tracker are that far apart

    _robot: Any = None
    _tracker: Any = None
    _hand: Hand | None = None
    _opening = 0.0
    _tick, _tick_s = -1, 0.0   # ms of the controller, and when it was last seen to grow

    def open(self) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        settings = self.adapter.franka
        if settings is None or self.spec.axes != _JOINTS + 1:
            raise ArmError(f'{self.spec.name} is no arm for the driver franka')
        kernel = franky.RealtimeConfig.Enforce if settings.realtime \
            else franky.RealtimeConfig.Ignore
        self._robot = _within(CONNECT_S, lambda: franky.Robot(self.adapter.address,
                                                              realtime_config=kernel))
        try:
            self._robot.set_collision_behavior(settings.torque_threshold,
                                               settings.force_threshold)
        except _FAILED as error:
            raise ArmError(_line(error)) from None
        self._tick_s = time.monotonic()
        state = self._newest()
        self._compare(state)
        self._hand = Hand(self.adapter.address, self.spec) \
            if self.adapter.gripper == 'driver' else None
        self._opening = self._hand.opening if self._hand else float(self.spec.home[-1])
        return self._measured(state), self._judged(state, '')

    def _compare(self, state: Any) -> None:
        """Require that the controller's own model puts the wrist where the arm's file does."""
        theirs = self._robot.model.pose(franky.Frame.Joint7, state).matrix
        ours = Chain(self.spec).forward(state.q) @ inverse(self.spec.X_FlangeTcp)
        off = np.abs(theirs - ours).max()
        if not off < ELSEWHERE_M:
            raise ArmError(f'the arm at {self.adapter.address} is no {self.spec.name}: by its own '
                           f'model the wrist is elsewhere by {off:.3f} (m, or share of 1)')

    def exchange(self, setpoint: Setpoint | None) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        ended = self._ended()
        if setpoint is not None and not ended:
            self._reach_for(float(setpoint.position[-1]))
            if self._tracker is None:
                self._begin()
            self._tracker.set_target(setpoint.position[:-1], setpoint.velocity[:-1])
        elif setpoint is None and self._tracker is not None:
            self._end()
        state = self._newest()
        return self._measured(state), self._judged(state, ended)

    def _reach_for(self, opening: float) -> None:
        """Pass on an opening; without a hand it is taken for measured."""
        if self._hand is None:
            self._opening = opening
        else:
            self._hand.want(opening)

    def _begin(self) -> None:
        settings = self.adapter.franka
        assert settings is not None
        try:
            self._tracker = franky.JointImpedanceTracker(
                self._robot, stiffness=np.array(settings.stiffness),
                max_delta_tau=TORQUE_STEP)
        except _FAILED as error:
            raise ArmError(_line(error)) from None

    def _ended(self) -> str:
        """Return why the tracker lost the arm, '' while it has it or never had."""
        if self._tracker is None or self._robot.is_in_control:
            return ''
        self._tracker = None
        try:
            self._robot.join_motion(0.0)
        except franky.NetworkException as error:
            raise ArmError(_line(error)) from None
        except _FAILED as error:
            return _line(error)
        return 'the controller ended the motion'

    def _end(self) -> None:
        """Let the tracker's last torque run out and the arm come to rest by damping."""
        self._tracker = None
        if self._robot.is_in_control:
            self._robot.move(franky.TorqueStopMotion(), asynchronous=True)

    def _newest(self) -> Any:
        """Return the state of the robot.

        Raises:
            ArmError: The controller has been silent for longer than it may be.
        """
        now_s = time.monotonic()
        if self._robot.is_in_control:   # its thread has the newest one, however old that is
            state = self._robot.state
        else:
            state = _within(self.adapter.stale_s, lambda: self._robot.state)
        tick = state.time.to_msec()
        if tick != self._tick:
            self._tick, self._tick_s = tick, now_s
        elif now_s - self._tick_s > self.adapter.stale_s:
            self._end()
            raise ArmError(f'the controller has been silent for {now_s - self._tick_s:.3f} s')
        return state

    def _measured(self, state: Any) -> JointState:
        if self._hand is not None:
            if self._hand.fault:
                raise ArmError(self._hand.fault)
            self._opening = self._hand.opening

        def with_gripper(values: Array, last: float) -> Array:
            return np.append(values, last)
        return JointState(self._tick_s, self.spec.names, with_gripper(state.q, self._opening),
                          with_gripper(state.dq, 0.0), with_gripper(state.tau_J, 0.0))

    def _judged(self, state: Any, ended: str) -> ArmStatus:
        """Return how the arm is; `ended` is why a motion ended just now, '' when none did."""
        mode = state.robot_mode
        if _STOPPED in ended:
            return _MODES[franky.RobotMode.UserStopped]
        if mode in _MODES:
            return _MODES[mode]
        if mode == franky.RobotMode.Reflex:
            errors = state.current_errors
            fault = next((fault for fault, names in _REFLEXES.items()
                          if any(getattr(errors, name) for name in names)), 'reflex')
            return ArmStatus(Mode.HELD, fault, str(errors))
        if ended:
            return ArmStatus(Mode.HELD, 'reflex', ended)
        return ArmStatus(Mode.READY)

    def clear(self) -> None:
        """See `WiredArm`."""
        status = self._judged(self._newest(), '')
        if status.mode is Mode.MANUAL or status.fault in ('estop', 'brake'):
            raise ArmError(f'{self.spec.name} cannot recover: {status.text}')
        try:
            if not self._robot.recover_from_errors():
                raise ArmError(f'{self.spec.name} refused to recover from {status.text}')
        except _FAILED as error:
            raise ArmError(_line(error)) from None

    def shut(self) -> None:
        """See `WiredArm`."""
        hand, self._hand = self._hand, None
        if hand is not None:
            hand.close()
        if self._robot is None:
            return
        if self._tracker is not None:
            self._end()
        robot, self._robot = self._robot, None
        try:   # a robot that is dropped in mid-motion makes every thread here wait for its own
            _within(CONNECT_S, lambda: robot.join_motion(CONNECT_S))
        except ArmError:
            pass   # it no longer answers, which is one way of having let go


def _within(limit_s: float, ask: Callable[[], Any]) -> Any:
    """Return what `ask` returns; libfranka itself waits a second or a minute.

    Raises:
        ArmError: It failed, or has not answered in `limit_s`.
    """
    answers: queue.Queue[tuple[Any, str]] = queue.Queue()

    def run() -> None:
        try:
            answers.put((ask(), ''))
        except _FAILED as error:
            answers.put((None, _line(error)))
    threading.Thread(target=run, daemon=True).start()
    try:
        answer, fault = answers.get(timeout=limit_s)
    except queue.Empty:
        raise ArmError(f'the controller has not answered for {limit_s:g} s') from None
    if fault:
        raise ArmError(fault)
    return answer


def _line(error: BaseException) -> str:
    return str(error).partition('\n')[0]
