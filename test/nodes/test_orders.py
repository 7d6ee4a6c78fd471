"""Operators' sentences through the real graph of a company's cell."""
import json
from pathlib import Path

from lam_ws.site import load_site
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.train]
pytest.importorskip('rclpy')

ROWS = [json.loads(line) for line in (
    Path(__file__).parents[1] / 'grounding' / 'data' / 'hangyeol_cell.jsonl'
).read_text(encoding='utf-8').splitlines()]


def test_a_company_is_obeyed_refused_and_asked():
    """Pins the whole way: words, facts, rules, plan, policy, guard, arm, and the answer."""
    from lam_ws.nodes.orders import carry_out
    chosen = [next(row for row in ROWS if row['expect'] == what)
              for what in ('done', 'refuse', 'clarify')]
    done, refused, asked = carry_out(load_site('sim_sort'), chosen)
    assert done['right'] and done['became'] == 'done' and done['truly']
    assert any('parts.csv' in citation for citation in done['citations'])
    assert refused['right'] and '14.5 kg' in refused['told']
    assert asked['right'] and asked['told'].endswith('마스터 볼조인트')


def test_a_question_is_answered_and_the_order_carried_out():
    """Pins the way of a question and its reply through the nodes, and a no."""
    from lam_ws.nodes.orders import carry_out
    done = next(row for row in ROWS if row['text'].startswith('유격 큰 청색'))
    row = {**done, 'text': '볼조인트 하나 격리함에 넣어'}
    chosen, declined = carry_out(load_site('sim_sort'), [
        {**row, 'replies': ['왜?', '청색 볼조인트']},
        {**row, 'replies': ['아니요'], 'expect': 'refuse', 'reason': 'declined', 'step': None}])
    assert chosen['right'] and chosen['became'] == 'done' and chosen['truly']
    assert declined['right']
