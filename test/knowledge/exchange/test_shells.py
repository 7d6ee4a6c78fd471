"""Asset Administration Shells: real packages of basyx, whole, foreign, malformed and hostile."""
import io
import random
from shutil import rmtree
import zipfile

from basyx.aas import model
from basyx.aas.adapter.aasx import AASXWriter, DictSupplementaryFileContainer
from basyx.aas.adapter.json import write_aas_json_file
from basyx.aas.adapter.xml import write_aas_xml_file
from lam_ws.cli import main
from lam_ws.errors import LamError
from lam_ws.faults.inputs.mutants import mutated
from lam_ws.knowledge.exchange.shells import import_shells, read_shells, UNITS
from lam_ws.knowledge.knowledge import load_knowledge
import pytest

ENDINGS = ('.aasx', '.json', '.xml')
MUTANTS = 100   # of each format
XS = model.datatypes


def semantics(iri):
    """Return a reference to a meaning outside of the file."""
    return model.ExternalReference((model.Key(model.KeyTypes.GLOBAL_REFERENCE, iri),))


def unit(symbol):
    """Return a data specification that tells a unit."""
    return [model.EmbeddedDataSpecification(
        semantics('https://admin-shell.io/DataSpecificationTemplates/DataSpecificationIec61360'),
        model.DataSpecificationIEC61360(model.PreferredNameTypeIEC61360({'en': 'value'}),
                                        unit=symbol))]


def number(name, value, symbol=None, **more):
    """Return a property with a unit."""
    return model.Property(name, XS.Double, value, **more,
                          embedded_data_specifications=unit(symbol) if symbol else ())


def nameplate():
    """Return the elements of a nameplate."""
    return [
        model.MultiLanguageProperty(
            'Title', model.MultiLanguageTextType({'ko': '적색 볼조인트', 'en': 'red ball joint',
                                                  'de': 'rotes Kugelgelenk'}),
            semantic_id=semantics('0173-1#02-AAW338#001')),
        model.Property('ManufacturerProductType', XS.String, 'BJ-20R'),
        model.Property('SerialNumber', XS.String, '0815')]


def data(*more):
    """Return the elements of technical data: a mass in a collection, and what else is given."""
    return [model.SubmodelElementCollection('TechnicalProperties', [
        number('NetWeight', 620.0, 'g'), *more])]


def shell(plate=(), technical=(), identity='BJ20R'):
    """Return the objects of one part."""
    submodels = [model.Submodel(f'urn:example:{identity}:plate', list(plate), 'Nameplate'),
                 model.Submodel(f'urn:example:{identity}:data', list(technical), 'TechnicalData')]
    return [model.AssetAdministrationShell(
        model.AssetInformation(model.AssetKind.TYPE, f'urn:example:{identity}'),
        f'urn:example:{identity}:shell', identity,
        submodel={model.ModelReference.from_referable(one) for one in submodels}), *submodels]


def saved(path, objects):
    """Write objects as basyx does, in the format of the ending."""
    store = model.DictIdentifiableStore(objects)
    if path.suffix == '.json':
        with path.open('w', encoding='utf-8') as stream:
            write_aas_json_file(stream, store)
    elif path.suffix == '.xml':
        with path.open('wb') as stream:
            write_aas_xml_file(stream, store)
    else:
        with AASXWriter(path) as writer:
            writer.write_aas([one.id for one in objects
                              if isinstance(one, model.AssetAdministrationShell)],
                             store, DictSupplementaryFileContainer())
    return path


@pytest.mark.parametrize('ending', ENDINGS)
def test_a_part_becomes_a_row(ending, tmp_path, capsys):
    """Pins mass, width, temperature, names and numbers of a part, and what is left over."""
    path = saved(tmp_path / f'part{ending}', shell(nameplate(), data(
        number('GripWidth', 4.2, 'cm'), number('DeliveryTemperature', 353.15, 'K'),
        model.Property('fragile', XS.Boolean, True), number('Torque', 12.0, 'Nm'))))
    assert main(['kb', 'import', str(path), str(tmp_path / 'new'),
                 '--language', 'en']) == 0
    said = capsys.readouterr().err
    for name in ('SerialNumber = 0815', 'Torque = 12.0', 'rotes Kugelgelenk@de'):
        assert name in said
    assert said.count('not understood') == 3
    part = load_knowledge(tmp_path / 'new').things['bj20r']
    assert [part.number(name) for name in ('mass_kg', 'grip_mm', 'hot_c')] == [0.62, 42.0, 80.0]
    assert part.value('fragile') is True and part.value('aliases') == ('BJ-20R',)
    assert [part.value(f'name_{tag}') for tag in ('ko', 'en')] == ['적색 볼조인트',
                                                                   'red ball joint']
    assert part.value('source') == f'{path.name} urn:example:BJ20R:shell'
    assert main(['check', str(tmp_path / 'new')]) == 0


def codes(tmp_path, *technical, plate=None):
    """Return (code, way, value) of the faults of a part."""
    plate = nameplate() if plate is None else plate
    path = saved(tmp_path / 'part.json', shell(plate, technical))
    found = import_shells(path, tmp_path / 'new')
    assert (found.folder is None) == bool(found.faults)
    assert all('{' not in one.text(tag) for one in found.faults for tag in ('ko', 'en'))
    return {(one.code, one.column.rpartition('.')[2], one.value) for one in found.faults}


@pytest.mark.parametrize(('element', 'fault'), [
    (lambda: number('Mass', 1.0), ('unit_missing', 'Mass', '')),
    (lambda: number('Mass', 1.0, 'stone'), ('unit', 'Mass', 'stone')),
    (lambda: number('Mass', 1.0, 'mm'), ('unit', 'Mass', 'mm')),
    (lambda: number('Mass', float('nan'), 'kg'), ('number', 'Mass', 'nan')),
    (lambda: number('Mass', 1e300, 'kg'), ('number', 'Mass', '1e+300')),
    (lambda: number('Mass', 1000.0, 'kg'), ('range', 'mass_kg', '1000')),
    (lambda: number('Mass', -1.0, 'kg'), ('range', 'mass_kg', '-1')),
    (lambda: model.Property('Mass', XS.String, '0,62', embedded_data_specifications=unit('kg')),
     ('number', 'Mass', '0,62')),
    (lambda: number('Height', 1.0, 'm'), ('needed', 'mass_kg', ''))])
def test_what_is_not_certain_is_a_fault(element, fault, tmp_path):
    """Pins that no unit and no number is guessed."""
    assert fault in codes(tmp_path, element())


def test_two_masses_are_not_chosen_from(tmp_path):
    """Pins that the importer does not decide between two values."""
    assert codes(tmp_path, number('Mass', 1.0, 'kg'), number('NetMass', 2.0, 'kg')) == {
        ('single', 'NetMass', '2.0')}


def test_a_name_that_is_missing_is_left_to_a_person(tmp_path):
    """Pins the way of most files: no Korean name, so a draft."""
    plate = [model.MultiLanguageProperty('ManufacturerProductDesignation',
                                         model.MultiLanguageTextType({'en': 'pin'}))]
    assert codes(tmp_path, *data(), plate=plate) == {('needed', 'name_ko', '')}
    found = import_shells(tmp_path / 'part.json', tmp_path / 'new', draft=True)
    assert found.folder is not None and found.version == ''
    assert 'pin' in (tmp_path / 'new' / 'parts.csv').read_text()


@pytest.mark.parametrize(('column', 'symbol'), [(column, symbol) for column, units in UNITS.items()
                                                for symbol in units])
def test_every_unit_is_told_by_the_element_or_its_concept(column, symbol, tmp_path):
    """Pins each unit by an independent way: what one of it is in the unit of the column."""
    one = {'kg': 1, 'g': 1e-3, 'mg': 1e-6, 't': 1e3, 'lb': 0.453592, 'oz': 0.02835, 'mm': 1,
           'cm': 10, 'm': 1000, 'in': 25.4, '°C': 1, 'degC': 1, 'K': -272.15, 'N': 1, 'kN': 1e3,
           'm/s': 1, 'mm/s': 1e-3}[symbol]
    concept = model.ConceptDescription('urn:example:meaning',
                                       embedded_data_specifications=unit(symbol))
    here = number(column, 1.0, symbol)
    there = number(column, 1.0, semantic_id=semantics(concept.id))
    for element, more in ((here, []), (there, [concept])):
        path = saved(tmp_path / 'part.json', [*shell((), [element]), *more])
        cells = read_shells(path).lines[0].cells
        assert float(cells[column]) == pytest.approx(one, abs=1e-6)


def test_a_column_by_its_own_name_or_meaning_needs_no_unit(tmp_path):
    """Pins `mass_kg` as idShort, and the IRI of the column as semanticId."""
    path = saved(tmp_path / 'part.json', shell((), [
        number('mass_kg', 1.5), number('Any', 40.0, 'mm', semantic_id=semantics(
            'https://lam-ws.invalid/column#grip_mm'))]))
    cells = read_shells(path).lines[0].cells
    assert (cells['mass_kg'], cells['grip_mm']) == ('1.5', '40')


def test_a_submodel_that_is_not_there_or_nobodys_is_listed(tmp_path):
    """Pins that nothing is silently left out."""
    objects = shell(nameplate(), data())
    orphan = model.Submodel('urn:example:orphan', [], 'Orphan')
    foreign = read_shells(saved(tmp_path / 'part.json', [*objects[:2], orphan])).foreign
    assert any('urn:example:BJ20R:data: not in the file' in line for line in foreign)
    assert 'urn:example:orphan: belongs to no shell' in foreign


BOMB = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
        + ''.join(f'<!ENTITY b{n} "{"&b;" if n == 0 else f"&b{n - 1};" * 10}">' for n in range(9))
        + ']><environment xmlns="https://admin-shell.io/aas/3/0">&b8;</environment>')
OUTSIDE = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
           '<environment xmlns="https://admin-shell.io/aas/3/0">&b;</environment>')


@pytest.mark.parametrize(('name', 'content'), [
    ('a.json', b'{'), ('a.json', b'[]'), ('a.json', b'\xff'), ('a.json', b'{"submodels": 1}'),
    ('a.json', b'{"assetAdministrationShells": [{"modelType": "AssetAdministrationShell"}]}'),
    ('a.json', b'[' * 100_000), ('a.json', b'{}'), ('a.xml', b'<a/>'), ('a.xml', b''),
    ('a.xml', b'<a>'), ('a.xml', BOMB.encode()), ('a.xml', OUTSIDE.encode()),
    ('a.xml', OUTSIDE.replace('?>', ' encoding="UTF-16"?>', 1).encode('utf-16')),
    ('a.aasx', b'PK'), ('a.aasx', b'')])
def test_a_malformed_file_is_one_line(name, content, tmp_path, capsys):
    """Pins that each of these is named, and that no entity is ever read."""
    (tmp_path / name).write_bytes(content)
    assert main(['kb', 'import', str(tmp_path / name), str(tmp_path / 'new')]) == 2
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and name in said and not (tmp_path / 'new').exists()


def package(path, *more):
    """Return a real package with further parts, (name, bytes) each."""
    saved(path, shell(nameplate(), data()))
    with zipfile.ZipFile(path, 'a', zipfile.ZIP_DEFLATED) as archive:
        for name, content in more:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(('parts', 'why'), [
    ([('../../out.txt', b'x')], 'leads out'), ([('/etc/out.txt', b'x')], 'leads out'),
    ([('a\\..\\..\\out.txt', b'x')], 'leads out'), ([('C:/out.txt', b'x')], 'leads out'),
    ([('zeros.bin', bytes(70_000_000))], 'unpacked'),
    ([(f'{number}.bin', b'') for number in range(1100)], 'parts'),
    ([('aasx/more.xml', OUTSIDE.encode())], 'DOCTYPE'),
    ([('bomb.dat', BOMB.encode())], 'DOCTYPE')])
def test_a_hostile_package_is_refused_before_it_is_opened(parts, why, tmp_path, capsys):
    """Pins paths, sizes and entities of a package."""
    path = package(tmp_path / 'a.aasx', *parts)
    assert main(['kb', 'import', str(path), str(tmp_path / 'new')]) == 2
    assert why in capsys.readouterr().err
    assert {one.name for one in tmp_path.iterdir()} == {'a.aasx'}


def inside(path, chance):
    """Return a package with a mistake in the text of one part, so that the zip is whole."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, 'w') as new:
        names = old.namelist()
        wrong = chance.choice(names)
        for name in names:
            content = old.read(name)
            new.writestr(name, mutated(content, chance) if name == wrong and content else content)
    return stream.getvalue()


@pytest.mark.filterwarnings('ignore:Duplicate name:UserWarning')
@pytest.mark.parametrize('ending', [*ENDINGS, '.zip'])
def test_mistaken_files_are_typed_errors(ending, tmp_path):
    """Pins that whatever a file says, it is read or refused, and named."""
    chance, out = random.Random(ending), tmp_path / 'new'
    path = saved(tmp_path / f'a{ending.replace(".zip", ".aasx")}', shell(nameplate(), data()))
    whole, refused = path.read_bytes(), 0
    for _ in range(MUTANTS):
        path.write_bytes(whole)
        path.write_bytes(inside(path, chance) if ending == '.zip' else mutated(whole, chance))
        try:
            found = import_shells(path, out)
            refused += bool(found.faults)
            if found.folder is not None:
                assert load_knowledge(out).version() == found.version
                rmtree(out)
        except LamError:
            refused += 1
    assert refused > 10
