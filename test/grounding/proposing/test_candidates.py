"""Which rows a model gets to see for a sentence."""
from lam_ws.grounding.proposing.candidates import MOST, Retrieval, TABLES
from lam_ws.knowledge.knowledge import load_knowledge
import pytest


@pytest.fixture(scope='module')
def known():
    """Return what the sorting cell knows."""
    return load_knowledge('hangyeol/changwon/sort')


@pytest.fixture(scope='module')
def around(known):
    """Return what finds candidates in it."""
    return Retrieval(known).around


def ids(candidates):
    """Return the ids of candidates."""
    return [one.id for one in candidates]


def test_what_is_named_comes_first_and_its_surroundings_after(known, around):
    """Pins names, then what the scene shows, then what the knowledge says of the names."""
    found = around(['bj20r', 'quarantine'], seen={'start_btn', 'gone'})
    assert ids(found)[:3] == ['bj20r', 'quarantine', 'start_btn']
    assert {'gripper_2f', 'crack', 'ok_bin_bj', 'bj20b'} <= set(ids(found))
    assert len(found) == len(set(ids(found))) <= MOST
    row = found[0]
    assert row.names[:2] == ('적색 볼조인트', 'red-cap ball joint')
    assert row.look == 'red ball_joint'
    assert all(one.table in TABLES for one in found)


def test_a_step_and_a_rule_lead_on_but_are_no_candidates(known, around):
    """Pins two hops: from a place over a step that names it to the part of that step."""
    step = next(one for one in known.things.values() if one.table == 'steps'
                and one.value('place') is not None and one.value('parts') is not None)
    found = ids(around([step.id]))
    assert step.id not in found and str(step.value('place')) in found
    assert step.value('parts')[0] in found
    rule = next(one for one in known.rules.values() if len(one.when.get('part', ())) > 1)
    first, second = rule.when['part'][:2]
    assert second in ids(around([first]))


def test_a_word_with_slips_brings_what_it_may_be(around):
    """Pins that a name too garbled to be believed is still offered."""
    assert 'quarantine' in ids(around((), ['격이하']))


def test_what_names_nothing_brings_nothing(around):
    """Pins that small talk is not sent anywhere, whatever the camera sees."""
    assert around(()) == () == around((), ['안녕', '?', ''], seen={'bj20r'})
    assert around(['no_such_id']) == ()


def test_no_more_rows_than_a_model_should_read(known, around):
    """Pins the bound where everything is named."""
    assert len(around(known.things)) == MOST
