"""Clocks that were set, and that the cases fail where the guard does not look at its own."""
from lam_ws.safety import guard
import pytest

pytestmark = pytest.mark.sim


def test_a_guard_that_does_not_mind_the_clock_fails(run, monkeypatch):
    """Pins that fault 15 can fail."""
    sound = guard.look

    def weak(config, memory, inputs):
        sight = sound(config, memory, inputs)
        ignored = sight.fault is not None and sight.fault.name in ('clock', 'late_cycle')
        return sight._replace(fault=None) if ignored else sight
    monkeypatch.setattr(guard, 'look', weak)
    for name in ('clock_back_alone', 'clock_forward_alone', 'clock_stands_alone'):
        assert not run(name, 'reach').passed, name


def test_an_episode_stops_where_its_clock_is_set(run):
    """Pins both directions in a real episode, and that it can go on afterwards."""
    assert run('clock_forward', 'reach').passed and run('clock_back', 'reach').passed
