"""What is asked of a PLC in one request, and what its values mean; no PLC needed."""
from collections.abc import Mapping

from lam_ws.plc.modbus import blocks
from lam_ws.plc.plc import Reading, state
import pytest


def test_neighbours_are_read_together_and_gaps_never():
    """Pins the requests of Modbus."""
    places = [('coil', 3, None), ('holding', 2, 5), ('coil', 2, None), ('holding', 2, 1),
              ('coil', 5, None), ('input', 6, None)]
    assert blocks(places) == [('coil', 2, 2), ('coil', 5, 1), ('holding', 2, 1), ('input', 6, 1)]
    assert [count for *_, count in blocks([('input', i, None) for i in range(130)])] == [123, 7]


@pytest.mark.parametrize(('value', 'inverted', 'equals', 'wanted'), [
    (True, False, None, True), (0, False, None, False), (0, True, None, True), (3, False, 3, True),
    (4, False, 3, False), (None, True, None, None), ('on', False, None, None),
    (float('nan'), False, None, None), ([1], False, None, None)])
def test_what_is_neither_truth_nor_number_is_not_known(value, inverted, equals, wanted):
    """Pins that inversion makes nothing known."""
    assert state(value, inverted, equals) is wanted


def test_a_reading_cannot_be_changed():
    """Pins frozen data."""
    reading = Reading({'gate': True})
    assert isinstance(reading.inputs, Mapping)
    with pytest.raises(TypeError):
        reading.inputs['gate'] = False
