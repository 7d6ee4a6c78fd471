"""RDF in and out: the same knowledge comes back, and nothing else gets in."""
import json
import random
from shutil import rmtree

from example_company import SITE, write
from lam_ws.cli import main
from lam_ws.errors import ConfigurationError, LamError
from lam_ws.faults.inputs.mutants import mutated
from lam_ws.knowledge.exchange.reading import content, import_graph, parsed, read_file
from lam_ws.knowledge.exchange.terms import PREFIXES
from lam_ws.knowledge.exchange.writing import export, FORMATS, holding
from lam_ws.knowledge.exchange.writing import write as write_graph
from lam_ws.knowledge.knowledge import load_knowledge
from pyoxigraph import RdfFormat, Triple
import pytest

SHAPE = 'https://lam-ws.invalid/table#parts_shape'
MUTANTS = 100   # of each format
CELLS = ('hangyeol/changwon/sort', 'nuri/gwangju/kitting')
HEAD = ''.join(f'@prefix {name}: <{start}> .\n' for name, start in PREFIXES.items())
WHOLE = ('id:pin a table:parts ; column:name_ko "핀"@ko ; column:name_en "pin"@en ; '
         'column:mass_kg 5.0e-2 ; column:source "S-1" .\n')


@pytest.fixture(scope='module', params=CELLS)
def exported(request):
    """Return the cell of a company, what it knows, and its triples."""
    return request.param, *export(request.param)


@pytest.mark.parametrize('ending', FORMATS)
def test_what_comes_back_is_the_same_knowledge(exported, ending, tmp_path):
    """Pins the version, a digest of every fact with file, row, column and source."""
    name, known, triples = exported
    path, out = tmp_path / f'all{ending}', tmp_path / name.partition('/')[0]
    write_graph(triples, path)
    found = import_graph(read_file(path), path, out)
    assert (found.faults, found.foreign, found.same) == ([], [], True)
    assert load_knowledge(found.folder).version() == known.version() == found.version
    assert main(['check', str(found.folder)]) == 0


def test_what_is_replaced_or_switched_off_comes_back_too(exported, tmp_path):
    """Pins that an import keeps the layers: who loosened a limit, and what held before."""
    name, known, triples = exported
    out = tmp_path / name.partition('/')[0]
    folder = import_graph(triples, tmp_path / 'all.ttl', out).folder
    again = load_knowledge(folder)
    for thing in known.things.values():
        for column, said in thing.fields.items():
            other = again.things[thing.id].fields[column]
            while said is not None:
                assert (said.value, said.row, said.by) == (other.value, other.row, other.by)
                said, other = said.below, other.below
    assert (folder / 'overrides.csv').read_text(encoding='utf-8').count('verdict,off') >= 1


def test_every_fact_is_told_with_its_place(exported):
    """Pins that provenance is data which anybody can ask for, not letters of a file."""
    _, known, triples = exported
    place = {node: {} for node in (one.subject for one in triples
                                   if getattr(one.object, 'value', '').endswith('#Statement'))}
    for one in triples:
        if one.subject in place:
            key = one.predicate.value.rpartition('#')[2].rpartition('/')[2]
            place[one.subject][key] = one.object.value
    facts = list(known.facts())
    assert len(place) == len(facts) > 1000
    said = {(one['subject'].rpartition('#')[2].replace('https://lam-ws.invalid', ''),
             one['predicate'].rpartition('#')[2],
             ':'.join(one[key] for key in ('file', 'row', 'column') if key in one),
             one['source']) for one in place.values()}
    assert said == {(one.subject, one.predicate, one.where, one.source) for one in facts}


def test_export_and_import_as_they_are_called(company, tmp_path, capsys):
    """Pins the commands, for people and programs, and that shapes lie beside the data."""
    path = tmp_path / 'out' / 'all.ttl'
    assert main(['kb', 'export', str(company), str(path), '--shapes', '--json']) == 0
    told = json.loads(capsys.readouterr().out)
    assert told['triples'] == len(read_file(path))
    assert told['version'] == load_knowledge(company).version()
    shapes = read_file(path.with_name('all.shapes.ttl'))
    assert SHAPE in {getattr(one.subject, 'value', '') for one in shapes}
    call = ['kb', 'import', str(path), str(tmp_path / 'new' / 'example')]
    assert main([*call, '--language', 'ko']) == 0
    assert '파일에 적힌 그대로' in capsys.readouterr().out
    call[-1] += '2'
    assert main([*call, '--json']) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told['same'], told['faults'], told['not_understood']) == (False, [], [])
    for wrong in ([str(path)], [str(path), 'a', '--graph', 'http://a/b'],
                  [str(path), 'a', '--endpoint', 'http://a/', '--graph', 'http://a/b']):
        assert main(['kb', 'import', *wrong]) == 2
        assert 'give FILE OUT_FOLDER' in capsys.readouterr().err


def turtle(text):
    """Return the triples of Turtle that knows the prefixes."""
    return parsed((HEAD + text).encode(), RdfFormat.TURTLE, 'text')


def test_a_thing_from_another_program_becomes_a_row(tmp_path):
    """Pins data without rows: how a number is written is no matter, what it says is."""
    found = import_graph(turtle(WHOLE + 'id:pin column:aliases "핀이"@ko , "P-1" .\n'
                                'id:pin <http://acme/colour> "grey" .\n'
                                '<http://acme/x> a <http://acme/Thing> .\n'),
                         tmp_path / 'acme.ttl', tmp_path / 'acme')
    assert found.faults == [] and len(found.foreign) == 2
    assert 'acme/colour' in ''.join(found.foreign)
    pin = load_knowledge(tmp_path / 'acme').things['pin']
    assert pin.number('mass_kg') == 0.05 and set(pin.value('aliases')) == {'핀이', 'P-1'}


@pytest.mark.parametrize(('text', 'code', 'column'), [
    (WHOLE.replace('5.0e-2', '5000'), 'range', 'pin.mass_kg'),
    (WHOLE.replace('5.0e-2', '"heavy"'), 'form', 'pin.mass_kg'),
    (WHOLE.replace('"핀"@ko', '"핀"'), 'form', 'pin.name_ko'),
    (WHOLE.replace('"핀"@ko ', '"핀"@ko , "못"@ko '), 'single', 'pin.name_ko'),
    (WHOLE.replace('column:source "S-1"', 'column:fragile false'), 'needed', 'pin.source'),
    (WHOLE + 'id:pin column:tools id:tong .', 'thing_unknown', 'pin.tools'),
    (WHOLE + 'id:pin column:mas_kg 1 .', 'column_unknown', 'pin'),
    (WHOLE.replace('id:pin', '<http://acme/pin>'), 'iri', ''),
    (WHOLE.replace('id:pin', 'id:Pin'), 'id', 'id'),
    (WHOLE.replace('"pin"@en', '"=cmd|x"@en'), 'formula', 'name_en'),
    (WHOLE.replace('"pin"@en', '"p\\u200bin"@en'), 'control', 'name_en'),
    (WHOLE + 'id:pin column:aliases "a;b" .', 'only_here', 'pin.aliases')])
def test_what_cannot_be_is_told_and_nothing_is_written(text, code, column, tmp_path):
    """Pins one fault of each kind, told in both languages, and that no folder appears."""
    found = import_graph(turtle(text), tmp_path / 'acme.ttl', tmp_path / 'acme')
    assert (code, column) in {(one.code, one.column) for one in found.faults}
    assert all('{' not in one.text(language) for one in found.faults for language in ('ko', 'en'))
    assert found.folder is None and list(tmp_path.iterdir()) == []


def test_a_draft_is_written_with_its_faults(tmp_path, capsys):
    """Pins `--draft`, its exit status, and that `lam check` names what is to be mended."""
    path = tmp_path / 'acme.ttl'
    path.write_text(HEAD + WHOLE.replace('column:name_ko "핀"@ko ;', ''), encoding='utf-8')
    call = ['kb', 'import', str(path), str(tmp_path / 'acme'), '--language', 'en']
    assert main(call) == 2 and 'pin.name_ko: must not be empty' in capsys.readouterr().err
    assert main([*call, '--draft']) == 1
    assert main(['check', str(tmp_path / 'acme'), '--language', 'en']) == 2
    assert 'parts.csv:2:name_ko' in capsys.readouterr().err


def test_data_that_speaks_against_its_own_rows_is_refused(company, tmp_path):
    """Pins that a value edited in the graph, but not in the row behind it, is never lost."""
    _, triples = export(company)
    write_graph(triples, tmp_path / 'a.nt')
    text = (tmp_path / 'a.nt').read_text(encoding='utf-8')
    said = '<https://lam-ws.invalid/id#bj20> <https://lam-ws.invalid/column#mass_kg> "0.35"'
    assert text.count(said) == 1
    changed = parsed(text.replace(said, said.replace('0.35', '0.36')).encode(),
                     RdfFormat.N_TRIPLES, 'a')
    found = import_graph(changed, tmp_path / 'a.nt', tmp_path / 'new')
    assert {(one.code, one.column, one.value) for one in found.faults} == {
        ('only_here', 'bj20.mass_kg', '0.36'), ('only_rows', 'bj20.mass_kg', '0.35')}


def test_a_thing_added_to_an_export_gets_a_row_of_the_company(company, tmp_path):
    """Pins that both kinds of data go together."""
    triples = export(company)[1] + turtle(WHOLE)
    found = import_graph(triples, tmp_path / 'a.ttl', tmp_path / 'new' / 'example')
    assert found.faults == [] and not found.same
    assert load_knowledge(found.folder).things['pin'].fields['mass_kg'].row == 4


def row(file, number=2, more=''):
    """Return Turtle of one row."""
    return (f'<urn:row> a where:Row ; where:file "{file}" ; where:row {number} ; '
            f'cell:id "a" {more} .')


@pytest.mark.parametrize('text', [
    row('c/../../parts.csv'), row('/etc/parts.csv'), row('c/passwd'), row('parts.csv'),
    row('c/p/q/r/parts.csv'), row('c/parts.csv', 999999999), row('c/parts.csv', 0),
    row('c/.hidden/parts.csv'), row('c/a b/parts.csv'), '', 'id:a a <http://acme/Part> .'])
def test_a_row_leads_nowhere_else(text, tmp_path):
    """Pins that a file name in the data never leaves the new folder."""
    try:
        found = import_graph(turtle(text), tmp_path / 'x.ttl', tmp_path / 'new')
        assert found.faults and found.folder is None
    except ConfigurationError:
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_companies_are_not_made_one(tmp_path):
    """Pins that the new name of the folder does not hide whose rows they are."""
    both = row('c/parts.csv') + row('d/parts.csv').replace('urn:row', 'urn:other')
    with pytest.raises(ConfigurationError, match='more than one company'):
        import_graph(turtle(both), tmp_path / 'x.ttl', tmp_path / 'new')


@pytest.mark.parametrize(('name', 'data'), [
    ('a.ttl', b'<http://a/b> <http://a/c>'), ('a.nt', b'\xff\xfe'), ('a.trig', b'{'),
    ('a.jsonld', b'{"@context": "http://127.0.0.1:9/context", "a": 1}'),
    ('a.jsonld', b'{"@context": "file:///etc/passwd", "a": 1}'),
    ('a.jsonld', b'{"a":' * 40_000 + b'1' + b'}' * 40_000),
    ('a.jsonld', b'{"http://a/b": "' + b'x' * 100),
    ('a.nt', b'<http://a/b> <http://a/c> ' + b'<<( <http://a/b> <http://a/c> ' * 40_000),
    ('a.ttl', b'<http://a/b> <http://a/c> "' + b'x' * 64_000_000 + b'" .'),
    ('a.rdf', b''), ('a', b'')])
def test_what_is_no_rdf_is_one_line(name, data, tmp_path, capsys):
    """Pins remote contexts that are not fetched, depth that would end the process, and size."""
    (tmp_path / name).write_bytes(data)
    assert main(['kb', 'import', str(tmp_path / name), str(tmp_path / 'new')]) == 2
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and name in said and not (tmp_path / 'new').exists()


def test_a_file_of_another_kind_is_told_once(tmp_path):
    """Pins that a dump of something else does not fill the terminal, or the memory."""
    text = ''.join(f'<http://a/{n}> <http://a/b> "c" .\n' for n in range(5000))
    found = import_graph(turtle(text + WHOLE), tmp_path / 'a.ttl', tmp_path / 'new')
    assert len(found.foreign) <= 1001 and {one.code for one in found.faults} == {'too_many'}


def test_brackets_in_texts_are_no_depth(tmp_path):
    """Pins that the look at depth reads strings as JSON does."""
    data = b'{"@id": "http://a/b", "http://a/c": "' + b'[{\\"' * 1000 + b'"}'
    assert len(parsed(data, RdfFormat.JSON_LD, 'a')) == 1


def test_an_import_never_takes_effect(company, tmp_path, monkeypatch):
    """Pins that no folder is made over another, within a company, or where cells read."""
    triples = export(company)[1]
    write(tmp_path / 'there', site=SITE.format(level='company'))
    for out in (tmp_path / 'there', company / 'new', company / 'a' / 'b'):
        before = sorted(company.rglob('*'))
        with pytest.raises(ConfigurationError):
            import_graph(triples, tmp_path / 'a.ttl', out)
        assert sorted(company.rglob('*')) == before
    monkeypatch.setattr('lam_ws.knowledge.exchange.exchange.share', lambda: tmp_path)
    with pytest.raises(ConfigurationError, match='where cells read'):
        import_graph(triples, tmp_path / 'a.ttl', tmp_path / 'config' / 'knowledge' / 'new')


def test_mistaken_triples_are_refused_or_kept(company, tmp_path):
    """Pins data that is right RDF and wrong knowledge: what is written is what was said."""
    chance, whole = random.Random(1), export(company)[1]
    refused, out = 0, tmp_path / 'new'
    for _ in range(MUTANTS):
        triples = list(whole)
        for _ in range(chance.randint(1, 3)):
            at, other = chance.randrange(len(triples)), chance.choice(whole)
            kept = triples.pop(at)
            if chance.random() < 0.7:
                triples.append(Triple(kept.subject, kept.predicate, other.object))
        try:
            found = import_graph(triples, tmp_path / 'a.ttl', out)
            refused += bool(found.faults)
            if found.folder is not None:
                assert content(triples) == content(holding(load_knowledge(out)))
                rmtree(out)
        except LamError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize('ending', FORMATS)
def test_mistaken_files_are_typed_errors(company, tmp_path, ending):
    """Pins that whatever a file says, it is read as it stands or refused, and named."""
    chance, path = random.Random(ending), tmp_path / f'a{ending}'
    write_graph(export(company)[1], path)
    data, out = path.read_bytes(), tmp_path / 'new' / 'example'
    refused = 0
    for _ in range(MUTANTS):
        path.write_bytes(mutated(data, chance))
        try:
            found = import_graph(read_file(path), path, out)
            assert (found.folder is None) == bool(found.faults)
            refused += bool(found.faults)
            [one.text(language) for one in found.faults for language in ('ko', 'en')]
            if found.folder is not None:
                assert load_knowledge(found.folder).version() == found.version
                rmtree(out)
        except LamError:
            refused += 1
    assert refused > 10
    assert {one.name for one in tmp_path.iterdir()} <= {f'a{ending}', 'new', 'example'}
