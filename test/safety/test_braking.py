"""The braking law and the last check, by numbers."""
from guard_stream import config_of
from lam_ws.safety.braking import LastCheck, stopping_speed
import numpy as np
import pytest

DT = 0.01


def stop_distance(speed: np.ndarray, acceleration: np.ndarray) -> np.ndarray:
    """Return how far a stream goes whose mean speed is `speed` and then falls by a dt a cycle."""
    distance = np.zeros_like(speed)
    for _ in range(2000):
        distance += np.maximum(speed, 0.0) * DT
        speed = speed - acceleration * DT
    return distance


def test_the_law_stops_before_the_bound():
    """Pins faults.md's law: 0 of 20,000 random states cross, where sqrt(2 a d) crosses often."""
    rng = np.random.default_rng(0)
    a = rng.uniform(0.2, 20.0, 20_000)
    d = rng.uniform(0.0, 1.0, 20_000) ** 3
    assert (stop_distance(stopping_speed(d, a, DT), a) <= d + 1e-12).all()
    assert (stop_distance(np.sqrt(2.0 * a * d), a) > d + 1e-12).mean() > 0.9


def test_the_law_gives_nothing_away():
    """Pins that the law stays useful: at most a tenth of a cycle's speed change is lost."""
    rng = np.random.default_rng(1)
    a = rng.uniform(0.2, 20.0, 5_000)
    d = rng.uniform(1e-4, 1.0, 5_000) + a * DT ** 2
    faster = stopping_speed(d, a, DT) + 0.5 * a * DT
    assert (stop_distance(faster, a) > d).all()


@pytest.mark.parametrize(('distance', 'speed'), [(0.0, 0.0), (-1.0, 0.0), (0.5, 3.11228)])
def test_the_law_in_numbers(distance, speed):
    """At the bound and beyond nothing is allowed; 0.5 rad at 10 rad/s^2 is worked by hand."""
    assert stopping_speed(distance, 10.0, DT) == pytest.approx(speed, abs=1e-5)


def test_the_law_is_the_square_root_less_half_a_step():
    """Pins the short form that LastCheck squares out: v = sqrt(2 a d) - a dt / 2."""
    d, a = np.linspace(0.01, 1.0, 50), 7.0
    assert np.allclose(stopping_speed(d, a, DT), np.sqrt(2.0 * a * d) - a * DT / 2.0)


def samples(config, **changes):
    """Return two resting neighbouring samples, with one entry of the second changed."""
    rest = [0.0] * config.spec.axes
    after = {'position': config.spec.home.tolist(), 'velocity': list(rest), 'step': list(rest)}
    for key, (axis, value) in changes.items():
        after[key][axis] = value
    return (config.spec.home.tolist(), rest, rest), tuple(after.values())


@pytest.mark.parametrize(('change', 'bound'), [
    ({'position': (0, 9.0)}, 'position'),
    ({'position': (3, float('nan'))}, 'position'),
    ({'velocity': (1, 99.0)}, 'velocity'),
    ({'velocity': (1, float('nan'))}, 'velocity'),
    ({'step': (6, -99.0)}, 'velocity'),
    ({'velocity': (2, 0.08)}, 'acceleration'),
    ({'step': (2, -0.08)}, 'acceleration'),
])
def test_the_last_check_sees_what_is_broken(change, bound):
    """Pins each branch; NaN compares false with everything and must still be seen."""
    config = config_of()
    found = LastCheck(config)(*samples(config, **change))
    assert found is not None and found.name == bound
    assert found.where == config.spec.names[next(iter(change.values()))[0]]


def test_the_last_check_lets_rest_by_and_applies_the_law():
    """Pins the law in it: the same speed passes far from the end of a joint and not near it."""
    config = config_of()
    check = LastCheck(config)
    assert check(*samples(config)) is None
    speed, a = 1.0, float(config.acceleration[0])
    needed = (speed + a * DT / 2.0) ** 2 / (2.0 * a)
    for distance, verdict in ((needed * 1.001, None), (needed * 0.999, 'position')):
        for sign in (1.0, -1.0):
            end = config.spec.limits.upper[0] if sign > 0 else config.spec.limits.lower[0]
            p0, rest = config.spec.home.tolist(), [0.0] * config.spec.axes
            p0[0] = float(end) - sign * distance
            moving = [sign * speed, *rest[1:]]
            after = [p0[0] + sign * speed * DT, *p0[1:]]
            found = check((p0, moving, moving), (after, moving, moving))
            assert (found and found.name) == verdict
            if found is not None:   # where it would come to rest, and where it must not
                assert found.measured == pytest.approx(p0[0] + sign * needed)
                assert found.allowed == end


def test_the_plain_brake_stays_inside():
    """Pins the brake of last resort: from any speed the law allows it comes to rest inside."""
    config = config_of()
    check, rng = LastCheck(config), np.random.default_rng(2)
    lower, upper = config.spec.limits.lower, config.spec.limits.upper
    for _ in range(300):
        position = rng.uniform(lower, upper)
        top = np.minimum(config.velocity, stopping_speed(upper - position, config.acceleration,
                                                         DT))
        step = (rng.uniform(0.0, 1.0, len(top)) * top).tolist()
        p = position.tolist()
        for _ in range(100):
            before = p
            p, after = check.brake(p, step)
            assert (np.abs(np.subtract(after, step)) <= config.acceleration * DT + 1e-12).all()
            assert np.allclose(np.subtract(p, before) / DT, after, atol=1e-9)
            step = after
        assert not any(step) and (p <= upper).all()


@pytest.mark.parametrize(('change', 'told'), [
    ({'position': (3, 1.5)}, ('position', 1.5, -0.1518, 'fr3_joint4')),
    ({'position': (3, -4.0)}, ('position', -4.0, -3.0421, 'fr3_joint4')),
    ({'velocity': (1, 3.0)}, ('velocity', 3.0, 1.834, 'fr3_joint2')),
    ({'velocity': (1, -3.0)}, ('velocity', 3.0, 1.834, 'fr3_joint2')),
    ({'velocity': (1, 3.0), 'step': (1, -5.0)}, ('velocity', 5.0, 1.834, 'fr3_joint2')),
    ({'step': (6, 4.0)}, ('velocity', 4.0, 3.682, 'fr3_joint7')),
    ({'velocity': (2, 0.08)}, ('acceleration', 8.0, 7.0, 'fr3_joint3')),
    ({'velocity': (2, -0.08)}, ('acceleration', 8.0, 7.0, 'fr3_joint3')),
    ({'velocity': (2, -0.08), 'step': (2, 0.1)}, ('acceleration', 10.0, 7.0, 'fr3_joint3')),
    ({'step': (2, -0.09)}, ('acceleration', 9.0, 7.0, 'fr3_joint3')),
    ({'step': (7, -0.0069)}, None), ({'step': (7, -0.0071)}, ('acceleration', 0.71, 0.7,
                                                              'fr3_gripper')),
])
def test_what_is_broken_is_told_in_numbers(change, told):
    """Pins value and limit of each branch, in the unit of the bound, either way round."""
    config = config_of()
    found = LastCheck(config)(*samples(config, **change))
    assert (found is None) == (told is None)
    if told is not None:
        assert (found.name, found.where) == (told[0], told[3])
        assert (found.measured, found.allowed) == pytest.approx(told[1:3])


def test_what_is_just_allowed_passes():
    """Pins the edges: the ends themselves at rest, top speed, the largest change of it."""
    config, rest = config_of(), [0.0] * 8
    check, limits = LastCheck(config), config.spec.limits
    home = config.spec.home.tolist()
    for ends in (limits.lower.tolist(), limits.upper.tolist()):
        assert check((ends, rest, rest), (ends, rest, rest)) is None
    for sign in (1.0, -1.0):
        top, change = sign * config.velocity, sign * config.acceleration * DT
        middle = (0.5 * (limits.lower + limits.upper))[:7].tolist() + home[7:]
        fast = top[:7].tolist() + [0.0]
        assert check((middle, fast, fast), (middle, fast, fast)) is None
        beyond = [speed * (1.0 + 1e-8) for speed in fast]
        assert check((middle, fast, fast), (middle, beyond, fast)).name == 'velocity'
        assert check((middle, fast, fast), (middle, fast, beyond)).name == 'velocity'
        changed = change[:7].tolist() + [0.0]
        assert check((middle, rest, rest), (middle, changed, changed)) is None
        beyond = [speed + sign * 1e-6 for speed in changed[:7]] + [0.0]
        assert check((middle, rest, rest), (middle, beyond, rest)).name == 'acceleration'
        assert check((middle, rest, rest), (middle, rest, beyond)).name == 'acceleration'


@pytest.mark.parametrize('sign', [1.0, -1.0])
def test_the_law_has_no_more_than_rounding_to_give(sign):
    """Pins the slack: a nanometre is borne, a tenth of a micrometre is not; rest always is."""
    config = config_of()
    check, rest, a = LastCheck(config), [0.0] * 8, float(config.acceleration[0])
    end = float((config.spec.limits.upper if sign > 0.0 else config.spec.limits.lower)[0])
    for speed in (0.01, 1.0):
        needed = (speed + a * DT / 2.0) ** 2 / (2.0 * a)
        for short, found in ((0.5e-9, None), (1e-7, 'position')):
            before = config.spec.home.tolist()
            before[0] = end - sign * (needed - short)
            moving = [sign * speed, *rest[1:]]
            after = [before[0] + sign * speed * DT, *before[1:]]
            bound = check((before, moving, moving), (after, moving, moving))
            assert (bound and bound.name) == found
    at_end = [end, *config.spec.home.tolist()[1:]]
    trembling = [sign * 0.9e-7, *rest[1:]]   # less than a nanometre in a cycle
    assert check((at_end, rest, rest), (at_end, rest, trembling)) is None


def test_the_plain_brake_in_numbers():
    """Pins 7 rad/s^2 for 10 ms, either way, to rest and not beyond, and the ends of a joint."""
    config = config_of()
    step = [1.0, -1.0, 0.05, -0.05, 0.0, 0.5, 0.5, 0.0]
    position = config.spec.home.tolist()
    position[5], position[6] = 4.5169, -3.0159
    p, after = LastCheck(config).brake(position, step)
    assert after == pytest.approx([0.93, -0.93, 0.0, 0.0, 0.0, 0.43, 0.43, 0.0])
    moved = np.subtract(p, position)
    assert moved == pytest.approx([0.0093, -0.0093, 0.0, 0.0, 0.0, 0.0, 0.0043, 0.0])
    assert LastCheck(config).brake([*position[:6], 3.0159, 0.0], [-v for v in step])[0][5:] == \
        pytest.approx([4.5169 - 0.0043, 3.0159 - 0.0043, 0.0])
    below = LastCheck(config).brake([-2.7437, *position[1:]], [-1.0, *step[1:]])[0][0]
    assert below == -2.7437
