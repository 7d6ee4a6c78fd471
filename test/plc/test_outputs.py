"""What the PLC is told, for each state of guard and task."""
from lam_ws.plc.outputs import resting, wanted
from lam_ws.plc_file import OutputSettings, PlcSettings
from lam_ws.types import Goal
import pytest

SETTINGS = PlcSettings('modbus', 'plc:502', outputs=(
    OutputSettings('busy', 'coil:0', role='busy'), OutputSettings('fault', 'coil:1', role='fault'),
    OutputSettings('armed', 'coil:2', role='armed'),
    OutputSettings('clamp', 'coil:3', skill='insert', place='socket')))
INSERT = Goal('insert', 'shaft', 'red', 'blue', '', 'socket')


@pytest.mark.parametrize(('guard', 'busy', 'step', 'on'), [
    ('', False, None, {'fault'}), ('disarmed', False, None, set()),
    ('armed', True, None, {'busy', 'armed'}),
    ('running', True, INSERT, {'busy', 'armed', 'clamp'}),
    ('running', True, Goal('insert', 'shaft', 'red', '', '', 'bin'), {'busy', 'armed'}),
    ('stopping', True, INSERT, {'busy', 'fault', 'clamp'}), ('stopped', False, None, {'fault'})])
def test_each_output_follows_its_role(guard, busy, step, on):
    """Pins that a guard which is not heard is a fault, and permits nothing."""
    found = wanted(SETTINGS, guard, busy, step)
    assert {name for name, value in found.items() if value} == on and len(found) == 4


def test_whoever_leaves_says_fault():
    """Pins the last words of the cell."""
    assert {name for name, value in resting(SETTINGS).items() if value} == {'fault'}
