"""Chunks as paths in time."""
from guard_stream import config_of, Run
from lam_ws.safety.limiter import Limiter
from lam_ws.safety.playback import plan_path
from lam_ws.types import ActionChunk
import numpy as np
import pytest

CONFIG = config_of()
LIMITER = Limiter(CONFIG)
HOME = CONFIG.spec.home


def path_of(position, times=None, now_s=5.0, stamp_s=5.0, motion=None):
    """Return the path of a chunk from rest at home, or from `motion`."""
    position = np.asarray(position, float)
    times = 0.1 * np.arange(1, len(position) + 1) if times is None else times
    chunk = ActionChunk(stamp_s, CONFIG.spec.names, times, position)
    return plan_path(LIMITER, motion or LIMITER.rest(HOME), chunk, now_s, stamp_s + 1.2)


def test_it_passes_the_waypoints_at_their_times():
    """Pins playback by time stamp: where the chunk says, when the chunk says, late or not."""
    waypoints = HOME + 0.004 * np.arange(1, 11)[:, None] ** 1.5 * np.eye(8)[1]
    for late_s in (0.0, 0.08):
        path = path_of(waypoints, now_s=5.0 + late_s)
        for i in range(1, 9):  # the last one is a place to come to rest
            passed, bound = path.sample(5.0 + 0.1 * (i + 1))
            assert np.allclose(passed[0][:7], waypoints[i][:7], atol=2e-5) and bound is None


def test_it_begins_with_the_motion_commanded_last():
    """Pins the seam between two chunks: position and velocity go on where they were."""
    motion = Run(CONFIG).start_motion().memory.motion
    path = path_of(HOME + np.zeros((5, 8)), motion=motion)
    reference, _ = path.sample(5.0)
    assert np.allclose(reference[0], motion.position, atol=1e-12)
    assert np.allclose(reference[1], motion.velocity, atol=1e-12)


def test_position_velocity_and_acceleration_belong_together():
    """Pins the derivatives that the follower relies on."""
    rng = np.random.default_rng(0)
    path = path_of(HOME + np.cumsum(rng.normal(0.0, 0.01, (10, 8)), 0) * np.r_[np.ones(7), 0])
    e = 1e-6
    for t in rng.uniform(5.01, 5.9, 50):
        if min(abs(t - k) for k in path.times) < 2 * e:
            continue
        (p0, v0, _), (_, v, a), (p1, v1, _) = (path.sample(t + d)[0] for d in (-e, 0.0, e))
        assert np.allclose((p1 - p0) / (2 * e), v, atol=1e-6)
        assert np.allclose((v1 - v0) / (2 * e), a, atol=1e-5)


def test_it_does_not_overshoot_a_dwell():
    """Pins the grasp: a policy that stops above a part is not carried past by its own speed."""
    waypoints = HOME + np.minimum(0.02 * np.arange(1, 11), 0.1)[:, None] * np.eye(8)[1]
    path = path_of(waypoints)
    reached = max(path.sample(t)[0][0][1] for t in np.linspace(5.0, 6.2, 500))
    assert reached <= HOME[1] + 0.1 + 1e-9


def test_it_ends_at_rest_in_the_last_waypoint():
    """Pins the drain: after the end there is no repeat and no drift."""
    waypoints = HOME + 0.02 * np.arange(1, 4)[:, None] * np.eye(8)[0]
    waypoints[:, 7] = 0.04
    path = path_of(waypoints)
    for t in (path.times[-1], path.times[-1] + 1.0, 1e6):
        reference, _ = path.sample(t)
        assert np.allclose(reference[0], waypoints[-1], atol=1e-12)
        assert not reference[1:].any()


def test_a_chunk_whose_times_have_passed_leaves_nothing():
    """Pins that a late chunk is not replayed from its beginning."""
    assert path_of(HOME + np.zeros((3, 8)), now_s=5.31) is None
    assert path_of(HOME + np.zeros((3, 8)), now_s=5.29) is not None


@pytest.mark.parametrize(('waypoints', 'name'), [
    (HOME + 0.44 * np.arange(1, 6)[:, None] * np.eye(8)[6], 'velocity'),
    (HOME + 0.05 * np.array([1, -1, 1, -1, 1])[:, None] * np.eye(8)[6], 'acceleration'),
    (HOME + 0.15 * np.arange(1, 5)[:, None] * (np.eye(8)[0] + np.eye(8)[3]), 'tool_speed'),
])
def test_too_fast_a_path_is_played_more_slowly_and_says_why(waypoints, name):
    """Pins scaling in time: the same way, later, with the bound named in numbers."""
    path = path_of(waypoints)
    bounds = [bound for bound in path.bounds if bound is not None]
    assert name in {bound.name for bound in bounds}
    assert all(bound.measured > bound.allowed > 0.0 for bound in bounds)
    assert path.times[-1] > 5.05 + 0.1 * len(waypoints)
    knots = np.array([path.sample(t - 1e-9)[0][0] for t in path.times])
    assert np.allclose(knots[1:, :7], waypoints[:, :7])  # the way is kept
    means = np.diff(knots, axis=0)[:, :7] / np.diff(path.times)[:, None]
    assert (np.abs(means) <= CONFIG.velocity[:7]).all()
    tools = [LIMITER.workspace.place(q.tolist()).tcp for q in knots]
    speeds = np.linalg.norm(np.diff(tools, axis=0), axis=1) / np.diff(path.times)
    assert (speeds <= CONFIG.tool_speed).all()


def test_a_gripper_that_must_close_does_not_slow_the_arm():
    """Pins the one axis that may be left behind: 80 mm in 100 ms is asked of it every time."""
    waypoints = HOME + 0.01 * np.arange(1, 6)[:, None] * np.eye(8)[0]
    waypoints[:, 7] = 0.0
    assert path_of(waypoints).times[-1] == pytest.approx(5.5)


def test_it_ends_where_the_workspace_ends():
    """Pins the workspace: no waypoint beyond the table is ever aimed at."""
    waypoints = HOME + 0.15 * np.arange(1, 11)[:, None] * np.eye(8)[1]
    path = path_of(waypoints)
    last, bound = path.sample(1e6)
    assert bound.name == 'table' and bound.measured < bound.allowed == 0.0
    assert LIMITER.workspace.place(last[0].tolist()).clearance >= 0.0
    assert np.allclose(last[0][:7], waypoints[5][:7])  # 0.9 rad is inside, 1.05 is not


def test_a_chunk_that_begins_outside_leads_nowhere():
    """Pins the whole chunk outside: stay."""
    path = path_of(HOME + 1.2 * np.eye(8)[1] + np.zeros((3, 8)))
    assert np.allclose(path.sample(1e6)[0][0][:7], HOME[:7])
    assert np.allclose(path.sample(5.2)[0][0][:7], HOME[:7])


def test_waypoints_beyond_the_joints_ends_are_drawn_in():
    """Pins fault 10: limited, with the joint and its numbers."""
    path = path_of(np.where(np.arange(8) == 6, 4.0, HOME)[None], times=[1.0])
    assert path.bounds[0].name == 'position' and path.bounds[0].where == 'fr3_joint7'
    assert (path.bounds[0].measured, path.bounds[0].allowed) == (4.0, 3.0159)
    assert path.sample(1e6)[0][0][6] == LIMITER.upper[6]


def test_jitter_of_the_cycle_does_not_reach_the_arm():
    """Pins the cursor: a timer that is 4 ms early or late is as good as a steady one."""
    path = path_of(HOME + 0.01 * np.arange(1, 11)[:, None] * np.eye(8)[0])
    rng, steady, shaken, cursors = np.random.default_rng(0), [], [], [0, 0]
    for i in range(1, 80):
        now_s = 5.0 + i * CONFIG.cycle_s
        for k, (at_s, seen) in enumerate(((now_s, steady),
                                          (now_s + rng.uniform(-0.004, 0.004), shaken))):
            cursors[k], reference, _ = path.reference(cursors[k], at_s)
            seen.append(reference.arm[0])
    assert steady == shaken


def test_a_lost_cycle_is_made_up_for():
    """Pins that the path keeps to the clock: after 50 ms of silence it goes on where it should."""
    path = path_of(HOME + 0.01 * np.arange(1, 11)[:, None] * np.eye(8)[0])
    cursor, _, _ = path.reference(0, 5.01)
    cursor, reference, _ = path.reference(cursor, 5.07)
    assert np.allclose(reference.arm[0], path.sample(5.07)[0][0][:7], atol=1e-12)
    assert cursor == 7


def test_what_is_followed_is_the_path_itself():
    """Pins the references: position, velocity and acceleration of the path, within limits."""
    waypoints = HOME + 0.006 * np.arange(1, 7)[:, None] ** 1.5 * np.eye(8)[1]
    waypoints[:, 7] = 0.06
    path = path_of(waypoints, now_s=5.033)
    whole = len(path.cycles) - 3   # what begins, and two at rest
    assert whole * CONFIG.cycle_s <= path.times[-1] - 5.033 < (whole + 1) * CONFIG.cycle_s + 1e-9
    gripper = np.array([LIMITER.cruise[7], LIMITER.acceleration[7]])
    for i in range(len(path.cycles)):
        wanted, reference = path.sample(5.033 + i * CONFIG.cycle_s)[0], path.cycles[i]
        wanted[2] = np.clip(wanted[2], -LIMITER.acceleration, LIMITER.acceleration)
        assert np.allclose(reference.arm, wanted[:, :7], atol=1e-9)
        assert reference.gripper[0] == pytest.approx(wanted[:1, 7], abs=1e-9)
        assert (np.abs(reference.gripper[1:])[:, 0] <= gripper + 1e-12).all()


def test_a_path_ends_with_its_deadline():
    """Pins that nothing is laid out that a dead chunk would be needed for: rest comes first."""
    chunk = ActionChunk(5.0, CONFIG.spec.names, [1.0, 2.0],
                        HOME + 0.1 * np.eye(8)[1] * np.array([[1.0], [2.0]]))
    path = plan_path(LIMITER, LIMITER.rest(HOME), chunk, 5.1, 5.6)
    assert len(path.cycles) == 53 and path.deadline_s == 5.6
    for i in (51, 52):
        assert path.cycles[i].arm[0] == pytest.approx(HOME[:7] + 0.2 * np.eye(7)[1])
        assert not any(path.cycles[i].arm[1] + path.cycles[i].arm[2])


def test_a_cursor_goes_on_by_one_and_stays_on_the_path():
    """Pins the count: from before the first to beyond the last reference."""
    path = path_of(HOME + 0.01 * np.arange(1, 4)[:, None] * np.eye(8)[0])
    assert path.reference(0, 5.01)[0] == 1 and path.reference(6, 5.07)[0] == 7
    assert path.reference(8, 5.08)[0] == 9      # a cycle ahead is jitter, ...
    assert path.reference(9, 5.08)[0] == 8      # ... two are not
    assert path.reference(5, 5.07)[0] == 6 and path.reference(4, 5.07)[0] == 7
    assert path.reference(0, 4.99)[1].arm[0] == pytest.approx(HOME[:7])
    last = path.reference(0, 9.0)[1]
    assert last.arm == path.cycles[len(path.cycles) - 1].arm
    with pytest.raises(IndexError, match='no cycle -1 of'):
        path.cycles[-1]
    with pytest.raises(IndexError):
        path.cycles[len(path.cycles)]


def test_a_bound_is_told_where_it_is_at_work():
    """Pins which piece is told: of three, only the middle one was too fast."""
    turn = np.array([0.01, 0.02, 0.23, 0.24])
    path = path_of(HOME + turn[:, None] * np.eye(8)[6], times=[0.5, 1.0, 1.1, 1.9])
    names = [bound and bound.name for bound in path.bounds]
    assert names == [None, 'acceleration', 'acceleration', None]
    for k in range(4):
        middle = 0.5 * (path.times[k] + path.times[k + 1])
        assert path.sample(middle)[1] == path.reference(0, middle)[2] == path.bounds[k]
    assert path.reference(0, 4.9)[2] == path.sample(4.9)[1] == path.bounds[0]
    assert path.reference(0, 99.0)[2] == path.sample(99.0)[1] == path.bounds[-1]


def test_what_a_path_may_ask_of_a_joint():
    """Pins what is left of 10 rad/s^2 and 5.26 rad/s at 0.7: less headroom, less the ramps.

    0.95 of 0.999 * 7 rad/s^2, and of 0.999 * 3.682 rad/s less the square of 6.993 by twice
    0.999 * 3500 rad/s^3.
    """
    assert LIMITER.most[6] == pytest.approx(0.95 * 6.993)
    assert LIMITER.top[6] == pytest.approx(0.95 * (3.678318 - 6.993 ** 2 / (2 * 3496.5)))
    assert LIMITER.fastest == pytest.approx(0.95)


def test_a_hard_start_is_told_and_played_in_the_time_it_takes():
    """Pins acceleration: 1.2 rad in 0.3 s ask for 4 rad/s within 0.15 s, and 0 within 0.4 s.

    Mean speed from 0 to w / t in t / 2 is allowed from t = sqrt(2 w / most) on.
    """
    path = path_of(HOME + 1.2 * np.eye(8)[6] * np.ones((2, 1)), times=[0.3, 0.8])
    first, second = path.bounds
    assert (first.name, first.where) == (second.name, second.where) == (
        'acceleration', 'fr3_joint7')
    assert (first.measured, second.measured) == pytest.approx((4.0 / 0.15, 4.0 / 0.4))
    assert first.allowed == second.allowed == LIMITER.most[6]
    assert path.times[1] == pytest.approx(5.0 + np.sqrt(2.4 / LIMITER.most[6]), rel=1e-4)


def test_a_fast_joint_is_told_and_played_in_the_time_it_takes():
    """Pins speed: 4.4 rad/s for a while, where only the first and the last change it."""
    path = path_of(HOME - 0.44 * np.arange(1, 8)[:, None] * np.eye(8)[6])
    for bound in path.bounds[1:5]:
        assert (bound.name, bound.where) == ('velocity', 'fr3_joint7')
        assert (bound.measured, bound.allowed) == pytest.approx((4.4, LIMITER.top[6]))
    assert path.bounds[0].name == 'acceleration'
    assert path.bounds[0].measured == pytest.approx(4.4 / 0.05)
    gaps = np.diff(path.times)
    assert gaps[2:5] == pytest.approx(0.44 / LIMITER.top[6], rel=1e-3)


def test_a_fast_tool_is_told_and_played_in_the_time_it_takes():
    """Pins tool speed: a fifth of a metre a second, of which a path uses 0.95."""
    slow = Limiter(config_of(tool_speed=0.2))
    way = HOME + 0.05 * np.arange(1, 10)[:, None] * np.eye(8)[0]
    chunk = ActionChunk(5.0, CONFIG.spec.names, 0.1 * np.arange(1, 10), way)
    path = plan_path(slow, slow.rest(HOME), chunk, 5.0, 9.0)
    tool = [np.array(slow.workspace.points(q[:7].tolist())[7]) for q in way]
    for k in (2, 3):
        bound, speed = path.bounds[k], np.linalg.norm(tool[k] - tool[k - 1]) / 0.1
        assert bound.name == 'tool_speed' and bound.where == 'tcp'
        assert (bound.measured, bound.allowed) == pytest.approx((speed, 0.19))
        assert path.times[k + 1] - path.times[k] == pytest.approx(speed * 0.1 / 0.19, rel=1e-3)


def test_what_is_asked_a_little_too_fast_is_not_told():
    """Pins `NOTICEABLE`: a hundredth is nothing to speak of, three are."""
    for factor, told in ((1.01, False), (1.03, True)):
        step = -factor * 0.1 * LIMITER.top[6] * np.eye(8)[6]
        motion = Run(CONFIG).arm().memory.motion._replace(
            velocity=(10.0 * step).tolist(), position=HOME.tolist())
        path = path_of(HOME + np.arange(1, 10)[:, None] * step, motion=motion)
        assert (path.bounds[1] is not None) == told
        assert path.times[2] - path.times[1] == pytest.approx(0.1 * factor, rel=1e-3)


@pytest.mark.parametrize(('late_s', 'first'), [(0.0, 0.1), (0.049, 0.1), (0.051, 0.2)])
def test_a_waypoint_that_is_about_to_pass_is_skipped(late_s, first):
    """Pins the blend: nearer than 50 ms the one after it is aimed at, in the time it has."""
    waypoints = HOME + 0.001 * np.arange(1, 6)[:, None] * np.eye(8)[1]
    path = path_of(waypoints, now_s=5.0 + late_s)
    assert path.times[0] == 5.0 + late_s and path.times[1] == pytest.approx(5.0 + first)
    assert len(path.times) == round((0.5 - first) / 0.1) + 2


def test_a_last_waypoint_is_aimed_at_to_its_end():
    """Pins the tail: what is left of a chunk is followed as long as any of it lies ahead."""
    waypoints = HOME + 0.0001 * np.arange(1, 4)[:, None] * np.eye(8)[1]
    path = path_of(waypoints, now_s=5.29)
    assert path.times == pytest.approx([5.29, 5.30])
    assert path.sample(9.0)[0][0] == pytest.approx(np.r_[waypoints[2, :7], LIMITER.upper[7]])
    assert path_of(waypoints, now_s=5.3) is None
    path = path_of(waypoints, now_s=5.2999)   # less than a cycle is played as one
    assert path.times[1] - path.times[0] == pytest.approx(0.01)


def test_the_joint_that_is_asked_beyond_its_end_by_most_is_told():
    """Pins which of several joints and which end; those inside are not told."""
    asked = np.array([HOME, HOME, HOME, HOME])
    asked[1, 6], asked[1, 7], asked[2, 6] = 3.1, 0.5, -3.5
    path = path_of(asked, times=[5.0, 10.0, 15.0, 20.0])
    assert path.bounds[1][:4] == ('position', 0.5, 0.08, 'fr3_gripper')
    assert path.bounds[2][:4] == ('position', -3.5, -3.0159, 'fr3_joint7')
    assert path.bounds[0] is None and path.bounds[3] is None
