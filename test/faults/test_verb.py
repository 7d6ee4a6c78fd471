"""`lam faults`: what is chosen, in which order it runs, and what it prints and writes."""
import json

from lam_ws import cli
from lam_ws.errors import ConfigurationError
from lam_ws.faults.faults import Case
from lam_ws.verbs.faults import choose, plan
import pytest

pytestmark = pytest.mark.sim
CASES = (Case(18, 'stop', 'S', 'operator', '', 1.0, 'x:y', ('reach', 'carry'), 2, True),
         Case(18, 'stop_alone', 'U', 'operator', '', 1.0, 'x:y', ('idle',), 3),
         Case(1, 'frozen', 'S', 'camera', '', 1.0, 'x:y', ('reach',), 1))


def names(*asked):
    """Return the names of the cases that are chosen."""
    return [case.name for case in choose(CASES, *asked)]


def test_cases_are_chosen_by_tier_fault_name_and_size():
    """Pins each filter, and that an unknown fault or name is refused with the nearest."""
    both = ['S', 'U']
    assert names(both, [], [], True) == ['stop']
    assert names(both, [18], [], False) == ['stop', 'stop_alone']
    assert names(['S'], [], [], False) == ['stop', 'frozen']
    assert names(both, [], ['frozen'], False) == ['frozen']
    with pytest.raises(ConfigurationError, match='fault 2'):
        names(both, [2], [], False)
    with pytest.raises(ConfigurationError, match="did you mean 'frozen'"):
        names(both, [], ['frozn'], False)


def test_the_first_seed_of_all_comes_before_the_second_of_any():
    """Pins that a run that is broken off has seen every case."""
    jobs = [(case.name, phase, seed) for case, phase, seed in plan(CASES, True)]
    assert jobs == [('stop', 'reach', 0), ('stop', 'carry', 0), ('stop_alone', 'idle', 0),
                    ('frozen', 'reach', 0), ('stop', 'reach', 1), ('stop', 'carry', 1),
                    ('stop_alone', 'idle', 1), ('stop_alone', 'idle', 2)]
    assert len(plan(CASES, True, 1)) == 4
    assert [phase for _, phase, _ in plan(CASES, False)] == ['reach', 'idle', 'reach']


def test_it_prints_every_run_as_json(capsys):
    """Pins the keys that programs read, through a worker."""
    status = cli.main(['faults', '--case', 'joint_jump_alone', 'stop_alone', '--json',
                       '--workers', '1'])
    found = json.loads(capsys.readouterr().out)
    assert status == 0 and (found['passed'], found['failed'], found['complete']) == (2, 0, True)
    assert [row['name'] for row in found['runs']] == ['joint_jump_alone', 'stop_alone']
    for row in found['runs']:
        assert set(row) == {'fault', 'name', 'tier', 'phase', 'seed', 'expected', 'observed',
                            'bound_cycles', 'cycles', 'pass'}


def test_it_writes_the_page_beside_its_runs(capsys, tmp_path, monkeypatch):
    """Pins --write, and the lines for people."""
    monkeypatch.setattr('lam_ws.verbs.faults.RESULTS', tmp_path / 'results')
    monkeypatch.setattr('lam_ws.verbs.faults.QUIET', tmp_path / 'quiet.jsonl')
    assert cli.main(['faults', '--case', 'clock_back_alone', '--write', '--workers', '1']) == 0
    assert '1 of 1 runs ended as they must' in capsys.readouterr().out
    assert '`clock_back_alone`' in (tmp_path / 'results' / 'faults.md').read_text()
    assert json.loads((tmp_path / 'results' / 'faults.json').read_text())['passed'] == 1


def test_an_unknown_fault_is_wrong_input(capsys):
    """Pins exit status 2."""
    assert cli.main(['faults', '--fault', '99']) == 2
    assert 'no case provokes fault 99' in capsys.readouterr().err
