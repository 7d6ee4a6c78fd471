"""Random orders of two companies: nothing crashes, and no limit is ever passed or loosened."""
from dataclasses import replace
import random

from checked_company import cell_of, MORE_PARTS, MORE_PLACES, MORE_TOOLS
from lam_ws.grounding.factory.checking.checker import Checker
from lam_ws.grounding.factory.checking.deed import HANDS_FREE
from lam_ws.grounding.factory.checking.objections import REASONS
from lam_ws.grounding.factory.order import Step
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.knowledge.tables import SKILLS
import pytest

CELLS = ('hangyeol/changwon/sort', 'nuri/gwangju/kitting')
ORDERS = 400


def ids(known, table):
    """Return the ids of a table."""
    return [thing.id for thing in known.things.values() if thing.table == table]


def any_order(known, chance):
    """Return one to four random steps, most of which make some sense."""
    parts, places = ids(known, 'parts'), ids(known, 'places')
    steps = []
    for _ in range(chance.randint(1, 4)):
        skill = chance.choice(SKILLS)
        thing = chance.choice(parts if skill not in HANDS_FREE or chance.random() < 0.3
                              else places)
        steps.append(Step(
            skill, thing, chance.choice([*places, '', chance.choice(parts)]),
            *(chance.choice(some) if chance.random() < 0.2 else '' for some in (
                places, ids(known, 'tools'), ids(known, 'defects'))),
            count=chance.randint(0, 4)))
    return steps


@pytest.mark.parametrize('cell', CELLS)
def test_any_order_gets_an_answer_that_is_whole(cell):
    """Pins that nothing crashes, and that every refusal has a reason, a text and a row."""
    known, chance = load_knowledge(cell), random.Random(1)
    check, facts = Checker(known).check, {fact.id for fact in known.facts()}
    for number in range(ORDERS):
        seen = set(known.things) if number % 2 else None
        answer = check(any_order(known, chance), seen)
        assert answer.text_ko.endswith('다.') and answer.text_en.endswith('.')
        assert {one.fact for one in answer.citations} <= facts
        if answer.verdict != 'ok':
            assert answer.reason in REASONS and answer.citations and not answer.steps
            assert '{' not in answer.text_ko + answer.text_en


@pytest.mark.parametrize('cell', CELLS)
def test_no_constraint_is_above_any_limit_in_the_data(cell):
    """Pins the strictest of part, tool and rules, found here without the checker's own code."""
    known, chance, granted = load_knowledge(cell), random.Random(2), 0
    check = Checker(known).check
    for _ in range(5 * ORDERS):
        answer = check(any_order(known, chance)[:1])
        for step in answer.steps:
            granted += 1
            for key in ('max_speed_m_s', 'max_force_n'):
                limits = [limit for thing in (step.object, step.tool) if thing
                          and (limit := known.things[thing].number(key)) is not None]
                limits += [rule.limits[key] for rule in known.rules.values() if key in rule.limits
                           and set(rule.when) <= {'skill', 'part', 'place'}
                           and step.skill in rule.when.get('skill', SKILLS)
                           and {step.object, step.destination}
                           & set(rule.when.get('part', known.things))
                           and {step.object, step.destination}
                           & set(rule.when.get('place', known.things))]
                assert step.constraints.get(key, 0) <= min(limits, default=0) or not limits
                assert bool(limits) <= (key in step.constraints)
    assert granted > 20


def stricter(chance):
    """Return a plant's files that tighten some limits of the example company at random."""
    def rows(table, names, column, values):
        lines = [f'{one},{chance.choice(values)},X' for one in names if chance.random() < 0.6]
        return f'id,{column},source\n' + '\n'.join(lines or [f'{names[0]},{values[0]},X']) + '\n'

    parts, places, tools = ([line.split(',')[0] for line in text.splitlines()[1:]]
                            for text in (MORE_PARTS, MORE_PLACES, MORE_TOOLS))
    return {
        'tools': rows('tools', tools, 'max_mass_kg', ('0.1', '0.3', '0.9')),
        'places': rows('places', places, 'keep_out,max_temp_c,max_mass_kg',
                       (',30,0.3', 'yes,,', ',50,0.5')),
        'parts': rows('parts', parts, 'max_force_n,max_speed_m_s', ('5,0.05', '2,', ',0.1')),
        'rules': 'rules:\n' + ''.join(
            f'  - id: more_{number}\n    when: {{{when}}}\n    verdict: {verdict}\n'
            '    text_ko: 더 엄합니다.\n    text_en: It is stricter.\n    source: X\n'
            for number, (verdict, when) in enumerate(chance.sample([
                ('refuse', 'tool: [jaw]'), ('ask', 'tool: [hot_jaw]'), ('refuse', 'place: [tray]'),
                ('refuse', 'part: [ring], skill: [kit, nest]'), ('ask', 'origin: [bin]')], 3)))}


@pytest.mark.parametrize('seed', range(6))
def test_a_stricter_layer_never_makes_a_refusal_good(tmp_path, seed):
    """Pins that whoever adds a layer can only add refusals, and lower constraints."""
    chance = random.Random(seed)
    cell = cell_of(tmp_path)
    below = load_knowledge(cell)
    more = cell / 'line'
    more.mkdir()
    (more / 'site.yaml').write_text('name_ko: 줄\nname_en: Line\nlevel: cell\npayload_kg: 2.4\n',
                                    encoding='utf-8')
    for name, text in stricter(chance).items():
        ending = 'yaml' if name == 'rules' else 'csv'
        (more / f'{name}.{ending}').write_text(text, encoding='utf-8')
    loose, strict = Checker(below), Checker(load_knowledge(more))
    for _ in range(ORDERS):
        order = any_order(below, chance)[:chance.randint(1, 4)]
        before, after = loose.check(order), strict.check(order)
        assert (before.verdict, after.verdict) != ('refuse', 'ok'), order
        for one, other in zip(before.steps, after.steps, strict=False):
            if one.tool == other.tool:
                assert all(other.constraints[key] <= limit
                           for key, limit in one.constraints.items())


def test_an_answer_can_be_checked_again():
    """Pins that a granted order is still granted as it was filled in, with the same limits."""
    known, chance = load_knowledge(CELLS[0]), random.Random(3)
    check = Checker(known).check
    for _ in range(ORDERS):
        answer = check(any_order(known, chance)[:1])
        again = check([replace(step) for step in answer.steps]) if answer.steps else answer
        assert (again.verdict, again.steps) == (answer.verdict, answer.steps)
