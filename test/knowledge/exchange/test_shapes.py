"""Shapes: SPARQL and SHACL say the same of the same data, and neither is idle."""
from pathlib import Path

from lam_ws.knowledge.exchange.shapes import constraints, query, shacl, violations
from lam_ws.knowledge.exchange.terms import columns_of, named, PREFIXES, term, TYPE
from lam_ws.knowledge.exchange.writing import export, stored
from lam_ws.knowledge.tables import TABLES
from pyoxigraph import Literal, RdfFormat, serialize, Triple
import pytest

THING = named('id', 'one')
XSD = PREFIXES['xsd']


def named_ids(one):
    """Return how a test of one constraint is called."""
    return f'{one.table}.{one.column.name}.{one.kind}'


def right(column):
    """Return a value that a column takes, as text of a cell."""
    match column.sort:
        case 'number' | 'count':
            return f'{column.low:g}'
        case 'flag':
            return 'yes'
        case 'choice':
            return column.choices[0]
        case 'look':
            return 'red ball_joint'
        case _:
            return 'other' if column.of else f'{column.name} 하나'


def whole(table):
    """Return the triples of a thing that has a right value in every column, and what it names."""
    found = [Triple(THING, TYPE, named('table', table))]
    for column in columns_of(table):
        if column.of:
            found.append(Triple(named('id', f'a_{column.of}'), TYPE, named('table', column.of)))
            found.append(Triple(THING, named('column', column.name),
                                named('id', f'a_{column.of}')))
        elif column.name.startswith('text_'):
            found.append(Triple(THING, named('column', column.name),
                                Literal('하나', language=column.name[-2:])))
        else:
            found.append(Triple(THING, named('column', column.name), term(column, right(column))))
    return found


def broken(one):
    """Return the triples of a thing that breaks one constraint."""
    path = named('column', one.column.name)
    kept = [each for each in whole(one.table)
            if not (each.subject == THING and each.predicate == path)]
    right_term = next(each.object for each in whole(one.table)
                      if each.subject == THING and each.predicate == path)
    match one.kind:
        case 'needed':
            return kept
        case 'single':
            other = named('id', 'a_second') if one.column.of else Literal('another')
            return [*kept, Triple(THING, path, right_term), Triple(THING, path, other)]
        case 'form':
            wrong = Literal('1', datatype=named('xsd', 'duration'))
        case 'range':
            wrong = Literal('9999999', datatype=right_term.datatype)
        case 'choice' | 'look':
            wrong = Literal('red')
        case 'too_long':
            wrong = Literal('long ' * 101)
        case _:
            wrong = named('id', 'nothing')
    return [*kept, Triple(THING, path, wrong)]


def told(triples):
    """Return (column, kind) of what SPARQL finds of the thing."""
    return {(fault.column, fault.code) for fault in violations(stored(triples), Path('a'))
            if fault.column.startswith('one.')}


@pytest.mark.parametrize('one', list(constraints()), ids=named_ids)
def test_each_constraint_is_broken_by_something(one):
    """Pins that no query is idle, and that a right thing breaks none."""
    assert told(whole(one.table)) == set()
    assert (f'one.{one.column.name}', one.kind) in told(broken(one))


def test_every_column_has_its_constraints():
    """Pins that a column which is added to the tables is checked on import at once."""
    had = {(one.table, one.column.name) for one in constraints()}
    assert had == {(table, column.name) for table in (*TABLES, 'rules')
                   for column in columns_of(table)}


@pytest.mark.parametrize('folder', ['hangyeol/changwon/sort', 'nuri/gwangju/kitting'])
def test_what_is_exported_keeps_to_its_shapes(folder):
    """Pins both companies."""
    assert list(violations(stored(export(folder)[1]), Path('a'))) == []


COMPONENTS = {'needed': 'MinCount', 'single': 'MaxCount', 'range': 'MaxInclusive',
              'choice': 'In', 'look': 'Pattern', 'too_long': 'MaxLength',
              'thing_unknown': 'Class'}


def graph(rdflib, triples):
    """Return triples as a graph of rdflib."""
    data = serialize(triples, format=RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=data.decode(), format='nt')


@pytest.fixture(scope='module')
def validate():
    """Return a function from triples to (column, component) of what pyshacl finds."""
    pyshacl = pytest.importorskip('pyshacl', reason='the extra `shacl` is not installed')
    import rdflib
    shapes, sh = graph(rdflib, shacl()), rdflib.Namespace(PREFIXES['sh'])

    def run(triples):
        _, report, _ = pyshacl.validate(graph(rdflib, triples), shacl_graph=shapes,
                                        inference='none', advanced=False)
        found = set()
        for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
            if str(report.value(result, sh.focusNode)) == THING.value:
                column = str(report.value(result, sh.resultPath)).rpartition('#')[2]
                kind = str(report.value(result, sh.sourceConstraintComponent))
                found.add((column, kind.rpartition('#')[2].removesuffix('ConstraintComponent')))
        return found
    return run


def one_of_each():
    """Yield a constraint of each kind, and of each sort of column that the kind has."""
    seen = set()
    for one in constraints():
        key = (one.kind, one.datatypes() if one.kind == 'form' else None)
        if key not in seen:
            seen.add(key)
            yield one


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
@pytest.mark.parametrize('one', list(one_of_each()), ids=named_ids)
def test_pyshacl_agrees(one, validate):
    """Pins the two forms of a constraint to each other: what breaks one breaks the other."""
    assert validate(whole(one.table)) == set()
    found = {component for column, component in validate(broken(one))
             if column == one.column.name}
    if one.kind == 'form':
        assert found & {'Datatype', 'Or', 'LanguageIn'}
    else:
        assert COMPONENTS[one.kind] in found


def test_a_query_reads_well():
    """Pins the form of a query, so that somebody else can run it."""
    one = next(each for each in constraints() if each.kind == 'range')
    assert query(one) == (
        'SELECT DISTINCT ?thing ?value { ?thing a <https://lam-ws.invalid/table#parts> . ?thing '
        '<https://lam-ws.invalid/column#mass_kg> ?value . FILTER (!COALESCE(?value >= 0.001 && '
        '?value <= 100, false)) }')
    assert XSD in ''.join(each.datatypes()[0] for each in constraints())
