"""The random policy: it moves the arm, it is seeded, and it finds a guard that is too generous."""
from dataclasses import replace

import pytest

pytestmark = pytest.mark.sim


def test_a_stream_is_the_same_for_the_same_seed():
    """Pins that a finding can be looked at again."""
    from lam_ws.faults.lockstep.streams import Stream
    one, other = Stream(3), Stream(3)
    assert one.drive(300) == other.drive(300) == []
    assert (one.position == other.position).all() and one.now_s == other.now_s


def test_a_generous_guard_is_found_out(run, monkeypatch):
    """Pins that a bound that is broken counts."""
    from lam_ws.safety.guard import step
    wide = {}

    def weak(config, memory, inputs):
        if config not in wide:
            wide[config] = replace(config, tool_speed=10.0, velocity_scale=1.0)
        return step(wide[config], memory, inputs)
    monkeypatch.setattr('lam_ws.faults.lockstep.lone_guard.step', weak)
    assert run('random_chunks').cycles > 0
