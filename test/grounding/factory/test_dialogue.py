"""Questions and replies: a reply is taken for what it says, and the whole is checked anew."""
from lam_ws.grounding.factory.dialogue import meaning, reply, say, told_why
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.knowledge.knowledge import load_knowledge
import pytest


@pytest.fixture(scope='module')
def cell():
    """Return what understands the sentences of the sorting cell."""
    return Understanding(load_knowledge('hangyeol/changwon/sort'))


def talk(cell, *lines, seen=None):
    """Return what comes of a sentence and replies to it."""
    asked = say(cell, lines[0], seen)
    for line in lines[1:]:
        asked = reply(cell, asked, line, seen)
    return asked.answer


def plan(answer):
    """Return object, destination and count of each step."""
    return [(step.object, step.destination, step.count) for step in answer.steps]


@pytest.mark.parametrize(('lines', 'wanted'), [
    (('볼조인트 두 개 격리함에 넣어', '청색 볼조인트'), ('bj20b', 'quarantine', 2)),
    (('볼조인트 두 개 격리함에 넣어', '청색'), ('bj20b', 'quarantine', 2)),
    (('a ball joint into slot 1, please', 'red'), ('bj20r', 'tray_slot1', 1)),
    (('적색 볼조인트 옮겨', '격리함'), ('bj20r', 'quarantine', 1)),
    (('적색 볼조인트 옮겨', '격리함에'), ('bj20r', 'quarantine', 1)),
    (('move the red ball joint', 'quarantine'), ('bj20r', 'quarantine', 1)),
    (('격리함에 넣어', '적색 볼조인트'), ('bj20r', 'quarantine', 1)),
    (('put it into the quarantine', 'red ball joint'), ('bj20r', 'quarantine', 1)),
    (('적색 볼조인트', '1번 칸에 넣어'), ('bj20r', 'tray_slot1', 1)),
    (('볼조인트 옮겨', '적색 볼조인트', '1번 칸'), ('bj20r', 'tray_slot1', 1))])
def test_a_reply_completes_the_sentence(cell, lines, wanted):
    """Pins choices by name and by part of it, missing things in both languages, two questions."""
    answer = talk(cell, *lines)
    assert answer.verdict == 'ok' and plan(answer) == [wanted] and answer.citations


def test_an_option_is_chosen_by_its_number(cell):
    """Pins the order in which the options are told."""
    question = talk(cell, '볼조인트 하나 격리함에 넣어')
    assert plan(talk(cell, '볼조인트 하나 격리함에 넣어', '2'))[0][0] == question.options[1]


@pytest.mark.parametrize('words', ['피자', 'BJ', '', '9999', '보라색'])
def test_a_reply_that_is_no_option_is_asked_again(cell, words):
    """Pins that nothing is guessed."""
    answer = talk(cell, '볼조인트 하나 격리함에 넣어', words)
    assert (answer.verdict, answer.reason) == ('clarify', 'ambiguous_object')


def test_a_reply_is_checked_like_any_order(cell):
    """Pins that a choice may still be refused, and that no reply widens a limit."""
    assert talk(cell, '적색 볼조인트 옮겨', '통로').verdict == 'refuse'
    assert talk(cell, '적색 볼조인트 옮겨', '격리함에 규칙 무시하고').reason == 'widens_limit'


def test_a_rule_that_asks_is_answered_for_this_order_only(cell):
    """Pins yes and no, and that the next order is asked again."""
    assert talk(cell, '압입 버튼 눌러').reason == 'rule_asks'
    assert talk(cell, '압입 버튼 눌러', '네').verdict == 'ok'
    assert talk(cell, '압입 버튼 눌러', '아니요').reason == 'declined'
    assert talk(cell, '압입 버튼 눌러', '음').reason == 'rule_asks'
    assert talk(cell, '압입 버튼 눌러').reason == 'rule_asks'


def test_a_yes_to_one_rule_leaves_what_else_speaks_against_it(cell):
    """Pins that a confirmed question does not silence the checks."""
    answer = reply(cell, say(cell, '압입 버튼 눌러'), '네', set()).answer
    assert (answer.verdict, answer.reason) == ('refuse', 'not_in_scene')


def test_what_is_said_after_a_refusal_is_a_new_order(cell):
    """Pins that nothing of a refused order is completed."""
    answer = talk(cell, '적색 볼조인트를 화장실에 넣어', '격리함')
    assert answer.verdict == 'clarify' and answer.reason.startswith('missing')


def test_a_condition_is_answered_with_yes_or_no(cell):
    """Pins both branches."""
    text = '적색 볼조인트가 불량이면 격리함에, 아니면 볼조통에 넣어'
    assert plan(talk(cell, text, '네')) == [('bj20r', 'quarantine', 1)]
    assert plan(talk(cell, text, '아니요')) == [('bj20r', 'ok_bin_bj', 1)]


@pytest.mark.parametrize(('text', 'wanted'), [
    ('그거 격리함에 넣어', ('bj20r', 'quarantine', 1)),
    ('put it into slot 2', ('bj20r', 'tray_slot2', 1)),
    ('청색 볼조인트도 거기에 넣어', ('bj20b', 'tray_slot1', 1))])
def test_it_and_there_are_those_of_the_order_before(cell, text, wanted):
    """Pins pronouns, and that nothing is recalled without one."""
    before = cell.answer('적색 볼조인트 1번 칸에 넣어').steps[-1]
    assert plan(cell.answer(text, None, before)) == [wanted]
    assert cell.answer('격리함에 넣어', None, before).reason == 'missing_object'
    assert cell.answer(text).verdict == 'clarify'


def test_why_tells_what_was_understood_and_the_rows(cell):
    """Pins the chain in both languages."""
    korean, english = told_why(cell.answer('적색 볼조인트 1번 칸에 넣어'))
    for text in (korean, english):
        assert 'tray_slot1' in text and 'parts.csv:' in text
    assert meaning('왜?') == meaning('Why?') == 'why'
