"""`lam bench episodes`: real episodes, the same with pictures, without and replayed; processes."""
from functools import partial
import math
from operator import methodcaller
import os

from lam_ws.bench import pinned
from lam_ws.bench.pinned import cores, run_pinned, Span
from lam_ws.errors import LamError
import pytest


@pytest.mark.sim
def test_an_episode_is_the_same_with_pictures_and_without_and_bare(monkeypatch):
    """Pins what is compared: the loops differ in cost only, and all of it is counted."""
    pytest.importorskip('pybullet')
    from lam_ws.bench import episodes
    monkeypatch.setattr(episodes, 'SECONDS', 1.2)
    monkeypatch.setattr(episodes, 'SEEDS', (7,))
    monkeypatch.setattr(episodes, 'REPEATS', 2)
    found = episodes.loop(('state_only_ratio',), lambda text: None)
    assert set(found) == {'state_only_ratio', 'episodes_per_minute'}
    assert 0.1 < found['state_only_ratio'].value < 1.2
    assert 1.0 < found['episodes_per_minute'].value < 1000.0
    assert '1 episodes of 1.2 simulated s' in found['state_only_ratio'].method


@pytest.mark.sim
def test_stretches_are_those_of_whole_cycles_and_miss_nothing():
    """Pins: marks of another scene, or of a cycle counted twice, get into the costs."""
    pytest.importorskip('pybullet')
    from lam_ws.bench import episodes
    cell = episodes.TimedStageCell(episodes.bench_site(), 7)
    try:
        for cycles, marks in ((1, 1), (episodes.STRETCH - 1, 1), (1, 2)):
            cell.advance(cycles)
            assert len(cell.marks) == marks
        assert cell.now_s == pytest.approx((episodes.STRETCH + 1) * cell.cycle_s)
        cell.reset(7)
        assert cell.marks == []
    finally:
        cell.close()


def ran(*costs):
    """Return an episode that cost so much, the first before its first cycle."""
    from lam_ws.bench.episodes import Ran
    return Ran((), costs)


def test_least_costs_are_taken_stretch_by_stretch():
    """Pins: the reset gets into the loop, or one loaded stretch spoils a whole episode."""
    pytest.importorskip('pybullet')
    from lam_ws.bench.episodes import least_costs
    repeats = [[ran(5.0, 1.0, 9.0), ran(1.0, 1.0)], [ran(4.0, 7.0, 2.0), ran(2.0, 3.0)]]
    assert least_costs(repeats) == (3.0 + 1.0, 7.0 + 2.0)


@pytest.mark.parametrize('same', [True, False])
def test_two_workers_must_find_what_one_finds(same, monkeypatch):
    """Pins: a quick wrong answer counts, or the wall time of the sooner process does."""
    pytest.importorskip('pybullet')
    from lam_ws.bench import episodes

    def run(prepare, shares):
        mark = '' if same else str(len(shares))
        return [Span(dict.fromkeys(share, mark), i, i + len(share), len(share))
                for i, share in enumerate(shares)]
    monkeypatch.setattr(episodes, 'run_pinned', run)
    if same:
        found = episodes.two_workers_ratio((), lambda text: None)['two_workers_ratio']
        assert found.value == len(episodes.SHARED) / (len(episodes.SHARED) / 2 + 1)
    else:
        with pytest.raises(LamError, match='did not give'):
            episodes.two_workers_ratio((), lambda text: None)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason='needs two cores')
def test_processes_do_their_share_at_the_same_time():
    """Pins the order of the results, and that nobody begins before all are ready."""
    spans = run_pinned(partial(methodcaller, 'count', 'a'), ['aa', 'banana'])
    assert [span.result for span in spans] == [2, 3]
    assert all(span.began_s <= span.ended_s and math.isfinite(span.cpu_s) for span in spans)
    assert abs(spans[0].began_s - spans[1].began_s) < 2.0


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason='needs two cores')
def test_a_process_that_dies_is_not_waited_for():
    """Pins: the measurement hangs when a worker is killed."""
    with pytest.raises(LamError, match='ended early'):
        run_pinned(partial(os._exit, 3), [1, 2])


def test_a_core_each_or_none(monkeypatch):
    """Pins: two processes on one core are taken for two, or on two threads of one core."""
    monkeypatch.setattr(pinned.os, 'sched_getaffinity', lambda process: {6, 1, 2, 3})
    assert cores(2) == [1, 6] and cores(1) == [1]
    monkeypatch.setattr(pinned.os, 'sched_getaffinity', lambda process: {4})
    with pytest.raises(LamError, match='may use 1'):
        cores(2)
