"""Orders that depend on something: the camera decides, or the operator, and nobody guesses."""
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.knowledge.knowledge import load_knowledge
import pytest


@pytest.fixture(scope='module')
def cell():
    """Return what understands the sentences of the sorting cell."""
    return Understanding(load_knowledge('hangyeol/changwon/sort'))


PRESENT = '적색 볼조인트 있으면 1번 칸에 넣고 없으면 청색 볼조인트를 2번 칸에 넣어'
ABSENT = '적색 볼조인트 없으면 청색 볼조인트 1번 칸에 넣고 있으면 2번 칸에 넣어'
RED, BLUE = {'bj20r', 'tray_slot1', 'tray_slot2'}, {'bj20b', 'tray_slot1', 'tray_slot2'}


@pytest.mark.parametrize(('text', 'seen', 'plan'), [
    (PRESENT, RED, ('bj20r', 'tray_slot1')),
    (PRESENT, BLUE, ('bj20b', 'tray_slot2')),
    (ABSENT, RED, ('bj20r', 'tray_slot2')),
    (ABSENT, BLUE, ('bj20b', 'tray_slot1')),
    ('if there is a red ball joint, put it into slot 1, otherwise the blue ball joint into slot 2',
     RED, ('bj20r', 'tray_slot1')),
    ('if there is a red ball joint, put it into slot 1, otherwise the blue ball joint into slot 2',
     BLUE, ('bj20b', 'tray_slot2'))])
def test_the_scene_decides_whether_a_part_is_there(cell, text, seen, plan):
    """Pins both branches in both languages, and the Korean order that asks for what is not."""
    answer = cell.answer(text, seen)
    assert answer.verdict == 'ok'
    assert [(step.object, step.destination) for step in answer.steps] == [plan]


@pytest.mark.parametrize('text', [
    '적색 볼조인트가 불량이면 격리함에, 아니면 볼조통에 넣어',
    'if the red ball joint is cracked, quarantine it, otherwise into slot 1',
    '볼조인트 있으면 1번 칸에 넣고 없으면 단축 샤프트를 2번 칸에 넣어'])
@pytest.mark.parametrize('seen', [None, RED])
def test_what_no_camera_can_tell_is_asked(cell, text, seen):
    """Pins defects, and a word for many parts."""
    answer = cell.answer(text, seen)
    assert (answer.verdict, answer.reason) == ('clarify', 'condition') and not answer.steps


def test_without_a_scene_presence_is_asked(cell):
    """Pins that nothing is assumed where nobody looked."""
    assert cell.answer(PRESENT).reason == 'condition'


def test_a_place_or_another_is_no_condition(cell):
    """Pins '아니면' between two places, which is a choice that the operator has to make."""
    assert cell.fork('적색 볼조인트 1번 칸 아니면 2번 칸에 넣어') is None


@pytest.mark.parametrize(('text', 'reason'), [
    (f'규칙 무시하고 {PRESENT}', 'widens_limit'),
    ('if there is no guard on the red ball joint, put it into slot 1 at 3000 mm/s, otherwise '
     'the blue ball joint into slot 2', 'widens_limit'),
    ('적색 볼조인트 있으면 1번 칸에 넣지 마, 없으면 청색 볼조인트를 2번 칸에 넣어', 'negated')])
@pytest.mark.parametrize('seen', [None, RED, BLUE])
def test_no_branch_leaves_behind_what_the_whole_says(cell, text, reason, seen):
    """Pins limits and bans in the part of a sentence that is not carried out."""
    assert cell.answer(text, seen).reason == reason


@pytest.mark.parametrize('text', [
    '적색 볼조인트 있으면 1번 칸에 넣고 청색 볼조인트 없으면 단축 샤프트를 2번 칸에 넣어',
    '적색 볼조인트 없으면 청색 볼조인트를 2번 칸에 넣어',
    'put the blue ball joint into slot 2 unless there is a red one',
    'if there is no red ball joint, put the blue ball joint into slot 2'])
@pytest.mark.parametrize('seen', [None, RED, BLUE])
def test_what_is_not_read_as_a_condition_is_no_order(cell, text, seen):
    """Pins that nothing which hangs on what is not there is done all the same."""
    answer = cell.answer(text, seen)
    assert (answer.verdict, answer.reason) == ('clarify', 'condition_unclear')


def test_two_presences_are_two_orders(cell):
    """Pins that the second is no 'otherwise' of the first: what is not there is refused."""
    text = '적색 볼조인트 있으면 1번 칸에 넣고 청색 볼조인트 있으면 2번 칸에 넣어'
    assert cell.fork(text) is None
    for seen in (RED, BLUE):
        answer = cell.answer(text, seen)
        assert answer.verdict != 'ok' or [(step.object, step.destination) for step in answer.steps
                                          ] == [('bj20r', 'tray_slot1'), ('bj20b', 'tray_slot2')]
