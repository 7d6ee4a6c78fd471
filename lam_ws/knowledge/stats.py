"""Knowledge in numbers, the history of one value, and what two folders know differently."""
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lam_ws.knowledge.knowledge import Fact, Knowledge
from lam_ws.knowledge.layers import Field, shown
from lam_ws.knowledge.tables import TABLES


def counts(known: Knowledge) -> dict[str, Any]:
    """Return how much is known: things by table, names, rules by verdict, facts, layers."""
    things = Counter(thing.table for thing in known.things.values())
    return {
        'version': known.version(),
        'layers': [str(one.get('name_en', '')) for one in known.about],
        'things': {table: things[table] for table in TABLES} | {'rules': len(known.rules)},
        'names': sum(len(list(thing.names())) for thing in known.things.values()),
        'verdicts': dict(sorted(Counter(rule.verdict for rule in known.rules.values()).items())),
        'facts': sum(1 for _ in known.facts()),
        'overrides': sum(bool(said.by) for thing in known.things.values()
                         for said in thing.fields.values())}


def history(said: Field) -> Iterator[tuple[str, str, str]]:
    """Yield value, place and source of a value and of what it took the place of, nearest first."""
    one: Field | None = said
    while one is not None:
        source = f'{one.source} ({one.by})' if one.by else one.source
        yield shown(one.value), one.where, source
        one = one.below


def difference(old: Knowledge, new: Knowledge) -> Iterator[tuple[str, Fact]]:
    """Yield '-' and each fact that only the old one has, '+' and each that only the new one has.

    Where a fact stands, and by what document, is no difference.
    """
    before, after = ({(fact.subject, fact.predicate, fact.object): fact for fact in one.facts()}
                     for one in (old, new))
    for key in sorted({*before, *after}):
        if key not in after:
            yield '-', before[key]
        elif key not in before:
            yield '+', after[key]
