"""What a cell is brought up with."""
from xml.etree import ElementTree

from lam_ws.faults.processes.running import (
    CellFailed,
    sentence,
    SITE,
    with_folder,
    without_shared_memory,
)
import pytest


def test_a_cell_without_shared_memory_talks_over_udp_alone(tmp_path):
    """Pins a network fault that does nothing, because the data takes another way."""
    path = without_shared_memory(tmp_path)['LAM_WS_DDS_PROFILES']
    space = {'dds': 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'}
    names = [item.text for item in ElementTree.parse(path).iterfind('.//dds:transport_id', space)]
    assert names == ['cell_udp', 'cell_udp']


def test_recordings_go_to_a_folder_of_their_own(tmp_path):
    """Pins provoked faults among the episodes of the user."""
    site = with_folder(SITE, tmp_path, {'stop': {'file': str(tmp_path / 'stop')}})
    assert site.record.folder == str(tmp_path / 'episodes') or \
        str(site.record.folder).startswith(str(tmp_path))
    assert site.stop.file == str(tmp_path / 'stop')


def test_the_instruction_is_about_a_part_that_can_be_told_from_the_others():
    """Pins an order that grounding has to ask about."""
    parts = [{'colour': 'red', 'kind': 'cube'}] * 2 + [{'colour': 'blue', 'kind': 'cube'}]
    assert sentence({'parts': parts, 'bins': [{'colour': 'white'}]}) == \
        'put the blue cube in the white bin'
    with pytest.raises(CellFailed):
        sentence({'parts': parts[:2], 'bins': [{'colour': 'white'}]})
