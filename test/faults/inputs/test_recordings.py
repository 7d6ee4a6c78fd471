"""Recordings that were broken on purpose are judged, and hold."""
from itertools import islice
import os
import subprocess

from lam_ws.faults.faults import judge, provoke, Seen
from lam_ws.faults.inputs.recordings import read_back, RECORDING_CASES
from lam_ws.faults.inputs.stream import Stream
from lam_ws.record.writer import Recorder
import pytest

ALONE = ['unshare', '--user', '--map-root-user', '--mount', 'true']


@pytest.mark.parametrize('case', RECORDING_CASES, ids=lambda case: case.name)
def test_recordings_hold(case):
    """Pins acknowledged data that a kill, a cut or a full disk takes away, and slow recovery."""
    if case.name.startswith('disk') and subprocess.run(ALONE, capture_output=True).returncode:
        pytest.skip('this machine grants no mount namespace')
    if case.name == 'recording_large' and os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip('this machine has other work, and a time would measure that')
    run = provoke(case, case.phases[0], 0)
    assert run.passed, run.observed


def test_another_message_in_the_place_of_one_is_seen(tmp_path):
    """Pins a comparison that counts messages and does not look at them."""
    path, swapped = tmp_path / 'a.mcap', 7
    with Recorder(path) as recorder:
        for number, one in enumerate(islice(Stream(1).messages(), 30)):
            data = one.data[:-20] + b'x' + one.data[-19:] if number == swapped else one.data
            recorder.write(one.topic, one.kind, None, data, one.stamp_ns)
    assert not read_back(path, Stream(1).messages()).right
    with Recorder(tmp_path / 'b.mcap') as recorder:
        for one in islice(Stream(1).messages(), 30):
            recorder.write(one.topic, one.kind, None, one.data, one.stamp_ns)
    whole = read_back(tmp_path / 'b.mcap', Stream(1).messages())
    assert whole.right and whole.messages == 30
    assert not read_back(tmp_path / 'b.mcap', Stream(2).messages()).right


def test_a_longer_loss_than_the_bound_fails():
    """Pins a bound that nothing is held against: 100 ms are ten cycles."""
    case = RECORDING_CASES[0]
    assert case.bound_cycles == 10.0
    assert judge(case, 'carry', 0, Seen('', 10.0, True)).passed
    assert not judge(case, 'carry', 0, Seen('', 11.0, True)).passed
