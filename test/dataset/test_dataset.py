"""Datasets of LeRobot's layout: what is written is read, and every fault names its file."""
from dataclasses import replace
import json

from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.errors import ConfigurationError
import numpy as np
import pytest

pytest.importorskip('pyarrow')
from lam_ws.dataset.dataset import ACTION, ENVIRONMENT, Episode, STATE
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.stats import merge, of_rows
from lam_ws.dataset.tables import (
    column_names,
    read_columns,
    read_tasks,
    write_columns,
    write_tasks,
)
from lam_ws.dataset.writer import Writer
import pyarrow.parquet as pq

BODY = Embodiment('twin', 10.0, (Signal('lift', 'm'), Signal('turn', 'rad'), Signal('grip', '')),
                  (Signal('lift', 'm'), Signal('grip', '')),
                  (Picture('left', 32, 24), Picture('right', 48, 16)))


def episode(seed: int, length: int, sentence: str = 'lift it') -> Episode:
    """Return an episode whose pictures change slowly, so that a film keeps them."""
    rng = np.random.default_rng(seed)
    frames = {}
    for camera in BODY.cameras:
        colour = rng.integers(40, 200, 3)
        frames[camera.name] = np.empty((length, camera.height, camera.width, 3), np.uint8)
        for i in range(length):
            frames[camera.name][i] = colour
            frames[camera.name][i, :, :4 + i] = 255 - colour
    return Episode(sentence, rng.normal(size=(length, 3)), rng.normal(size=(length, 2)), frames)


@pytest.fixture
def folder(tmp_path):
    """Return a dataset of three episodes in two files of each kind."""
    writer = Writer(tmp_path / 'set', BODY)
    writer.add(episode(0, 7))
    writer.add(episode(1, 5, '빨간 큐브를 들어 줘'))
    writer.flush()
    writer.add(episode(2, 6))
    writer.flush()
    return tmp_path / 'set'


def test_what_was_written_is_read(folder):
    """Pins the round trip: numbers within float32, every frame at its episode, sentences."""
    read = Dataset(folder)
    episodes = [episode(0, 7), episode(1, 5, '빨간 큐브를 들어 줘'), episode(2, 6)]
    assert read.body == BODY and len(read) == 18 and read.starts.tolist() == [0, 7, 12, 18]
    assert read.sentences == ['lift it', '빨간 큐브를 들어 줘']
    assert read.sentence.tolist() == [0] * 7 + [1] * 5 + [0] * 6
    assert read.environment.shape == (18, 0) and not read.info.environment
    np.testing.assert_allclose(read.state, np.concatenate([e.state for e in episodes]), atol=1e-6)
    np.testing.assert_allclose(read.action, np.concatenate([e.action for e in episodes]),
                               atol=1e-6)
    for camera in BODY.cameras:
        found = np.stack(list(read.frames(camera.name)))
        wanted = np.concatenate([e.frames[camera.name] for e in episodes])
        assert found.shape == wanted.shape and found.dtype == np.uint8
        assert np.abs(found.astype(int) - wanted).mean() < 8.0   # H.264 is not exact
        middle = found[:, :, 2].astype(int).mean((1, 2)) - wanted[:, :, 2].mean((1, 2))
        assert np.abs(middle).max() < 20.0


def test_the_statistics_are_those_of_all_frames(folder):
    """Pins that statistics of files add up to those of the whole."""
    read = Dataset(folder)
    for key, values in ((STATE, read.state), (ACTION, read.action)):
        for name, wanted in of_rows(values).items():
            np.testing.assert_allclose(read.stats[key][name], wanted, atol=1e-6)
    assert read.stats['observation.images.left']['mean'].shape == (3, 1, 1)
    both = merge({'x': of_rows(read.state[:4])}, {'x': of_rows(read.state[4:])})
    np.testing.assert_allclose(both['x']['std'], read.state.std(0))


def test_the_layout_is_lerobots(folder):
    """Pins names of files, features and columns against the layout v3.0."""
    files = {str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()}
    assert files == {
        'meta/info.json', 'meta/stats.json', 'meta/tasks.parquet',
        *(f'{head}/chunk-000/file-00{i}.{tail}' for i in (0, 1) for head, tail in (
            ('data', 'parquet'), ('meta/episodes', 'parquet'),
            ('videos/observation.images.left', 'mp4'),
            ('videos/observation.images.right', 'mp4')))}
    info = json.loads((folder / 'meta/info.json').read_text())
    assert info['codebase_version'] == 'v3.0' and info['fps'] == 10
    assert (info['total_episodes'], info['total_frames'], info['total_tasks']) == (3, 18, 2)
    assert info['features']['observation.images.right']['shape'] == [16, 48, 3]
    assert info['features'][STATE] == {
        'dtype': 'float32', 'shape': [3], 'names': ['lift', 'turn', 'grip'],
        'info': {'units': ['m', 'rad', '']}}
    rows = read_columns(folder / 'meta/episodes/chunk-000/file-001.parquet', [
        'episode_index', 'length', 'dataset_from_index', 'dataset_to_index', 'data/file_index',
        'videos/observation.images.left/from_timestamp'])
    assert [values[0] for values in rows.values()] == [2, 6, 12, 18, 1, 0.0]
    frame = column_names(folder / 'data/chunk-000/file-000.parquet')
    assert {STATE, ACTION, 'timestamp', 'frame_index', 'episode_index', 'index',
            'task_index', 'intervention'} == set(frame)
    tasks = pq.read_schema(folder / 'meta/tasks.parquet')
    assert json.loads(tasks.metadata[b'pandas'])['index_columns'] == ['task']


def test_a_dataset_is_gone_on_with(folder):
    """Pins that what a broken run left beyond meta/info.json is written over, not counted."""
    stray = folder / 'meta/episodes/chunk-000/file-002.parquet'
    stray.write_bytes((folder / 'meta/episodes/chunk-000/file-000.parquet').read_bytes())
    writer = Writer(folder, BODY)
    assert writer.episodes == 3 and not stray.exists()
    writer.add(episode(3, 4, 'let go'))
    writer.flush()
    read = Dataset(folder)
    assert read.starts.tolist() == [0, 7, 12, 18, 22] and read.sentences[-1] == 'let go'
    np.testing.assert_allclose(read.stats[STATE]['std'], read.state.std(0), atol=1e-6)
    with pytest.raises(ConfigurationError, match='another robot'):
        Writer(folder, replace(BODY, rate_hz=20.0))


def test_a_broken_write_leaves_the_dataset_as_it_was(folder):
    """Pins that an episode which does not fit is refused before anything is written."""
    writer = Writer(folder, BODY)
    wrong = episode(4, 5)
    with pytest.raises(ConfigurationError, match="'right'"):
        writer.add(replace(wrong, frames={'left': wrong.frames['left']}))
    with pytest.raises(ConfigurationError, match=r'\(5, 3\)'):
        writer.add(replace(wrong, state=wrong.state[:, :2]))
    with pytest.raises(ConfigurationError, match='sentence'):
        writer.add(replace(wrong, sentence=' '))
    writer.flush()
    assert len(Dataset(folder)) == 18


def test_what_was_true_around_the_robot_is_kept(tmp_path):
    """Pins LeRobot's column for it, that a dataset has it throughout or not at all."""
    around = (Signal('cube_x', 'm'), Signal('cube_y', 'm'))
    writer = Writer(tmp_path / 'set', BODY, around)
    with pytest.raises(ConfigurationError, match='environment'):
        writer.add(episode(0, 7))
    true = [np.random.default_rng(seed).normal(size=(7, 2)) for seed in (0, 1)]
    for seed, values in enumerate(true):
        writer.add(replace(episode(seed, 7), environment=values))
        writer.flush()
    read = Dataset(tmp_path / 'set')
    assert read.info.environment == around and ENVIRONMENT == 'observation.environment_state'
    np.testing.assert_allclose(read.environment, np.concatenate(true), atol=1e-6)
    np.testing.assert_allclose(read.stats[ENVIRONMENT]['std'], np.concatenate(true).std(0))
    assert Writer(tmp_path / 'set', BODY, around).episodes == 2
    with pytest.raises(ConfigurationError, match='another robot'):
        Writer(tmp_path / 'set', BODY)
    with pytest.raises(ConfigurationError, match='environment'):
        Writer(tmp_path / 'plain', BODY).add(replace(episode(0, 7), environment=true[0]))


def test_sizes_that_a_film_cannot_have_are_refused(tmp_path):
    """Pins: H.264 fails on odd sizes with a number for an error."""
    for body in (replace(BODY, cameras=(Picture('left', 33, 24),)), replace(BODY, rate_hz=7.5)):
        with pytest.raises(ConfigurationError):
            Writer(tmp_path, body)


FAULTS = {
    'meta/info.json': lambda path: path.unlink(),
    'meta/tasks.parquet': lambda path: write_columns(path, {'task_index': np.arange(2)}),
    'meta/episodes/chunk-000/file-001.parquet': lambda path: path.write_bytes(b'PAR1'),
    'data/chunk-000/file-001.parquet': lambda path: path.unlink(),
    'videos/observation.images.left/chunk-000/file-001.mp4': lambda path: path.unlink(),
    'videos/observation.images.right/chunk-000/file-000.mp4': lambda path: path.write_bytes(
        (path.parents[2] / 'observation.images.left/chunk-000/file-000.mp4').read_bytes()),
}


@pytest.mark.parametrize('name', FAULTS)
def test_every_fault_names_its_file(folder, name):
    """Pins that a file that is missing or altered is named with what to do about it."""
    FAULTS[name](folder / name)
    with pytest.raises(ConfigurationError) as caught:
        read = Dataset(folder)
        for camera in BODY.cameras:
            list(read.frames(camera.name))
    assert name in str(caught.value) and 'anew' in str(caught.value) or 'lam data' in str(
        caught.value)


@pytest.mark.parametrize(('change', 'words'), [
    ({'codebase_version': 'v2.1'}, 'convert'), ({'fps': 0}, 'fps'),
    ({'data_path': '../out/{chunk_index}'}, 'within the dataset'),
    ({'total_episodes': 4}, 'episodes 0 .. 3'), ({'total_frames': 20}, '18 frames'),
])
def test_an_info_that_does_not_agree_is_refused(folder, change, words):
    """Pins versions, rates, paths and totals of meta/info.json."""
    path = folder / 'meta/info.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ConfigurationError, match=words):
        Dataset(folder)


def test_what_others_leave_out_is_filled_in(folder):
    """Pins datasets without names or units, and cameras with the channels first."""
    path = folder / 'meta/info.json'
    info = json.loads(path.read_text())
    info['features'][STATE] = {'dtype': 'float32', 'shape': [3], 'names': {'motors': list('abc')}}
    info['features'][ACTION] = {'dtype': 'float32', 'shape': [2], 'names': None}
    info['features']['observation.images.left']['shape'] = [3, 24, 32]
    path.write_text(json.dumps(info))
    body = Dataset(folder).body
    assert [signal.name for signal in body.state] == ['a', 'b', 'c']
    assert body.action == (Signal('action_0'), Signal('action_1'))
    assert (body.cameras[0].width, body.cameras[0].height) == (32, 24)


def test_a_row_of_one_number_is_a_number(tmp_path):
    """Pins LeRobot's way of writing features of shape [1]."""
    write_columns(tmp_path / 'x.parquet', {'one': np.arange(3.0)[:, None],
                                           'two': np.ones((3, 2), np.float32)})
    found = read_columns(tmp_path / 'x.parquet', ['one', 'two'])
    assert found['one'].shape == (3,) and found['two'].shape == (3, 2)


def test_pandas_finds_the_sentences_as_its_index(tmp_path):
    """Pins the index that LeRobot looks sentences up in."""
    pandas = pytest.importorskip('pandas')
    write_tasks(tmp_path / 'tasks.parquet', ['lift it', '놓아 줘'])
    assert read_tasks(tmp_path / 'tasks.parquet') == ['lift it', '놓아 줘']
    frame = pandas.read_parquet(tmp_path / 'tasks.parquet')
    assert frame.index.name == 'task' and frame.loc['놓아 줘'].task_index == 1
