"""The layout as LeRobot reads it, checked by a reader of our own that shares no code."""
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('pyarrow')
from episodes import BODY, write
from lam_ws.dataset.collecting import Choice, collect
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.recordings import Wanted
from lam_ws.dataset.rewriting import relabel, rewrite
from lam_ws.dataset.writer import Writer
from lam_ws.record.card import Card, Intervention, Label, write_card
from lerobot_layout import read
from recordings import write_sample


def test_an_export_of_recordings_reads_as_lerobot_reads_it(tmp_path):
    """Pins the export end to end: two recordings, a correction, Korean, two cameras."""
    for number in (0, 1):
        path = write_sample(tmp_path / f'e{number}.mcap', 2.0 + number)
        write_card(path, Card(path.stem, operator='kim', label=Label('success', 'kim'),
                              instruction='빨간 원통을 치워 줘',
                              interventions=(Intervention(1.0, 9.0, 'h'),) * number))
    found = list(collect([tmp_path], tmp_path / 'set', Wanted(), Choice(('success',))))
    assert [one.verdict for one in found] == ['taken', 'taken']
    rows, ours = read(tmp_path / 'set'), Dataset(tmp_path / 'set')
    assert len(rows) == len(ours) == sum(one.frames for one in found)
    np.testing.assert_array_equal([row['observation.state'] for row in rows],
                                  ours.state.astype(np.float32))
    np.testing.assert_array_equal([row['action'] for row in rows], ours.action.astype(np.float32))
    assert {row['task'] for row in rows} == {'빨간 원통을 치워 줘'}
    led = [row['intervention'] for row in rows]
    assert led == ours.intervention.tolist()
    assert sum(led) == ours.starts[2] - ours.starts[1] - 10   # the first second of the second
    for camera in ('front', 'wrist'):
        frames = np.stack(list(ours.frames(camera)))
        theirs = np.stack([row[f'observation.images.{camera}'] for row in rows])
        assert np.array_equal(frames, theirs)


def test_what_was_rewritten_still_reads(tmp_path):
    """Pins splits, merges and labels against the same reader, and copied films bit for bit."""
    first = Dataset(write(tmp_path / 'a', 4))
    second = Dataset(write(tmp_path / 'b', 2))
    list(rewrite([(first, [1, 3]), (second, [0, 1])], tmp_path / 'c'))
    relabel(Dataset(tmp_path / 'c'), {1: {'label': 'failure', 'operator': 'kim'}})
    rows = read(tmp_path / 'c')
    originals = [list(data.episodes())[number] for data, number in (
        (first, 1), (first, 3), (second, 0), (second, 1))]
    for camera in BODY.cameras:
        wanted = np.concatenate([one.frames[camera.name] for one in originals])
        found = np.stack([row[f'observation.images.{camera.name}'] for row in rows])
        assert np.array_equal(wanted, found)   # encoding anew would change them


def test_a_dataset_of_before_there_were_labels_is_added_to(tmp_path):
    """Pins that files of one kind keep one schema, or LeRobot cannot read them together."""
    from lam_ws.dataset.tables import column_names, read_columns, write_columns
    folder = write(tmp_path / 'old', 2)
    path = folder / 'meta/episodes/chunk-000/file-000.parquet'
    gone = ('label', 'operator', 'scene', 'source', 'note', 'repeated', 'late_s',
            'interventions')
    kept = [name for name in column_names(path) if name not in gone]
    write_columns(path, {name: list(values) for name, values in
                         read_columns(path, kept).items()})
    assert [one.label for one in Dataset(folder).about] == ['success', 'success']
    episode = next(Dataset(folder).episodes())
    writer = Writer(folder, BODY)
    writer.add(replace(episode, films={}))
    writer.flush()
    assert len(read(folder)) == len(Dataset(folder)) == 24
