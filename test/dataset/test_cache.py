"""Frames at random: the same as in order, and a cache of something else is refused."""
import time

from lam_ws.errors import ConfigurationError
import numpy as np
import pytest

pytest.importorskip('pyarrow')
from episodes import write
from lam_ws.dataset.cache import CACHE, make_cache, RandomReader
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.video import copy_parts, Part, read_film, read_frame
from lam_ws.record.image import resized

LEAST = 500    # samples a second of one core, two cameras


@pytest.fixture
def made(tmp_path):
    """Return a dataset of 96 frames and its cache."""
    dataset = Dataset(write(tmp_path / 'set'))
    shares = list(make_cache(dataset, tmp_path / 'cache', 32))
    assert shares[-1] == 1.0 and shares == sorted(shares)
    return dataset, tmp_path / 'cache'


def test_a_frame_is_the_same_in_any_order(made):
    """Pins pictures, states and actions of frames drawn at random."""
    dataset, folder = made
    numbers = np.random.default_rng(0).permutation(len(dataset))
    found = RandomReader(dataset, folder).read(numbers)
    top = np.stack([resized(one, 32, 24) for one in dataset.frames('top')])
    assert np.array_equal(found.images['top'], top[numbers])
    assert np.array_equal(found.images['side'], np.stack(list(dataset.frames('side')))[numbers])
    assert np.array_equal(found.state, dataset.state[numbers])
    assert np.array_equal(found.action, dataset.action[numbers])


def test_random_reads_are_fast_enough(made):
    """Pins 500 samples a second of one core; docs/results/random_reads.json has 46,094."""
    dataset, folder = made
    reader, rng = RandomReader(dataset, folder), np.random.default_rng(0)
    numbers = rng.integers(0, len(dataset), 2000)
    started = time.process_time()
    for number in numbers:
        reader.read(np.array([number]))
    assert len(numbers) / (time.process_time() - started) > LEAST


def test_a_cache_of_another_dataset_or_an_altered_one_is_refused(made, tmp_path):
    """Pins the digest of what it was made from and of its own files."""
    dataset, folder = made
    other = Dataset(write(tmp_path / 'other', 11))
    with pytest.raises(ConfigurationError, match='another state'):
        RandomReader(other, folder)
    frames = folder / 'top.npy'
    data = bytearray(frames.read_bytes())
    data[-1] ^= 1
    frames.write_bytes(data)
    with pytest.raises(ConfigurationError, match='was altered; make it anew'):
        RandomReader(dataset, folder)
    RandomReader(dataset, folder, verify=False)
    frames.write_bytes(data[:-7])
    with pytest.raises(ConfigurationError, match=r'top\.npy'):
        RandomReader(dataset, folder, verify=False)
    (folder / CACHE).unlink()
    with pytest.raises(ConfigurationError, match='lam data cache'):
        RandomReader(dataset, folder)


def test_one_frame_of_a_film_is_read_alone(made):
    """Pins seeking: every frame is the one that reading in order gives."""
    dataset, _ = made
    path, first = dataset.film(3, 'top')
    assert first == 24
    frames = list(read_film(path))
    for number in (0, 9, 10, 24, 31, 95):
        assert np.array_equal(read_frame(path, number, 10.0), frames[number])
    with pytest.raises(ConfigurationError, match='has no frame 96'):
        read_frame(path, 96, 10.0)


def test_parts_of_films_are_copied_as_they_are(made, tmp_path):
    """Pins copying without loss, and that a part from the midst of an episode is not copied."""
    dataset, _ = made
    path, _ = dataset.film(0, 'top')
    frames = list(read_film(path))
    assert copy_parts([Part(path, 40, 8), Part(path, 8, 8)], tmp_path / 'x.mp4', 10)
    found = list(read_film(tmp_path / 'x.mp4'))
    assert np.array_equal(np.stack(found), np.stack(frames[40:48] + frames[8:16]))
    assert np.array_equal(read_frame(tmp_path / 'x.mp4', 9, 10.0), frames[9])
    for parts in ([Part(path, 3, 5)], [Part(path, 88, 9)],
                  [Part(path, 0, 8), Part(dataset.film(0, 'side')[0], 0, 8)]):
        assert not copy_parts(parts, tmp_path / 'y.mp4', 10)
    assert sorted(one.name for one in tmp_path.glob('*.mp4*')) == ['x.mp4']
