"""The judge finds what is wrong, and nothing where nothing is."""
from dataclasses import replace

from guard_stream import config_of, Run
from lam_ws.faults.judging import braking_cycles, broken, streams, violations
from lam_ws.safety.safety import Request
import numpy as np
import pytest

CONFIG = config_of()


def moving():
    """Return the decisions of a guard that moves, is stopped and comes to rest."""
    run = Run(CONFIG).start_motion(30)
    decisions = [run.cycle() for _ in range(20)] + [run.cycle(request=Request.STOP)]
    return run.streams[-1], decisions + [run.cycle() for _ in range(40)]


def test_a_good_stream_breaks_nothing():
    """Pins that the judge does not cry wolf."""
    assert violations(CONFIG, moving()[0]) == []


@pytest.mark.parametrize(('spoil', 'found'), [
    (lambda p, v: (p + 10.0, v), 'position'), (lambda p, v: (p * np.nan, v), 'finite'),
    (lambda p, v: (p, v + 9.0), 'velocity'), (lambda p, v: (p + 0.003, v), 'acceleration of'),
    (lambda p, v: (p, v + 0.3), 'acceleration')])
def test_one_command_out_of_place_is_found(spoil, found):
    """Pins each bound with a single spoilt command in the middle of a good stream."""
    stream = list(moving()[0])
    stream[25] = spoil(*stream[25])
    assert any(found in name for name in violations(CONFIG, stream)), violations(CONFIG, stream)


def test_workspace_table_and_tool_speed_are_judged():
    """Pins the bounds in space by making each of them too tight for the same stream."""
    stream = moving()[0]
    for change, found in (({'tool_speed': 0.01}, 'tool speed'), ({'table_z': 0.7}, 'table'),
                          ({'workspace_upper': np.array([0.2, 0.5, 0.75])}, 'workspace')):
        assert any(found in name for name in violations(replace(CONFIG, **change), stream))


def test_a_restart_begins_a_new_stream():
    """Pins that a pose taken anew is not mistaken for a leap."""
    decisions = moving()[1]
    jumped = decisions[-1]._replace(restarted=True)
    assert [len(one) for one in streams([*decisions, jumped])] == [len(decisions), 1]
    assert broken(CONFIG, decisions[:1]) != []   # out of standstill it is not


def test_the_braking_time_is_that_of_the_limits():
    """Pins the bound of a stop: long enough for the guard, hardly longer."""
    decisions = moving()[1]
    first = next(i for i, one in enumerate(decisions) if one.state == 'stopping')
    taken = sum(one.state == 'stopping' for one in decisions) + 1
    allowed = braking_cycles(CONFIG, decisions[first - 1].command)
    assert taken <= allowed <= taken + 5
    assert braking_cycles(CONFIG, None) == 3
