"""An arm behind a wire: one thread that talks to a controller at the controller's own rate.

Commands of the guard enter and are played out (`playout`); every period the adapter exchanges one
set-point for one measurement. What the controller reports as a fault, and a wire that breaks,
lasts until `recover`. An adapter is what is left: how to open, exchange, clear and shut.
"""
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
import queue
import sys
import threading
import time
import traceback

from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.playout import Playout
from lam_ws.errors import ArmError
from lam_ws.robot import ArmSpec
from lam_ws.types import Array, Command, JointState

_RECOVER_S = 5.0    # that a controller may take to clear a fault
_SLACK = 0.01       # rad, beyond its range that a joint may stand
_CODES = {Mode.OFFLINE: 'link', Mode.HELD: 'alarm', Mode.MANUAL: 'teach'}


@dataclass(frozen=True)
class Setpoint:
    """Where the arm is to be now: `position` [n] rad (gripper m), `velocity` [n] per s."""

    position: Array
    velocity: Array


class WiredArm(ABC):
    """The contract of `arm.Arm`, kept for a controller that an adapter talks to.

    Args:
        spec: The arm that ought to be there.
        adapter: How it is reached.
        cycle_s: Control cycle of the guard, s.
    """

    period_s = 0.01   # s, of the controller; an adapter sets its own

    def __init__(self, spec: ArmSpec, adapter: AdapterFile, cycle_s: float):
        self.spec, self.adapter = spec, adapter
        self._playout = Playout(spec, cycle_s)
        self._lock = threading.Lock()
        self._joints: JointState | None = None
        self._status = ArmStatus(Mode.OFFLINE, text='not connected')
        self._fault = ''
        self._wishes: queue.Queue[tuple[Callable[[], None], queue.Queue[str]]] = queue.Queue()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=spec.name, daemon=True)
        self.late_s = 0.0   # longest delay of a period so far
        self.periods: list[float] | None = None   # s, lengths of periods, where somebody asks

    @abstractmethod
    def open(self) -> tuple[JointState, ArmStatus]:
        """Connect, check that it is the arm of `spec`, and return what is measured.

        Raises:
            ArmError: It does not answer, or is another arm.
        """

    @abstractmethod
    def exchange(self, setpoint: Setpoint | None) -> tuple[JointState, ArmStatus]:
        """Send a set-point, or nothing, and return what is measured; at most some periods long.

        Called by one thread only. `ArmStatus.fault` is what stands now; that it lasts is seen to
        here. The stamp is `time.monotonic()`.

        Raises:
            ArmError: The wire is broken.
        """

    @abstractmethod
    def clear(self) -> None:
        """Clear the fault at the controller; the arm stays where it is.

        Raises:
            ArmError: The cause lasts.
        """

    @abstractmethod
    def shut(self) -> None:
        """Let go of the controller; also of one that no longer answers."""

    def check_range(self, joints: JointState) -> None:
        """Refuse an arm whose joints stand where those of `spec` cannot be.

        Raises:
            ArmError: One is outside its range.
        """
        limits = self.spec.limits
        outside = ~((limits.lower - _SLACK <= joints.position)
                    & (joints.position <= limits.upper + _SLACK))   # NaN is outside as well
        if outside[:-1].any():
            raise ArmError(f'the arm at {self.adapter.address} is not {self.spec.name}: '
                           f'{self.spec.names[int(outside.argmax())]} is outside its range')

    def connect(self) -> None:
        """See `Arm`."""
        self._take(*self.open())
        self._thread.start()

    def read(self) -> JointState:
        """See `Arm`."""
        if self._joints is None:
            raise ArmError(f'{self.spec.name} has not been measured yet')
        return self._joints

    def status(self) -> ArmStatus:
        """See `Arm`."""
        status, fault = self._status, self._fault
        return replace(status, fault=fault) if fault else status

    def stream(self, command: Command) -> Command:
        """See `Arm`."""
        status = self.status()
        with self._lock:
            if not status.ready:
                self._playout.brake()
                raise ArmError(f'{self.spec.name} is not ready: {status.mode}, '
                               f'{status.fault or "no fault"} {status.text}'.rstrip())
            self._playout.put(command, self.read().position)
        return command

    def stop(self) -> None:
        """See `Arm`."""
        with self._lock:
            self._playout.brake()

    def recover(self) -> None:
        """See `Arm`."""
        if not self._thread.is_alive():
            raise ArmError(f'{self.spec.name} is not connected')
        answer: queue.Queue[str] = queue.Queue()
        self._wishes.put((self._recover, answer))
        try:
            refusal = answer.get(timeout=_RECOVER_S)
        except queue.Empty:
            raise ArmError(f'{self.spec.name} did not recover in {_RECOVER_S:g} s') from None
        if refusal:
            raise ArmError(refusal)

    def close(self) -> None:
        """See `Arm`."""
        self.stop()
        if self._thread.is_alive():
            deadline_s = time.monotonic() + 1.0
            while not self._playout.resting and time.monotonic() < deadline_s:
                time.sleep(self.period_s)
            self._ending.set()
            self._thread.join(2.0)
        self.shut()

    def _recover(self) -> None:
        """Clear what stands; in the thread that owns the wire."""
        if self._status.mode is Mode.OFFLINE:
            self.shut()
            measured = self.open()
        else:
            if self._fault:
                self.clear()
            measured = self.exchange(None)
        joints, status = measured
        if not status.ready:
            raise ArmError(f'{self.spec.name} is still {status.mode}: {status.fault} '
                           f'{status.text}'.rstrip(' :'))
        with self._lock:
            self._playout.forget()
            self._fault = ''
        self._take(joints, status)

    def _take(self, joints: JointState, status: ArmStatus) -> None:
        """Keep what was measured; a fault stays."""
        if not status.ready and not self._fault:
            self._fault = status.fault or _CODES[status.mode]
            with self._lock:
                self._playout.brake()
        self._joints, self._status = joints, status

    def _run(self) -> None:
        """Exchange, every period, until the arm is closed."""
        due_s = time.monotonic()
        while not self._ending.is_set():
            began_s = time.monotonic()
            try:
                self._turn()
            except Exception as failure:   # of the vendor's client or of ours: the arm is lost
                print(traceback.format_exc(), file=sys.stderr, flush=True)
                self._lose(f'{type(failure).__name__}: {failure}'.splitlines()[0])
            due_s += self.period_s
            now_s = time.monotonic()
            self.late_s = max(self.late_s, now_s - due_s)
            if now_s > due_s + 3.0 * self.period_s:   # what was missed is not made up for
                due_s = now_s
            self._ending.wait(max(due_s - now_s, 0.0))
            if self.periods is not None:
                self.periods.append(time.monotonic() - began_s)

    def _turn(self) -> None:
        """Do one period's work: a wish, or one exchange."""
        try:
            wish, answer = self._wishes.get_nowait()
        except queue.Empty:
            if self._status.mode is not Mode.OFFLINE:
                self._exchange()
            return
        try:
            wish()
            answer.put('')
        except Exception as refusal:
            answer.put(str(refusal) or type(refusal).__name__)
            if not isinstance(refusal, ArmError):
                raise

    def _exchange(self) -> None:
        with self._lock:
            now = self._playout.at(time.monotonic())
            setpoint = None if now is None or self._fault else Setpoint(*now)
        try:
            self._take(*self.exchange(setpoint))
        except ArmError as fault:
            self._lose(str(fault))

    def _lose(self, why: str) -> None:
        """Count the arm as lost until `recover` has reached it anew."""
        self._fault = self._fault or 'link'
        self._status = ArmStatus(Mode.OFFLINE, 'link', why)
        with self._lock:
            self._playout.brake()
