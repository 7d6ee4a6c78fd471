"""Tests of `lam_ws.arm.playout`: what the wire is told between and after the guard's commands."""
from lam_ws.arm.arm import AWAY_RAD
from lam_ws.arm.playout import Playout
from lam_ws.errors import ArmError
from lam_ws.site import load_arm
from lam_ws.types import Command
import numpy as np
import pytest

SPEC = load_arm('fr3')
CYCLE_S = 0.01
LIMITS = SPEC.limits


def wave(now_s):
    """Return position and velocity [n] of a slow swing of all arm joints."""
    share, rate = 0.5 * (1.0 - np.cos(2.0 * now_s)), np.sin(2.0 * now_s)
    swing = np.array([0.3] * (SPEC.axes - 1) + [-0.02])
    return SPEC.home + share * swing, rate * swing


def commands(until_s):
    """Yield the guard's commands of a swing, a cycle apart."""
    for i in range(round(until_s / CYCLE_S)):
        yield Command(i * CYCLE_S, SPEC.names, *wave((i + 1) * CYCLE_S))


def played(rate_hz, until_s, jitter=None, silent_s=0.0):
    """Return times [k], positions and velocities [k, n] that a controller of `rate_hz` is told."""
    playout, waiting = Playout(SPEC, CYCLE_S), list(commands(until_s))
    came = [one.stamp_s + (0.0 if jitter is None else jitter(i))
            for i, one in enumerate(waiting)]
    rows, now_s = [], 0.0
    while now_s < until_s + silent_s:
        while waiting and came[0] <= now_s:
            playout.put(waiting.pop(0), SPEC.home)
            came.pop(0)
        told = playout.at(now_s)
        if told is not None:
            rows.append((now_s, *told))
        now_s += 1.0 / rate_hz
    times, position, velocity = zip(*rows, strict=True)
    return np.array(times), np.array(position), np.array(velocity)


@pytest.mark.parametrize('rate_hz', [50.0, 125.0, 250.0, 1000.0])
def test_any_rate_is_told_the_guards_path_two_cycles_late(rate_hz):
    """Pins that nothing is lost or invented between commands, whatever the controller's rate."""
    times, position, velocity = played(rate_hz, 2.0)
    moving = times > 4.0 * CYCLE_S
    for row, now_s in zip(position[moving], times[moving], strict=True):
        np.testing.assert_allclose(row, wave(now_s - 2.0 * CYCLE_S)[0], atol=2e-6)
    np.testing.assert_allclose(velocity[moving],
                               [wave(now_s - 2.0 * CYCLE_S)[1] for now_s in times[moving]],
                               atol=2e-3)


def test_late_commands_make_no_step():
    """Pins that up to two cycles of jitter never ask for more than the arm can."""
    chance = np.random.default_rng(3)
    late = chance.uniform(0.0, 1.9 * CYCLE_S, 400)
    late = np.maximum.accumulate(np.arange(400) * CYCLE_S + late) - np.arange(400) * CYCLE_S
    times, position, _ = played(1000.0, 3.0, jitter=lambda i: late[i])
    speed = np.diff(position, axis=0) / np.diff(times)[:, None]
    assert (np.abs(speed) < LIMITS.velocity).all()
    assert np.abs(np.diff(speed[60:], axis=0)).max() < 0.05   # rad/s from one ms to the next


def test_a_late_cycle_is_not_played_in_a_hurry():
    """Pins that the command after a late one is not played many times as fast.

    A cycle that began 8 ms late left 2 ms for the next one's motion: a robot aborted.
    """
    playout, rows = Playout(SPEC, CYCLE_S), []
    late = {40: 0.008, 41: 0.008, 80: 0.009, 120: 0.0085}
    waiting = [Command(one.stamp_s + late.get(i, 0.0), SPEC.names, one.position, one.velocity)
               for i, one in enumerate(commands(2.0))]
    for i in range(2000):
        now_s = i * 1e-3
        while waiting and waiting[0].stamp_s <= now_s:
            playout.put(waiting.pop(0), SPEC.home)
        rows.append(playout.at(now_s))
    speed = np.diff([position for position, _ in rows], axis=0) / 1e-3
    assert not waiting
    assert np.abs(np.diff(speed[60:], axis=0)).max() < 0.01   # rad/s from one ms to the next
    assert np.abs(rows[-1][0] - wave(2.0 - 2.0 * CYCLE_S)[0]).max() < 3e-3


def test_silence_brakes_within_the_limits_and_stays():
    """Pins the arm's own dead-line: bridged for two cycles, then at rest, and no jump between."""
    times, position, velocity = played(1000.0, 0.8, silent_s=0.5)
    speed = np.diff(position, axis=0) / np.diff(times)[:, None]
    change = np.diff(speed[-700:], axis=0) / 1e-3
    assert (np.abs(change) < LIMITS.acceleration * 1.05 + 1.0).all()
    assert not velocity[-1].any() and (position[-1] == position[-100]).all()
    moving = times[np.abs(velocity).max(1) > 0.0]
    assert moving[-1] < 0.8 + 3.0 * CYCLE_S + np.abs(velocity / LIMITS.acceleration).max() + 0.01


def test_who_commands_next_begins_where_the_arm_stands():
    """Pins that a stop of the arm's own cannot be caught up with in a jump."""
    playout = Playout(SPEC, CYCLE_S)
    for command in commands(0.5):
        playout.put(command, SPEC.home)
        playout.at(command.stamp_s + 2.0 * CYCLE_S)
    playout.brake()
    with pytest.raises(ArmError, match='braking by itself'):
        playout.put(Command(0.5, SPEC.names, *wave(0.51)), SPEC.home)
    for i in range(300):
        rest, _ = playout.at(0.52 + i * 1e-3)
    assert playout.resting
    off = rest.copy()
    off[2] += 1.5 * AWAY_RAD
    with pytest.raises(ArmError, match='away from where the arm rests'):
        playout.put(Command(1.0, SPEC.names, off, 0.0 * off), rest)
    playout.put(Command(1.0, SPEC.names, rest, 0.0 * rest), rest)
    assert not playout.resting
    with pytest.raises(ArmError, match='would jump'):
        playout.put(Command(1.01, SPEC.names, rest + 0.2, 0.0 * rest), rest)
    with pytest.raises(ArmError, match='no newer'):
        playout.put(Command(1.0, SPEC.names, rest, 0.0 * rest), rest)


def test_an_arm_beside_its_command_is_led_there_once_it_moves():
    """Pins no step at the beginning, none at all while rest is commanded, and agreement later."""
    playout, rest = Playout(SPEC, CYCLE_S), np.zeros(SPEC.axes)
    beside = SPEC.home + np.array([0.018, -0.015, *[0.0] * (SPEC.axes - 2)])
    told, now_s = [], 0.0
    for i in range(200):
        now_s = i * CYCLE_S
        moving = wave(now_s - 1.0) if now_s > 1.0 else (SPEC.home, rest)
        playout.put(Command(now_s, SPEC.names, *moving), beside)
        told.append(playout.at(now_s)[0])
    told = np.array(told)
    np.testing.assert_allclose(told[:100], np.tile(beside, (100, 1)), atol=1e-12)
    assert np.abs(np.diff(told, axis=0))[:, :-1].max() < 0.7 * CYCLE_S
    np.testing.assert_allclose(told[-1], wave(now_s - 1.0 - 3.0 * CYCLE_S)[0], atol=2e-3)
