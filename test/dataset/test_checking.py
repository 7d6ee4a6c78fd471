"""What would spoil a training is found, and sound demonstrations are not accused."""
from dataclasses import replace
import json

import numpy as np
import pytest

pytest.importorskip('pyarrow')
from lam_ws.dataset.checking import Bounds, check, CODES, twins
from lam_ws.dataset.dataset import About, Episode
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.tables import read_columns, write_columns
from lam_ws.dataset.writer import Writer
from lam_ws.embodiment import Embodiment, Picture, Signal

BODY = Embodiment('twin', 10.0, (Signal('a', 'rad'), Signal('b', 'rad')),
                  (Signal('a', 'rad'), Signal('b', 'rad')), (Picture('top', 64, 48),))


def sound(seed: int, length: int = 60) -> Episode:
    """Return a reach: the joints go from one place to another, and a bar in the picture too."""
    rng = np.random.default_rng(seed)
    share = (1 - np.cos(np.linspace(0, np.pi, length + 1))) / 2
    start, end = rng.uniform(-1.5, -0.5, 2), rng.uniform(0.5, 1.5, 2)
    path = start + share[:, None] * (end - start)
    frames = np.full((length, 48, 64, 3), rng.integers(60, 180), np.uint8)
    frames[:, 30:40, 40:50] = rng.integers(0, 255, 3)
    for i in range(length):
        column = int(4 + 50 * share[i])
        frames[i, 8:28, column:column + 8] = 235
    return Episode(f'reach {seed}', path[:-1], path[1:], {'top': frames})


def written(folder, episodes):
    """Return the dataset of these episodes."""
    writer = Writer(folder, BODY)
    for one in episodes:
        writer.add(one)
    writer.flush()
    return Dataset(folder)


def codes(found, number):
    """Return the codes of an episode."""
    return [one.code for one in found if one.episode == number]


@pytest.fixture(scope='module')
def spoilt(tmp_path_factory):
    """Return a dataset whose episodes 0..5 are sound and the others each spoilt in one way."""
    good = [sound(seed) for seed in range(6)]
    rng = np.random.default_rng(9)
    frozen = sound(10)
    frozen.frames['top'][12:50] = frozen.frames['top'][12]
    blank = sound(11)
    blank.frames['top'][:] = 3
    shaken = sound(12)
    shaken = replace(shaken, state=shaken.state + 0.08 * rng.normal(size=shaken.state.shape))
    resting = sound(13)
    resting = replace(resting, state=np.repeat(resting.state[:1], 60, 0))
    near = sound(0)
    near = replace(near, state=near.state + 0.01 * rng.normal(size=(60, 2)))
    elsewhere = replace(sound(1), state=sound(1).state + 0.003,
                        frames={'top': 255 - sound(1).frames['top']})
    bad = {'duplicate': sound(2), 'near_duplicate': near, 'frozen': frozen, 'blank': blank,
           'jerky': shaken, 'still': resting, 'short': sound(14, 7),
           'unlabelled': replace(sound(15), about=About(label='')),
           'repeated': replace(sound(16), about=About(repeated=9)), '': elsewhere}
    data = written(tmp_path_factory.mktemp('check') / 'set', [*good, *bad.values()])
    return data, bad, check([data], Bounds())


def test_sound_demonstrations_are_not_accused(spoilt):
    """Pins that a check which cries wolf is not switched off: the first six have no finding."""
    _, _, found = spoilt
    assert not [one for one in found if one.episode < 6]


@pytest.mark.parametrize('code', ['duplicate', 'near_duplicate', 'frozen', 'blank', 'jerky',
                                  'still', 'short', 'unlabelled', 'repeated', ''])
def test_each_fault_is_found_by_its_code(spoilt, code):
    """Pins each kind of fault; the same path past another picture is no duplicate."""
    _, bad, found = spoilt
    wanted = codes(found, 6 + list(bad).index(code))
    assert wanted == ([code] if code else [])
    assert set(wanted) <= set(CODES)


def test_a_bound_decides(spoilt):
    """Pins that every verdict follows the stated bounds."""
    data, bad, _ = spoilt
    lax = check([data], Bounds(near=0.0, frozen_s=9.0, blank=0.0, turns_hz=50.0, still=0.0,
                               short_s=0.0, repeated=1.0))
    assert {one.code for one in lax} == {'duplicate', 'unlabelled'}
    assert (2, 6) in twins(data) and (0, 7) in twins(data)


def test_what_is_in_two_parts_is_a_leak(tmp_path):
    """Pins exact and near copies and shared sentences between parts."""
    one = written(tmp_path / 'train', [sound(0), sound(1), sound(2)])
    shifted = sound(2)
    shifted = replace(shifted, state=shifted.state + 0.005, sentence='reach 7')
    other = written(tmp_path / 'test', [sound(3), sound(1), shifted])
    found = check([one, other], Bounds(), ['sentence'])
    assert [(one.episode, one.code) for one in found] == [(1, 'leak'), (2, 'leak'), (-1, 'shared')]
    assert 'same numbers' in found[0].text and "'reach 1'" in found[2].text
    apart = written(tmp_path / 'apart', [sound(4), sound(5)])
    assert check([one, apart], Bounds(), ['sentence', 'operator']) == []


def test_a_gap_in_time_is_found(tmp_path):
    """Pins stamps that do not follow the rate, as others' recorders write them."""
    folder = written(tmp_path / 'set', [sound(0), sound(1)]).folder
    path = folder / 'data/chunk-000/file-000.parquet'
    names = list(json.loads((folder / 'meta/info.json').read_text())['features'])
    columns = read_columns(path, [name for name in names if 'images' not in name])
    stamps = columns['timestamp'].copy()
    stamps[90:120] += 0.25
    write_columns(path, {**columns, 'timestamp': stamps})
    found = check([Dataset(folder)], Bounds())
    assert [(one.episode, one.code) for one in found] == [(1, 'gap')]
    assert '2.50 periods' in found[0].text
