"""Recordings and datasets become one dataset: what is taken, what is left out, and why."""
from dataclasses import replace

from lam_ws.errors import ConfigurationError, RecordingError
from lam_ws.record.card import Card, Label, write_card
import numpy as np
import pytest

pytest.importorskip('pyarrow')
from episodes import BODY, write
from lam_ws.dataset.collecting import Choice, collect, recordings, take_over
from lam_ws.dataset.mapping import TopicMap
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.recordings import Wanted
from recordings import write_sample

LABELLED = Choice(('success', 'failure'))


@pytest.fixture
def folder(tmp_path):
    """Return a folder of three recordings: a success, a failure, and one nobody looked at."""
    for name, label in (('a', 'success'), ('b', 'failure'), ('c', '')):
        path = write_sample(tmp_path / 'rec' / f'{name}.mcap', 1.5)
        write_card(path, Card(name, label=Label(label, 'kim')))
    return tmp_path / 'rec'


def verdicts(found):
    """Return verdicts and reasons by source."""
    return {one.source: (one.verdict, one.reason) for one in found}


def test_what_nobody_labelled_is_left_out_unless_asked(folder, tmp_path):
    """Pins the choice by label, and that a second call takes only what is new."""
    out = tmp_path / 'set'
    assert verdicts(collect([folder], out, Wanted(), LABELLED)) == {
        'a.mcap': ('taken', ''), 'b.mcap': ('taken', ''), 'c.mcap': ('left out', 'not labelled')}
    assert [one.label for one in Dataset(out).about] == ['success', 'failure']
    assert verdicts(collect([folder], out, Wanted(), Choice(('success', '')))) == {
        'a.mcap': ('left out', 'is in the dataset already'),
        'b.mcap': ('left out', 'labelled failure'), 'c.mcap': ('taken', '')}
    assert Dataset(out).info.episodes == 3
    only = list(collect([folder], tmp_path / 'one', Wanted(), Choice(('success',), 'success')))
    assert [one.verdict for one in only] == ['taken', 'left out', 'taken']


def test_one_spoilt_recording_does_not_stop_the_others(folder, tmp_path):
    """Pins a refusal with its reason among those that are taken."""
    (folder / 'b.mcap').write_bytes(b'no recording')
    write_sample(folder / 'd.mcap', 0.05)
    found = verdicts(collect([folder], tmp_path / 'set', Wanted(), Choice()))
    assert found['a.mcap'][0] == found['c.mcap'][0] == 'taken'
    assert found['b.mcap'][0] == 'refused' and 'not an MCAP' in found['b.mcap'][1]
    assert found['d.mcap'][0] == 'refused' and 'less than 2 frames' in found['d.mcap'][1]
    assert Dataset(tmp_path / 'set').info.episodes == 2


def test_another_robot_is_refused_with_what_differs(folder, tmp_path):
    """Pins that a dataset stays of one embodiment."""
    out = tmp_path / 'set'
    list(collect([folder / 'a.mcap'], out, Wanted(), Choice()))
    found = verdicts(collect([folder / 'b.mcap'], out, Wanted(TopicMap(robot='other')), Choice()))
    assert "robot 'other', not ''" in found['b.mcap'][1]
    found = verdicts(collect([folder / 'b.mcap'], out, Wanted(pixels=64), Choice()))
    assert 'camera front of 64 x 48 px, not 320 x 240' in found['b.mcap'][1]


def test_places_without_recordings_are_refused(tmp_path):
    """Pins that an empty folder is not an empty success."""
    with pytest.raises(RecordingError, match=r'has no \*\.mcap'):
        recordings([tmp_path])
    with pytest.raises(RecordingError, match='is not there'):
        recordings([tmp_path / 'x'])


def test_a_dataset_of_others_is_taken_over(tmp_path):
    """Pins renamed cameras and joints, smaller pictures, a given label, and repeats left out."""
    source = write(tmp_path / 'theirs', 3)
    told = TopicMap(cameras={'front': 'top'}, robot='twin')
    found = list(take_over(source, tmp_path / 'ours', Wanted(told, pixels=32), Choice()))
    assert [one.verdict for one in found] == ['taken'] * 3
    theirs, ours = Dataset(source), Dataset(tmp_path / 'ours')
    assert ours.body.robot == 'twin' and [one.name for one in ours.body.cameras] == ['front']
    assert (ours.body.cameras[0].width, ours.body.cameras[0].height) == (32, 24)
    np.testing.assert_array_equal(ours.state, theirs.state)
    assert [one.source for one in ours.about] == ['theirs#0', 'theirs#1', 'theirs#2']
    again = list(take_over(source, tmp_path / 'ours', Wanted(told, pixels=32), Choice()))
    assert {one.reason for one in again} == {'is in the dataset already'}


def test_a_camera_that_a_dataset_lacks_is_named(tmp_path):
    """Pins the nearest camera in the refusal."""
    source = write(tmp_path / 'theirs', 1)
    with pytest.raises(ConfigurationError, match="no camera 'topp'.*'top'"):
        list(take_over(source, tmp_path / 'x', Wanted(TopicMap(cameras={'f': 'topp'})), Choice()))
    with pytest.raises(ConfigurationError, match='2 numbers, 1 joints are named'):
        list(take_over(source, tmp_path / 'x', Wanted(TopicMap(joints=('a',))), Choice()))
    assert replace(BODY, robot='x') != BODY and not (tmp_path / 'x').exists()
