"""How a path passes its waypoints, and what of that is the policy's wish."""
from guard_stream import config_of
from lam_ws.safety.limiter import Limiter
from lam_ws.safety.playback import plan_path
from lam_ws.types import ActionChunk
import numpy as np
import pytest

CONFIG = config_of()
LIMITER = Limiter(CONFIG)
HOME = CONFIG.spec.home


def knots_of(*turned, joint=6, times=None):
    """Return time, position and velocity of one joint in each knot, for its waypoints in rad."""
    position = HOME + np.array(turned)[:, None] * np.eye(8)[joint]
    times = 0.1 * np.arange(1, len(turned) + 1) if times is None else np.array(times)
    path = plan_path(LIMITER, LIMITER.rest(HOME), ActionChunk(
        5.0, CONFIG.spec.names, times, position), 5.0, 99.0)
    states = [path.sample(t + 1e-9)[0][:2, joint] for t in path.times]
    return path, np.array(states) - [HOME[joint], 0.0]


def test_an_even_motion_passes_its_waypoints_at_its_speed():
    """Pins the slope between two pieces of the same speed: that speed, and rest in the last."""
    path, knots = knots_of(0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
    assert knots[2:5, 1] == pytest.approx(0.5, rel=1e-4)
    assert knots[0, 1] == pytest.approx(0.0, abs=1e-6) and knots[-1, 1] == 0.0
    assert knots[:, 0] == pytest.approx([0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30], abs=1e-6)


def test_a_motion_that_turns_round_does_so_in_its_waypoint():
    """Pins no overshoot where the direction changes, for small speeds as for large ones."""
    for size in (0.001, 0.02):
        path, knots = knots_of(size, 2 * size, size, 0.0, -size, -2 * size)
        assert knots[2, 1] == pytest.approx(0.0, abs=1e-6)
        assert abs(knots[4, 1]) == pytest.approx(10 * size, rel=1e-3)
        reached = [path.sample(t)[0][0][6] - HOME[6] for t in np.linspace(5.0, 6.0, 1001)]
        assert max(reached) <= 2 * size + 1e-9 and min(reached) >= -2 * size - 1e-9


def test_a_slow_piece_holds_a_fast_one_back():
    """Pins the law of Fritsch and Carlson: three times the slower speed at most, in the knot."""
    _, knots = knots_of(0.005, 0.010, 0.060, 0.110)
    assert knots[2, 1] == pytest.approx(0.15, rel=1e-3)    # and not the 0.275 in the middle
    _, knots = knots_of(0.005, 0.030, 0.080, 0.085, 0.090)
    assert knots[3, 1] == pytest.approx(0.15, rel=1e-3)
    _, knots = knots_of(0.01, 0.02, 0.04, 0.06)
    assert knots[2, 1] == pytest.approx(0.15, rel=1e-3)    # here it is the middle itself


def test_pieces_of_different_length_are_weighed():
    """Pins the slope between unlike pieces: the shorter one counts more."""
    _, knots = knots_of(0.02, 0.06, 0.26, times=[0.1, 0.3, 0.7])   # 0.2, 0.2 and 0.5 rad/s
    assert knots[2, 1] == pytest.approx((0.4 * 0.2 + 0.2 * 0.5) / 0.6, rel=1e-3)


def test_coming_to_rest_is_not_the_policys_wish():
    """Pins what a last piece is told: its speed, not that it ends; its time has room for both."""
    path, _ = knots_of(*(-0.44 * np.arange(1, 8)))
    assert [bound.name for bound in path.bounds] == ['acceleration'] + ['velocity'] * 6
    assert path.bounds[-1].measured == pytest.approx(4.4)
    slow, _ = knots_of(0.05, 0.10, 0.15, 0.20)     # 0.5 rad/s to rest within 50 ms: 10 rad/s^2
    assert slow.bounds[1:] == [None] * 3
    last = np.diff(slow.times)[-1]
    assert last == pytest.approx(np.sqrt(2 * 0.05 / LIMITER.most[6]), rel=0.02)


def test_a_change_of_speed_is_told_on_both_sides_of_it():
    """Pins the larger of the two kinks of a piece, in rad/s^2, with what is allowed."""
    path, _ = knots_of(0.01, 0.02, 0.03, 0.33, 0.34, 0.35, 0.36)   # 0.1, then 3, then 0.1 rad/s
    assert [bound and bound.name for bound in path.bounds] == [None, None] + [
        'acceleration'] * 3 + [None, None]
    assert [bound.measured for bound in path.bounds[2:5]] == pytest.approx([29.0] * 3)
    assert path.bounds[3].allowed == LIMITER.most[6]


def test_a_path_that_is_slowed_keeps_every_kink_within_what_is_allowed():
    """Pins the rounds of slowing down: they end when speed and its change hold."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        turned = np.cumsum(rng.normal(0.0, 0.1, 8))
        path, _ = knots_of(*np.clip(turned, -2.0, 2.0))
        gaps = np.diff(path.times)
        means = np.diff([0.0, *np.clip(turned, -2.0, 2.0)]) / gaps
        assert (np.abs(means) <= 1.000001 * LIMITER.top[6]).all()
        kinks = np.abs(np.diff(means)) / (0.5 * (gaps[1:] + gaps[:-1]))
        assert (kinks <= 1.000001 * LIMITER.most[6]).all()
        assert abs(means[0]) / (0.5 * gaps[0]) <= 1.000001 * LIMITER.most[6]
