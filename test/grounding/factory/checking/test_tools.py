"""Which tool holds a part."""
from checked_company import checker, MORE_TOOLS, NO_RULES, put, rule
import pytest


@pytest.fixture
def example(tmp_path):
    """Return the checker of the example company's cell, without rules."""
    return checker(tmp_path, rules=NO_RULES)


@pytest.mark.parametrize(('step', 'tool'), [
    (put('bj20', 'jig'), 'jaw'),                       # the only one of the part's tools
    (put('cell50', 'jig'), 'jaw'),                     # any gripper: the first in the file
    (put('cell50', 'jig', tool='hot_jaw'), 'hot_jaw'),     # the one that is named
    (put('ring', 'jig'), 'hot_jaw'),                   # the first is not for 300 degrees
    (put('cell50', 'jig', source='washer'), 'hot_jaw'),    # nor for what comes from the washer
    (put('sheet', 'jig'), 'cup'),                      # a cup needs no width
    (put('rag', 'jig', tool='cup'), 'cup')])           # and holds what an operator says it holds
def test_the_tool_that_is_chosen(example, step, tool):
    """Pins the choice of a tool and that the step says it."""
    answer = example.check([step])
    assert answer.verdict == 'ok' and answer.steps[0].tool == tool


@pytest.mark.parametrize(('step', 'reason', 'rows'), [
    (put('drum', 'jig'), 'too_wide', ['parts.csv:6:grip_mm', 'tools.csv:2:max_grip_mm']),
    (put('drum', 'jig', tool='hot_jaw'), 'too_wide',
     ['parts.csv:6:grip_mm', 'tools.csv:3:max_grip_mm']),
    (put('cell50', 'jig', tool='runner'), 'too_wide', ['tools.csv:5:kind']),
    (put('pump', 'jig', tool='cup'), 'too_heavy',
     ['parts.csv:4:mass_kg', 'tools.csv:4:max_mass_kg']),
    (put('ring', 'jig', tool='jaw'), 'too_hot', ['parts.csv:9:hot_c', 'tools.csv:2:max_temp_c']),
    (put('block', 'jig'), 'too_wide', ['parts.csv:11:grip_mm', 'tools.csv:2:max_grip_mm']),
    (put('rag', 'jig'), 'too_wide', ['parts.csv:8:name_ko', 'tools.csv:2:kind']),
    (put('slag', 'jig'), 'too_hot', ['parts.csv:10:hot_c', 'tools.csv:3:max_temp_c'])])
def test_what_is_told_where_no_tool_holds_a_part(example, step, reason, rows):
    """Pins that the tool that comes nearest is spoken of, and what it lacks is cited."""
    answer = example.check([step])
    assert answer.reason == reason
    assert [one.where for one in answer.citations] == [f'example/{row}' for row in rows]


def test_no_cup_or_magnet_is_tried_that_nobody_spoke_of(tmp_path):
    """Pins that a part too wide for every gripper does not end up on a magnet."""
    magnet = MORE_TOOLS.splitlines()[0] + '\nstone,자석,magnet,,magnet,,,5,,,QS-3 9\n'
    example = checker(tmp_path, tools=magnet)
    assert example.check([put('drum', 'jig')]).reason == 'too_wide'
    assert example.check([put('drum', 'jig', tool='stone')]).verdict == 'ok'


def test_a_cell_without_grippers_says_so(tmp_path):
    """Pins that there may be nothing to choose from."""
    cups = 'id,kind,source\njaw,hand,X\nhot_jaw,hand,X\n'
    answer = checker(tmp_path, tools=cups).check([put('cell50', 'jig')])
    assert answer.reason == 'too_wide' and answer.citations
    assert answer.text_ko == '각형 셀을 잡을 수 있는 공구가 없습니다.'


@pytest.mark.parametrize(('verdict', 'when', 'limits', 'tool'), [
    ('refuse', '{tool: [jaw]}', '', 'hot_jaw'), ('ask', '{tool: [jaw]}', '', 'hot_jaw'),
    ('limit', '{tool: [jaw]}', '{max_mass_kg: 0.5}', 'hot_jaw'),
    ('limit', '{tool: [jaw]}', '{max_force_n: 1}', 'jaw')])
def test_a_tool_that_a_rule_is_against_is_chosen_last(tmp_path, verdict, when, limits, tool):
    """Pins that a rule about a tool leads to another tool, and to a refusal only without one."""
    answer = checker(tmp_path, rules=rule(verdict, when, limits)).check([put('cell50', 'jig')])
    assert answer.verdict == 'ok' and answer.steps[0].tool == tool


@pytest.mark.parametrize(('verdict', 'reason'), [('refuse', 'rule'), ('ask', 'rule_asks')])
def test_a_rule_against_the_only_tool_is_told(tmp_path, verdict, reason):
    """Pins that the rule stands where every tool that fits falls under it."""
    against = rule(verdict, '{tool: [jaw, hot_jaw]}')
    assert checker(tmp_path, rules=against).check([put('cell50', 'jig')]).reason == reason
