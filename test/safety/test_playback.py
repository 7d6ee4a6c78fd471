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
