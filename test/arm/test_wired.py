"""What `lam_ws.arm.wired` makes of a wire that does what no adapter foresaw."""
import time

from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.arm.wired import WiredArm
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.types import Command, JointState
import numpy as np
import pytest

SPEC = load_arm('fr3')
STILL = np.zeros(SPEC.axes)


class Wire(WiredArm):
    """A controller that stands still, until it is told to do something else."""

    failure, position, sent = None, SPEC.home, 0

    def open(self):
        return self.exchange(None)

    def exchange(self, setpoint):
        if self.failure is not None:
            raise self.failure
        self.sent += setpoint is not None
        return JointState(time.monotonic(), SPEC.names, self.position, STILL), \
            ArmStatus(Mode.READY)

    def clear(self):
        """Have nothing to clear."""

    def shut(self):
        """Have nothing to let go of."""


@pytest.fixture
def arm():
    """Return a connected arm."""
    made = Wire(SPEC, AdapterFile('wire', 'fanuc', 'nowhere'), 0.01)
    made.connect()
    yield made
    made.close()


def command():
    """Return a command to stay at home."""
    return Command(time.monotonic(), SPEC.names, SPEC.home, STILL)


def until(holds):
    """Wait for something to hold."""
    deadline_s = time.monotonic() + 2.0
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


@pytest.mark.parametrize('failure', [ArmError('cut'), ValueError('no JSON'), KeyError('q')])
def test_whatever_breaks_the_wire_is_a_lost_arm(arm, failure, capfd):
    """Pins that no exception of a client ends the thread while the arm still counts as ready."""
    arm.stream(command())
    until(lambda: arm.sent > 0)
    arm.failure = failure
    until(lambda: arm.status().fault == 'link')
    assert arm.status().mode is Mode.OFFLINE and not arm.status().ready
    with pytest.raises(ArmError, match='not ready'):
        arm.stream(command())
    with pytest.raises(ArmError):
        arm.recover()
    arm.failure = None
    arm.recover()
    assert arm.status().ready
    arm.stream(command())
    assert ('Traceback' in capfd.readouterr().err) == (not isinstance(failure, ArmError))


def test_an_arm_that_measures_nonsense_is_not_begun_with(arm):
    """Pins NaN, which is never farther away than anything."""
    arm.position = np.full(SPEC.axes, np.nan)
    until(lambda: np.isnan(arm.read().position).all())
    with pytest.raises(ArmError, match='away from where the arm rests'):
        arm.stream(command())
    with pytest.raises(ArmError, match='outside its range'):
        arm.check_range(arm.read())
    time.sleep(0.05)
    assert arm.sent == 0
