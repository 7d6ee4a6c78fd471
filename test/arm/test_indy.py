"""Tests of `lam_ws.arm.indy` against a gRPC server made of the vendor's own definitions."""
from contextlib import contextmanager
from dataclasses import replace
import os
import signal
import time

from arm_driving import moves_again, refuses_to_move, rests_after_death, stands, swing, until
from lam_ws.adapter_file import AdapterFile, IndySettings
from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Mode
from lam_ws.configuration import load, locate
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.testing import check_arm
import numpy as np
import pytest
from vendor_peer import install, own_host, VendorPeer

pytestmark = pytest.mark.peer
SPEC = load_arm('indy7')
SLOW_S = 0.02       # a slow guard's cycle
AT_ONCE_S = 0.1     # an exchange of 10 ms, and what a loaded machine adds
# what happens, what ends it, mode, fault, whether recovery is refused while it lasts
STOPS = {
    'emergency stop': (['press_estop'], ['release_estop'], Mode.HELD, 'estop', True),
    'direct teaching': (['teach', True], ['teach', False], Mode.MANUAL, 'teach', True),
    'collision': (['collide'], None, Mode.HELD, 'contact', False),
    'violation': (['violate'], ['violation_over'], Mode.HELD, 'protective_stop', True),
    'program of another': (['program', True], ['program', False], Mode.HELD, 'switched', True),
    'brakes': (['brakes'], None, Mode.HELD, 'brake', False),
}


@pytest.fixture(scope='module')
def python():
    """Return the Python that has the vendor's client."""
    try:
        return install('indy')
    except (OSError, RuntimeError) as missing:
        pytest.skip(f'neuromeka cannot be installed: {missing}')


def arm_at(host, python, cycle_s=0.01):
    """Return the arm of a controller, not connected."""
    file = load(locate('config/adapters', 'indy'), AdapterFile)
    return make_arm(SPEC, replace(file, address=host, indy=IndySettings(str(python))),
                    cycle_s)


@contextmanager
def reached(python=None, degrees=None, cycle_s=0.01):
    """Yield a controller at the home pose, or another [n] deg, and the connected arm."""
    python, host = python or install('indy'), own_host()
    degrees = np.degrees(SPEC.home[:-1]) if degrees is None else degrees
    with VendorPeer('indy_controller.py', host, *map(float, degrees), python=python) as peer:
        arm = arm_at(host, python, cycle_s)
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


def test_the_contract_holds(python):
    """Pins check_arm, at 50 Hz, so that each cycle has a new measurement."""
    with reached(python, cycle_s=SLOW_S) as (_, arm):
        check_arm(arm, lambda: time.sleep(SLOW_S), SLOW_S, clock=time.monotonic)


@pytest.mark.long
def test_a_swing_is_followed(cell):
    """Pins units, order and sign: the controller itself measures what was commanded."""
    peer, arm = cell
    start = arm.read().position
    for joint in range(SPEC.axes - 1):
        rows, refusal = swing(arm, start, 2.0, joint=joint)
        assert refusal is None
        measured = np.array([row[2] for row in rows])
        others = [i for i in range(SPEC.axes) if i != joint]
        assert np.ptp(measured[:, joint]) > 0.13
        assert np.ptp(measured[:, others], axis=0).max() < 0.002
        until(lambda: stands(arm), 3.0)
    np.testing.assert_allclose(np.radians(peer.wish('state')['q']), arm.read().position[:-1],
                               atol=1e-3)


@pytest.mark.parametrize('what', STOPS)
def test_a_stop_is_reported_at_once_and_outlasts_its_cause(cell, what):
    """Pins mode and code, no motion until recover, and recover refused while the cause lasts."""
    peer, arm = cell
    begin, end, mode, fault, refused = STOPS[what]
    start = arm.read().position
    swing(arm, start, 0.4)
    peer.wish(*begin)
    assert until(lambda: not arm.status().ready, 0.6) < AT_ONCE_S
    status = arm.status()
    assert (status.mode, status.fault) == (mode, fault), status
    rows, refusal = swing(arm, start, 0.1)
    assert rows == [] and isinstance(refusal, ArmError)
    time.sleep(0.3)
    refuses_to_move(arm)
    if refused:
        with pytest.raises(ArmError):
            arm.recover()
        assert arm.status().fault == fault
    if end is not None:
        peer.wish(*end)
        time.sleep(0.1)
        assert arm.status().fault == fault      # that it is over does not clear it
        refuses_to_move(arm)
    arm.recover()
    assert arm.status().ready
    moves_again(arm)


def test_what_the_controller_says_reaches_the_operator(cell):
    """Pins that the text of a violation is passed on."""
    peer, arm = cell
    peer.wish('violate')
    until(lambda: 'Joint 3 position limit' in arm.status().text, 0.5)
    peer.wish('violation_over')
    arm.recover()


def test_the_speed_ratio_is_reported_as_pace(cell):
    """Pins speed scaling."""
    peer, arm = cell
    peer.wish('speed', 30)
    until(lambda: arm.status().pace == 0.3, 0.5)
    peer.wish('speed', 100)
    until(lambda: arm.status().pace == 1.0, 0.5)


def test_a_controller_that_hangs_and_comes_back_needs_recover(python):
    """Pins silence: link within the dead-line of an answer, and no motion when it is over."""
    with reached(python) as (peer, arm):
        start = arm.read().position
        swing(arm, start, 0.4)
        os.kill(peer.process.pid, signal.SIGSTOP)
        assert until(lambda: not arm.status().ready, 1.0) < 0.2 + AT_ONCE_S
        assert (arm.status().mode, arm.status().fault) == (Mode.OFFLINE, 'link')
        os.kill(peer.process.pid, signal.SIGCONT)
        time.sleep(0.3)
        _, refusal = swing(arm, start, 0.1)
        assert isinstance(refusal, ArmError)
        arm.recover()
        moves_again(arm)


def test_a_controller_that_dies_takes_the_arm_offline(python):
    """Pins death of the counterpart: link, no motion, and no recovery without it."""
    with reached(python) as (peer, arm):
        swing(arm, arm.read().position, 0.4)
        peer.kill()
        assert until(lambda: not arm.status().ready, 1.0) < 0.2 + AT_ONCE_S
        assert (arm.status().mode, arm.status().fault) == (Mode.OFFLINE, 'link')
        with pytest.raises(ArmError):
            arm.recover()


def test_a_client_that_dies_takes_the_arm_offline(python):
    """Pins death of the process between: the controller leaves remote control in its own time."""
    with reached(python) as (_, arm):
        swing(arm, arm.read().position, 0.4)
        arm._client.kill()
        until(lambda: arm.status().fault == 'link', 0.5)
        arm.recover()
        moves_again(arm)


def test_the_arm_stops_when_its_driver_is_killed(python, tmp_path):
    """Pins death of the adapter: its client outlives it by a moment and gives the arm up."""
    file, host = tmp_path / 'indy.yaml', own_host()
    file.write_text(f'name: indy\ndriver: indy\naddress: {host}\ngripper: topic\n'
                    f'indy: {{python: {python}}}\n')
    with VendorPeer('indy_controller.py', host, *np.degrees(SPEC.home[:-1]).tolist(),
                    python=python) as peer:
        rests_after_death(SPEC, file, peer, still=0.5, within_s=1.0)
        until(lambda: peer.wish('state')['state'] == 'OP_IDLE', 1.0)


def test_an_arm_that_is_not_there_is_refused(python):
    """Pins that connect fails with a sentence where nobody answers, and without a client."""
    with pytest.raises(ArmError, match='does not answer'):
        arm_at(own_host(), python).connect()
    with pytest.raises(ArmError, match='no Python at'):
        arm_at(own_host(), '/nowhere/python').connect()


def test_another_arm_is_refused(python):
    """Pins that seven joints are not taken for six."""
    with pytest.raises(ArmError, match='has 7 joints'), reached(python, np.zeros(7)):
        pass
