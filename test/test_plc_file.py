"""What `lam check` says of the signals between a cell and its PLC, before anything connects."""
from lam_ws.resources import share
from lam_ws.site import examine
from lam_ws.testing.site import examine_site
from lam_ws.types import Goal
import pytest

GATE = '{name: gate, role: gate, at: discrete:0}'
CLAMP = '{name: clamp, at: coil:2, skill: insert}'
SOUND = {'protocol': 'modbus', 'address': 'plc.cell:502', 'inputs': f'[{GATE}]',
         'outputs': f'[{CLAMP}]', 'heartbeat': '{theirs: input:9, ours: holding:8}'}


@pytest.fixture
def site_file(tmp_path):
    """Return a maker of site files with a section `plc`."""
    def make(**changes):
        text = (share() / 'config/sites/sim_bench.yaml').read_text(encoding='utf-8')
        rows = {**SOUND, **changes}
        path = tmp_path / 'sim_bench.yaml'
        path.write_text(text + 'plc:\n' + ''.join(f'  {key}: {value}\n' for key, value
                                                   in rows.items() if value is not None))
        return path
    return make


@pytest.mark.parametrize(('changes', 'words'), [
    ({'address': 'plc.cell'}, 'must be like plc.cell:502 for modbus'),
    ({'protocol': 'opcua'}, 'must be like opc.tcp://'),
    ({'protocol': 'profinet'}, 'expected one of modbus, opcua'),
    ({'inputs': '[{name: gate, at: discrete:70000}]'}, 'addresses end at 65535'),
    ({'inputs': '[{name: gate, at: discrete:3.1}]'}, 'out of a register alone'),
    ({'inputs': '[{name: gate, at: 10001}]'}, 'put it in quotes'),
    ({'inputs': "[{name: gate, at: '10001'}]"}, 'must be coil:N'),
    ({'inputs': f'[{GATE}, {GATE}]'}, "'gate' stands twice"),
    ({'inputs': '[{name: go, role: start, at: coil:3}]'}, 'the role start go together'),
    ({'inputs': '[{name: a, at: coil:3, skill: press}]'}, 'goes with the role ready alone'),
    ({'inputs': '[{name: gate, rol: gate, at: coil:3}]'}, "did you mean 'role'"),
    ({'outputs': '[{name: clamp, at: discrete:2, skill: insert}]'}, 'cannot be written'),
    ({'outputs': '[{name: clamp, at: holding:2.1, skill: insert}]'}, 'out of a register alone'),
    ({'outputs': '[{name: clamp, at: coil:2}]'}, 'step needs one of skill'),
    ({'outputs': f'[{CLAMP}, {{name: busy, role: busy, at: coil:2}}]'},
     'coil:2 is written by 2 signals'),
    ({'heartbeat': None}, 'theirs is needed with a gate'),
    ({'heartbeat': '{ours: holding:8}'}, 'theirs is needed with a gate'),
    ({'heartbeat': '{theirs: input:9, ours: coil:70000}'}, 'addresses end at 65535'),
    ({'poll_hz': '5.0'}, 'less than two polls'),
    ({'silent_s': '.inf'}, 'expected a finite number'),
])
def test_wrong_settings_are_named_before_anything_connects(site_file, changes, words):
    """Pins the faults of the section; a gate that cannot be trusted is one of them."""
    site, faults = examine(site_file(**changes))
    assert site is None and any(words in str(fault) for fault in faults), faults


@pytest.mark.parametrize(('at', 'words'), [
    ('ns=2;s=Cell.Gate', ''), ('nsu=urn:cell;s=Gate', ''), ('i=2258', ''),
    ('/Objects/2:Cell/2:Gate', ''), ('/Objects/rob:Robot/rob:Gate', ''),
    ('/Objects/cell:Robot', "'cell' is not among namespaces"), ('Gate', 'must be a node id'),
    ('coil:3', 'must be a node id'), ('/Objects/2:', 'must be a node id')])
def test_places_of_opc_ua(site_file, at, words):
    """Pins node ids, and paths with short names of namespaces."""
    faults = examine(site_file(
        protocol='opcua', address='opc.tcp://plc.cell:4840/cell',
        inputs=f"[{{name: gate, at: '{at}'}}]", outputs='[]', heartbeat='{}',
        namespaces='{rob: "http://opcfoundation.org/UA/Robotics/"}'))[1]
    assert any(words in str(fault) for fault in faults) if words else not faults, faults


def test_a_skill_that_is_none_is_found_by_the_check(site_file):
    """Pins a clamp that would never be told to close."""
    faults = examine_site(site_file(outputs='[{name: clamp, at: coil:2, skill: insrt}]')).faults
    assert len(faults) == 1 and "did you mean 'insert'" in str(faults[0])
    assert not examine_site(site_file()).faults


def test_a_signal_concerns_the_steps_that_have_all_it_names(site_file):
    """Pins the scope of clamps and fixtures."""
    plc = examine(site_file(outputs='[{name: c, at: coil:2, skill: insert, place: socket}]'))[
        0].plc
    steps = [Goal(skill, 'shaft', 'red', 'blue', '', place) for skill, place in
             (('insert', 'socket'), ('insert', 'bin'), ('pick_place', 'socket'))]
    assert [plc.outputs[0].concerns(step) for step in steps] == [True, False, False]
