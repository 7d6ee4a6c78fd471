"""What the guard does not believe: joint states without torques, chunks from elsewhere."""
from dataclasses import replace

from guard_stream import config_of, Run
from lam_ws.safety.checks import BEGIN_SLACK, check_chunk, check_joints, check_start
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

CONFIG = config_of()
HOME = CONFIG.spec.home
SPEED = CONFIG.spec.limits.velocity


@pytest.mark.parametrize('effort', [np.zeros(7), np.zeros(9), np.zeros((8, 1)), None])
def test_torques_of_another_size_are_not_believed(effort):
    """Pins torques that are short, long, or gone after they were there: not a check the less."""
    run = Run(CONFIG)
    before = replace(run.joints(), effort=np.zeros(8))
    assert check_joints(CONFIG, before, None, 0.0) is None
    found = check_joints(CONFIG, replace(before, effort=effort), before, 0.0)
    assert found.name == 'bad_joints' and found.allowed == 8
    assert found.measured == (0 if effort is None else effort.size)


def beginning(*rows: np.ndarray, age_s: float = 0.0, first_s: float = 0.1) -> str:
    """Return why a chunk that is `age_s` old does not begin at home; '' if it does."""
    times = first_s + 0.1 * np.arange(len(rows))
    chunk = ActionChunk(1.0, CONFIG.spec.names, times, np.array(rows))
    standing = replace(Run(CONFIG).joints(), stamp_s=1.0 + age_s)
    found = check_chunk(CONFIG, chunk, 0.0, 0.0, 1.0 + age_s, standing)
    return '' if found is None else found.name


@pytest.mark.parametrize('joint', range(7))
@pytest.mark.parametrize('sign', [1.0, -1.0])
def test_a_motion_begins_where_the_arm_could_be(joint, sign):
    """Pins the bound joint by joint: slack, and top speed for the time to the waypoint."""
    way = sign * np.eye(8)[joint]
    for first_s in (0.02, 0.1, 0.3):
        allowed = BEGIN_SLACK + SPEED[joint] * first_s
        assert beginning(HOME + 0.99 * allowed * way, first_s=first_s) == ''
        assert beginning(HOME + 1.01 * allowed * way, first_s=first_s) == 'chunk_start'


def test_a_gripper_may_be_told_to_close_at_once():
    """Pins the axis that is left out."""
    assert beginning(HOME - 0.08 * np.eye(8)[7]) == ''


def test_a_late_chunk_is_judged_where_it_wants_the_arm_now():
    """Pins time: between two waypoints, in one of them, before the first and after the last."""
    step = np.eye(8)[0]
    far = [HOME, HOME + 0.0 * step, HOME + 2.0 * step]   # at 0.1, 0.2 and 0.3 s
    assert beginning(*far) == beginning(*far, age_s=0.15) == beginning(*far, age_s=0.2) == ''
    allowed = BEGIN_SLACK + SPEED[0] * 0.25
    assert allowed < 1.0 and beginning(*far, age_s=0.25) == 'chunk_start'
    assert beginning(*far, age_s=0.3) == beginning(*far, age_s=0.5) == 'chunk_start'
    assert beginning(far[2], HOME, age_s=0.2) == ''      # it has come back by now


def test_a_policy_that_sends_another_pose_does_not_begin():
    """Pins the start: degrees for radians, or an arm moved by hand; the arm stays armed."""
    run = Run(CONFIG).arm()
    decision = run.cycle(run.chunk(np.degrees(run.position)[None]))
    assert (decision.state, decision.limited) == ('armed', 'chunk_start')
    assert run.memory.rejected == 1 and not decision.command.velocity.any()
    assert run.cycle(run.chunk(run.position[None] + 0.02 * run.way())).state == 'running'


def test_a_chunk_in_mid_motion_may_ask_for_anything():
    """Pins that only the start is judged: in motion the path leads there from where it is."""
    run = Run(CONFIG).start_motion()
    decision = run.cycle(run.chunk(run.position[None] + 2.0 * run.way()))
    assert decision.state == 'running' and run.memory.rejected == 0


def state(**changes):
    """Return a sound joint state at home, seen at 1 s, with changes."""
    return replace(JointState(1.0, CONFIG.spec.names, HOME, np.zeros(8)), **changes)


@pytest.mark.parametrize(('changes', 'told'), [
    ({'names': ('x', *CONFIG.spec.names[1:])}, ('bad_joints', 8, 8, 'x')),
    ({'names': CONFIG.spec.names[:6]}, ('bad_joints', 6, 8, '')),
    ({'names': ('y', 'z')}, ('bad_joints', 2, 8, 'y')),
    ({'position': np.zeros(7)}, ('bad_joints', 7, 8, '')),
    ({'position': np.zeros((8, 1))}, ('bad_joints', 8, 8, '')),
    ({'velocity': np.zeros(9)}, ('bad_joints', 8, 8, '')),
    ({'stamp_s': float('inf')}, ('bad_joints', float('nan'), 0.0, '')),
    ({'position': np.full(8, np.nan)}, ('bad_joints', float('nan'), 0.0, 'fr3_joint1')),
    ({'stamp_s': 1.5}, ('future_joints', 0.5, 0.01, '')),
    ({'stamp_s': 0.5}, ('bad_joints', 0.5, 0.99, '')),
    ({'position': HOME + 0.25 * np.eye(8)[2]}, ('joint_jump', 0.25, 0.0724, 'fr3_joint3')),
    ({'position': HOME - 0.5 * np.eye(8)[6]}, ('joint_jump', 0.5, 0.1252, 'fr3_joint7')),
    ({'position': HOME - 0.5 * np.eye(8)[7]}, ('joint_jump', 0.5, 0.082, 'fr3_gripper')),
])
def test_a_joint_state_that_is_not_believed_is_told_in_numbers(changes, told):
    """Pins name, value found, value allowed and joint: by them an operator finds the cable.

    A joint may seem to move by 0.02 rad and twice its speed for 10 ms, a gripper by its stroke.
    """
    found = check_joints(CONFIG, state(**changes), state(stamp_s=0.99), 1.0)
    assert (found.name, found.where) == (told[0], told[3])
    assert (found.measured, found.allowed) == pytest.approx(told[1:3], nan_ok=True)


def test_a_joint_state_at_the_edge_is_believed():
    """Pins that a bound belongs to what it allows: one cycle ahead, and the same stamp again."""
    assert check_joints(CONFIG, state(), state(), 0.99) is None
    assert check_joints(CONFIG, state(stamp_s=1.01), state(), 1.0) is None
    moved = HOME + np.r_[0.02, np.zeros(7)]   # at 0 before: 0.02 rad to the last bit
    assert check_joints(CONFIG, state(position=moved), state(), 1.0) is None
    assert check_joints(CONFIG, state(position=HOME + 0.072 * np.eye(8)[2]),
                        state(stamp_s=0.99), 1.0) is None
    assert check_joints(CONFIG, state(position=HOME + 0.0725 * np.eye(8)[2]),
                        state(stamp_s=0.99), 1.0).name == 'joint_jump'


@pytest.mark.parametrize(('joint', 'at', 'told'), [
    (3, -0.132, None), (3, -0.131, ('outside_limits', -0.131, -0.1518, 'fr3_joint4')),
    (3, -3.06, None), (3, -3.07, ('outside_limits', -3.07, -3.0421, 'fr3_joint4')),
    (7, 0.0899, None), (7, 0.091, ('outside_limits', 0.091, 0.08, 'fr3_gripper')),
    (7, -0.01, None), (7, -0.011, ('outside_limits', -0.011, 0.0, 'fr3_gripper')),
])
def test_an_arm_may_stand_a_little_outside_its_limits(joint, at, told):
    """Pins 0.02 rad and 10 mm beyond the ends, and what is said of more."""
    position = HOME.copy()
    position[joint] = at
    found = check_start(CONFIG, state(position=position))
    assert (found is None) == (told is None)
    assert found is None or tuple(found) == told


def offered(now_s=1.0, last_s=0.5, armed_s=0.5, **changes):
    """Return what is said of a chunk of two waypoints at home that was seen at 1 s."""
    chunk = ActionChunk(1.0, CONFIG.spec.names, np.array([0.1, 0.2]), np.array([HOME, HOME]))
    return check_chunk(CONFIG, replace(chunk, **changes), last_s, armed_s, now_s)


@pytest.mark.parametrize(('changes', 'told'), [
    ({'names': ('x', *CONFIG.spec.names[1:])}, ('chunk_joints', 8, 8, 'x')),
    ({'names': CONFIG.spec.names[:6]}, ('chunk_joints', 6, 8, '')),
    ({'position': np.zeros((2, 7))}, ('chunk_shape', 14, 16, '')),
    ({'times': np.zeros(0), 'position': np.zeros((0, 8))}, ('chunk_shape', 0, 0, '')),
    ({'times': np.arange(257.0) / 9, 'position': np.zeros((257, 8))},
     ('chunk_shape', 257, 256, '')),
    ({'position': np.array([HOME, HOME * np.r_[np.nan, np.inf, np.ones(6)]])},
     ('chunk_not_finite', 2, 0.0, '')),
    ({'times': np.array([-0.1, 0.2])}, ('chunk_times', -0.1, 0.0, '')),
    ({'times': np.array([0.3, 0.1])}, ('chunk_times', -0.2, 0.0, '')),
    ({'times': np.array([0.3, 0.3])}, ('chunk_times', 0.0, 0.0, '')),
    ({'times': np.array([0.3, 60.5])}, ('chunk_times', 60.5, 60.0, '')),
    ({'stamp_s': 1.25}, ('chunk_future', 0.25, 0.01, '')),
    ({'last_s': 1.0}, ('chunk_replayed', 1.0, 1.0, '')),
    ({'last_s': 2.0}, ('chunk_replayed', 1.0, 2.0, '')),
    ({'armed_s': 1.5}, ('chunk_early', 1.0, 1.5, '')),
    ({'now_s': 9.0}, ('chunk_stale', 8.0, CONFIG.stale_chunk_s, '')),
])
def test_a_chunk_that_is_not_followed_is_told_in_numbers(changes, told):
    """Pins name, value found, value allowed and joint of each refusal."""
    found = offered(**changes)
    assert (found.name, found.where) == (told[0], told[3])
    assert (found.measured, found.allowed) == pytest.approx(told[1:3])


def test_a_chunk_at_the_edge_is_followed():
    """Pins that a bound belongs to what it allows, for each bound that has a number."""
    assert offered() is None
    assert offered(times=np.array([0.0, 60.0])) is None
    assert offered(times=np.arange(256.0) / 9, position=np.zeros((256, 8))) is None
    assert offered(times=np.array([0.1]), position=HOME[None]) is None
    assert offered(stamp_s=1.01) is None and offered(armed_s=1.0) is None
    begin = HOME + np.r_[BEGIN_SLACK, np.zeros(7)]
    at_once = ActionChunk(1.0, CONFIG.spec.names, [0.0], begin[None])
    assert check_chunk(CONFIG, at_once, 0.0, 0.0, 1.0, state()) is None
    assert offered(CONFIG.stale_chunk_s, -1.0, -1.0, stamp_s=0.0) is None


def test_a_motion_that_begins_elsewhere_is_told_in_numbers():
    """Pins the worst joint with its distance and what it may be: 0.05 rad and 0.1 s of speed."""
    run = Run(CONFIG)
    chunk = ActionChunk(0.0, CONFIG.spec.names, [0.1], HOME[None] + 0.7 * np.eye(8)[3]
                        - 0.9 * np.eye(8)[1])
    found = check_chunk(CONFIG, chunk, -1.0, -1.0, 0.0, run.joints())
    assert (found.name, found.where) == ('chunk_start', 'fr3_joint2')
    assert (found.measured, found.allowed) == pytest.approx((0.9, 0.05 + 0.262))


@pytest.mark.parametrize(('age_s', 'wanted', 'counted_s'), [
    (0.0, 1.0, 0.1), (0.05, 1.0, 0.1), (0.1, 1.0, 0.1), (0.15, 1.5, 0.15), (0.2, 2.0, 0.2),
    (0.225, 3.0, 0.225), (0.3, 6.0, 0.3), (0.4, 6.0, 0.4)])
def test_where_a_chunk_wants_the_arm_now_is_told(age_s, wanted, counted_s):
    """Pins the line between two waypoints, 1, 2 and 6 rad off at 0.1, 0.2 and 0.3 s."""
    turns = np.array([1.0, 2.0, 6.0])[:, None] * np.eye(8)[0]
    chunk = ActionChunk(1.0, CONFIG.spec.names, [0.1, 0.2, 0.3], HOME + turns)
    found = check_chunk(CONFIG, chunk, 0.0, 0.0, 1.0 + age_s, state(stamp_s=1.0 + age_s))
    assert (found.name, found.where) == ('chunk_start', 'fr3_joint1')
    assert (found.measured, found.allowed) == pytest.approx((wanted, 0.05 + 2.62 * counted_s))
