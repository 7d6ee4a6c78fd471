"""The Franka adapter against franka-sim, which enforces every limit of the interface.

The counterpart is a server that nobody here wrote, in an environment of its own; each test starts
one. It has no user stop, guiding mode or collision: the first is lent to it
(`peers/franka_server.py`), the others are not shown.
"""
from dataclasses import replace
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
import time

from lam_ws.arm.adapters import make_arm
from lam_ws.arm.arm import Mode
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.testing import check_arm
from lam_ws.types import Command
import numpy as np
import pytest

pytestmark = pytest.mark.peer
franky = pytest.importorskip('franky', reason="needs pip install 'lam_ws[franka]'",
                             exc_type=ModuleNotFoundError)

import franka_client  # noqa: E402
import franka_peer  # noqa: E402
import franka_streaming  # noqa: E402
import streaming  # noqa: E402

SPEC = load_arm('fr3')
CLIENT = Path(franka_client.__file__)
CYCLE_S = 0.01
NOTICED_S = 0.1    # s, in which a fault has to be seen


@pytest.fixture
def peer():
    """Return a running franka-sim; this thread is as urgent as a node of the arm meanwhile."""
    try:
        franka_peer.install(franka_peer.NAME)
    except RuntimeError as missing:
        pytest.skip(f'franka-sim cannot be installed: {missing}')
    before = os.sched_getscheduler(0)
    with franka_peer.serving() as running:
        streaming.urgent()
        yield running
        os.sched_setscheduler(0, before, os.sched_param(0))


@pytest.fixture
def arm(peer):
    """Return the arm, connected."""
    made = make_arm(SPEC, franka_streaming.adapter(peer.host), CYCLE_S)
    made.connect()
    yield made
    made.close()


def swing(arm, seconds, speed=1.0):
    """Swing the first joint for a while, or until the arm no longer follows."""
    start, began_s = arm.read().position, time.monotonic()
    while (since_s := time.monotonic() - began_s) < seconds:
        position, velocity = franka_client.swing(start, speed * (since_s + CYCLE_S))
        try:
            arm.stream(Command(time.monotonic(), SPEC.names, position, speed * velocity))
        except ArmError:
            return
        time.sleep(CYCLE_S)


def soon(condition, limit_s=NOTICED_S):
    """Return how long it takes until `condition`; fail after `limit_s`."""
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < limit_s, f'not within {limit_s} s'
        time.sleep(0.001)
    return time.monotonic() - began_s


def follows_only_after_recover(arm):
    """Require that a fault that is over still holds the arm, and that `recover` moves nothing."""
    fault = arm.status().fault
    assert fault
    with pytest.raises(ArmError, match='not ready'):
        arm.stream(Command(time.monotonic(), SPEC.names, arm.read().position,
                           np.zeros(SPEC.axes)))
    arm.recover()
    assert arm.status().ready
    at = arm.read().position
    time.sleep(0.3)
    assert np.abs(arm.read().position - at).max() < 2e-3
    before = arm.read().position
    swing(arm, 0.5)
    assert arm.status().ready
    assert np.abs(arm.read().position - before)[0] > 0.05


def test_keeps_the_contract(arm):
    """Pins that the adapter passes the check that every arm has to pass."""
    check_arm(arm, lambda: time.sleep(CYCLE_S), CYCLE_S)


def test_connecting_moves_nothing(arm):
    """Pins that the tracker takes the arm with the first command, not before."""
    at = arm.read().position
    time.sleep(0.3)
    assert not arm._robot.is_in_control
    assert np.abs(arm.read().position - at).max() < 1e-6


def test_a_reflex_latches(arm):
    """Pins that the robot's own stop ends the motion, and that its word for it is passed on."""
    swing(arm, 1.0, speed=5.0)    # up to 3 rad/s, where 2.62 is the limit
    assert (arm.status().mode, arm.status().fault) == (Mode.HELD, 'reflex')
    assert 'joint_velocity_violation' in arm.status().text
    follows_only_after_recover(arm)


def test_the_user_stop_is_seen_and_cannot_be_recovered_from_while_pressed(peer, arm):
    """Pins that a pressed stop holds whatever is asked, and that its release moves nothing."""
    swing(arm, 0.4)
    peer.press()
    soon(lambda: arm.status().fault == 'estop')
    assert arm.status().mode is Mode.HELD
    soon(lambda: np.abs(arm.read().velocity).max() < 0.02, 1.0)
    with pytest.raises(ArmError, match='user stop'):
        arm.recover()
    peer.release()
    soon(lambda: arm.status().mode is Mode.READY)
    follows_only_after_recover(arm)


def test_a_pressed_stop_is_seen_at_rest(peer, arm):
    """Pins that an arm that was never commanded tells of its stop too."""
    peer.press()
    soon(lambda: arm.status().fault == 'estop')
    peer.release()
    soon(lambda: arm.status().mode is Mode.READY)
    follows_only_after_recover(arm)


@pytest.mark.parametrize('moving', [True, False])
def test_a_silent_controller_is_lost(peer, arm, moving):
    """Pins that silence counts after `stale_s`, though libfranka itself waits for a second."""
    if moving:
        swing(arm, 0.3)
    peer.freeze()
    soon(lambda: arm.status().mode is Mode.OFFLINE, arm.adapter.stale_s + NOTICED_S)
    assert arm.status().fault == 'link'
    time.sleep(0.2)
    assert time.monotonic() - arm.read().stamp_s > 0.2
    peer.thaw()
    time.sleep(1.5)   # of which libfranka's own patience is one
    assert arm.status().mode is Mode.OFFLINE
    follows_only_after_recover(arm)


def test_a_controller_that_dies_is_found_again(peer, arm):
    """Pins that recover refuses without a controller, and reaches the one that comes back."""
    swing(arm, 0.3)
    peer.kill()
    soon(lambda: arm.status().mode is Mode.OFFLINE, arm.adapter.stale_s + NOTICED_S)
    with pytest.raises(ArmError, match='refused'):
        arm.recover()
    peer.begin()
    follows_only_after_recover(arm)


def test_the_arm_stops_when_its_client_is_killed(peer):
    """Pins that nothing goes on moving without a living adapter."""
    client = subprocess.Popen([sys.executable, str(CLIENT), peer.host], stdout=subprocess.PIPE,
                              env=_environment())
    assert client.stdout.readline().startswith(b'ready')
    time.sleep(0.7)
    client.kill()
    client.wait()
    client.stdout.close()
    time.sleep(0.5)
    arm = make_arm(SPEC, franka_streaming.adapter(peer.host), CYCLE_S)
    arm.connect()
    at = arm.read()
    assert at.position[0] > 0.05     # it was on its way
    assert np.abs(at.velocity).max() < 0.02
    time.sleep(0.3)
    assert np.abs(arm.read().position - at.position).max() < 2e-3
    arm.close()


def test_answers_that_stay_out_end_in_a_reflex(peer):
    """Pins that a client that was stopped for a while finds its arm held, and knows why."""
    client = subprocess.Popen([sys.executable, str(CLIENT), peer.host], stdout=subprocess.PIPE,
                              env=_environment(), text=True)
    assert client.stdout.readline().startswith('ready')
    time.sleep(0.7)
    client.send_signal(signal.SIGSTOP)
    time.sleep(0.2)
    client.send_signal(signal.SIGCONT)
    told = client.stdout.readline()
    client.kill()
    client.wait()
    client.stdout.close()
    assert told.startswith('held link') and 'communication_constraints_violation' in told


def test_another_arm_is_refused(peer):
    """Pins that an arm whose wrist is elsewhere than the file says is not the arm of the file."""
    rows = list(SPEC.dh)
    rows[3] = replace(rows[3], a=rows[3].a + 0.01)
    arm = make_arm(replace(SPEC, dh=tuple(rows)), franka_streaming.adapter(peer.host), CYCLE_S)
    with pytest.raises(ArmError, match='is no fr3'):
        arm.connect()
    arm.close()


def test_a_hand_that_is_not_there_is_missed(peer):
    """Pins that an arm whose fingers cannot be moved does not connect."""
    arm = make_arm(SPEC, replace(franka_streaming.adapter(peer.host), gripper='driver'), CYCLE_S)
    with pytest.raises(ArmError, match='hand'):
        arm.connect()
    arm.close()


def test_an_address_without_a_controller_is_refused_in_time():
    """Pins that nobody waits the minute that libfranka would."""
    host = franka_peer.own_host()
    arm = make_arm(SPEC, franka_streaming.adapter(host), CYCLE_S)
    with pytest.raises(ArmError, match='refused'):
        arm.connect()
    with socket.socket() as mute:
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        mute.bind((host, franka_peer.PORT))
        mute.listen()
        began_s = time.monotonic()
        with pytest.raises(ArmError):
            arm.connect()
        assert time.monotonic() - began_s < 6.0
    arm.close()


@pytest.mark.parametrize('held', [None, 0.035])
def test_the_hand_follows_and_holds(held):
    """Pins that fingers go where the last axis says, and keep what they meet until opened."""
    with franka_peer.serving(hand=True, held=held) as peer:
        file = replace(franka_streaming.adapter(peer.host), gripper='driver')
        arm = make_arm(SPEC, file, CYCLE_S)
        arm.connect()
        assert arm.read().position[-1] == pytest.approx(0.08)
        rests = 0.0 if held is None else held
        for opening in (0.06, 0.0, 0.08):
            drive_hand(arm, opening)
            there = max(opening, rests)
            soon(lambda: abs(arm.read().position[-1] - there) < 0.003, 1.0)   # noqa: B023
            assert arm._hand._gripper.is_grasped is (opening < rests)
        assert arm.status().ready
        peer.kill()
        soon(lambda: arm.status().mode is Mode.OFFLINE)
        arm.close()


def drive_hand(arm, opening):
    """Let the last axis go to `opening` at 0.07 m/s while the arm stays."""
    at = arm.read().position
    start, began_s = at[-1], time.monotonic()
    while abs(start - opening) > 1e-9:
        way = 0.07 * (time.monotonic() + CYCLE_S - began_s)
        now = opening if way > abs(start - opening) else start + np.sign(opening - start) * way
        speed = np.sign(opening - start) * 0.07 * (now != opening)
        arm.stream(Command(time.monotonic(), SPEC.names, [*at[:-1], now],
                           [*np.zeros(SPEC.axes - 1), speed]))
        time.sleep(CYCLE_S)
        if now == opening:
            break


@pytest.mark.sim
@pytest.mark.train
def test_a_policy_streams_without_a_reflex(peer):
    """Pins that what the guard lets through is within everything that the robot enforces."""
    figures = franka_streaming.guarded(peer, 6.0)
    assert figures['faults'] == figures['guard_stops'] == []
    assert max(figures['moved_rad']) > 0.5
    assert figures['rms_rad'] < 0.01 and figures['lag_ms'] < 60


@pytest.mark.sim
@pytest.mark.train
def test_the_same_policy_without_the_guard_is_aborted(peer):
    """Pins that the test above can fail: the policy's own 10 Hz targets are too much."""
    assert 'reflex' in franka_streaming.raw(peer, 30.0)['aborted']


def _environment():
    return {**os.environ, 'PYTHONPATH': f'{CLIENT.parents[1]}{os.pathsep}{CLIENT.parent}'}
