"""The learned readers as witnesses, with the shipped weights: what they bear out and what not."""
from dataclasses import replace

from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.grounding.roles.network import ROLES
from lam_ws.grounding.roles.symbols import LONGEST, SEES, SYMBOLS
from lam_ws.knowledge.knowledge import load_knowledge
import pytest

TEXT = '적색 볼조인트 두 개는 격리함에 넣고 청색 볼조인트는 1번 칸에 놔 주세요'


@pytest.fixture(scope='module')
def cell():
    """Return what understands the sentences of the sorting cell."""
    return Understanding(load_knowledge('hangyeol/changwon/sort'))


@pytest.fixture(scope='module')
def heard(cell):
    """Return the tokens of a sentence and what the witnesses heard."""
    tokens = cell.tokens(TEXT)
    return tokens, cell._witnesses.hear(TEXT, tokens)


def test_both_say_which_part_each_thing_plays(heard):
    """Pins roles, that deeds are told apart, and that names are seen by their sort alone."""
    tokens, readings = heard
    assert len(readings) == len(SEES)
    for reading in readings:
        said = {reading.tokens[k].text: reading.role(k)[0] for k in range(len(reading.tokens))}
        assert said == {'적색 볼조인트': 'object', '두': 'count', '격리함': 'destination',
                        '청색 볼조인트': 'object', '1번 칸': 'destination'}
        assert reading.output.together[0, 2] > 0.5 > reading.output.together[0, 4]
        assert set(said.values()) <= set(ROLES) and not reading.output.names.max() > 0.5


@pytest.mark.parametrize('change', [
    {'count': 1}, {'destination': 'tray_slot2'}, {'object': 'bj22g'}, {'source': 'in_crate'},
    {'defect': 'crack'}, {'skill': 'kit'}])
def test_only_the_very_same_order_is_borne_out(cell, heard, change):
    """Pins that one wrong count, place, part or skill is enough."""
    tokens, readings = heard
    steps = [Step('pick_place', 'bj20r', 'quarantine', count=2),
             Step('kit', 'bj20b', 'tray_slot1')]
    assert borne_out(cell, steps, tokens, readings)
    assert not borne_out(cell, [replace(steps[0], **change), steps[1]], tokens, readings)
    assert not borne_out(cell, steps[:1], tokens, readings)
    assert not borne_out(cell, [*steps, steps[1]], tokens, readings)


def borne_out(cell, steps, tokens, readings):
    """Return whether the witnesses bear an order out."""
    return cell._witnesses.bear_out(steps, [], readings, tokens, cell._orderer.steps)


@pytest.mark.parametrize(('text', 'word', 'nameless'), [
    ('적색 볼조인트를 격리함에 넣어 주라카이', '주라카이', True),
    ('적색 볼조인트를 터보차저에 넣어', '터보차저에', False),
    ('적색 볼조인트를 R7에 넣어', 'R7', False),
    ('터보차저 적색 볼조인트를 격리함에 넣어', '터보차저', False),
    ('put the red ball joint into the wobbler', 'wobbler', False)])
def test_a_word_that_nobody_knows_may_or_may_not_matter(cell, text, word, nameless):
    """Pins fillers and dialect, and that no thing, place or code is ever passed over."""
    tokens = cell.tokens(text)
    token = next((one for one in tokens if one.text == word and one.sort == 'unknown'), None)
    if token is not None:
        assert cell._witnesses.nameless(token, tokens, cell._witnesses.hear(text, tokens)) \
            is nameless
    assert (cell.answer(text).verdict == 'ok') is nameless


def test_what_is_too_long_is_heard_by_nobody(cell):
    """Pins that such an order is read back, whatever the rules read."""
    text = '적색 볼조인트를 격리함에 넣어' + ' 그리고 그냥' * LONGEST
    assert cell._witnesses.hear(text, cell.tokens(text)) == ()
    assert cell.answer(text).verdict != 'ok'


def test_a_name_is_never_seen(cell):
    """Pins that two sentences which differ in names alone are one to the networks."""
    seen = []
    for text in ('적색 볼조인트를 격리함에', '청색 볼조인트를 재작업함에'):
        tokens = cell.tokens(text)
        sorts = {one: cell._witnesses._reader._sort(one) for one in tokens
                 if cell._witnesses._reader._sort(one) is not None}
        seen.append({sees: SEES[sees](text, tokens, sorts).bags for sees in SEES})
    assert seen[0] == seen[1]
    assert all(0 < number < SYMBOLS[sees] for sees in SEES
               for bag in seen[0][sees] for number in bag)
