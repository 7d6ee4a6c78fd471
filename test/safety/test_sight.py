"""One look at clock, joints, arm and commander, by numbers."""
from dataclasses import replace
import math

from guard_stream import config_of, Run
from lam_ws.safety.bound import Bound
from lam_ws.safety.guard import GuardMemory
from lam_ws.safety.lease import Claim, Lease, POLICY
from lam_ws.safety.safety import GuardInputs, GuardState
from lam_ws.safety.sight import look
from lam_ws.types import JointState
import numpy as np
import pytest

CONFIG = config_of()
SPEC, DT = CONFIG.spec, CONFIG.cycle_s
CLAIM = Claim(POLICY, 'p', 1, 1, 0.0)


def joints(stamp_s, **changes):
    """Return a sound joint state at home, with changes."""
    return replace(JointState(stamp_s, SPEC.names, SPEC.home, np.zeros(8)), **changes)


def seen(before_s, now_s, state=GuardState.ARMED, arrived=None, alarm=None, **memory):
    """Return the sight at `now_s` of a guard that looked last at `before_s`, joints fresh."""
    known = {'joints': joints(now_s), **memory}
    return look(CONFIG, GuardMemory(state, now_s=before_s, **known),
                GuardInputs(now_s, arrived, alarm=alarm))


@pytest.mark.parametrize(('before_s', 'now_s'), [
    (5.0, 5.0), (5.0, 4.99), (5.0, 1.0), (-1.0, -3.0), (5.0, math.nan), (5.0, math.inf),
    (5.0, -math.inf), (-math.inf, math.nan), (-math.inf, math.inf)])
def test_a_clock_that_does_not_go_on_is_a_fault(before_s, now_s):
    """Pins fault 15, at the first look as well: standing, backwards, endless, no number."""
    fault = seen(before_s, now_s).fault
    assert (fault.name, fault.allowed) == ('clock', DT)
    assert fault.measured == pytest.approx(now_s - before_s, nan_ok=True)


@pytest.mark.parametrize('before_s', [-7.0, -0.01, 0.01, 0.02, 0.5, 9e4])
def test_a_guard_that_was_kept_waiting_says_for_how_long(before_s):
    """Pins the bound for a late cycle, wherever the clock began."""
    assert seen(before_s, before_s + 0.0299).fault is None and seen(0.0, 0.03).fault is None
    for late_s in (0.0301, 0.045, 3.0):
        fault = seen(before_s, before_s + late_s).fault
        assert (fault.name, fault.allowed) == ('late_cycle', 0.03)
        assert fault.measured == pytest.approx(late_s, abs=1e-9)


def test_the_first_look_is_never_late():
    """Pins power-up: there was no cycle before."""
    assert seen(-math.inf, 5.0).fault is None
    assert seen(-math.inf, 5.0, joints=None).fault == Bound('no_joints')


@pytest.mark.parametrize('now_s', [0.02, 4.0, 1e4])
def test_old_joints_are_told_with_their_age(now_s):
    """Pins fault 6: as old as allowed is young enough, and an arm not seen is no arm."""
    assert seen(now_s - DT, now_s, joints=joints(now_s - 0.03)).fault is None
    assert seen(-DT, 0.03 + 1e-9, joints=joints(0.0)).fault.name == 'late_cycle'
    assert seen(0.02, 0.03 + 1e-9, joints=joints(0.0)).fault is None   # rounding is no age
    fault = seen(now_s - DT, now_s, joints=joints(now_s - 0.032)).fault
    assert (fault.name, fault.allowed) == ('stale_joints', 0.03)
    assert fault.measured == pytest.approx(0.032)
    assert seen(now_s - DT, now_s, joints=None).fault == Bound('no_joints')


def test_what_is_wrong_first_is_told():
    """Pins the order: an alarm, the clock, what arrived, what is missing, the arm."""
    bad, lost = joints(5.0, names=SPEC.names[:3]), joints(4.0)
    away = joints(5.0, position=SPEC.home + 1.0)
    assert seen(4.99, 5.0, arrived=bad, joints=lost).fault.name == 'stale_joints'
    assert seen(4.99, 5.0, arrived=bad, joints=lost, bad=1).fault.name == 'bad_joints'
    assert seen(4.99, 5.0, arrived=bad, joints=None, bad=1).fault.name == 'bad_joints'
    assert seen(5.0, 5.0, arrived=bad, joints=lost, bad=1).fault.name == 'clock'
    motion = Run(CONFIG).arm().memory.motion
    assert seen(4.99, 5.0, joints=away, motion=motion).fault.name == 'tracking'
    assert seen(4.99, 5.0, joints=away, motion=motion, alarm=Bound('estop')).fault.name == 'estop'


def test_one_state_that_is_not_believed_is_dropped_and_the_second_is_not():
    """Pins the count, that it ends with a sound state, and that a jump does not wait."""
    bad = joints(5.0, velocity=np.full(8, np.nan))
    once = seen(4.99, 5.0, arrived=bad)
    assert (once.bad, once.fault, once.joints.velocity.any()) == (1, None, False)
    twice = seen(4.99, 5.0, arrived=bad, bad=1)
    assert (twice.bad, twice.fault.name) == (2, 'bad_joints')
    assert seen(4.99, 5.0, arrived=joints(5.0), bad=1)[2:] == (0, None, ())
    jump = joints(5.0, position=SPEC.home + 1.0)
    assert seen(4.99, 5.0, arrived=jump, joints=joints(4.99)).fault.name == 'joint_jump'


@pytest.mark.parametrize('state', list(GuardState))
def test_an_arm_that_was_moved_by_hand_is_believed_only_where_nothing_moves(state):
    """Pins fault 40: told in the cycle it is seen in, and taken for true where it may be."""
    jump, before = joints(5.0, position=SPEC.home + 0.5), joints(4.99)
    found = seen(4.99, 5.0, state, jump, joints=before)
    believed = state in (GuardState.DISARMED, GuardState.STOPPED)
    assert found.fault.name == 'joint_jump'
    assert found.joints is (jump if believed else before) and found.bad == (not believed)
    never = joints(5.0, names=SPEC.names[:2])
    assert seen(4.99, 5.0, state, never, joints=before).joints is before


def test_a_state_is_looked_at_once():
    """Pins that a driver which has fallen silent is not counted again and again."""
    bad = joints(5.0, position=SPEC.home * np.nan)
    assert seen(4.99, 5.0, arrived=bad, seen=bad, bad=1)[1:] == (bad, 1, None, ())
    assert seen(4.99, 5.0, arrived=bad, bad=1).seen is bad
    assert seen(4.99, 5.0, seen=bad).seen is bad


def stalled(now_s, state=GuardState.RUNNING, hold=False, **memory):
    """Return what is said of a commander that spoke last at 0 s."""
    known = {'joints': joints(now_s), 'lease': Lease(CLAIM, 0.0), **memory}
    return look(CONFIG, GuardMemory(state, now_s=now_s - DT, **known),
                GuardInputs(now_s, hold=hold)).fault


@pytest.mark.parametrize('state', list(GuardState))
def test_a_commander_that_is_silent_for_too_long_has_stalled(state):
    """Pins the bound, and that only an arm that may move waits for anybody."""
    after_s, movable = 1.2 + DT, state in (GuardState.ARMED, GuardState.RUNNING)
    assert stalled(1.2, state) is None and stalled(1.2 + 1e-9, state) is None
    assert (stalled(after_s, state) is None) != movable
    if movable:
        assert tuple(stalled(after_s, state)) == ('policy_stalled', after_s, 1.2, '')
        heard = Lease(CLAIM, 0.5)
        assert stalled(after_s, state, lease=heard) is None
        assert stalled(1.8, state, lease=heard).measured == pytest.approx(1.3)
    assert stalled(9.0, state, hold=True) is None
    assert stalled(9.0, state, lease=Lease()) is None
    assert stalled(9.0, state, lease=Lease(CLAIM._replace(idle=True), 0.0)) is None


def test_a_chunk_that_is_dead_has_stalled_however_loud_its_commander_is():
    """Pins the age of what is followed: from its observation, not from its arrival."""
    run = Run(CONFIG).start_motion()
    path, lease = run.memory.path, Lease(CLAIM, 9.0)
    at_s = path.deadline_s
    assert stalled(at_s, path=path, chunk_s=at_s - 1.2, lease=lease) is None
    fault = stalled(at_s + DT, path=path, chunk_s=at_s - 1.2, lease=lease)
    assert (fault.name, fault.allowed) == ('policy_stalled', 1.2)
    assert fault.measured == pytest.approx(1.2 + DT)
    assert stalled(at_s + DT, chunk_s=at_s - 1.2, lease=lease) is None
