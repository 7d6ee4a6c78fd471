"""Tests of `lam_ws.arm.trossen` against trossen-arm-sim, a controller with MuJoCo behind it."""
from contextlib import contextmanager
from dataclasses import replace
import os
import signal
import time

import pytest

pytest.importorskip('trossen_arm', reason="pip install '.[trossen]'")

from arm_driving import moves_again, refuses_to_move, rests_after_death, stands, swing, until
from lam_ws.adapter_file import AdapterFile
from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Mode
from lam_ws.configuration import load, locate
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.testing import check_arm
import numpy as np
from vendor_peer import install, own_host, VendorPeer

pytestmark = pytest.mark.peer
SPEC = load_arm('wxai')
SLOW_S = 0.02       # a slow guard's cycle
AT_ONCE_S = 0.1     # an exchange of 10 ms, and what a loaded machine adds
STOPS = {           # what the controller reports: fault
    'JOINT_OVERHEATED': 'alarm',
    'JOINT_LIMIT_EXCEEDED': 'limit',
    'JOINT_DISABLED_UNEXPECTEDLY': 'brake',
    'ROBOT_INPUT_INFINITE': 'alarm',
}


@pytest.fixture(scope='module')
def python():
    """Return the Python that has trossen-arm-sim."""
    try:
        return install('trossen')
    except (OSError, RuntimeError) as missing:
        pytest.skip(f'trossen-arm-sim cannot be installed: {missing}')


def arm_at(host, spec=SPEC, cycle_s=0.01):
    """Return the arm of a controller, not connected."""
    file = load(locate('config/adapters', 'trossen'), AdapterFile)
    return make_arm(spec, replace(file, address=host), cycle_s)


@contextmanager
def reached(python=None, cycle_s=0.01):
    """Yield a controller at the home pose, the gripper half open, and the connected arm."""
    host = own_host()
    start = [*SPEC.home[:-1].tolist(), 0.25 * float(SPEC.home[-1])]
    with VendorPeer('trossen_controller.py', host, *start,
                    python=python or install('trossen')) as peer:
        arm = arm_at(host, cycle_s=cycle_s)
        arm.connect()
        try:
            yield peer, arm
        finally:
            arm.close()


@pytest.fixture(scope='module')
def cell(python):
    """One controller and arm for the tests that leave both as they found them."""
    with reached(python) as both:
        yield both


def test_connecting_moves_nothing_and_measures_the_opening(cell):
    """Pins that joints stay idle until the first command, and two carriages make one opening."""
    peer, arm = cell
    assert set(peer.wish('state')['modes']) == {'IDLE'}
    assert arm.read().position[-1] == pytest.approx(0.5 * SPEC.home[-1], abs=1e-3)
    np.testing.assert_allclose(arm.read().position[:-1], SPEC.home[:-1], atol=0.02)


def test_the_contract_holds(python):
    """Pins check_arm, at 50 Hz, so that each cycle has a new measurement."""
    with reached(python, cycle_s=SLOW_S) as (_, arm):
        check_arm(arm, lambda: time.sleep(SLOW_S), SLOW_S, clock=time.monotonic)


@pytest.mark.long
def test_a_swing_is_followed(cell):
    """Pins units, order and sign of the joints and of the opening."""
    peer, arm = cell
    start = arm.read().position
    for joint in range(SPEC.axes - 1):
        rows, refusal = swing(arm, start, 2.0, joint=joint)
        assert refusal is None
        measured = np.array([row[2] for row in rows])
        others = [i for i in range(SPEC.axes) if i != joint]
        assert np.ptp(measured[:, joint]) > 0.12
        assert np.ptp(measured[:, others], axis=0).max() < 0.02     # gravity and inertia
        until(lambda: stands(arm), 3.0)
    rows, refusal = swing(arm, start, 1.0, joint=-1, reach=0.03)
    assert refusal is None
    assert rows[-1][2][-1] == pytest.approx(start[-1] + 0.03, abs=0.004)
    assert peer.wish('state')['q'][-1] == pytest.approx(0.5 * rows[-1][2][-1], abs=0.002)


@pytest.mark.parametrize('what', STOPS)
def test_a_stop_is_reported_at_once_and_outlasts_its_cause(cell, what):
    """Pins mode and code, no motion until recover, and recover refused while the cause lasts."""
    peer, arm = cell
    swing(arm, arm.read().position, 0.4)
    peer.wish('lasting', True)
    peer.wish('fault', what, 'the reason that the log has')
    assert until(lambda: not arm.status().ready, 0.6) < AT_ONCE_S
    status = arm.status()
    assert (status.mode, status.fault) == (Mode.HELD, STOPS[what]), status
    assert 'the reason that the log has' in status.text
    rows, refusal = swing(arm, arm.read().position, 0.1)
    assert rows == [] and isinstance(refusal, ArmError)
    with pytest.raises(ArmError):
        arm.recover()
    refuses_to_move(arm)
    peer.wish('clear')
    time.sleep(0.1)
    assert arm.status().fault == STOPS[what]      # that it is over does not clear it
    refuses_to_move(arm)
    assert set(peer.wish('state')['modes']) == {'IDLE'}
    arm.recover()
    assert arm.status().ready
    moves_again(arm)


def test_a_controller_that_hangs_and_comes_back_needs_recover(python):
    """Pins silence: the client gives its last answer again, which is not taken for a new one."""
    with reached(python) as (peer, arm):
        swing(arm, arm.read().position, 0.4)
        os.kill(peer.process.pid, signal.SIGSTOP)
        assert until(lambda: not arm.status().ready, 1.0) < arm.adapter.stale_s + AT_ONCE_S
        assert (arm.status().mode, arm.status().fault) == (Mode.OFFLINE, 'link')
        os.kill(peer.process.pid, signal.SIGCONT)
        time.sleep(0.3)
        _, refusal = swing(arm, arm.read().position, 0.1)
        assert isinstance(refusal, ArmError)
        arm.recover()
        moves_again(arm)


def test_a_controller_that_dies_takes_the_arm_offline(python):
    """Pins death of the counterpart: link, no motion, and no recovery without it."""
    with reached(python) as (peer, arm):
        swing(arm, arm.read().position, 0.4)
        peer.kill()
        assert until(lambda: not arm.status().ready, 1.0) < arm.adapter.stale_s + AT_ONCE_S
        assert (arm.status().mode, arm.status().fault) == (Mode.OFFLINE, 'link')
        with pytest.raises(ArmError):
            arm.recover()


def test_the_arm_stops_when_its_driver_is_killed(python, tmp_path):
    """Pins death of the adapter: the joints go to the last set-point and stay."""
    file, host = tmp_path / 'trossen.yaml', own_host()
    file.write_text(f'name: trossen\ndriver: trossen\naddress: {host}\n')
    with VendorPeer('trossen_controller.py', host, *SPEC.home[:-1].tolist(), 0.01,
                    python=python) as peer:
        rests_after_death(SPEC, file, peer, still=0.02, within_s=2.0)


def test_an_arm_that_is_not_there_or_another_is_refused(python):
    """Pins that connect fails with a sentence where nobody answers, or an arm of other range."""
    with pytest.raises(ArmError, match='no Trossen arm at'):
        arm_at(own_host()).connect()
    wide = SPEC.limits.upper.copy()
    wide[2] += 0.1
    host, other = own_host(), replace(SPEC, limits=replace(SPEC.limits, upper=wide))
    with VendorPeer('trossen_controller.py', host, *SPEC.home[:-1], 0.01, python=python), \
            pytest.raises(ArmError, match='joint_2 has a range of 0.000 .. 2.356'):
        arm_at(host, other).connect()
