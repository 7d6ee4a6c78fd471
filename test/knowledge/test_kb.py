"""`lam kb` and `lam check FOLDER`: what people and programs read of a company's knowledge."""
import json

from example_company import PARTS, SITE, write
from lam_ws.cli import main


def told(capsys, *arguments):
    """Return the exit status, and the object that --json printed."""
    status = main([*map(str, arguments), '--json'])
    return status, json.loads(capsys.readouterr().out)


def test_a_company_in_numbers(company, capsys):
    """Pins the counts, for people and for programs."""
    status, found = told(capsys, 'kb', 'stats', company)
    assert status == 0 and found['layers'] == ['Example']
    assert found['things'] == {'parts': 2, 'places': 2, 'tools': 1, 'procedures': 1, 'steps': 2,
                               'defects': 1, 'rules': 2}
    assert found['verdicts'] == {'limit': 1, 'refuse': 1} and found['names'] == 28
    assert main(['kb', 'stats', str(company)]) == 0
    assert found['version'] in capsys.readouterr().out


def test_the_facts_of_a_thing_by_any_of_its_names(company, capsys):
    """Pins that a fact is told with where it is written."""
    assert main(['kb', 'facts', str(company), '볼 죠인트']) == 0
    said = capsys.readouterr().out
    assert 'bj20.mass_kg = 0.35   [example/parts.csv:2:mass_kg; QS-1 2]' in said
    status, found = told(capsys, 'kb', 'facts', company, 'bj20', '--hops', '2')
    assert status == 0 and len(found['facts']) > said.count('\n')


def test_why_a_value_holds(company, capsys):
    """Pins the chain from the innermost layer down."""
    plant = write(company / 'changwon', site=SITE.format(level='plant'),
                  parts='id,max_force_n,source\nbj20,50,P-1\n')
    status, found = told(capsys, 'kb', 'why', plant, 'BJ-20', 'max_force_n')
    assert status == 0
    assert [(one['value'], one['source']) for one in found['history']] == [
        ('50', 'P-1'), ('60', 'QS-1 2')]
    status, found = told(capsys, 'kb', 'diff', company, plant)
    assert [(one['sign'], one['object']) for one in found['differences']
            if one['predicate'] == 'max_force_n'] == [('+', '50'), ('-', '60')]


def test_names_that_are_nothing_are_refused_in_one_line(company, capsys):
    """Pins the hints."""
    assert main(['kb', 'facts', str(company), '볼죠인']) == 2
    assert "did you mean '볼죠인트'?" in capsys.readouterr().err
    assert main(['kb', 'why', str(company), 'bj20', 'mas_kg']) == 2
    assert "did you mean 'mass_kg'?" in capsys.readouterr().err
    assert main(['kb', 'stats', 'nowhere']) == 2


def test_a_compiled_file_is_a_store(company, tmp_path, capsys):
    """Pins `lam kb build`."""
    status, found = told(capsys, 'kb', 'build', company, tmp_path / 'cell.db')
    assert status == 0 and (tmp_path / 'cell.db').is_file()
    assert found['version'] == told(capsys, 'kb', 'stats', company)[1]['version']


def test_faults_are_told_in_the_readers_language(company, capsys, monkeypatch):
    """Pins `lam check FOLDER`: file, row, column, both languages, exit status."""
    assert main(['check', str(company)]) == 0
    assert '2 parts' in capsys.readouterr().out
    write(company, parts=PARTS.replace('0.35', '0,35kg'.replace(',', '.')))
    assert main(['check', str(company), '--language', 'ko']) == 2
    line = capsys.readouterr().err.splitlines()[0]
    assert 'parts.csv:2:mass_kg' in line and '숫자여야 합니다' in line
    monkeypatch.setenv('LC_ALL', 'en_US.UTF-8')
    assert main(['check', str(company)]) == 2
    assert 'must be a plain number' in capsys.readouterr().err
    status, found = told(capsys, 'check', company)
    assert status == 2 and not found['holds']
    assert (found['faults'][0]['row'], found['faults'][0]['column']) == (2, 'mass_kg')


def test_mistakes_on_purpose(company, capsys):
    """Pins `lam kb fuzz`."""
    status, found = told(capsys, 'kb', 'fuzz', company, '--count', '20')
    assert status == 0 and found['files'] == 20 and found['wrong'] == []


def test_what_a_large_company_costs(capsys):
    """Pins that the measurement runs, on a small one."""
    status, found = told(capsys, 'kb', 'bench', '--facts', '2000')
    assert status == 0 and found['facts'] == 2000 and 0 < found['two_hops_p50_ms']
