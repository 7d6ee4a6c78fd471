"""What the guard looks up of a part and a tool."""
from checked_company import cell_of, put, rule
from lam_ws.grounding.factory.checking.checker import Checker
from lam_ws.grounding.factory.checking.handling import every_handling, limits_of
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.knowledge.tables import SKILLS
import pytest

BJ20 = {'max_speed_m_s': 0.5, 'max_force_n': 60}   # its row; the jaw's says 120 N, the cup's 20


def knowledge(folder, **files):
    """Return what is known in the example's cell."""
    return load_knowledge(cell_of(folder, **files))


def test_the_stricter_of_part_and_tool_holds(tmp_path):
    """Pins the rows: both count, whichever says less."""
    known = knowledge(tmp_path)
    assert limits_of(known, 'pick_place', 'bj20', 'jaw') == BJ20
    assert limits_of(known, 'pick_place', 'bj20', 'cup') == {**BJ20, 'max_force_n': 20}
    assert limits_of(known, 'pick_place', '', 'cup') == {'max_force_n': 20}
    assert limits_of(known, 'press') == {}


@pytest.mark.parametrize(('when', 'holds'), [
    ('{part: [bj20]}', True), ('{tool: [jaw]}', True), ('{skill: [pick_place]}', True),
    ('{skill: [pick_place], part: [bj20], tool: [jaw]}', True),
    ('{part: [cell50]}', False), ('{tool: [cup]}', False), ('{skill: [nest]}', False),
    ('{part: [bj20], place: [jig]}', False), ('{place: [jig]}', False),
    ('{origin: [jig]}', False), ('{defect: [crack]}', False),
    ('{part: [bj20], together_with: [cell50]}', False)])
def test_only_rules_that_hold_wherever_the_part_is_count(tmp_path, when, holds):
    """Pins which rules: a place, a defect or another part is nothing that the guard knows."""
    known = knowledge(tmp_path, rules=rule('limit', when, '{max_speed_m_s: 0.1}'))
    assert limits_of(known, 'pick_place', 'bj20', 'jaw')['max_speed_m_s'] == (
        0.1 if holds else 0.5)


def test_it_never_says_less_strict_than_a_step_is_checked_for(tmp_path):
    """Pins the second look: what the guard holds is what was promised, where it can know it."""
    rules = rule('limit', '{skill: [nest], part: [bj20]}', '{max_speed_m_s: 0.1, max_force_n: 5}')
    known = knowledge(tmp_path, rules=rules)
    for skill in ('pick_place', 'nest'):
        step, = Checker(known).check([put('bj20', 'jig', skill=skill)]).steps
        assert limits_of(known, skill, 'bj20', step.tool) == step.constraints


def test_the_table_has_every_pair(tmp_path):
    """Pins that nothing which the knowledge knows is unknown to the guard."""
    known = knowledge(tmp_path)
    table = every_handling(known)
    parts, tools = ({thing.id for thing in known.things.values() if thing.table == name} | {''}
                    for name in ('parts', 'tools'))
    assert set(table) == {(skill, part, tool) for skill in SKILLS for part in parts
                          for tool in tools}
    assert table['nest', 'bj20', 'jaw'] == limits_of(known, 'nest', 'bj20', 'jaw') == BJ20
