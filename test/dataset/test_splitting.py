"""Parts that share nothing: groups stay together, seeds decide, duplicates are never parted."""
from dataclasses import replace

from lam_ws.errors import ConfigurationError
import numpy as np
import pytest

pytest.importorskip('pyarrow')
from episodes import BODY, write
from lam_ws.dataset.checking import twins
from lam_ws.dataset.dataset import About
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.rewriting import agree, relabel, rewrite
from lam_ws.dataset.splitting import groups, shared, split
from lam_ws.dataset.writer import Writer


@pytest.fixture(scope='module')
def dataset(tmp_path_factory):
    """Return 24 episodes of six operators and two sentences; the last repeats the first."""
    folder = write(tmp_path_factory.mktemp('split') / 'set', 24)
    plain = list(Dataset(folder).episodes())
    told = [replace(one, about=About(operator=f'o{i % 6}', scene='' if i % 2 else f's{i % 4}'))
            for i, one in enumerate(plain)]
    again = folder.with_name('told')
    writer = Writer(again, BODY)
    for one in (*told, replace(told[0], about=About(operator='o9'))):
        writer.add(one)
    writer.flush()
    return Dataset(again)


def test_groups_hold_what_is_shared(dataset):
    """Pins that unknown values are not taken for one, and that keys join through each other."""
    assert len(groups(dataset, [])) == 25
    by_operator = groups(dataset, ['operator'])
    assert len(by_operator) == 7 and by_operator[0] == [0, 6, 12, 18]
    assert len(groups(dataset, ['sentence'])) == 2
    scenes = groups(dataset, ['scene'])
    assert sorted(map(len, scenes)) == [1] * 13 + [6, 6]   # s0, s2; odd ones and the copy alone
    assert len(groups(dataset, ['operator', 'sentence'])) == 2
    assert twins(dataset) == [(0, 24)]
    assert [0, 6, 12, 18, 24] in groups(dataset, ['operator'], twins(dataset))


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('keys', [[], ['operator'], ['sentence']])
def test_no_group_leaks_and_every_episode_has_a_place(dataset, keys, seed):
    """Pins the one promise of a split, for every seed."""
    shares = {'train': 0.7, 'test': 0.3}
    parts = split(groups(dataset, keys, twins(dataset)), shares, seed)
    assert sorted(parts['train'] + parts['test']) == list(range(25))
    assert all(parts.values())
    for group in groups(dataset, keys, twins(dataset)):
        assert sum(bool(set(group) & set(part)) for part in parts.values()) == 1
    assert parts == split(groups(dataset, keys, twins(dataset)), shares, seed)
    if not keys:
        assert abs(len(parts['train']) - 17.5) <= 1.0


def test_the_seed_decides():
    """Pins that two seeds do not give the same parts."""
    alone = [[i] for i in range(40)]
    found = {tuple(split(alone, {'a': 1, 'b': 1}, seed)['a']) for seed in range(6)}
    assert len(found) == 6


def test_too_few_groups_are_refused(dataset):
    """Pins that no part is left empty without a word."""
    with pytest.raises(ConfigurationError, match='too few for 3 parts'):
        split(groups(dataset, ['sentence']), {'a': 1, 'b': 1, 'c': 1}, 0)
    parts = split([[0, 1, 2, 3, 4, 5, 6, 7], [8], [9]], {'a': 0.8, 'b': 0.1, 'c': 0.1}, 0)
    assert sorted(map(len, parts.values())) == [1, 1, 8]


def test_what_parts_share_is_found(dataset, tmp_path):
    """Pins the value that stands in both, and that a split by it has none."""
    list(rewrite([(dataset, [0, 1, 2])], tmp_path / 'a'))
    list(rewrite([(dataset, [6, 8, 9])], tmp_path / 'b'))
    one, other = Dataset(tmp_path / 'a'), Dataset(tmp_path / 'b')
    assert shared(one, other, ['operator', 'source']) == {'operator': ['o0', 'o2']}
    with pytest.raises(ConfigurationError, match='holds a dataset already'):
        list(rewrite([(dataset, [0])], tmp_path / 'a'))


def test_only_those_who_agree_are_merged(dataset, tmp_path):
    """Pins that everything that differs is named."""
    other = replace(BODY, robot='x', cameras=BODY.cameras[::-1])
    wrong = Dataset(write(tmp_path / 'other', 1, body=other))
    with pytest.raises(ConfigurationError, match="robot 'x'.*cameras"):
        agree([dataset, wrong])
    agree([dataset, dataset])


def test_a_label_is_set_and_nothing_else_changes(dataset, tmp_path):
    """Pins the correction of one label: the columns of the others, numbers and films stay."""
    list(rewrite([(dataset, [0, 1])], tmp_path / 'a'))
    before = {path: path.read_bytes() for path in (tmp_path / 'a').rglob('*')
              if path.is_file() and 'episodes' not in path.parts}
    relabel(Dataset(tmp_path / 'a'), {1: {'label': 'failure', 'note': '떨어뜨림'}})
    after = Dataset(tmp_path / 'a')
    assert [one.label for one in after.about] == ['success', 'failure']
    assert after.about[1].note == '떨어뜨림' and after.about[1].operator == 'o1'
    assert all(path.read_bytes() == data for path, data in before.items())
    assert np.array_equal(after.starts, [0, 8, 16])
