"""Frames on a grid: what is shown, what is commanded, and that nothing is filled up unsaid."""
from lam_ws.dataset.resampling import (
    grid,
    nearest_pictures,
    rate_of,
    states,
    steady,
    targets,
    Tolerance,
)
from lam_ws.errors import RecordingError
import numpy as np
import pytest

EXACT = Tolerance(repeats=0.0)


def test_a_steady_camera_gives_each_frame_its_picture():
    """Pins that jitter below half a period neither repeats nor loses a picture."""
    rng = np.random.default_rng(0)
    stamps = 5.0 + np.arange(300) / 30 + rng.uniform(-0.015, 0.015, 300)
    times = grid(5.0, 5.0 + 299 / 30, 30)
    picks = nearest_pictures('front', stamps, times, 30, EXACT)
    assert picks.numbers.tolist() == list(range(300))
    assert picks.repeated == picks.unused == 0 and picks.late_s < 0.0151


def test_a_slower_rate_leaves_pictures_out_and_says_how_many():
    """Pins 30 Hz to 10 Hz: every third picture, two of three counted as unused."""
    stamps = np.arange(301) / 30
    picks = nearest_pictures('front', stamps, grid(0.0, 10.0, 10), 10, EXACT)
    assert picks.numbers.tolist() == list(range(0, 301, 3)) and picks.unused == 200


def test_a_picture_is_never_shown_twice_unsaid():
    """Pins that a camera slower than the grid is refused, or counted where it is allowed."""
    stamps, times = np.arange(100) / 10, grid(0.0, 9.9, 20)
    with pytest.raises(RecordingError, match=r'camera front: .* twice.*10\.0 times a second'):
        nearest_pictures('front', stamps, times, 20, EXACT)
    picks = nearest_pictures('front', stamps, times, 20, Tolerance(repeats=0.6))
    assert picks.repeated == 99 and picks.repeated == len(times) - len(set(picks.numbers))
    almost = np.arange(300) / 29.7
    picks = nearest_pictures('front', almost, grid(0.0, 10.0, 30), 30, Tolerance())
    assert picks.repeated == 3   # a camera a little too slow: three frames in ten seconds


def test_a_missing_picture_is_named_with_its_time():
    """Pins a gap of two periods: the frame and the distance stand in the refusal."""
    stamps = np.delete(np.arange(100) / 10, [40, 41])
    with pytest.raises(RecordingError, match=r'within 50 ms of the frame at 4\.[01]0 s'):
        nearest_pictures('wrist', stamps, grid(0.0, 9.9, 10), 10, Tolerance(repeats=0.5))


def test_what_was_before_a_reset_belongs_to_no_one():
    """Pins that a clock that jumps back, or stands at a reset, drops what came before."""
    assert steady(np.array([0.1, 0.0, 0.01, 0.02])).tolist() == [1, 2, 3]
    assert steady(np.array([0.0, 0.0, 0.1])).tolist() == [1, 2]
    assert steady(np.array([0.0, 0.02, 0.01, 0.03])).tolist() == [0, 2, 1, 3]
    assert rate_of(np.array([0.0, 0.1, 0.2, 5.0, 5.1])) == pytest.approx(10.0)


def test_states_are_interpolated_and_gaps_refused():
    """Pins that a state is never taken from a message far away."""
    stamps = np.arange(200) / 100
    values = np.stack([stamps, 2 * stamps], 1)
    times = np.array([0.005, 0.333, 1.99])
    np.testing.assert_allclose(states('joints', stamps, values, times, Tolerance()),
                               np.stack([times, 2 * times], 1))
    holed = np.delete(np.arange(200), np.arange(50, 70))
    with pytest.raises(RecordingError, match='joints: a gap of 210 ms'):
        states('joints', stamps[holed], values[holed], np.array([0.1, 0.6]), Tolerance())
    with pytest.raises(RecordingError, match='joints'):
        states('joints', stamps, values, np.array([0.0, 2.5]), Tolerance())


def test_an_action_is_the_target_one_period_later():
    """Pins the shift, and that a target holds where no other came: after a stop, at the end."""
    stamps = np.arange(1, 101) / 100    # each command is for 10 ms after it was given
    values = stamps[:, None] * 3.0
    found = targets(stamps, values, np.array([0.1, 0.2]), 10)
    np.testing.assert_allclose(found[:, 0], [0.6, 0.9])
    np.testing.assert_allclose(targets(stamps, values, np.array([0.95, 5.0]), 10), 3.0)
    late = np.concatenate([stamps, [2.0]])
    more = np.concatenate([values, [[9.0]]])
    np.testing.assert_allclose(targets(late, more, np.array([1.4, 1.95]), 10)[:, 0], [3.0, 9.0])
