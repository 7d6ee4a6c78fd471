"""What was seen well goes on being what it was; what is new is not taken for what is known."""
from dataclasses import replace

from lam_ws.perception.memory import LONGEST, Look, Memory, MOST, SURE
import numpy as np
import pytest

CUBE, CARTON, BALL = 0, 1, 2
RED, BLUE = 0, 1
HERE, THERE = (0.5, 0.0, 0.02), (0.4, 0.3, 0.06)


def look(kind, colour=RED, at=HERE, sure=0.99, group='part', there=0.9):
    """Return a look that is `sure` of the kind it names."""
    kinds = np.full(3, (1 - sure) / 2)
    kinds[kind] = sure
    colours = np.full(2, 0.02)
    colours[colour] = 0.98
    return Look(group, np.log(kinds), np.log(colours), np.array(at), there)


def named(memory, looks):
    """Return kind and colour of every look, whatever else it may be."""
    return [None if one is None else one[:2] for one in memory.recognise(looks)]


def after(*looks, before=()):
    """Return what the looks of one image are, five images after those of `before`."""
    memory = Memory()
    for _ in range(5):
        memory.recognise(before)
    return named(memory, looks)


def test_a_first_look_says_what_it_shows():
    """Pins that nothing is made up where nothing is known."""
    assert after(look(BALL, BLUE, sure=0.6), look(CUBE, at=THERE)) == [(BALL, BLUE), (CUBE, RED)]
    assert after() == []


def test_what_looked_nearly_like_another_kind_may_be_that_for_ever():
    """Pins a carton that was read as a cube by 52 : 45, and refused as not in the scene."""
    doubtful = look(CUBE)
    doubtful = replace(doubtful, kind=np.log([0.45, 0.03, 0.52]))
    first, second = int(np.argmax(doubtful.kind)), 0
    memory = Memory()
    assert memory.recognise([doubtful]) == [(first, RED, second)]
    for _ in range(50):
        assert memory.recognise([doubtful]) == [(first, RED, second)]
    assert memory.recognise([look(CUBE, at=THERE)])[0][2] == -1


def test_what_stays_where_it_was_is_what_it_was():
    """Pins: the gripper's shadow does not turn a cube into a carton."""
    assert after(look(CARTON, sure=0.9), before=[look(CUBE)]) == [(CUBE, RED)]


def test_what_turns_up_elsewhere_is_what_is_missing():
    """Pins: a part that is half hidden by its bin is the one that was brought there."""
    before = [look(CUBE), look(BALL, BLUE, at=(0.6, 0.2, 0.02))]
    now = [look(CARTON, at=THERE, sure=0.6), look(BALL, BLUE, at=(0.6, 0.2, 0.02))]
    assert after(*now, before=before) == [(CUBE, RED), (BALL, BLUE)]


def test_what_is_clearly_another_thing_is_new():
    """Pins: a blue ball does not become the red cube that somebody took away."""
    assert after(look(BALL, BLUE, at=THERE, sure=0.999), before=[look(CUBE)]) == [(BALL, BLUE)]
    assert after(look(BALL, BLUE, sure=0.999), before=[look(CUBE)]) == [(BALL, BLUE)]


@pytest.mark.parametrize('sure', [0.35, 0.6])
def test_what_stands_on_another_thing_is_what_was_brought(sure):
    """Pins: a red cube on a red carton hides it, and is not the carton grown taller."""
    on_top = (*HERE[:2], HERE[2] + 0.04)
    before = [look(CARTON), look(CUBE, at=THERE)]
    assert after(look(CUBE, at=on_top, sure=sure), before=before) == [(CUBE, RED)]


def test_a_stack_that_looks_like_one_thing_is_its_upper_one():
    """Pins: a blue carton on a red one was seen once, between the two, and called the red one."""
    between = (*HERE[:2], HERE[2] + 0.016)
    both = replace(look(CARTON, at=between), colour=np.log(np.array([0.53, 0.47])))
    before = [look(CARTON), look(CARTON, BLUE, at=THERE)]
    assert after(both, before=before) == [(CARTON, BLUE)]
    assert after(both, look(CARTON, BLUE, at=THERE), before=before) == [
        (CARTON, RED), (CARTON, BLUE)]   # where the other is still seen, nothing stands on it
    clear = look(CARTON, at=between)
    assert after(clear, before=before) == [(CARTON, RED)]   # and what is clear is what it is


def test_what_is_seen_long_enough_is_believed():
    """Pins that a first look, which may be wrong, does not last for ever."""
    memory = Memory()
    memory.recognise([look(CARTON, sure=0.6)])
    for _ in range(10):
        names = named(memory, [look(CUBE, sure=0.9)])
    assert names == [(CUBE, RED)]


def test_one_thing_is_not_seen_twice():
    """Pins that of two looks only one can be the thing that was there."""
    found = after(look(CUBE, sure=0.9), look(CARTON, at=(0.53, 0.0, 0.02), sure=0.9),
                  before=[look(CUBE)])
    assert found == [(CUBE, RED), (CARTON, RED)]


def test_a_faint_look_is_a_thing_only_where_one_is_known():
    """Pins a bar on a pad of which there was hardly a centre, and shadows of which there are."""
    faint = {'there': SURE - 0.1}
    assert after(look(CUBE, **faint)) == [None]
    assert after(look(CUBE, sure=0.8, **faint), before=[look(CUBE)]) == [(CUBE, RED)]
    assert after(look(CUBE, at=THERE, sure=0.8, **faint), before=[look(CUBE)]) == [(CUBE, RED)]
    assert after(look(CARTON, at=THERE, **faint), before=[look(CUBE)]) == [None]


def test_a_part_is_never_its_place():
    """Pins that what lies in a slot and the slot, which are at one point, stay apart."""
    both = [look(CUBE), look(CUBE, BLUE, group='place')]
    assert after(*both, before=both) == [(CUBE, RED), (CUBE, BLUE)]


def test_another_scene_begins_with_nothing():
    """Pins what `forget` is for."""
    memory = Memory()
    for _ in range(5):
        memory.recognise([look(CUBE)])
    memory.forget()
    assert named(memory, [look(CARTON, sure=0.6)]) == [(CARTON, RED)]


@pytest.mark.parametrize(('images', 'kind'), [(LONGEST - 1, CUBE), (LONGEST, CARTON)])
def test_what_was_taken_away_is_not_waited_for(images, kind):
    """Pins: a part that somebody took away gave its name, for ever, to what looked like it."""
    memory = Memory()
    memory.recognise([look(CUBE)])
    for _ in range(images):
        memory.recognise([])
    assert named(memory, [look(CARTON, at=THERE, sure=0.6)]) == [(kind, RED)]


@pytest.mark.parametrize('images', [3 * MOST])
def test_its_memory_is_bounded(images):
    """Pins that a belt that brings new things for a year does not fill it."""
    memory = Memory()
    rng = np.random.default_rng(0)
    for number in range(images):
        memory.recognise([look(number % 3, number % 2, at=rng.uniform(-9, 9, 3))])
    assert len(memory._known) <= MOST
