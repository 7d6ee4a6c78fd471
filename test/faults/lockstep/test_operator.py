"""What operators do, and that the cases fail where the guard does not listen."""
from lam_ws.safety import guard
from lam_ws.safety.safety import GuardInputs, Request
import pytest

pytestmark = pytest.mark.sim


def test_a_guard_that_is_deaf_fails(run, monkeypatch):
    """Pins that fault 18 can fail."""
    sound = guard._transition

    def deaf(config, memory, request, sight, motion):
        heard = Request.NONE if request is Request.STOP else request
        return sound(config, memory, heard, sight, motion)
    monkeypatch.setattr(guard, '_transition', deaf)
    assert run('stop_alone', 'reach').observed == 'no stop'


def test_a_guard_that_hears_late_fails(run, monkeypatch):
    """Pins that one cycle is the bound, and not a few."""
    sound, heard = guard.step, []

    def late(config, memory, inputs):
        heard.append(inputs.request)
        due = heard[-4] if len(heard) > 3 else Request.NONE
        stop = Request.STOP in (due, inputs.request)
        request = due if stop else inputs.request
        return sound(config, memory, GuardInputs(
            inputs.now_s, inputs.joints, inputs.chunk, inputs.hold, request, inputs.handled))
    monkeypatch.setattr('lam_ws.faults.lockstep.lone_guard.step', late)
    found = run('stop_alone', 'reach')
    assert not found.passed and found.cycles == 3


def test_a_guard_that_does_not_hold_fails(run, monkeypatch):
    """Pins that faults 23 and 39 can fail."""
    monkeypatch.setattr(GuardInputs, 'idle', property(lambda self: False))
    assert not run('dead_man_alone', 'reach').passed
    assert not run('cancel_alone', 'reach').passed


def test_a_guard_that_follows_what_was_said_before_fails(run, monkeypatch):
    """Pins that fault 40 can fail."""
    sound = guard.check_chunk
    monkeypatch.setattr(guard, 'check_chunk', lambda config, chunk, last_s, armed_s, now_s,
                        standing: sound(config, chunk, -1.0, -1.0, now_s, standing))
    assert 'followed a chunk of before' in run('reset_with_chunk', 'reach').observed


def test_a_guard_that_goes_back_to_where_it_was_fails(run, monkeypatch):
    """Pins that an arm moved by hand must not be pulled back."""
    sound = guard._synchronise

    def stubborn(limiter, memory, request, sight):
        if memory.motion is None:
            return sound(limiter, memory, request, sight)
        return memory.motion, False
    monkeypatch.setattr(guard, '_synchronise', stubborn)
    assert not run('moved_by_hand', 'reach').passed


@pytest.mark.parametrize('name', ['stop', 'cancel', 'new_instruction', 'moved_by_hand'])
def test_an_episode_obeys_its_operator(run, name):
    """Pins them in a real episode with a part in the hand."""
    found = run(name, 'carry')
    assert found.passed, found
