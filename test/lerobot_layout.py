"""Reads a dataset as LeRobot 0.6.1 does, from what its documentation says, with none of our code.

LeRobotDataset needs Python 3.12 and its own environment (docs/lerobot_readback.py ran it once);
this needs pyarrow and PyAV. Each assertion is something that LeRobot relies on.
"""
from fractions import Fraction
import json
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KINDS = {'float32': pa.float32(), 'int64': pa.int64(), 'bool': pa.bool_()}
TOLERANCE_S = 1e-4      # LeRobot's own, of a frame's time in its film


def read(folder: Path) -> list[dict]:
    """Return every frame in order: columns, sentence and the pixels of each camera."""
    info = json.loads((folder / 'meta/info.json').read_text(encoding='utf-8'))
    assert info['codebase_version'] == 'v3.0'
    stats = json.loads((folder / 'meta/stats.json').read_text(encoding='utf-8'))
    tasks = pq.read_table(folder / 'meta/tasks.parquet')
    pandas = json.loads(tasks.schema.metadata[b'pandas'])
    assert pandas['index_columns'] == ['task']
    sentences = dict(zip(tasks['task_index'].to_pylist(), tasks['task'].to_pylist(), strict=True))
    assert len(sentences) == info['total_tasks']
    episodes = _together(folder, 'meta/episodes')
    assert [row['episode_index'] for row in episodes] == list(range(info['total_episodes']))
    columns = {name: feature for name, feature in info['features'].items()
               if feature['dtype'] != 'video'}
    films = [name for name, feature in info['features'].items() if feature['dtype'] == 'video']
    for name in (*films, 'observation.state', 'action'):
        assert {'mean', 'std', 'min', 'max', 'count'} <= set(stats[name])
    rows: list[dict] = []
    for row in episodes:
        rows += _episode(folder, info, row, columns, films, sentences)
    assert [row['index'] for row in rows] == list(range(info['total_frames']))
    assert info['splits'] == {'train': f"0:{info['total_episodes']}"}
    return rows


def _together(folder: Path, head: str) -> list[dict]:
    """Return the rows of all files of a kind, which must have one schema to be concatenated."""
    tables = [pq.read_table(path) for path in sorted(folder.glob(f'{head}/*/*.parquet'))]
    assert all(table.schema.names == tables[0].schema.names for table in tables)
    return pa.concat_tables(tables, promote_options='default').to_pylist()


def _episode(folder, info, row, columns, films, sentences):
    place = {'chunk_index': row['data/chunk_index'], 'file_index': row['data/file_index']}
    table = pq.read_table(folder / info['data_path'].format(**place))
    assert set(table.column_names) == set(columns)
    for name, feature in columns.items():
        kind, (size,) = table.schema.field(name).type, feature['shape']
        if size > 1:
            assert kind.list_size == size and kind.value_type == KINDS[feature['dtype']], name
        else:
            assert kind == KINDS[feature['dtype']], name
    found = [one for one in table.to_pylist() if one['episode_index'] == row['episode_index']]
    assert len(found) == row['length'] == row['dataset_to_index'] - row['dataset_from_index']
    assert found[0]['index'] == row['dataset_from_index']
    shown = {name: _film(folder, info, row, name) for name in films}
    for number, one in enumerate(found):
        assert one['frame_index'] == number
        assert abs(one['timestamp'] - number / info['fps']) < TOLERANCE_S
        one['task'] = sentences[one['task_index']]
        for name, frames in shown.items():
            one[name] = frames[number]
    assert row['tasks'] == list(dict.fromkeys(one['task'] for one in found))
    return found


def _film(folder, info, row, name):
    """Return the frames whose times LeRobot asks for: from_timestamp plus each timestamp."""
    place = {what: row[f'videos/{name}/{what}'] for what in ('chunk_index', 'file_index')}
    start = row[f'videos/{name}/from_timestamp']
    wanted = start + np.arange(row['length']) / info['fps']
    assert abs(row[f'videos/{name}/to_timestamp'] - start - row['length'] / info['fps']) < 1e-6
    times, frames = [], []
    with av.open(str(folder / info['video_path'].format(video_key=name, **place))) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == Fraction(info['fps'])
        for frame in file.decode(stream):
            times.append(float(frame.pts * stream.time_base))
            frames.append(frame.to_ndarray(format='rgb24'))
    picks = [int(np.argmin(np.abs(np.array(times) - moment))) for moment in wanted]
    assert np.abs(np.array(times)[picks] - wanted).max() < TOLERANCE_S
    assert list(frames[0].shape) == info['features'][name]['shape']
    return [frames[pick] for pick in picks]
