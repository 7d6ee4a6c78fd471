"""Ways of some axes, by numbers."""
from guard_stream import config_of
from lam_ws.safety.axes import Axes, Way
from lam_ws.safety.bound import Bound
import numpy as np
import pytest

CONFIG = config_of()
DT, LIMITS = CONFIG.cycle_s, CONFIG.spec.limits
HOME = CONFIG.spec.home.tolist()
REST = [HOME[:7], [0.0] * 7, [0.0] * 7]


def arm():
    """Return the arm joints of a site, planned with all that the site allows."""
    return Axes(CONFIG, slice(0, 7), CONFIG.velocity, CONFIG.acceleration, CONFIG.jerk)


def at(joint, position, velocity=0.0, acceleration=0.0):
    """Return the state at home, with one joint elsewhere."""
    state = [list(values) for values in REST]
    state[0][joint], state[1][joint], state[2][joint] = position, velocity, acceleration
    return state


def rested(axes, state):
    """Return the way of an arm that stands, gone to its end."""
    way = axes.way(*state)
    return way._replace(gone_s=way.trajectory.duration)


@pytest.mark.parametrize(('sign', 'end'), [(1.0, LIMITS.upper[4]), (-1.0, LIMITS.lower[4])])
def test_a_stop_that_would_pass_an_end_is_not_begun(sign, end):
    """Pins what is told: where the stop would have ended, the end itself, and the joint."""
    axes = arm()
    edge = axes.bounds[4][1 if sign > 0 else 0]
    assert sign * (end - edge) > 0.0
    before = at(4, edge - sign * 0.3, sign * 2.0)
    way = axes.way(*before)
    target = at(4, edge - sign * 0.28, sign * 2.0)
    p, v, a, rest, bound = axes.follow(before, way, target, before)
    assert (bound.name, bound.where, bound.allowed) == ('position', 'fr3_joint5', edge)
    # 2 rad/s at 7 rad/s^2 take 0.286 m, and the ramps of a jerk of 3500 rad/s^3 2 ms at 2 rad/s.
    assert sign * (bound.measured - target[0][4]) == pytest.approx(
        2.0 ** 2 / 14.0 + 0.002 * 1.0, abs=1e-4)
    assert [p, v, a] == list(way.trajectory.at_time(DT)) and rest == Way(way.trajectory, DT)


def test_an_arm_that_is_asked_to_stay_stays():
    """Pins rest: nothing is planned anew, so nothing creeps."""
    axes = arm()
    way = rested(axes, REST)
    assert axes.follow(REST, way, REST, REST) == (*REST, way, None)
    going = axes.way(*at(2, 0.0, 0.1))   # has not come to rest yet: planned anew
    assert axes.follow(REST, going, REST, REST)[3].trajectory is not going.trajectory


def test_a_state_from_which_constant_jerk_leads_is_met():
    """Pins the short cut: a target within the cycle is where the arm is then, to the bit."""
    axes, target = arm(), at(2, 1e-6, 1e-4, 0.02)
    p, v, a, way, bound = axes.follow(REST, rested(axes, REST), target, REST)
    assert [p, v, a] == target and bound is None and way.gone_s == 0.0
    assert way.trajectory.at_time(0.0)[0] == target[0]


def test_a_far_target_is_approached_as_fast_as_the_limits_allow():
    """Pins the search: after one cycle at the largest jerk, seen from a target at rest."""
    axes = arm()
    p, v, a, _, bound = axes.follow(REST, rested(axes, REST), at(2, 1.0), None)
    jerk, top = 3500.0, 7.0    # rad/s^3 and rad/s^2: the ramp takes 2 ms, the rest is at the top
    ramp_s = top / jerk
    assert bound is None and a[2] == pytest.approx(top)
    assert v[2] == pytest.approx(top * (DT - 0.5 * ramp_s))
    left_s = DT - ramp_s
    assert p[2] == pytest.approx(
        jerk * ramp_s ** 3 / 6 + 0.5 * top * ramp_s * left_s + 0.5 * top * left_s ** 2)
    assert np.delete(p, 2) == pytest.approx(np.delete(REST[0], 2), abs=1e-12)


@pytest.mark.parametrize('speed', [1.0, -1.0])
def test_a_target_that_moves_is_caught_up_with(speed):
    """Pins the moving target: met in position and speed, at no more than the top speed."""
    axes, state, way = arm(), REST, None
    way, fastest, met = rested(axes, REST), 0.0, None
    for i in range(1, 200):
        target = at(2, speed * i * DT, speed)
        p, v, a, way, bound = axes.follow(state, way, target, None)
        assert bound is None
        fastest, state = max(fastest, abs(v[2])), [p, v, a]
        if met is None and state == target:
            met = i
    # 1 rad/s takes 0.143 s, in which 0.072 rad are lost; made up for at up to 1.83 rad/s.
    assert met is not None and 0.3 < met * DT < 0.4
    assert state == target and 1.5 < fastest <= CONFIG.velocity[2] + 1e-9


def test_a_way_to_rest_is_gone_cycle_by_cycle_to_an_exact_rest():
    """Pins the brake: exactly zero at its end, and there it stays."""
    axes, state = arm(), at(3, -2.0, 0.5)
    way = axes.way(*state)
    stop, taken = way.trajectory, 0
    while way.gone_s < stop.duration:
        p, v, a, way = axes.brake(way)
        taken += 1
        assert way == Way(stop, pytest.approx(taken * DT))
        assert p == stop.at_time(min(taken * DT, stop.duration))[0]
        assert (any(v) or any(a)) == (taken * DT < stop.duration)
    assert taken == int(np.ceil(stop.duration / DT))
    assert axes.brake(way)[:3] == (stop.at_time(stop.duration)[0], [0.0] * 7, [0.0] * 7)
    # 0.5 rad/s at 7 rad/s^2, and one ramp of 2 ms.
    assert stop.duration == pytest.approx(0.5 / 7.0 + 0.002)


def test_what_cannot_be_planned_brakes():
    """Pins ruckig's refusals: they are a bound like others, and its way to rest goes on."""
    axes, before = arm(), at(3, -2.0, 0.5)
    way = axes.way(*before)
    wrong = at(3, float('nan'), 0.5)
    p, v, a, rest, bound = axes.follow(before, way, wrong, None)
    assert bound == Bound('follower')
    assert [p, v, a] == list(way.trajectory.at_time(DT)) and rest == Way(way.trajectory, DT)


def test_a_stop_that_turns_round_is_looked_at_while_it_does():
    """Pins the looks: four a cycle until the acceleration of the slowest joint is taken back."""
    axes = arm()
    assert axes.ramp == pytest.approx([DT / 4.0])
    soft = Axes(CONFIG, slice(0, 7), CONFIG.velocity, CONFIG.acceleration, 0.1 * CONFIG.jerk)
    assert soft.ramp == pytest.approx([DT / 4.0 * i for i in range(1, 9)])
    edge = soft.bounds[4][2 - 1]
    # Away from the end at 0.001 rad/s while an acceleration of 7 rad/s^2 still pulls towards it.
    found = soft._outside(soft.way(*at(4, edge - 1e-5, -0.001, 7.0)).trajectory,
                          at(4, 0.0, -0.001, 7.0)[1], at(4, 0.0, 0.0, 7.0)[2])
    assert found is not None and found.name == 'position' and found.measured > edge
