"""What RDF must be to become knowledge: constraints from the tables, as SHACL and as SPARQL.

The tables enter; one list of constraints leaves, and each constraint says itself twice, as a
SHACL property shape for other programs and as a query that this one checks an import by, twenty
times as fast as a validator of shapes (docs/howto_knowledge.md). A test holds the two together.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Literal as Choice

from lam_ws.knowledge.cells import LONGEST, LONGEST_NAME
from lam_ws.knowledge.exchange.terms import (
    columns_of,
    local,
    named,
    NUMBERS,
    PREFIXES,
    several,
    text,
    TYPE,
)
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.tables import COLOURS, Column, LOOKS, TABLES
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

Kind = Choice['needed', 'single', 'form', 'range', 'choice', 'look', 'too_long', 'thing_unknown']
CLASSES = (*TABLES, 'rules')
_LOOK = f'^({"|".join(COLOURS)}) ({"|".join(LOOKS)})$'
_TEXT, _TAGGED = f'{PREFIXES["xsd"]}string', f'{PREFIXES["rdf"]}langString'


@dataclass(frozen=True)
class Constraint:
    """One thing that the values of a column must be.

    Attributes:
        table: Whose things.
        column: Whose values.
        kind: What is asked of them; the code of the fault where they are not.
    """

    table: str
    column: Column
    kind: Kind

    def bounds(self) -> tuple[float, float]:
        """Return the bounds of a number, the whole line where it has none."""
        return self.column.low, self.column.high

    def datatypes(self) -> tuple[str, ...]:
        """Return the datatypes that a literal may have."""
        match self.column.sort:
            case 'number':
                return NUMBERS
            case 'count':
                return (f'{PREFIXES["xsd"]}integer',)
            case 'flag':
                return (f'{PREFIXES["xsd"]}boolean',)
            case 'names':
                return (_TEXT, _TAGGED)
            case _:
                return (_TAGGED,) if self.column.name.endswith(('_ko', '_en')) else (_TEXT,)

    def longest(self) -> int:
        """Return how many letters a value may have."""
        return LONGEST_NAME if self.column.sort in ('name', 'names') else LONGEST


def constraints() -> Iterator[Constraint]:
    """Yield every constraint of the tables and of rules."""
    for table in CLASSES:
        for column in columns_of(table):
            yield from (Constraint(table, column, kind) for kind in _kinds(column))


def _kinds(column: Column) -> Iterator[Kind]:
    if column.needed:
        yield 'needed'
    if not several(column):
        yield 'single'
    if column.of:
        yield 'thing_unknown'
        return
    yield 'form'
    match column.sort:
        case 'number' | 'count':
            yield 'range'
        case 'choice':
            yield 'choice'
        case 'look':
            yield 'look'
        case 'name' | 'names' | 'text':
            yield 'too_long'


def query(one: Constraint) -> str:
    """Return a SPARQL query for (?thing, ?value) of everything that breaks a constraint."""
    column = f'<{PREFIXES["column"]}{one.column.name}>'
    match one.kind:
        case 'needed':
            body = f'FILTER NOT EXISTS {{ ?thing {column} ?any }}'
        case 'single':
            body = (f'{{ SELECT ?thing (MAX(STR(?each)) AS ?value) {{ ?thing {column} ?each }} '
                    'GROUP BY ?thing HAVING (COUNT(DISTINCT ?each) > 1) }')
        case _:
            body = f'?thing {column} ?value . {_filter(one)}'
    kind = f'<{PREFIXES["table"]}{one.table}>'
    return f'SELECT DISTINCT ?thing ?value {{ ?thing a {kind} . {body} }}'


def _filter(one: Constraint) -> str:
    """Return the part of a query that a right value does not pass."""
    match one.kind:
        case 'form':
            types = ', '.join(f'<{name}>' for name in one.datatypes())
            right = f'DATATYPE(?value) IN ({types})'
            if one.datatypes() == (_TAGGED,):
                right += f' && LANGMATCHES(LANG(?value), "{one.column.name[-2:]}")'
        case 'range':
            low, high = (_decimal(bound) for bound in one.bounds())
            right = f'?value >= {low} && ?value <= {high}'
        case 'choice':
            words = ', '.join(f'"{word}"' for word in one.column.choices)
            right = f'STR(?value) IN ({words})'
        case 'look':
            right = f'REGEX(STR(?value), "{_LOOK}")'
        case 'too_long':
            right = f'STRLEN(STR(?value)) <= {one.longest()}'
        case _:
            return f'FILTER NOT EXISTS {{ ?value a <{PREFIXES["table"]}{one.column.of}> }}'
    return f'FILTER (!COALESCE({right}, false))'


def _decimal(bound: float) -> str:
    return f'{bound:.6f}'.rstrip('0').rstrip('.')


def violations(store: Store, path: Path) -> Iterator[Fault]:
    """Yield a fault for each value, in the store's data, that breaks a constraint.

    Args:
        store: The data, in its default graph.
        path: The file it came from, for the faults.
    """
    for one in constraints():
        found = store.query(query(one))
        assert isinstance(found, QuerySolutions)
        for solution in found:
            thing, value = solution['thing'], solution['value']
            name = local(thing, 'id') or getattr(thing, 'value', '?')
            low, high = one.bounds()
            yield Fault(one.kind, path, column=f'{name}.{one.column.name}',
                        value='' if value is None else text(value),
                        more={'expected': _expected(one), 'low': f'{low:g}', 'high': f'{high:g}',
                              'colours': ', '.join(COLOURS), 'kinds': ', '.join(LOOKS)})


def _expected(one: Constraint) -> str:
    match one.kind:
        case 'form':
            names = [name.rpartition('#')[2] for name in one.datatypes()]
            tag = f' @{one.column.name[-2:]}' if one.datatypes() == (_TAGGED,) else ''
            return ', '.join(names) + tag
        case 'choice':
            return ', '.join(one.column.choices)
        case 'too_long':
            return str(one.longest())
        case _:
            return one.column.of


def shacl() -> list[Triple]:
    """Return all constraints as SHACL shapes, a node shape for each class."""
    found: list[Triple] = []
    for table in CLASSES:
        shape = NamedNode(f'{PREFIXES["table"]}{table}_shape')
        found += [Triple(shape, TYPE, named('sh', 'NodeShape')),
                  Triple(shape, named('sh', 'targetClass'), named('table', table))]
    for one in constraints():
        node = BlankNode()
        found += [Triple(NamedNode(f'{PREFIXES["table"]}{one.table}_shape'),
                         named('sh', 'property'), node),
                  Triple(node, named('sh', 'path'), named('column', one.column.name)),
                  *_property(one, node)]
    return found


def _property(one: Constraint, node: BlankNode) -> list[Triple]:
    """Return what a property shape says beside its path."""
    def says(name: str, value: Literal | NamedNode) -> Triple:
        return Triple(node, named('sh', name), value)

    match one.kind:
        case 'needed':
            return [says('minCount', Literal(1))]
        case 'single':
            return [says('maxCount', Literal(1))]
        case 'form':
            return _form(one, node)
        case 'range':
            return [says(name, Literal(_decimal(bound), datatype=named('xsd', 'decimal')))
                    for name, bound in zip(('minInclusive', 'maxInclusive'), one.bounds(),
                                           strict=True) if math.isfinite(bound)]
        case 'choice':
            return _list(node, 'in', [Literal(word) for word in one.column.choices])
        case 'look':
            return [says('pattern', Literal(_LOOK))]
        case 'too_long':
            return [says('maxLength', Literal(one.longest()))]
        case _:
            return [says('class', named('table', one.column.of))]


def _form(one: Constraint, node: BlankNode) -> list[Triple]:
    """Return the datatypes a value may have, and its language where it has one."""
    types = [NamedNode(name) for name in one.datatypes()]
    if len(types) == 1:
        found = [Triple(node, named('sh', 'datatype'), types[0])]
        if types == [NamedNode(_TAGGED)]:
            found += _list(node, 'languageIn', [Literal(one.column.name[-2:])])
        return found
    entries = [BlankNode() for _ in types]
    return _list(node, 'or', entries) + [Triple(entry, named('sh', 'datatype'), kind)
                                         for entry, kind in zip(entries, types, strict=True)]


def _list(node: BlankNode, name: str, entries: Sequence[Literal | BlankNode]) -> list[Triple]:
    """Return a SHACL property whose value is an RDF list."""
    nodes = [BlankNode() for _ in entries]
    rests: list[BlankNode | NamedNode] = [*nodes[1:], named('rdf', 'nil')]
    found = [Triple(node, named('sh', name), nodes[0])]
    for here, entry, rest in zip(nodes, entries, rests, strict=True):
        found.append(Triple(here, named('rdf', 'first'), entry))
        found.append(Triple(here, named('rdf', 'rest'), rest))
    return found
