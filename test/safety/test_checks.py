"""What the guard does not believe: joint states without torques, chunks from elsewhere."""
from dataclasses import replace

from guard_stream import config_of, Run
from lam_ws.safety.checks import BEGIN_SLACK, check_chunk, check_joints
from lam_ws.types import ActionChunk
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
