"""What is asked of a stop can be missed: each complaint is provoked by a weakened guard."""
from lam_ws.safety import guard
from lam_ws.safety.safety import GuardState, Request
import pytest

pytestmark = pytest.mark.sim


def complaints(run):
    """Return what was observed of a stop of the guard alone."""
    return run('stop_alone', 'reach').observed


def test_a_sound_guard_gives_no_cause_for_complaint(run):
    """Pins the quiet case beside those below."""
    assert complaints(run) == 'operator_stop' and run('stop_alone', 'reach').passed


def test_a_latch_that_arm_opens_is_noticed(run, monkeypatch):
    """Pins that STOPPED must not be left by ARM alone."""
    sound = guard._transition

    def weak(config, memory, request, sight, motion):
        if memory.state is GuardState.STOPPED and request is Request.ARM:
            return GuardState.ARMED, guard.NOTHING
        return sound(config, memory, request, sight, motion)
    monkeypatch.setattr(guard, '_transition', weak)
    assert 'armed without a reset' in complaints(run)


def test_a_reset_that_arms_as_well_is_noticed(run, monkeypatch):
    """Pins that one step is not enough."""
    sound = guard._transition

    def weak(config, memory, request, sight, motion):
        state, reason = sound(config, memory, request, sight, motion)
        return (GuardState.ARMED if request is Request.RESET else state), reason
    monkeypatch.setattr(guard, '_transition', weak)
    assert 'not disarmed after reset' in complaints(run)


def test_a_stop_that_coasts_is_noticed(run, monkeypatch):
    """Pins the braking time."""
    sound = guard._move

    def weak(limiter, motion, path, cursor, now_s):
        if path is None and motion is not None and not motion.resting:
            return motion, cursor, None
        return sound(limiter, motion, path, cursor, now_s)
    monkeypatch.setattr(guard, '_move', weak)
    assert 'not at rest after' in complaints(run)


def test_a_guard_that_does_not_move_again_is_noticed(run, monkeypatch):
    """Pins that a cell can be used again after the two steps."""
    sound = guard._refusal
    state = {'armed': 0}

    def weak(config, fault, joints, motion):
        state['armed'] += 1
        return sound(config, fault, joints, motion) if state['armed'] == 1 else guard.Bound('no')
    monkeypatch.setattr(guard, '_refusal', weak)
    assert 'disarmed no after reset and arm' in complaints(run)
