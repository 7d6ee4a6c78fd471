"""FANUC CRX through airo-fanuc: Stream Motion at 125 Hz, RMI for the rest.

Set-points enter; what the controller measures and how it is leave. The client's own thread keeps
the 8 ms and brakes when this one falls silent; it steers for a place and wants to be at rest
there, so it is sent to where the arm could stop from the set-point, not to the set-point itself.
That place is a set-point's distance ahead of it, which takes the client's lag away.
"""
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from airo_fanuc import DriverConfig, DriverPolicy, FanucDriver, FanucError, RobotProfile
from airo_fanuc._core import FaultReason
from airo_fanuc.controller_facts import STOP_LIMIT_SCALE_J, STOP_LIMIT_SCALE_VA
from lam_ws.adapter_file import AdapterFile, FanucSettings
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.wired import Setpoint, WiredArm
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, JointState
import numpy as np

_ANYWHERE = 4.0 * np.pi   # rad
_LADDER_S = 3.0   # that the controller may take to leave a fault
_FAULTS = {
    'E_STOP': (Mode.HELD, 'estop'),
    'IN_ERROR': (Mode.HELD, 'alarm'),
    'MOTION_NOT_POSSIBLE': (Mode.HELD, 'alarm'),
    'TEACH_MODE': (Mode.MANUAL, 'teach'),
    'CONTACT_STOP': (Mode.HELD, 'contact'),
    'FORCE_GUARD': (Mode.HELD, 'contact'),
    'SAFETY_CLAMP': (Mode.HELD, 'protective_stop'),
    'RX_SILENT': (Mode.OFFLINE, 'link'),
    'RX_DEGRADED': (Mode.OFFLINE, 'link'),
    'SUPERVISOR_LOST': (Mode.OFFLINE, 'link'),
}
_OTHER = (Mode.HELD, 'alarm')


class FanucArm(WiredArm):
    """A six-axis FANUC arm; see `WiredArm`."""

    period_s = 0.008   # s, interpolation period of the R-30iB

    def __init__(self, spec: ArmSpec, adapter: AdapterFile, cycle_s: float):
        super().__init__(spec, adapter, cycle_s)
        self._settings = adapter.fanuc or FanucSettings()
        self._driver: FanucDriver | None = None
        self._opening = spec.home[-1:]   # m, last commanded

    def open(self) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`; takes about three seconds."""
        if self.spec.axes != 7:
            raise ArmError(f'a FANUC arm has 6 joints, {self.spec.name} has {self.spec.axes - 1}')
        settings, host = self._settings, self.adapter.address
        config = DriverConfig(profile=self._profile(), sm_port=settings.stream_port,
                              rmi_port=settings.rmi_port)
        lock = Path(gettempdir()) / f'lam_ws_fanuc_{host}_{settings.stream_port}.lock'
        policy = DriverPolicy(config, enable_gripper=False, auto_recover=False, lock_path=lock)
        try:
            self._driver = FanucDriver(host, policy)
        except (FanucError, OSError, RuntimeError) as refusal:
            raise ArmError(f'no FANUC controller at {host}: {refusal}') from refusal
        joints, status = self.exchange(None)
        try:
            self.check_range(joints)
        except ArmError:
            self.shut()
            raise
        return joints, status

    def exchange(self, setpoint: Setpoint | None) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        driver = self._connected()
        state = driver.get_state()
        status = self._status_of(state)
        if not status.ready:
            driver.stop_j()
        elif setpoint is not None:
            self._opening = setpoint.position[-1:]
            try:
                driver.servo_j(self._to_wire(self._target(setpoint)), self.period_s)
            except FanucError as refusal:
                status = ArmStatus(*_OTHER, str(refusal))
        position = self._from_wire(np.array(state['q_meas']))
        velocity = self._from_wire(np.array(state['qd_est']))
        return JointState(state['rx_mono_ns'] * 1e-9, self.spec.names,
                          np.append(position, self._opening), np.append(velocity, 0.0)), status

    def clear(self) -> None:
        """See `WiredArm`; the client's own gate after an emergency stop is opened as well."""
        driver = self._connected()
        state = driver.get_state()
        for fact, cause in (('e_stopped', 'the emergency stop is pressed'),
                            ('tp_enabled', 'the teach pendant has the arm'),
                            ('contact_stop_status', 'the arm still reports contact')):
            if state[fact]:
                raise ArmError(f'{self.spec.name} cannot recover: {cause}')
        if not driver.recover(_LADDER_S, escalate_reconnect=False):
            hint = driver.get_state()['operator_hint']
            raise ArmError(f'{self.spec.name} did not recover: {hint}')
        driver.arm()

    def shut(self) -> None:
        """See `WiredArm`."""
        driver, self._driver = self._driver, None
        if driver is not None:
            try:
                driver.close()
            except FanucError as wedged:
                raise ArmError(f'{self.spec.name} was not released: {wedged}') from wedged

    def _connected(self) -> FanucDriver:
        if self._driver is None:
            raise ArmError(f'{self.spec.name} is not connected')
        return self._driver

    def _status_of(self, state: dict[str, Any]) -> ArmStatus:
        """Return how the arm is from a snapshot of the client."""
        age_s = state['rx_age_ms'] * 1e-3
        if age_s > self.adapter.stale_s:
            return ArmStatus(Mode.OFFLINE, 'link', f'silent for {age_s:.2f} s')
        fault, hint = FaultReason(state['fault']).name, state['operator_hint'] or ''
        if fault != 'NONE':
            return ArmStatus(*_FAULTS.get(fault, _OTHER), hint or fault)
        if state['motion_inhibited'] or not state['motion_possible']:
            return ArmStatus(*_OTHER, hint)
        return ArmStatus(Mode.READY, pace=float(state['safety_scale']))

    def _target(self, setpoint: Setpoint) -> Array:
        """Return [6] rad, where the client could come to rest from a set-point, and `lead_s` on.

        Within the limits of acceleration and jerk that it has, from a constant speed.
        """
        limits, position = self.spec.limits, setpoint.position[:-1]
        velocity = setpoint.velocity[:-1]
        most, jerk = limits.acceleration[:-1] / STOP_LIMIT_SCALE_VA, \
            limits.jerk[:-1] / STOP_LIMIT_SCALE_J
        speed = np.abs(velocity)
        stopping_s = np.where(speed < most ** 2 / jerk, 2.0 * np.sqrt(speed / jerk),
                              speed / most + most / jerk)
        ahead_s = 0.5 * stopping_s + self._settings.lead_s
        return np.clip(position + velocity * ahead_s, limits.lower[:-1], limits.upper[:-1])

    def _to_wire(self, position: Array) -> Array:
        """Return J1..J6 [6] rad as the stream counts them."""
        wire = position.copy()
        if self._settings.coupled:
            wire[2] -= wire[1]
        return wire

    def _from_wire(self, wire: Array) -> Array:
        """Return joints [6] rad, or rad/s, of the spec."""
        position = wire.copy()
        if self._settings.coupled:
            position[2] += wire[1]
        return position

    def _profile(self) -> RobotProfile:
        """Return the limits in which the client keeps what it sends.

        Acceleration and jerk are more than the arm's, in which the guard keeps its commands: the
        client brakes at a share of them, and that share is the arm's own. With the arm's own as
        they are it would follow a change of speed a fifth of a second late.

        Not those of position: an arm that stands beyond them would be moved while it connects
        (seen on the client's own controller), before anybody can say that it is another arm.
        """
        limits = self.spec.limits
        velocity, acceleration, jerk = (
            limits.velocity[:-1].copy(), limits.acceleration[:-1] / STOP_LIMIT_SCALE_VA,
            limits.jerk[:-1] / STOP_LIMIT_SCALE_J)
        if self._settings.coupled:
            for most in (velocity, acceleration, jerk):
                most[2] += most[1]
        return RobotProfile(self.spec.name, self.spec.name, velocity, acceleration, jerk,
                            np.full(6, -_ANYWHERE), np.full(6, _ANYWHERE), source='config/arms')
