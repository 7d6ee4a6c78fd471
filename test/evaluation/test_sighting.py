"""How exactly the policy sees, measured on the truth."""
import pytest

pytestmark = [pytest.mark.train, pytest.mark.sim]
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.evaluation.sighting import sight_task, Sighting, summarise_sights  # noqa: E402
from lam_ws.policy import native  # noqa: E402
import numpy as np  # noqa: E402


def test_both_things_are_seen_where_they_are():
    """Pins frames and points: an error of a frame would be decimetres, of a point centimetres."""
    rows = list(sight_task('sim_suite', 'insert', range(95000, 95004)))
    assert [row.seed for row in rows] == list(range(95000, 95004))
    for row in rows:
        assert max(row.first, row.second, row.apart) < 0.02
        assert 0.0 < row.floor < 0.01


def test_a_goal_of_one_thing_has_no_second(monkeypatch):
    """Pins that nothing is made up for a button, and that the figures are of what was seen."""
    seen = native.see
    monkeypatch.setattr('lam_ws.evaluation.sighting.see', lambda passes, frame, reading: (
        shifted(seen(passes, frame, reading))))
    row, = sight_task('sim_suite', 'press', [95000])
    assert np.isnan(row.second) and np.isnan(row.apart)
    assert row.first == pytest.approx(0.3, abs=0.03)


def shifted(sight):
    """Return a sight that is 0.3 m aside."""
    sight.xyz[0, 0] += 0.3
    return sight


def test_the_summary_is_of_each_task():
    """Pins units and quantiles."""
    rows = [Sighting('press', k, 0.001 * k, np.nan, np.nan, 0.002) for k in range(11)]
    rows.append(Sighting('nest', 0, 0.004, 0.005, 0.001, 0.002))
    found = summarise_sights(rows)
    assert found['press'] == {'scenes': 11, 'floor_mm': [2.0, 2.0], 'first_mm': [5.0, 9.0]}
    assert found['nest']['apart_mm'] == [1.0, 1.0] and found['nest']['scenes'] == 1
