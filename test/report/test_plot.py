"""Drawings keep every peak and put marks at round numbers."""
from lam_ws.report.plot import Axes, chart, Line, MOST_POINTS, thin, ticks
import numpy as np
import pytest


@pytest.mark.parametrize(('low', 'high', 'expected'), [
    (0.0, 6.0, [0, 2, 4, 6]), (-0.3, 0.31, [-0.2, 0.0, 0.2]), (0.0, 112.0, [0, 50, 100]),
    (1.0, 1.04, [1.0, 1.01, 1.02, 1.03, 1.04]), (0.0, 3200.0, [0, 1000, 2000, 3000])])
def test_ticks_are_round(low, high, expected):
    """Pins axis labels such as 0.30000000000000004."""
    assert ticks(low, high, 4) == pytest.approx(expected)


def test_thinning_keeps_a_single_peak():
    """Pins an overshoot of one cycle that every n-th point left out."""
    times, values = np.arange(20_000) / 100, np.zeros(20_000)
    values[12_345], values[777] = 3.0, -2.0
    t, v = thin(times, values)
    assert len(t) <= MOST_POINTS + 2 and (v.max(), v.min()) == (3.0, -2.0)
    assert t[v.argmax()] == 123.45 and (np.diff(t) > 0).all()
    assert t[0] == times[0] and t[-1] == times[-1]


def test_gaps_stay_gaps():
    """Pins a line drawn across missing data."""
    line = Line(np.arange(6.0), np.array([0, 1, np.nan, np.nan, 1, 0]), '#000')
    assert chart([line], Axes(400, 100, 5, 0, 1), 'a<b', 'rad').count('<path') == 2
