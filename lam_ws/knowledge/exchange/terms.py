"""The vocabulary: columns and values of the tables as RDF terms, and terms as text of cells.

Every name is a column or table of `lam_ws.knowledge.tables`, so there is no second model of a
factory. A number is a decimal in the unit that its column's name ends with; QUDT names that unit
where the column is declared. What is said in Korean or English carries its language.
"""
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
import re
from typing import TypeAlias

from lam_ws.knowledge.exchange.lines import BASE, COLUMN
from lam_ws.knowledge.tables import (
    Column,
    CONDITIONS,
    RULE_LIMITS,
    SKILLS,
    SOURCE,
    TABLES,
    VERDICTS,
)
from lam_ws.knowledge.written import SITE_NUMBERS
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

Term: TypeAlias = BlankNode | Literal | NamedNode | Triple

RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
RDFS = 'http://www.w3.org/2000/01/rdf-schema#'
XSD = 'http://www.w3.org/2001/XMLSchema#'
PREFIXES = {
    'id': f'{BASE}id#',           # things and rules
    'table': f'{BASE}table#',     # their classes
    'column': COLUMN,   # what holds of them
    'cell': f'{BASE}cell#',       # what a cell of a row says, as text
    'where': f'{BASE}where#',     # file, row and column
    'row': f'{BASE}row/', 'fact': f'{BASE}fact#',
    'dcterms': 'http://purl.org/dc/terms/', 'skos': 'http://www.w3.org/2004/02/skos/core#',
    'qudt': 'http://qudt.org/schema/qudt/', 'unit': 'http://qudt.org/vocab/unit/',
    'rdf': RDF, 'rdfs': RDFS, 'xsd': XSD, 'sh': 'http://www.w3.org/ns/shacl#',
}
SITE_NODE = NamedNode(f'{BASE}site')
# What a column's name ends with, the longest first: its unit in QUDT.
UNITS = {'_m_s': 'M-PER-SEC', '_kg': 'KiloGM', '_mm': 'MilliM', '_m': 'M', '_n': 'N',
         '_c': 'DEG_C'}
NUMBERS = tuple(f'{XSD}{name}' for name in ('decimal', 'integer', 'double', 'float'))
_EXACT = 24   # digits, before or after the point, that are worth reading
# A rule has no table; this is what its keys would be as columns.
RULE_COLUMNS = (
    Column('verdict', 'choice', True, choices=VERDICTS),
    Column('text_ko', needed=True), Column('text_en', needed=True), SOURCE,
    *(Column(f'limits.{name}', 'number', False, *bounds) for name, bounds in RULE_LIMITS.items()),
    *(Column(f'when.{name}', 'things', of=table) if table
      else Column(f'when.{name}', 'choice', choices=SKILLS)
      for name, table in CONDITIONS.items()))
SITE_COLUMNS = tuple(Column(name, 'number', False, *bounds)
                     for name, bounds in SITE_NUMBERS.items())


def named(prefix: str, name: str) -> NamedNode:
    """Return an IRI by prefix and name."""
    return NamedNode(PREFIXES[prefix] + name)


TYPE = named('rdf', 'type')


def local(term: Term, prefix: str) -> str | None:
    """Return the name of an IRI that begins with a prefix, None of any other term."""
    if isinstance(term, NamedNode) and term.value.startswith(PREFIXES[prefix]):
        return term.value[len(PREFIXES[prefix]):]
    return None


def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of a table of things, or of 'rules', without the id."""
    if table == 'rules':
        return RULE_COLUMNS
    return tuple(column for column in TABLES[table] if column.name != 'id')


def several(column: Column) -> bool:
    """Return whether a thing may have many values of a column."""
    return column.sort in ('names', 'things') or column.name.startswith('when.')


def language(column: Column, text: str) -> str:
    """Return 'ko' or 'en' for what people say, '' for other texts."""
    if column.name.endswith(('_ko', '_en')):
        return column.name[-2:]
    return ('ko' if re.search('[가-힣]', text) else 'en') if column.sort == 'names' else ''


def unit(column: str) -> str | None:
    """Return the QUDT name of the unit of a column."""
    return next((name for ending, name in UNITS.items() if column.endswith(ending)), None)


def term(column: Column, text: str) -> Literal | NamedNode:
    """Return one entry of a cell as a term."""
    match column.sort:
        case 'thing' | 'things':
            return named('id', text)
        case 'number':
            return Literal(text, datatype=named('xsd', 'decimal'))
        case 'count':
            return Literal(text, datatype=named('xsd', 'integer'))
        case 'flag':
            return Literal('true' if text == 'yes' else 'false', datatype=named('xsd', 'boolean'))
    tag = language(column, text)
    return Literal(text, language=tag) if tag else Literal(text)


def text(value: Term) -> str:
    """Return a term as a cell has it; what is no number or flag stays as it stands."""
    if isinstance(value, NamedNode):
        name = local(value, 'id')
        return value.value if name is None else name
    if not isinstance(value, Literal):
        return ''
    if value.datatype.value == f'{XSD}boolean':
        return {'true': 'yes', '1': 'yes', 'false': 'no', '0': 'no'}.get(value.value, value.value)
    return _plain(value.value) if value.datatype.value in NUMBERS else value.value


def _plain(digits: str) -> str:
    """Return a number without exponent and needless zeros, as text of a cell."""
    try:
        number = Decimal(digits) if len(digits) < 2 * _EXACT else Decimal('NaN')
    except InvalidOperation:
        return digits
    if not number.is_finite() or not -_EXACT < number.adjusted() < _EXACT:
        return digits   # refused as it stands, and never written out as a million zeros
    plain = f'{number:f}'
    plain = plain.rstrip('0').rstrip('.') if '.' in plain else plain
    return '0' if plain in ('-0', '') else plain


def declarations() -> Iterator[Triple]:
    """Yield what each column is: kind of property, unit, and the standard name it narrows."""
    seen: set[str] = set()
    for column in (*(one for table in (*TABLES, 'rules') for one in columns_of(table)),
                   *SITE_COLUMNS):
        if column.name in seen:
            continue
        seen.add(column.name)
        node = named('column', column.name)
        yield Triple(node, TYPE, named('rdf', 'Property'))
        if column.sort == 'number' and (name := unit(column.name)) is not None:
            yield Triple(node, named('qudt', 'hasUnit'), named('unit', name))
        if column.name in ('name_ko', 'name_en'):
            yield Triple(node, named('rdfs', 'subPropertyOf'), named('rdfs', 'label'))
        if column.name == 'aliases':
            yield Triple(node, named('rdfs', 'subPropertyOf'), named('skos', 'altLabel'))
