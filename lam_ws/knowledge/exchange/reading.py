"""RDF as lines of a company: bytes from anywhere enter; lines, faults and what is foreign leave.

Two kinds of data are read. Where rows are told (`where:Row`), they are the company's files, and
what the data says besides must be what these files say. A thing or rule without a row, from a
program that keeps to the shapes, becomes a row of the company's layer. Nothing that the data
names is fetched.
"""
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
import re

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.exchange import Imported, settle
from lam_ws.knowledge.exchange.lines import COLUMNS, Line, Read
from lam_ws.knowledge.exchange.shapes import CLASSES, violations
from lam_ws.knowledge.exchange.terms import (
    columns_of,
    local,
    named,
    RULE_COLUMNS,
    several,
    SITE_NODE,
    Term,
    text,
    TYPE,
)
from lam_ws.knowledge.exchange.writing import form, holding, stored
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.knowledge import Knowledge
from lam_ws.knowledge.reading import LARGEST
from lam_ws.knowledge.written import SITE_NUMBERS, SITE_TEXTS
from lam_ws.source import nearest, shown
from pyoxigraph import BlankNode, Literal, NamedNode, parse, RdfFormat, Triple

MOST = 2_000_000   # triples
MOST_TOLD = 1000   # faults, or statements that are not understood
# The parser calls itself for what is within another, and tens of thousands are more than its
# stack holds: it would take the process with it.
DEEPEST = 64
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb'[][{}]')
_COMPANY = 'company'   # folder of lines that name none
_SITE_KEYS = (*SITE_TEXTS, 'level', *SITE_NUMBERS)
_VERSION = named('where', 'version')
Subject = NamedNode | BlankNode


def read_file(path: Path) -> list[Triple]:
    """Return the triples of a file, of all its graphs.

    Raises:
        ConfigurationError: It cannot be read, is too large, or is not what its name says.
    """
    kind = form(path)
    try:
        with path.open('rb') as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f'cannot be read: {error.strerror}', shown(path)) from error
    return parsed(data, kind, shown(path))


def read_answer(data: bytes, where: object) -> list[Triple]:
    """Return the triples of N-Triples that a server sent.

    Raises:
        ConfigurationError: It is too large, or is none: with the line.
    """
    return parsed(data, RdfFormat.N_TRIPLES, where)


def parsed(data: bytes, kind: RdfFormat, where: object) -> list[Triple]:
    """Return the triples of RDF data.

    Raises:
        ConfigurationError: It is too large, or is not of that format: with the line.
    """
    if len(data) > LARGEST:
        raise ConfigurationError(f'is larger than {LARGEST} bytes', where)
    if _deep(data, kind):
        raise ConfigurationError(f'is nested deeper than {DEEPEST}', where)
    try:
        found = [Triple(one.subject, one.predicate, one.object)
                 for one in islice(parse(data, format=kind), MOST + 1)]
    except SyntaxError as error:
        raise ConfigurationError(f'is no {kind.name}: {error.msg}', where,
                                 error.lineno) from error
    except (OSError, ValueError) as error:   # as pyoxigraph has it, for some broken IRIs
        raise ConfigurationError(f'is no {kind.name}: {error}', where) from error
    if len(found) > MOST:
        raise ConfigurationError(f'has more than {MOST} triples', where)
    return found


def _deep(data: bytes, kind: RdfFormat) -> bool:
    """Return whether data might nest deeper than its parser can bear."""
    if kind != RdfFormat.JSON_LD:
        return data.count(b'<<') > DEEPEST   # triples as terms, which nothing here says
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b'', data)):
        depth += 1 if bracket[0] in b'[{' else -1
        if depth > DEEPEST:
            return True
    return False


def import_graph(triples: list[Triple], path: Path, out: Path, draft: bool = False) -> Imported:
    """Write what triples say of a company as its folder, if nothing speaks against it.

    Args:
        triples: All of the data.
        path: Where it came from, for the faults.
        out: The folder, which must not be there yet.
        draft: Whether to write it with its faults.

    Raises:
        ConfigurationError: See `lam_ws.knowledge.exchange.exchange.settle`.
    """
    def agree(known: Knowledge) -> Iterator[Fault]:
        said, became = content(triples), content(holding(known))
        for name, column, value in sorted(said ^ became):
            here = (name, column, value) in said
            yield Fault('only_here' if here else 'only_rows', path, column=f'{name}.{column}',
                        value=value)

    read = understood(triples, path)
    read.faults += islice(violations(stored(triples), path), MOST_TOLD)
    return settle(read, path.name, out, draft, agree)


def understood(triples: Iterable[Triple], path: Path) -> Read:
    """Return what triples say of a company.

    Args:
        triples: All of the data.
        path: Where it came from, for the faults.
    """
    read, about = Read(), _by_subject(triples)
    rows = {node for node, said in about.items() if named('where', 'Row') in said.get(TYPE, ())}
    read.lines = [_row(node, about[node], path, read.faults) for node in rows]
    told = {(line.file.rpartition('/')[2].partition('.')[0], line.cells.get('id'))
            for line in read.lines}
    company = read.lines[0].file.partition('/')[0] if read.lines else _COMPANY
    for node, said in about.items():
        for kind in said.get(TYPE, ()):
            table = local(kind, 'table')
            if table in CLASSES and (table, local(node, 'id')) not in told:
                read.lines += _thing(node, said, table, company, path, read.faults)
        if node == SITE_NODE and not rows:
            read.lines += _site(said, company)
        read.foreign += islice(_foreign(node, said, node in rows), MOST_TOLD)
        if len(read.faults) + len(read.foreign) > MOST_TOLD:
            read.faults.append(Fault('too_many', path, more={'expected': str(MOST_TOLD)}))
            break
    read.version = next((text(one) for one in about.get(SITE_NODE, {}).get(_VERSION, ())), '')
    read.lines.sort(key=lambda line: (line.file, line.row or 0, line.cells.get('id', '')))
    return read


def _by_subject(triples: Iterable[Triple]) -> dict[Subject, dict[NamedNode, list[Term]]]:
    about: dict[Subject, dict[NamedNode, list[Term]]] = {}
    for one in triples:
        if isinstance(one.subject, NamedNode | BlankNode):
            about.setdefault(one.subject, {}).setdefault(one.predicate, []).append(one.object)
    return about


def _row(node: Subject, said: Mapping[NamedNode, list[Term]], path: Path,
         faults: list[Fault]) -> Line:
    """Return a row that the data tells letter by letter."""
    file, row = (' '.join(_texts(said, named('where', name))) for name in ('file', 'row'))
    number = int(row) if row.isascii() and row.isdigit() and len(row) < 8 else None
    if number is None:
        faults.append(Fault('whole', path, column=f'{file}.row', value=row))
    known = _known_cells(file)
    cells: dict[str, str] = {}
    for predicate, values in said.items():
        name = local(predicate, 'cell')
        if name is None:
            continue
        if name not in known:
            faults.append(_no_column(path, file, name, known))
        elif len(values) > 1:
            faults.append(Fault('single', path, column=f'{file}.{name}', value=row))
        else:
            cells[name] = text(values[0])
    return Line(file, number, cells)


def _known_cells(file: str) -> tuple[str, ...]:
    """Return the columns that a file of that name has."""
    name = file.rpartition('/')[2]
    if name == 'rules.yaml':
        return ('id', *(column.name for column in RULE_COLUMNS))
    if name == 'site.yaml':
        return _SITE_KEYS
    return tuple(column.name for column in COLUMNS.get(name.removesuffix('.csv'), ()))


def _no_column(path: Path, thing: str, name: str, known: Iterable[str]) -> Fault:
    known = list(known)
    return Fault('column_unknown', path, column=thing, value=name[:40],
                 nearest=nearest(name, known), more={'expected': ', '.join(known)})


def _thing(node: Subject, said: Mapping[NamedNode, list[Term]], table: str, company: str,
           path: Path, faults: list[Fault]) -> Iterator[Line]:
    """Yield the row that a thing or rule without one becomes."""
    identity = local(node, 'id')
    if identity is None:
        faults.append(Fault('iri', path, value=str(node)[:60],
                            more={'expected': named('id', '').value}))
        return
    columns = {column.name: column for column in columns_of(table)}
    cells = {'id': identity}
    for predicate in said:
        name = local(predicate, 'column')
        if name is not None and name not in columns:
            faults.append(_no_column(path, identity, name, columns))
        elif name is not None:
            values = _texts(said, predicate)
            cells[name] = ';'.join(values) if several(columns[name]) or len(values) == 1 \
                else values[0]   # what is too many breaks its shape
    ending = 'yaml' if table == 'rules' else 'csv'
    yield Line(f'{company}/{table}.{ending}', None, cells)


def _site(said: Mapping[NamedNode, list[Term]], company: str) -> Iterator[Line]:
    """Yield what the data says of the company itself."""
    for key in _SITE_KEYS:
        for value in _texts(said, named('column', key))[:1]:
            yield Line(f'{company}/site.yaml', None, {key: value})


def _texts(said: Mapping[NamedNode, list[Term]], predicate: NamedNode) -> list[str]:
    return sorted({text(value) for value in said.get(predicate, ())})


def _foreign(node: Subject, said: Mapping[NamedNode, list[Term]], row: bool) -> Iterator[str]:
    """Yield what is said of a node in words that are not this vocabulary's."""
    if local(node, 'fact') is not None or local(node, 'column') or local(node, 'table'):
        return   # where facts stand follows from the rows; what columns are, from the tables
    for predicate, values in said.items():
        ours = local(predicate, 'cell') or local(predicate, 'where') if row else \
            local(predicate, 'column') and (local(node, 'id') or node == SITE_NODE)
        for value in values:
            kind = predicate == TYPE and isinstance(value, NamedNode) and (
                local(value, 'table') in CLASSES or value == named('where', 'Row'))
            if not (ours or kind or predicate == _VERSION):
                yield f'{node} {predicate} {value}'[:200]


def content(triples: Iterable[Triple]) -> set[tuple[str, str, str]]:
    """Return (id, column, text) of everything that holds, however its terms are written."""
    found = set()
    for one in triples:
        name, column = local(one.subject, 'id'), local(one.predicate, 'column')
        if one.subject == SITE_NODE and column in SITE_NUMBERS:
            name = ''
        if name is not None and column is not None \
                and isinstance(one.object, Literal | NamedNode):
            found.add((name, column, text(one.object)))
    return found
