"""`lam plc` at a real PLC: what it shows, what it writes after a yes, and what it refuses."""
import io
import json

from lam_ws import cli
from lam_ws.resources import share
import plc_peer
import pytest

pytestmark = pytest.mark.peer


@pytest.fixture(scope='module')
def there():
    """Return the running PLC."""
    with plc_peer.plc('modbus') as found:
        yield found


@pytest.fixture
def site(there, tmp_path):
    """Return the file of a site with this PLC."""
    text = (share() / 'config/sites/sim_bench.yaml').read_text(encoding='utf-8')
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(text + f"""plc:
  protocol: modbus
  address: 127.0.0.1:{there.port}
  inputs: [{{name: gate, role: gate, at: discrete:0}}]
  outputs: [{{name: clamp, at: coil:2, skill: insert}}]
  heartbeat: {{theirs: input:9, ours: holding:8}}
""")
    return str(path)


def test_signals_are_shown_and_no_counter_is_written(there, site, capsys):
    """Pins table and JSON; the PLC must not take whoever looks for the cell."""
    there.do(set=['discrete', 0, 1])
    assert cli.main(['plc', '--site', site, '--json', '--seconds', '0.2']) == 0
    found = json.loads(capsys.readouterr().out)
    assert found['inputs'] == {'gate': True} and found['counter_moves'] is True
    assert cli.main(['plc', '--site', site, '--seconds', '0.2']) == 0
    assert 'gate                 gate     discrete:0                       on' \
        in capsys.readouterr().out
    assert there.now('holding', 8) == 0
    there.do(freeze=True)
    assert cli.main(['plc', '--site', site, '--json', '--seconds', '0.2']) == 1
    there.do(freeze=False)


@pytest.mark.parametrize(('answer', 'more', 'status', 'wanted'), [
    ('no\n', [], 1, 0), ('', [], 1, 0), ('yes\n', [], 0, 1), ('', ['--yes'], 0, 1)])
def test_an_output_is_set_after_a_yes(there, site, monkeypatch, answer, more, status, wanted):
    """Pins that a clamp does not move by a slip of the keys."""
    there.do(set=['coil', 2, 0])
    monkeypatch.setattr('sys.stdin', io.StringIO(answer))
    assert cli.main(['plc', '--site', site, '--write', 'clamp=on', *more]) == status
    assert there.now('coil', 2) == wanted


@pytest.mark.parametrize(('wish', 'words'), [
    ('clmp=on', "did you mean 'clamp'"), ('gate=on', 'no output'), ('clamp=2', 'clamp=on or')])
def test_what_cannot_be_set_is_refused_in_one_line(site, capsys, wish, words):
    """Pins the refusals."""
    assert cli.main(['plc', '--site', site, '--write', wish, '--yes']) == 2
    assert words in capsys.readouterr().err


def test_a_site_without_a_plc_and_a_plc_that_is_not_there_are_faults(tmp_path, site, capsys):
    """Pins exit status 2 and one line."""
    assert cli.main(['plc', '--site', 'sim_bench']) == 2
    assert 'has no section plc' in capsys.readouterr().err
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(path.read_text().replace('address: 127.0.0.1:', 'address: localhost:1 #'))
    assert cli.main(['plc', '--site', site]) == 2
    assert 'no connection to the PLC at localhost:1' in capsys.readouterr().err
