"""What a model says, read as if no schema had been sent with the question."""
import json

from grounding.proposing.servers import CANDIDATES, order
from hypothesis import given, strategies
from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.grounding.proposing.replies import choices, read_reply, schema
import pytest

MEANT = Step('pick_place', 'bj20r', 'quarantine')


@pytest.mark.parametrize('content', [
    order({}), f'```json\n{order({})}\n```', f'<think>{{"steps": 1}}</think>{order({})}',
    f'I use {{curly}} braces: {order({})} Shall I?', f'\ufeff{order({})}\0'])
def test_an_order_is_found_wherever_it_stands(content):
    """Pins fences, thoughts and chatter of models that nothing holds to a schema."""
    assert read_reply(content, CANDIDATES) == (MEANT,)


def test_counts_and_several_steps_are_read():
    """Pins all, twelve, tool, source and defect, in the order that they stand."""
    content = order({'count': 'all', 'tool': 'gripper_2f'}, {'count': '12', 'defect': 'crack'},
                    {'skill': 'press', 'object': 'start_btn', 'destination': ''})
    assert read_reply(content, CANDIDATES) == (
        Step('pick_place', 'bj20r', 'quarantine', tool='gripper_2f', count=ALL),
        Step('pick_place', 'bj20r', 'quarantine', defect='crack', count=12),
        Step('press', 'start_btn'))


def test_no_guess_is_an_answer():
    """Pins that a model may say it does not know, which is not a server that does not obey."""
    assert read_reply('{"steps": []}', CANDIDATES) == ()


@pytest.mark.parametrize('step', [
    {'object': 'crankshaft'}, {'object': ''}, {'object': 'crack'}, {'destination': 'crack'},
    {'object': 'bj20r\u200b'}, {'object': 'BJ20R'}, {'object': 'bj20r; quarantine'},
    {'skill': 'weld'}, {'skill': ''}, {'tool': 'bj20r'}, {'source': 'bj20r'}, {'defect': 'bj20r'},
    {'count': '0'}, {'count': '13'}, {'count': '-1'}, {'count': '1e0'}, {'count': 1},
    {'count': None}, {'object': ['bj20r']}, {'object': {}},
    {'constraints': {'max_speed_m_s': 9.0}}, {'max_speed_m_s': '9'}, {'verdict': 'ok'}])
def test_no_value_is_taken_that_was_not_offered(step):
    """Pins ids of other tables, near misses, counts, and limits that a model would set."""
    assert read_reply(order(step), CANDIDATES) is None


@pytest.mark.parametrize('content', [
    '', 'null', '[]', '{"steps": {}}', '{"steps": [[]]}', '{"steps": [null]}',
    '{"verdict": "ok", "steps": []}', order(*[{}] * 13), '{"steps": [{"skill": "press"}]}',
    '{"steps": [], "steps": []}', order({})[:-1] + ', "steps": []}', '{' * 100000,
    '{"steps":' + '[' * 100000, '{"a": 1' + '0' * 5000 + '}'])
def test_no_shape_is_taken_but_that_of_an_order(content):
    """Pins missing, further and repeated keys, too many steps, and nesting without end."""
    assert read_reply(content, CANDIDATES) is None


@given(strategies.fixed_dictionaries({}, optional={
    key: strategies.sampled_from([*row, 'x', 3, None]) for key, row in
    {**choices(CANDIDATES), 'note': ('x',)}.items()}))
def test_what_is_read_is_in_the_schema_and_nothing_else(step):
    """Pins that reply and schema agree on every step, whole or not, allowed or not."""
    keys = schema(CANDIDATES)['properties']['steps']['items']['properties']
    allowed = step.keys() == keys.keys() and all(
        value in keys[key]['enum'] for key, value in step.items())
    assert (read_reply(json.dumps({'steps': [step]}), CANDIDATES) is not None) == allowed
