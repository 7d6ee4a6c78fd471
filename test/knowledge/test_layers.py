"""Layers: who is heard about what, and that nothing is loosened by the way."""
from example_company import SITE, write
from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.knowledge import examine, load_knowledge
import pytest

OVERRIDES = 'table,id,column,value,who,when,source\n'


@pytest.fixture
def plant(company):
    """Return the folder of a plant of the company, without a table."""
    return write(company / 'changwon', site=SITE.format(level='plant'))


def codes(folder):
    """Return (code, file name, row, column) of every fault."""
    return [(one.code, one.file.name, one.row, one.column) for one in examine(folder)[1]]


def test_a_company_is_whole(company):
    """Pins that the example of these tests has no fault, so that each test adds its own."""
    assert codes(company) == []
    known = load_knowledge(company)
    assert known.things['bj20'].number('mass_kg') == 0.35
    assert known.things['bj20'].value('tools') == ('jaw',)
    assert known.things['furnace'].value('keep_out') is True
    assert known.rules['slow_cells'].limits == {'max_speed_m_s': 0.2}


def test_the_nearest_layer_names_and_the_strictest_limits(plant):
    """Pins both halves of the rule, and that an empty cell keeps what is below."""
    write(plant, parts='id,name_ko,aliases,mass_kg,fragile,max_force_n,max_speed_m_s,source\n'
                       'bj20,조인트,BJ,0.4,yes,50,,P-1\n')
    known = load_knowledge(plant)
    one = known.things['bj20']
    assert [name for name, _ in one.names()] == ['조인트', 'ball joint 20', 'BJ']
    assert (one.number('mass_kg'), one.number('max_force_n')) == (0.4, 50.0)
    assert (one.value('fragile'), one.number('max_speed_m_s')) == (True, 0.5)
    force = one.fields['max_force_n']
    assert (force.file.parent.name, force.row, force.source) == ('changwon', 2, 'P-1')
    assert force.below.value == 60.0 and one.fields['max_speed_m_s'].below is None


@pytest.mark.parametrize(('column', 'value'), [('max_force_n', '60.1'), ('max_speed_m_s', '3'),
                                               ('fragile', 'no')])
def test_what_loosens_a_limit_is_a_fault_and_does_not_count(plant, column, value):
    """Pins that a spreadsheet further in cannot raise a force in passing."""
    write(plant, parts=f'id,{column}\ncell50,{value}\n')
    assert codes(plant) == [('loosens', 'parts.csv', 2, column)]
    below = load_knowledge(plant.parent).things['cell50'].value(column)
    assert examine(plant)[0].things['cell50'].value(column) == below
    with pytest.raises(ConfigurationError, match='overrides.csv'):
        load_knowledge(plant)


def test_an_override_loosens_and_says_who(plant):
    """Pins the one way to loosen a limit."""
    write(plant, overrides=OVERRIDES
          + 'parts,cell50,max_force_n,25,김하늘,2026-11-20,QM-7\n'
          + 'rules,slow_cells,verdict,off,김하늘,2026-11-20,QM-8\n')
    known = load_knowledge(plant)
    said = known.things['cell50'].fields['max_force_n']
    assert (said.value, said.by, said.source) == (25.0, '김하늘, 2026-11-20', 'QM-7')
    assert said.below.value == 20.0 and set(known.rules) == {'cracked_never_stacked'}


@pytest.mark.parametrize(('row', 'code', 'column'), [
    ('parts,cell50,max_force_n,25,,2026-11-20,QM-7', 'needed', 'who'),
    ('parts,cell50,max_force_n,25,김,,QM-7', 'needed', 'when'),
    ('parts,cell50,max_force_n,25,김,2026-11-20,', 'needed', 'source'),
    ('parts,cell51,max_force_n,25,김,2026-11-20,QM-7', 'override_nothing', 'id'),
    ('parts,cell50,mass_kg,25,김,2026-11-20,QM-7', 'choice', 'column'),
    ('parts,cell50,max_force_n,2 5,김,2026-11-20,QM-7', 'number', 'value'),
    ('parts,cell50,max_force_n,9000,김,2026-11-20,QM-7', 'range', 'value'),
    ('parts,cell50,max_force_n,25,김,2026-11-31,QM-7', 'date', 'when'),
    ('rules,slow_cells,verdict,ask,김,2026-11-20,QM-7', 'choice', 'value'),
    ('rule,slow_cells,verdict,off,김,2026-11-20,QM-7', 'choice', 'table')])
def test_an_override_that_says_too_little_does_not_count(plant, row, code, column):
    """Pins each thing an override must say."""
    write(plant, overrides=OVERRIDES + row + '\n')
    assert codes(plant) == [(code, 'overrides.csv', 2, column)]
    known = examine(plant)[0]
    assert known.things['cell50'].number('max_force_n') == 20.0 and 'slow_cells' in known.rules


def test_a_plant_stands_in_a_company(plant, tmp_path):
    """Pins what a layer needs of its own."""
    (plant / 'site.yaml').unlink()
    assert ('missing_file', 'changwon', None, '') in codes(plant)
    write(plant, site=SITE.format(level='cell'))
    assert codes(plant) == [('level', 'site.yaml', 3, 'level')]
    with pytest.raises(ConfigurationError, match='no knowledge'):
        examine(tmp_path / 'nowhere')


def test_the_version_is_of_what_is_known(company, tmp_path, monkeypatch):
    """Pins that neither the working folder nor the order of rows changes it, and a value does."""
    before = load_knowledge(company).version()
    monkeypatch.chdir(company)
    assert load_knowledge(company).version() == before
    text = (company / 'parts.csv').read_text()
    (company / 'parts.csv').write_text(text.replace('0.35', '0.36'))
    assert load_knowledge(company).version() != before
