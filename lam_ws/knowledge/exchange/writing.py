"""Knowledge as RDF: a cell's folder enters; triples, or a file of them, leave.

Three things are said, each in its own names. What holds: `id:bj20r column:mass_kg 0.62`. Which
cell says so: a `rdf:Statement` for each fact, with file, row, column and document. And what every
row of every layer says, in letters, so that an import writes the same files again.
"""
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.lines import BASE, Line, lines_of, written
from lam_ws.knowledge.exchange.terms import (
    columns_of,
    declarations,
    named,
    PREFIXES,
    SITE_COLUMNS,
    SITE_NODE,
    term,
    TYPE,
)
from lam_ws.knowledge.knowledge import Fact, Knowledge, load_knowledge, SITE
from lam_ws.knowledge.tables import Column
from lam_ws.source import shown
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize, Store, Triple

FORMATS = {'.ttl': RdfFormat.TURTLE, '.nt': RdfFormat.N_TRIPLES, '.trig': RdfFormat.TRIG,
           '.jsonld': RdfFormat.JSON_LD}
INTEGER = named('xsd', 'integer')


def form(path: Path) -> RdfFormat:
    """Return the format that a file's ending names.

    Raises:
        ConfigurationError: It names none of these.
    """
    if path.suffix not in FORMATS:
        raise ConfigurationError(f'must end with one of {", ".join(FORMATS)}', shown(path))
    return FORMATS[path.suffix]


def export(folder: Path | str) -> tuple[Knowledge, list[Triple]]:
    """Return what is known in a cell, and all of it as triples.

    Raises:
        ConfigurationError: The first fault of its files.
    """
    known = load_knowledge(folder)
    version = Triple(SITE_NODE, named('where', 'version'), Literal(known.version()))
    return known, [version, *declarations(), *holding(known), *_statements(known),
                   *(triple for line in lines_of(folder) for triple in _line(line))]


def write(triples: list[Triple], path: Path) -> None:
    """Write triples to a file, in the format that its name ends with.

    Raises:
        ConfigurationError: It ends with none, or cannot be written.
    """
    data = serialize(triples, format=form(path), prefixes=PREFIXES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data or b'')
    except OSError as error:
        raise ConfigurationError(f'cannot be written: {error.strerror}', shown(path)) from error


def n_triples(triples: list[Triple]) -> bytes:
    """Return triples as servers take them."""
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b''


def stored(triples: list[Triple]) -> Store:
    """Return triples as a store that can be asked."""
    store = Store()
    store.bulk_extend(Quad(one.subject, one.predicate, one.object) for one in triples)
    return store


def holding(known: Knowledge) -> Iterator[Triple]:
    """Yield what holds: the class of each thing and rule, and a triple for each fact."""
    for thing in known.things.values():
        yield Triple(named('id', thing.id), TYPE, named('table', thing.table))
    for rule in known.rules.values():
        yield Triple(named('id', rule.id), TYPE, named('table', 'rules'))
        yield Triple(named('id', rule.id), named('column', 'source'), Literal(rule.source))
    for fact in known.facts():
        yield _triple(known, fact)


def _triple(known: Knowledge, fact: Fact) -> Triple:
    column = _column(known, fact)
    text = fact.object
    if column.sort == 'number':   # a fact's text has six digits, its cell may have more
        text = written(_number(known, fact))
    subject = SITE_NODE if fact.subject == SITE else named('id', fact.subject)
    return Triple(subject, named('column', column.name), term(column, text))


def _column(known: Knowledge, fact: Fact) -> Column:
    table = known.things[fact.subject].table if fact.subject in known.things else 'rules'
    columns = SITE_COLUMNS if fact.subject == SITE else columns_of(table)
    return next(one for one in columns if one.name == fact.predicate)


def _number(known: Knowledge, fact: Fact) -> float:
    if fact.subject == SITE:
        return float(str(known.site[fact.predicate].value))
    if fact.subject in known.things:
        return float(str(known.things[fact.subject].fields[fact.predicate].value))
    return known.rules[fact.subject].limits[fact.predicate.removeprefix('limits.')]


def _statements(known: Knowledge) -> Iterator[Triple]:
    """Yield where each fact is written."""
    for fact in known.facts():
        node, said = named('fact', fact.id), _triple(known, fact)
        file, row, *column = fact.where.rsplit(':', 2 if fact.where.count(':') > 1 else 1)
        yield Triple(node, TYPE, named('rdf', 'Statement'))
        yield Triple(node, named('rdf', 'subject'), said.subject)
        yield Triple(node, named('rdf', 'predicate'), said.predicate)
        yield Triple(node, named('rdf', 'object'), said.object)
        yield Triple(node, named('where', 'file'), Literal(file))
        yield Triple(node, named('where', 'row'), Literal(row, datatype=INTEGER))
        for name in column:
            yield Triple(node, named('where', 'column'), Literal(name))
        yield Triple(node, named('dcterms', 'source'), Literal(fact.source))


def _line(line: Line) -> Iterator[Triple]:
    """Yield what a row says, in letters."""
    node = NamedNode(f'{BASE}row/{quote(line.file)}/{line.row}')
    yield Triple(node, TYPE, named('where', 'Row'))
    yield Triple(node, named('where', 'file'), Literal(line.file))
    yield Triple(node, named('where', 'row'), Literal(str(line.row), datatype=INTEGER))
    for name, cell in line.cells.items():
        yield Triple(node, named('cell', name), Literal(cell))
