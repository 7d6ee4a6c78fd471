"""Orders against a cell: every reason, which of several is given, and the rows it rests on."""
from checked_company import (
    cell_of,
    CELL_PARTS,
    CELL_SITE,
    checker,
    NO_RULES,
    put,
    rule,
)
from example_company import SITE
from lam_ws.errors import LimitError
from lam_ws.grounding.factory.checking.checker import Checker
from lam_ws.grounding.factory.checking.objections import REASONS
from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.knowledge.knowledge import load_knowledge
import pytest


@pytest.fixture
def example(tmp_path):
    """Return the checker of the example company's cell."""
    return checker(tmp_path)


@pytest.mark.parametrize(('step', 'reason', 'where', 'korean', 'english'), [
    (put('bj20', 'aisle'), 'keep_out', 'places.csv:10:keep_out',
     '통로는 로봇이 들어가서는 안 되는 곳입니다.', 'The aisle is off limits to the robot.'),
    (put('bj20', 'bin', source='furnace'), 'keep_out', 'places.csv:3:keep_out', '소입로는', None),
    (Step('press', 'aisle'), 'keep_out', 'places.csv:10:keep_out', None, None),
    (put('bj20', 'shelf'), 'out_of_reach', 'cell/places.csv:11:x_m',
     '선반은 2.24 m 떨어져 있어 팔이 닿는 0.85 m를 넘습니다.', None),
    (put('bj20', 'store'), 'out_of_reach', 'places.csv:12:kind',
     '창고는 이 셀에 있지 않아 팔이 닿지 않습니다.', 'The store is not in this cell, the arm'),
    (put('bj20', 'yard'), 'out_of_reach', 'places.csv:13:frame', None, None),
    (put('bj20', 'bin', source='shelf'), 'out_of_reach', 'cell/places.csv:11:x_m', None, None),
    (put('crank', 'jig'), 'too_heavy', 'parts.csv:5:mass_kg',
     '크랭크축은 14 kg으로, 로봇이 드는 3 kg을 넘습니다.', None),
    (put('pump', 'tray'), 'too_heavy', 'places.csv:4:max_mass_kg',
     '1번 칸에 놓을 무게가 2.5 kg으로, 견디는 2 kg을 넘습니다.', None),
    (put('drum', 'jig'), 'too_wide', 'parts.csv:6:grip_mm',
     '드럼은 너비가 200 mm로, 평행 그리퍼가 잡는 0~80 mm를 벗어납니다.', None),
    (put('rag', 'jig'), 'too_wide', 'parts.csv:8:name_ko',
     '걸레는 평행 그리퍼로 잡을 수 없습니다.', 'The parallel gripper cannot hold the rag.'),
    (put('slag', 'jig'), 'too_hot', 'parts.csv:10:hot_c',
     '슬래그는 900도로, 내열 그리퍼가 견디는 450도를 넘습니다.', None),
    (put('ring', 'bin'), 'too_hot', 'parts.csv:9:hot_c',
     '내륜은 300도로, 양품통이 견디는 60도를 넘습니다.', None),
    (put('bj20', 'bin', source='washer'), 'too_hot', 'places.csv:7:exit_c', None, None),
    (put('bj20', 'bin', defect='crack'), 'wrong_disposition', 'defects.csv:2:disposition',
     '볼조인트 20은 균열 때문에 양품통에 두지 않고 격리함으로 보내야 합니다.', None),
    (put('bj20', 'cell50', skill='stack', defect='rust'), 'wrong_disposition',
     'defects.csv:3:disposition', None, None),
    (put('pump', 'quarantine', defect='crack'), 'wrong_disposition', 'defects.csv:2:parts',
     '균열은 펌프에 생기는 불량이 아닙니다.', 'The defect "crack" does not occur on the pump.'),
    (put('cell50', 'bin'), 'not_accepted', 'places.csv:5:accepts',
     '양품통에는 각형 셀을 둘 수 없습니다.', 'The good bin does not take the prismatic cell.'),
    (put('bj20', 'bin', tool='hot_jaw'), 'rule', 'parts.csv:2:tools',
     '볼조인트 20은 내열 그리퍼로 잡지 않고 평행 그리퍼로만 잡아야 합니다.', None),
])
def test_every_reason_that_one_step_can_have(example, step, reason, where, korean, english):
    """Pins code, row and sentence of each refusal."""
    answer = example.check([step])
    assert (answer.verdict, answer.reason) == ('refuse', reason), answer
    assert answer.citations[0].where == f'example/{where}'
    assert answer.steps == () and answer.text_ko.startswith(korean or '')
    assert answer.text_en.startswith(english or '')


def test_rules_refuse_and_ask_in_their_own_words(tmp_path):
    """Pins the verdicts of rules and the row that is cited."""
    for verdict, answered, reason in (('refuse', 'refuse', 'rule'),
                                      ('ask', 'clarify', 'rule_asks')):
        answer = checker(tmp_path / verdict, rules=rule(verdict, '{part: [bj20]}')).check(
            [put('bj20', 'bin')])
        assert (answer.verdict, answer.reason) == (answered, reason)
        assert (answer.text_ko, answer.text_en) == ('규칙입니다.', 'It is a rule.')
        assert [one.where for one in answer.citations] == ['example/rules.yaml:2']
        assert answer.citations[0].source == 'R-1'


def test_the_payload_that_is_cited_stands_in_the_site(example):
    """Pins that payload and reach are facts with a row, as everything else."""
    payload = example.check([put('crank', 'jig')]).citations[1]
    reach = example.check([put('bj20', 'shelf')]).citations[-1]
    assert payload.where == 'example/cell/site.yaml:5:payload_kg' and '3' in payload.text
    assert reach.where == 'example/cell/site.yaml:4:reach_m'


def test_citations_are_facts_of_the_knowledge(tmp_path):
    """Pins that what is cited can be looked up, with the document behind it."""
    known = load_knowledge(cell_of(tmp_path))
    facts = {fact.id: fact for fact in known.facts()}
    for step in (put('crank', 'jig'), put('cell50', 'bin'), put('bj20', 'bin')):
        for one in Checker(known).check([step]).citations:
            assert (one.where, one.source) == (facts[one.fact].where, facts[one.fact].source)


def test_places_are_spoken_of_before_parts(tmp_path):
    """Pins keep_out, out_of_reach, too_heavy in turn, where all of them hold."""
    near = 'id,x_m,y_m,z_m,source\nbin,0.4,0.3,0.1,LAY-1\n'
    example = checker(tmp_path, places=near)
    assert [example.check([put('crank', place)]).reason for place in ('aisle', 'store', 'bin')] \
        == list(REASONS[:3])


def test_reasons_of_one_step_in_turn(tmp_path):
    """Pins too_heavy .. rule_asks in turn, where all that follow hold as well."""
    asks = checker(tmp_path / 'asks', rules=rule('ask', '{skill: [pick_place, kit]}'))
    forbids = checker(tmp_path / 'no', rules=rule('refuse', '{part: [drum, bj20, slag, cell50]}'))
    seen = {'bin'}
    for step, reason in (
            (put('crank', 'bin', defect='crack'), 'too_heavy'),
            (put('drum', 'bin', defect='crack'), 'too_wide'),
            (put('slag', 'bin', defect='crack'), 'too_hot'),
            (put('cell50', 'bin', defect='rust'), 'wrong_disposition'),
            (put('cell50', 'bin'), 'not_accepted'),
            (put('bj20', 'bin'), 'rule')):
        assert forbids.check([step], seen).reason == reason
    early = [Step('close_clamp', 'clamp'), put('bj20', 'jig', skill='nest')]
    assert asks.check(early, seen).reason == 'out_of_order'
    assert asks.check([put('bj20', 'bin')], seen).reason == 'not_in_scene'
    assert asks.check([put('bj20', 'bin')], {'bin', 'bj20'}).reason == 'rule_asks'


def test_a_refusal_of_a_later_step_goes_before_an_earlier_question(tmp_path):
    """Pins the verdict of the whole order."""
    asks = checker(tmp_path, rules=rule('ask', '{part: [bj20]}'))
    steps = [put('bj20', 'bin'), put('cell50', 'bin'), put('crank', 'jig')]
    assert asks.check(steps).reason == 'not_accepted'
    assert asks.check(steps[:1] + [put('pump', 'jig')]).verdict == 'clarify'


def test_an_order_that_may_be_is_filled_in(example):
    """Pins tool, constraints and what they rest on."""
    answer = example.check([put('cell50', 'jig', count=ALL), Step('press', 'button')])
    held, press = answer.steps
    assert (answer.verdict, answer.reason) == ('ok', '')
    assert held == put('cell50', 'jig', count=ALL, tool='jaw',
                       constraints={'max_speed_m_s': 0.2, 'max_force_n': 20})
    assert press == Step('press', 'button')
    assert [one.where for one in answer.citations] == [
        'example/rules.yaml:10', 'example/parts.csv:3:max_force_n']
    assert answer.text_ko == '지시대로 할 수 있습니다.'


def test_limits_that_the_order_brings_along_are_only_tightened(example):
    """Pins that asking for more speed or force never gets it, and asking for less does."""
    asked = {'max_speed_m_s': 0.05, 'max_force_n': 500.0}
    step, = example.check([put('cell50', 'jig', constraints=asked)]).steps
    assert step.constraints == {'max_speed_m_s': 0.05, 'max_force_n': 20}


def test_a_defective_part_that_goes_nowhere_goes_where_it_belongs(example):
    """Pins that the disposition is filled in, said and cited, and checked as any place."""
    answer = example.check([put('bj20', defect='crack')])
    assert answer.verdict == 'ok' and answer.steps[0].destination == 'quarantine'
    assert '볼조인트 20은 균열 때문에 격리함으로 보냅니다.' in answer.text_ko
    assert 'example/defects.csv:2:disposition' in {one.where for one in answer.citations}
    assert example.check([put('pump', defect='rust')]).reason == 'too_heavy'
    assert example.check([Step('wipe', 'bj20', defect='crack')]).steps[0].destination == ''


def test_pieces_count_for_what_a_place_carries_only(example):
    """Pins that the robot lifts one at a time, that a tray fills up, and is emptied."""
    assert example.check([put('cell50', 'jig', count=9)]).verdict == 'ok'
    assert example.check([put('cell50', 'tray', count=2)]).verdict == 'ok'
    assert example.check([put('cell50', 'tray', count=3)]).reason == 'too_heavy'
    assert example.check([put('cell50', 'tray', count=ALL)]).verdict == 'ok'
    twice = [put('cell50', 'tray', count=2), put('cell50', 'tray')]
    assert example.check(twice).reason == 'too_heavy'
    assert example.check([twice[0], put('cell50', 'jig', source='tray'), twice[1]]).verdict == 'ok'


def test_the_scene_must_show_parts_and_places_that_the_camera_knows(example):
    """Pins that a place without appearance is not looked for, and that nobody may have looked."""
    assert example.check([put('bj20', 'jig')], {'bj20'}).verdict == 'ok'
    assert example.check([put('bj20', 'bin')], {'bj20', 'bin'}).verdict == 'ok'
    missing = example.check([put('bj20', 'bin')], {'bj20'})
    assert (missing.reason, missing.text_ko) == (
        'not_in_scene', '지금 카메라에 양품통이 보이지 않습니다.')
    assert example.check([put('bj20', 'jig')], set()).text_en == \
        'The camera does not see ball joint 20 now.'
    on_top = put('bj20', 'pump', skill='stack')
    assert example.check([on_top], {'bj20'}).reason == 'not_in_scene'
    assert example.check([put('cell50', 'jig')], {'bj20'}).citations
    assert example.check([on_top]).verdict == 'ok'


@pytest.mark.parametrize('step', [
    put('bolt', 'bin'), put('bj20', 'nowhere'), put('', 'bin'), put('bj20', 'jaw'),
    put('bj20', 'bin', source='cell50'), put('bj20', 'bin', tool='bin'),
    put('bj20', 'bin', defect='bin'), put('bj20', 'bin', skill='weld'),
    put('bj20', 'bin', count=-1), put('bin', 'tray'), put('harden', 'bin')])
def test_a_callers_mistake_is_no_answer(example, step):
    """Pins that unknown ids and skills are never blamed on the operator."""
    with pytest.raises(ValueError):
        example.check([step])


def test_an_order_without_steps_is_a_mistake(example):
    """Pins that nothing to do is not granted."""
    with pytest.raises(ValueError):
        example.check([])


def test_a_cell_without_payload_or_reach_is_not_checked(tmp_path):
    """Pins that a missing limit refuses to start, and never means: no limit."""
    for number, key in enumerate(('payload_kg', 'reach_m')):
        site = ''.join(line for line in CELL_SITE.splitlines(True) if key not in line)
        with pytest.raises(LimitError, match=key):
            checker(tmp_path / str(number), site=site)


def test_a_cell_that_maps_no_place_asks_for_no_reach(tmp_path):
    """Pins that places count as near where nobody wrote down where any of them is."""
    site = SITE.format(level='plant') + 'payload_kg: 3\n'
    nowhere = checker(tmp_path, site=site, places='id,appearance,source\nbin,red bin,X\n')
    assert nowhere.check([put('bj20', 'shelf')]).verdict == 'ok'


def test_hands_that_hold_nothing_need_no_tool(tmp_path):
    """Pins that pushing counts neither width, payload nor what a place carries; rules hold."""
    free = checker(tmp_path / 'free', rules=NO_RULES, parts=CELL_PARTS)
    step = Step('push', 'crank', 'tray')
    assert free.check([step]).steps == (step,)
    assert free.check([Step('wipe', 'rag')]).verdict == 'ok'
    light = rule('limit', '{skill: [push]}', '{max_mass_kg: 5}')
    answer = checker(tmp_path / 'light', rules=light).check([step])
    assert answer.reason == 'too_heavy' and answer.citations[0].where == 'example/rules.yaml:2'
