"""When a rule holds, and what it does to a step."""
from checked_company import checker, put, rule
from lam_ws.grounding.factory.order import Step
import pytest

BOTH = [put('bj20', 'jig'), put('cell50', 'tray')]


@pytest.mark.parametrize(('when', 'steps', 'holds'), [
    ('{part: [bj20]}', [put('bj20', 'jig')], True),
    ('{part: [bj20]}', [put('cell50', 'bj20', skill='stack')], True),
    ('{part: [bj20]}', [put('cell50', 'jig')], False),
    ('{tool: [jaw]}', [put('bj20', 'jig')], True),
    ('{tool: [cup]}', [put('bj20', 'jig')], False),
    ('{tool: [runner]}', [Step('push', 'rag', 'jig', tool='runner')], True),
    ('{place: [jig]}', [put('bj20', 'jig')], True),
    ('{place: [button]}', [Step('press', 'button')], True),
    ('{place: [jig]}', [put('bj20', 'tray', source='jig')], False),
    ('{origin: [jig]}', [put('bj20', 'tray', source='jig')], True),
    ('{origin: [jig]}', [put('bj20', 'jig')], False),
    ('{defect: [crack]}', [put('bj20', defect='crack')], True),
    ('{defect: [crack]}', [put('bj20', 'jig')], False),
    ('{skill: [kit, nest]}', [put('bj20', 'tray', skill='kit')], True),
    ('{skill: [kit, nest]}', [put('bj20', 'tray')], False),
    ('{step: [seat]}', [put('bj20', 'jig', skill='nest')], True),
    ('{step: [seat]}', [put('bj20', 'jig')], True),
    ('{step: [seat]}', [put('pump', 'jig')], False),
    ('{step: [start]}', [Step('press', 'button')], True),
    ('{together_with: [cell50]}', BOTH, True),
    ('{together_with: [cell50]}', [put('cell50', 'tray'), put('cell50', 'jig')], False),
    ('{together_with: [cell50]}', [put('bj20', 'cell50', skill='stack')], True),
    ('{together_with: [cell50], place: [jig]}', BOTH, False),
    ('{together_with: [cell50], place: [jig]}', [BOTH[0], put('cell50', 'jig')], True),
    ('{part: [bj20], place: [jig]}', [put('bj20', 'jig')], True),
    ('{part: [bj20], place: [jig]}', [put('bj20', 'tray')], False)])
def test_conditions(tmp_path, when, steps, holds):
    """Pins what each condition asks of a step, and that all of them must hold."""
    answer = checker(tmp_path, rules=rule('ask', when)).check(steps)
    assert answer.verdict == ('clarify' if holds else 'ok'), answer


@pytest.mark.parametrize(('limits', 'held'), [
    ('{max_speed_m_s: 0.1}', {'max_speed_m_s': 0.1, 'max_force_n': 60}),
    ('{max_speed_m_s: 2}', {'max_speed_m_s': 0.5, 'max_force_n': 60}),
    ('{max_force_n: 5, max_speed_m_s: 0.3}', {'max_speed_m_s': 0.3, 'max_force_n': 5})])
def test_the_strictest_limit_goes_with_the_step(tmp_path, limits, held):
    """Pins part, tool and rule; a rule that applies is cited though another is stricter."""
    answer = checker(tmp_path, rules=rule('limit', '{place: [jig]}', limits)).check(
        [put('bj20', 'jig')])
    assert answer.steps[0].constraints == held
    assert 'example/rules.yaml:2' in {one.where for one in answer.citations}


def test_a_tool_limits_the_force(tmp_path):
    """Pins that the tool's own limit holds where the part has none."""
    answer = checker(tmp_path).check([put('ring', 'jig')])
    assert answer.steps[0].constraints == {'max_force_n': 60}
    assert [one.where for one in answer.citations] == ['example/tools.csv:3:max_force_n']


@pytest.mark.parametrize(('when', 'steps', 'heavy'), [
    ('{skill: [pick_place]}', [put('cell50', 'jig', count=5)], False),
    ('{skill: [pick_place]}', [put('pump', 'jig')], True),
    ('{place: [jig]}', [put('cell50', 'jig')], False),
    ('{place: [jig]}', [put('cell50', 'jig', count=2)], True),
    ('{place: [jig]}', [put('cell50', 'jig'), put('bj20', 'jig', count=2)], True),
    ('{place: [button]}', [Step('press', 'button')], False)])
def test_the_mass_that_a_rule_allows(tmp_path, when, steps, heavy):
    """Pins that a rule about a place weighs all that goes there, and any other one piece."""
    answer = checker(tmp_path, rules=rule('limit', when, '{max_mass_kg: 1.5}')).check(steps)
    assert (answer.verdict, answer.reason) == (('refuse', 'too_heavy') if heavy else ('ok', ''))
