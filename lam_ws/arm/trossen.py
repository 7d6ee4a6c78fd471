"""Trossen WidowX AI through trossen-arm: positions with their velocities, at 100 Hz.

Set-points enter; what the controller measures leaves. The client keeps the wire in a thread of its
own and says that an answer is missing by giving the last one again, so its count is watched here.
In an error the controller measures nothing: the last measurement stays, and grows old.
"""
import time

from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.wired import Setpoint, WiredArm
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, JointState
import numpy as np
import trossen_arm

_CONNECT_S = 2.0
_SLACK = 1e-3    # rad, by which a limit of the spec may lie outside the controller's
_FAULTS = {      # by trossen_arm.ErrorState; what is not here is an alarm
    'joint_limit_exceeded': 'limit',
    'joint_disabled_unexpectedly': 'brake',
}
_REFUSALS = (RuntimeError, trossen_arm.LogicError)


class TrossenArm(WiredArm):
    """A WidowX AI with its follower gripper; see `WiredArm`."""

    period_s = 0.01   # s

    def __init__(self, spec: ArmSpec, adapter: AdapterFile, cycle_s: float):
        super().__init__(spec, adapter, cycle_s)
        self._driver: trossen_arm.TrossenArmDriver | None = None
        self._last: JointState | None = None
        self._count = -1
        self._error: ArmStatus | None = None
        self._driven = False

    def open(self) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        return self._open(clearing=False)

    def exchange(self, setpoint: Setpoint | None) -> tuple[JointState, ArmStatus]:
        """See `WiredArm`."""
        if self._error is None:
            try:
                self._talk(self._connected(), setpoint)
            except _REFUSALS as refusal:
                self._error = self._status_of(refusal)
        if self._last is None:
            raise ArmError(f'{self.spec.name} has not been measured: '
                           f'{self._error.text if self._error else "no answer"}')
        if self._error is not None:
            return self._last, self._error
        silent_s = time.monotonic() - self._last.stamp_s
        if silent_s > self.adapter.stale_s:
            return self._last, ArmStatus(Mode.OFFLINE, 'link', f'silent for {silent_s:.2f} s')
        return self._last, ArmStatus(Mode.READY)

    def clear(self) -> None:
        """See `WiredArm`; with a new client, as one whose clear_error was refused is broken."""
        self.shut()
        self._open(clearing=True)

    def _open(self, clearing: bool) -> tuple[JointState, ArmStatus]:
        """Connect a new client, which clears the controller's error where it is to."""
        driver, host = trossen_arm.TrossenArmDriver(), self.adapter.address
        driver.set_log_level(trossen_arm.LogLevel.critical)
        try:
            driver.configure(trossen_arm.Model.wxai_v0,
                             trossen_arm.StandardEndEffector.wxai_v0_follower, host, clearing,
                             _CONNECT_S)
            limits = driver.get_joint_limits()
        except _REFUSALS as refusal:
            raise ArmError(f'no Trossen arm at {host}: {_line(refusal)}') from refusal
        self._driver, self._error, self._driven, self._count = driver, None, False, -1
        try:
            self._check(limits)
            joints, status = self.exchange(None)
            self.check_range(joints)
        except ArmError:
            self.shut()
            raise
        return joints, status

    def shut(self) -> None:
        """See `WiredArm`; the joints go idle."""
        driver, self._driver = self._driver, None
        if driver is not None:
            try:
                driver.cleanup()
            except _REFUSALS as refusal:
                raise ArmError(f'{self.spec.name} was not released: {_line(refusal)}') \
                    from refusal

    def _connected(self) -> trossen_arm.TrossenArmDriver:
        if self._driver is None:
            raise ArmError(f'{self.spec.name} is not connected')
        return self._driver

    def _check(self, limits: list[trossen_arm.JointLimit]) -> None:
        """Require that the controller's joints are those of the spec, in number and range."""
        spec, host = self.spec, self.adapter.address
        if len(limits) != spec.axes:
            raise ArmError(f'the arm at {host} has {len(limits)} axes, {spec.name} {spec.axes}')
        lower = _opening(np.array([one.position_min for one in limits]))
        upper = _opening(np.array([one.position_max for one in limits]))
        wide = ~((lower - _SLACK <= spec.limits.lower)
                 & (spec.limits.upper <= upper + _SLACK))   # NaN is no range
        if wide.any():
            i = int(wide.argmax())
            raise ArmError(f'the arm at {host} is not {spec.name}: {spec.names[i]} has a range of '
                           f'{lower[i]:.3f} .. {upper[i]:.3f}')

    def _talk(self, driver: trossen_arm.TrossenArmDriver, setpoint: Setpoint | None) -> None:
        """Take what is measured and send a set-point; without one the joints go idle."""
        self._measure(driver)
        if setpoint is not None:
            self._send(driver, setpoint)
        elif self._driven:
            self._driven = False
            driver.set_all_modes(trossen_arm.Mode.idle)

    def _measure(self, driver: trossen_arm.TrossenArmDriver) -> None:
        output = driver.get_robot_output()
        if output.header.id == self._count:
            return
        self._count = output.header.id
        axes = output.joint.all
        self._last = JointState(time.monotonic(), self.spec.names,
                                _opening(np.array(axes.positions)),
                                _opening(np.array(axes.velocities)), np.array(axes.efforts))

    def _send(self, driver: trossen_arm.TrossenArmDriver, setpoint: Setpoint) -> None:
        if not self._driven:
            driver.set_all_modes(trossen_arm.Mode.position)
            self._driven = True
        driver.set_all_positions(_carriage(setpoint.position), self.period_s, False,
                                 _carriage(setpoint.velocity))

    def _status_of(self, refusal: Exception) -> ArmStatus:
        """Return how the arm is after the client raised.

        Raises:
            ArmError: It was the wire, not an error of the controller.
        """
        text = _line(refusal)
        for state, said in trossen_arm.ERROR_INFORMATION.items():
            if said in text:
                return ArmStatus(Mode.HELD, _FAULTS.get(state.name, 'alarm'), text)
        raise ArmError(text) from refusal


def _opening(axes: Array) -> Array:
    """Return [n] with the opening between the pads instead of one carriage's way, m."""
    axes[-1] *= 2.0
    return axes


def _carriage(axes: Array) -> trossen_arm.VectorDouble:
    """Return [n] with one carriage's way instead of the opening, m."""
    return trossen_arm.VectorDouble([*axes[:-1].tolist(), 0.5 * float(axes[-1])])


def _line(refusal: Exception) -> str:
    """Return what the client says in one line, less where to read more."""
    return str(refusal).split('\nPlease')[0].replace('\n', ' ')
