"""Work in several processes, in an order."""
import os

from lam_ws.verbs.workers import run_in_order
import pytest

NEEDS = {'a': (), 'a/b': ('a',), 'a/c': ('a',), 'a/b/d': ('a/b',), 'e': ()}


@pytest.mark.parametrize('workers', [1, 3])
def test_no_job_begins_before_what_it_needs(tmp_path, workers):
    """Pins the order by folders in folders: a training must not begin on half of its data."""
    found = [name for name, _ in run_in_order(
        os.mkdir, {name: tmp_path / name for name in NEEDS}, NEEDS, workers)]
    assert set(found) == set(NEEDS)
    assert all(found.index(need) < found.index(name)
               for name, needs in NEEDS.items() for need in needs)
    if workers == 1:
        assert found == list(NEEDS)   # of those that may begin the first does


def test_a_broken_job_ends_the_run(tmp_path):
    """Pins: what needs it is never begun, and its error is the one that is seen."""
    jobs = {'a': tmp_path / 'a', 'b': tmp_path, 'c': tmp_path / 'c'}
    with pytest.raises(FileExistsError):
        list(run_in_order(os.mkdir, jobs, {'a': (), 'b': ('a',), 'c': ('b',)}, 2))
    assert [path.name for path in tmp_path.iterdir()] == ['a']
