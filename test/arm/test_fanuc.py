"""Tests of `lam_ws.arm.fanuc` against the controller that comes with airo-fanuc, as a process."""
from contextlib import contextmanager
from dataclasses import replace
import time

import pytest

pytest.importorskip('airo_fanuc', reason="pip install '.[fanuc]'")

from arm_driving import moves_again, refuses_to_move, rests_after_death, stands, swing, until
from lam_ws.adapter_file import AdapterFile, FanucSettings
from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Mode
from lam_ws.configuration import load, locate
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.testing import check_arm
import numpy as np
from vendor_peer import VendorPeer

pytestmark = pytest.mark.peer
SPEC = load_arm('crx10ia')
AT_ONCE_S = 0.1     # a packet of 8 ms, an exchange of 8 ms, and what a loaded machine adds
# what happens, what ends it, mode, fault, whether recovery is refused while it lasts
STOPS = {
    'emergency stop': (['press_estop'], ['release_estop'], Mode.HELD, 'estop', True),
    'teach pendant': (['set_teach', True], ['set_teach', False], Mode.MANUAL, 'teach', True),
    'contact': (['set_contact_stop', 2], ['set_contact_stop', 0], Mode.HELD, 'contact', True),
    'alarm': (['inject_alarm', 'SRVO-050', 'Collision Detect alarm'], None, Mode.HELD, 'alarm',
              False),
    'drives off': (['drop_motion_possible'], ['restore_motion_possible'], Mode.HELD, 'alarm',
                   False),
    'lost packets': (['drop_status', 40], None, Mode.OFFLINE, 'link', False),
}


def controller(degrees):
    """Return a controller whose arm stands at J1..J6 [6] deg."""
    return VendorPeer('fanuc_controller.py', *(f'{value:.9g}' for value in degrees))


def arm_at(peer, coupled=False):
    """Return the arm of a controller, not connected."""
    file = load(locate('config/adapters', 'fanuc'), AdapterFile)
    settings = replace(file.fanuc, stream_port=peer.said['stream_port'],
                       rmi_port=peer.said['rmi_port'], coupled=coupled)
    return make_arm(SPEC, replace(file, address='127.0.0.1', fanuc=settings), 0.01)


@contextmanager
def reached(coupled=False, degrees=None):
    """Yield a controller at the home pose, or another [6] deg, and the connected arm."""
    with controller(np.degrees(SPEC.home[:-1]) if degrees is None else degrees) as peer:
        arm = arm_at(peer, coupled)
        arm.connect()
        try:
            yield peer, arm
        finally:
            arm.close()


@pytest.fixture(scope='module')
def cell():
    """One controller and arm for the tests that leave both as they found them."""
    with reached() as both:
        yield both


def test_the_contract_holds(cell):
    """Pins check_arm; two packets of 8 ms must fit into its cycle."""
    check_arm(cell[1], lambda: time.sleep(0.02), cycle_s=0.02, clock=time.monotonic)


def test_a_swing_is_followed_and_breaks_no_rule_of_the_wire(cell):
    """Pins units, order, sign and lag: the controller itself measures what was commanded."""
    peer, arm = cell
    start = arm.read().position
    for joint in range(SPEC.axes - 1):
        rows, refusal = swing(arm, start, 2.0, joint=joint)
        assert refusal is None
        measured = np.array([row[2] for row in rows])
        others = [i for i in range(SPEC.axes) if i != joint]
        assert np.ptp(measured[:, joint]) > 0.11
        assert np.ptp(measured[:, others], axis=0).max() < 0.002
        until(lambda: stands(arm), 3.0)     # the servos are an eighth of a second behind
    told = peer.wish('state')
    np.testing.assert_allclose(np.radians(told['q']), arm.read().position[:-1], atol=1e-3)
    assert told['violations'] == []


@pytest.mark.parametrize('what', STOPS)
def test_a_stop_is_reported_at_once_and_outlasts_its_cause(cell, what):
    """Pins mode and code, no motion until recover, and recover refused while the cause lasts."""
    peer, arm = cell
    begin, end, mode, fault, refused = STOPS[what]
    start = arm.read().position
    swing(arm, start, 0.4)
    peer.wish(*begin)
    late_s = until(lambda: not arm.status().ready, 0.6)
    status = arm.status()
    assert (status.mode, status.fault) == (mode, fault), status
    assert late_s < AT_ONCE_S + (arm.adapter.stale_s if mode is Mode.OFFLINE else 0.0)
    rows, refusal = swing(arm, start, 0.1)
    assert rows == [] and isinstance(refusal, ArmError)
    time.sleep(0.5)
    refuses_to_move(arm)
    if refused:
        with pytest.raises(ArmError):
            arm.recover()
        assert arm.status().fault == fault
    if end is not None:
        peer.wish(*end)
        time.sleep(0.2)
        assert arm.status().fault == fault      # that it is over does not clear it
        refuses_to_move(arm)
    arm.recover()
    assert arm.status().ready
    moves_again(arm)


def test_a_safety_clamp_is_reported_as_pace(cell):
    """Pins speed scaling: the share at which the controller plays reaches the status."""
    peer, arm = cell
    peer.wish('set_safety_scale', 0.4)
    until(lambda: abs(arm.status().pace - 0.4) < 1e-6, 0.2)
    peer.wish('set_safety_scale', 1.0)
    until(lambda: arm.status().pace == 1.0, 0.2)


def test_joint_three_that_turns_against_the_floor_is_turned_back():
    """Pins the coupled form: moving J2 alone moves the wire's J3 the other way."""
    home = np.degrees(SPEC.home[:-1])
    wire = home.copy()
    wire[2] -= wire[1]
    with reached(coupled=True, degrees=wire) as (peer, arm):
        np.testing.assert_allclose(arm.read().position[:-1], SPEC.home[:-1], atol=1e-5)
        start, before = arm.read().position, peer.wish('state')['q']
        swing(arm, start, 1.0, joint=1)     # half a swing: at its far end
        arm.stop()
        until(lambda: stands(arm), 3.0)
        moved = np.array(peer.wish('state')['q']) - before
        assert moved[1] > 5.0
        assert moved[2] == pytest.approx(-moved[1], abs=0.2)


def test_a_controller_that_dies_takes_the_arm_offline():
    """Pins death of the counterpart: link, no motion, and no recovery without it."""
    with reached() as (peer, arm):
        swing(arm, arm.read().position, 0.4)
        peer.kill()
        assert until(lambda: not arm.status().ready, 1.0) < arm.adapter.stale_s + AT_ONCE_S
        assert (arm.status().mode, arm.status().fault) == (Mode.OFFLINE, 'link')
        with pytest.raises(ArmError):
            arm.recover()


def test_the_arm_stops_when_its_driver_is_killed(tmp_path):
    """Pins death of the adapter: the controller stops an arm that nobody commands."""
    file = tmp_path / 'fanuc.yaml'
    with controller(np.degrees(SPEC.home[:-1])) as peer:
        file.write_text('name: fanuc\ndriver: fanuc\naddress: 127.0.0.1\ngripper: topic\nfanuc: '
                        f'{{stream_port: {peer.said["stream_port"]}, '
                        f'rmi_port: {peer.said["rmi_port"]}}}\n')
        rests_after_death(SPEC, file, peer, still=0.5, within_s=2.0)


def test_an_arm_that_is_not_there_is_refused():
    """Pins that connect fails with a sentence where nobody answers."""
    file = load(locate('config/adapters', 'fanuc'), AdapterFile)
    arm = make_arm(SPEC, replace(file, address='127.0.0.1', fanuc=FanucSettings(9, 9)), 0.01)
    with pytest.raises(ArmError, match='no FANUC controller at 127.0.0.1'):
        arm.connect()


def test_another_arm_is_refused_where_it_stands():
    """Pins that a pose outside the arm's range is refused, and that the client moves nothing.

    Its own clamp would move such an arm into the range while it connects.
    """
    beyond = np.degrees(SPEC.home[:-1]) + np.array([0, 0, 300.0, 0, 0, 0])
    with controller(beyond) as peer:
        with pytest.raises(ArmError, match='J3 is outside its range'):
            arm_at(peer).connect()
        np.testing.assert_allclose(peer.wish('state')['q'], beyond, atol=1e-3)
