"""Which rules hold for a deed: deeds of one order enter, rules and what they limit leave.

A pressed or wiped place is the place of a rule as well as one that something is put on. Of a rule
with `place` and `together_with` the other part must go to the same place: such rules say what is
not mixed, and an order that parts the two is just what they want.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lam_ws.grounding.factory.checking.cell import Cell, name
from lam_ws.grounding.factory.checking.deed import Deed
from lam_ws.grounding.factory.checking.limits import load, mass_of, ROUNDING_KG
from lam_ws.grounding.factory.checking.objections import ASKS, Objection, objection
from lam_ws.grounding.factory.checking.particles import Name
from lam_ws.grounding.factory.checking.sequence import done_in
from lam_ws.grounding.factory.order import Citation
from lam_ws.knowledge.knowledge import Known
from lam_ws.knowledge.written import Rule

KEPT = ('max_speed_m_s', 'max_force_n')   # limits that go with a step


def holding(deeds: Sequence[Deed], index: int, cell: Cell) -> list[Rule]:
    """Return the rules that hold for one of an order's deeds."""
    deed = deeds[index]
    others = [other for number, other in enumerate(deeds) if number != index]
    found = {
        'part': {part.id for part in deed.parts()},
        'tool': {deed.step.tool},
        'place': {place.id for place in deed.places() if place is not deed.source},
        'origin': {deed.step.source},
        'defect': {deed.step.defect},
        'skill': {deed.step.skill},
        'step': {step.id for step in done_in(deed, cell)}}
    return [rule for rule in cell.rules
            if _holds(rule, {**found, 'together_with': _beside(deed, others, rule)})]


def holding_anywhere(rules: Iterable[Rule], skill: str, part: str, tool: str) -> list[Rule]:
    """Return the rules of limits that hold for skill, part and tool, whatever else is the case."""
    found = {'skill': {skill}, 'part': {part}, 'tool': {tool}}
    return [rule for rule in rules if rule.verdict == 'limit'
            and rule.when.keys() <= found.keys() and _holds(rule, found)]


def _holds(rule: Rule, found: Mapping[str, set[str]]) -> bool:
    return not any(found[condition].isdisjoint(ids) for condition, ids in rule.when.items())


def _beside(deed: Deed, others: Sequence[Deed], rule: Rule) -> set[str]:
    """Return the other parts that a rule would find together with a deed's."""
    found = {part.id for part in deed.parts()}
    found |= {other.object.id for other in others if other.part is not None
              and ('place' not in rule.when or other.step.destination == deed.step.destination)}
    return found - {deed.object.id}


def qualms(deeds: Sequence[Deed], index: int, deed: Deed, cell: Cell) -> int:
    """Return how much rules about tools have against a deed in place of one of an order's.

    Returns:
        2 where one refuses it, 1 where one asks, else 0.
    """
    changed = [*deeds[:index], deed, *deeds[index + 1:]]
    return max((1 if why.reason == ASKS else 2 for rule in holding(changed, index, cell)
                if 'tool' in rule.when for why in _against(changed, index, rule, cell)), default=0)


def against(deeds: Sequence[Deed], index: int, cell: Cell) -> Iterator[Objection]:
    """Yield what rules say against one of an order's deeds: no, too heavy, or a question."""
    for rule in holding(deeds, index, cell):
        yield from _against(deeds, index, rule, cell)


def _against(deeds: Sequence[Deed], index: int, rule: Rule, cell: Cell) -> Iterator[Objection]:
    if rule.verdict != 'limit':
        yield replace(objection('rule' if rule.verdict == 'refuse' else ASKS,
                                cell.cite_rule(rule), rule=Name(rule.text_ko, rule.text_en)),
                      rule=rule.id)
    elif 'max_mass_kg' in rule.limits:
        yield from _too_heavy(deeds[:index + 1], rule, cell)


def _too_heavy(deeds: Sequence[Deed], rule: Rule, cell: Cell) -> Iterator[Objection]:
    """Yield whether a deed has more mass than a rule allows: of a place, all that it carries."""
    deed, limit = deeds[-1], rule.limits['max_mass_kg']
    if deed.part is None:
        return
    mass = mass_of(deed.part)
    if 'place' in rule.when and deed.place is not None:
        mass = max(mass, load(deeds, deed.place))
    if mass > limit + ROUNDING_KG:
        yield objection('heavy_rule', cell.cite_rule(rule, 'limits.max_mass_kg')
                        + cell.cite(deed.part, 'mass_kg'),
                        part=name(deed.part), mass=mass, limit=limit)


def limits_said(key: str, things: Iterable[Known | None], rules: Iterable[Rule]
                ) -> Iterator[tuple[float, Known | Rule]]:
    """Yield each limit of a name with the part, tool or rule that says it."""
    for thing in things:
        if thing is not None and (limit := thing.number(key)) is not None:
            yield limit, thing
    yield from ((rule.limits[key], rule) for rule in rules if key in rule.limits)


def constraints(deed: Deed, rules: Sequence[Rule], cell: Cell
                ) -> tuple[Mapping[str, float], list[Citation]]:
    """Return the strictest limits that go with a deed, and what they rest on.

    Limits that the step brings along hold too: whoever asked for less gets less.
    """
    strictest = dict(deed.step.constraints)
    rests: dict[str, list[Citation]] = {}
    for key in KEPT:
        for limit, by in limits_said(key, (deed.part, deed.tool), rules):
            if key not in strictest or limit < strictest[key]:
                strictest[key], rests[key] = limit, (
                    cell.cite(by, key) if isinstance(by, Known)
                    else cell.cite_rule(by, f'limits.{key}'))
    apply = [one for rule in rules for key in rule.limits
             for one in cell.cite_rule(rule, f'limits.{key}')]
    return strictest, [one for said in rests.values() for one in said] + apply
