"""What the guard does about each fault, one by one."""
from dataclasses import replace
import math

from guard_stream import config_of, Run, SITES, violations
from lam_ws.keep_out import KeepOut
from lam_ws.safety.bound import Bound
from lam_ws.safety.braking import LastCheck
from lam_ws.safety.guard import start, step
from lam_ws.safety.safety import GuardInputs, GuardState, Request
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

CONFIG = config_of()


def until(run: Run, state: str, cycles: int = 100, **inputs) -> int:
    """Run cycles until the guard is in `state`; return how many it took."""
    for i in range(cycles):
        if run.cycle(**inputs).state == state:
            return i + 1
    raise AssertionError(f'still {run.decision}')


def test_nothing_is_commanded_before_the_joints_are_known():
    """Pins `never zeros`: without a measured pose there is no command at all."""
    run = Run(CONFIG)
    decision = run.cycle(spoil=lambda s: None)
    assert (decision.command, decision.state, decision.reason) == (None, 'disarmed', 'no_joints')
    assert run.cycle(request=Request.ARM, spoil=lambda s: None).reason == 'no_joints'
    nan = run.cycle(spoil=lambda s: replace(s, position=s.position * np.nan))
    assert nan.command is None


def test_the_first_command_is_the_measured_pose():
    """Pins the start: the arm is told to stay where it is, wherever that is."""
    pose = CONFIG.spec.home + 0.05
    pose[-1] = 0.03
    decision = Run(CONFIG, pose).cycle()
    assert decision.restarted and (decision.command.position == pose).all()
    assert not decision.command.velocity.any()


@pytest.mark.parametrize('latency', [0, 3, 8])
@pytest.mark.parametrize('site', SITES)
def test_a_normal_stream_of_chunks_is_followed_without_lag(site, latency):
    """Pins the grasp: chunks of 10 waypoints at 10 Hz, late by up to 80 ms, lag under 1 ms."""
    run = Run(config_of(site)).arm()
    home, swing = run.config.spec.home, np.full(run.config.spec.axes, 0.25)
    swing[-1] = 0.0
    begin_s = run.now_s

    def wanted(at_s):
        s = np.minimum(at_s - begin_s, 1.0)
        return home + swing * s ** 2 * (3.0 - 2.0 * s) * np.sin(1.5 * (at_s - begin_s))

    errors, speeds, waiting = [], [], []
    for i in range(800):
        if i % 50 == 0:
            chunk = run.chunk(np.zeros((10, len(home))))
            waiting.append((i + latency, replace(chunk, position=[
                wanted(chunk.stamp_s + t) for t in chunk.times])))
        due = [chunk for when, chunk in waiting if when == i]
        decision = run.cycle(due[0] if due else None)
        at_s = run.now_s + run.config.cycle_s
        errors.append(decision.command.position - wanted(at_s))
        speeds.append((wanted(at_s + 1e-4) - wanted(at_s - 1e-4)) / 2e-4)
    errors, speeds = np.array(errors)[150:, :-1], np.array(speeds)[150:, :-1]
    lag_s = -(errors * speeds).sum() / (speeds ** 2).sum()
    assert abs(lag_s) < 1e-3
    assert np.abs(errors).max() < 1.5e-3  # rad: less than 1.5 mm at 1 m
    assert run.memory.rejected == 0 and violations(run.config, run.streams[0]) == []


def test_a_policy_that_stalls_ends_in_a_latched_stop():
    """Pins fault 12: the chunk is played to its end, nothing is repeated, then it latches."""
    run = Run(CONFIG).start_motion()
    chunk_s = run.memory.chunk_s
    until(run, 'stopped', 200)  # in one step: it stands already
    age_s = run.now_s - chunk_s
    assert CONFIG.stale_chunk_s < age_s <= CONFIG.stale_chunk_s + 2 * CONFIG.cycle_s
    assert run.decision.reason == 'policy_stalled'
    assert run.decision.measured == pytest.approx(age_s)
    assert np.allclose(run.position[0], 0.4, atol=1e-9)  # the last waypoint
    assert run.cycle(run.chunk(run.position[None])).state == 'stopped'


def test_holding_is_no_stall():
    """Pins that a policy with nothing to do may have nothing to do for as long as it likes."""
    run = Run(CONFIG).start_motion()
    until(run, 'armed', hold=True)
    for _ in range(300):
        decision = run.cycle(hold=True)
    assert (decision.state, decision.reason) == ('armed', '')
    assert run.cycle(run.chunk(run.position[None] + 0.01 * run.way())).state == 'running'


def test_a_cancel_in_mid_chunk_is_smooth():
    """Pins fault 23: hold, a new chunk, hold again: one stream within every limit."""
    run = Run(CONFIG).start_motion()
    for i in range(20):
        for k in range(1 + i % 7):
            run.cycle(run.chunk(run.position + 0.3 * (-1) ** i * run.way()[None])
                      if k == 0 else None)
        for _ in range(i % 5):
            run.cycle(hold=True)
    assert len(run.streams) == 1 and violations(CONFIG, run.streams[0]) == []


@pytest.mark.parametrize(('spoil', 'reason', 'cycles'), [
    (lambda s: None, 'stale_joints', 4),
    (lambda s: replace(s, position=np.where(np.arange(8) == 2, np.nan, s.position)),
     'bad_joints', 2),
    (lambda s: replace(s, velocity=s.velocity + np.inf), 'bad_joints', 2),
    (lambda s: replace(s, names=s.names[1:] + s.names[:1]), 'bad_joints', 2),
    (lambda s: replace(s, names=(s.names[0], *s.names[:-1])), 'bad_joints', 2),
    (lambda s: JointState(s.stamp_s, s.names[:-1], s.position[:-1], s.velocity[:-1]),
     'bad_joints', 2),
    (lambda s: replace(s, position=s.position[:3]), 'bad_joints', 2),
    (lambda s: replace(s, stamp_s=s.stamp_s + 0.05), 'future_joints', 2),
    (lambda s: replace(s, stamp_s=float('nan')), 'bad_joints', 2),
    (lambda s: replace(s, stamp_s=s.stamp_s - 0.5), 'bad_joints', 2),
    (lambda s: replace(s, position=s.position + np.eye(8)[4] * 0.5), 'joint_jump', 1),
    (lambda s: replace(s, position=s.position - np.eye(8)[7] * 0.2), 'joint_jump', 1),
])
def test_bad_joint_states_stop_the_arm_in_time(spoil, reason, cycles):
    """Pins faults 6, 7, 8 and their bounds: too old at once, bad at the second, a jump at once."""
    run = Run(CONFIG).start_motion()
    assert until(run, 'stopping', spoil=spoil) == cycles
    assert run.decision.reason == reason
    until(run, 'stopped', spoil=spoil)
    assert violations(CONFIG, run.streams[0]) == []
    run.cycle(spoil=spoil)
    assert run.cycle(request=Request.RESET, spoil=spoil).state == (
        'stopped' if reason != 'joint_jump' else 'disarmed')


def test_one_bad_packet_is_only_dropped():
    """Pins 0 false stops: a single state that is not believed changes nothing."""
    run = Run(CONFIG).start_motion()
    for _ in range(10):
        assert run.cycle(spoil=lambda s: replace(s, position=s.position * np.nan)
                         ).state == 'running'
        assert run.cycle().state == 'running'


def test_an_arm_that_is_held_stops():
    """Pins fault 20: the arm stays behind its command by more than a drive's lag."""
    run = Run(CONFIG).start_motion()
    stuck = run.position
    until(run, 'stopping', 80, spoil=lambda s: replace(s, position=stuck))
    assert (run.decision.reason, run.decision.where) == ('tracking', 'fr3_joint1')
    assert run.decision.measured > run.decision.allowed >= CONFIG.tracking_rad


def test_a_drive_that_lags_does_not_stop():
    """Pins the allowance: 130 ms of first-order lag, as measured on a real controller, is fine."""
    run = Run(CONFIG).arm()
    measured = run.position.copy()
    for i in range(400):
        chunk = None
        if i % 50 == 0:
            sign = 1.0 if i % 100 == 0 else -1.0
            ahead = sign * np.linspace(0.11, 1.1, 10)[:, None] * np.eye(8)[0]
            chunk = run.chunk(run.position + ahead)
        measured = measured + (run.position - measured) * CONFIG.cycle_s / 0.13
        decision = run.cycle(chunk, spoil=lambda s, m=measured: replace(s, position=m))
        assert decision.state in ('armed', 'running'), decision
    assert np.abs(np.diff([p[0] for p, _ in run.streams[0]])).max() > 0.5 * CONFIG.cycle_s


def test_a_gripper_that_closes_on_a_part_is_no_tracking_error():
    """Pins the one axis that is meant to be blocked."""
    run = Run(CONFIG).arm()
    closed = run.position * np.r_[np.ones(7), 0.0]
    width = run.position[-1]
    for i in range(150):
        decision = run.cycle(run.chunk(closed[None], 0.1) if i % 50 == 0 else None,
                             spoil=lambda s: replace(s, position=np.r_[s.position[:-1], width]))
    assert decision.state == 'running' and run.position[-1] < 1e-4


@pytest.mark.parametrize(('jump_s', 'reason'), [
    (-3600.0, 'clock'), (-0.01, 'clock'), (math.nan, 'clock'), (3600.0, 'late_cycle')])
def test_a_clock_that_jumps_stops_the_arm(jump_s, reason):
    """Pins fault 15: back, standing still, not a number, or further than joints may age."""
    run = Run(CONFIG).start_motion()
    run.now_s += jump_s
    assert run.cycle().state == 'stopping' and run.decision.reason == reason
    assert violations(CONFIG, run.streams[0]) == []


def test_the_guard_works_again_after_the_clock_was_set_back():
    """Pins recovery: reset and arm on the new clock, whose stamps are all `older`."""
    run = Run(CONFIG).start_motion()
    run.now_s = -50.0
    until(run, 'stopped')
    assert run.cycle(request=Request.RESET).state == 'disarmed'
    assert run.cycle(request=Request.ARM).state == 'armed'
    assert run.cycle(run.chunk(run.position[None] + 0.01 * run.way())).state == 'running'


@pytest.mark.parametrize(('spoil', 'code'), [
    (lambda c: replace(c, position=np.where(np.eye(*c.position.shape), np.nan, c.position)),
     'chunk_not_finite'),
    (lambda c: replace(c, position=np.full(c.position.shape, np.inf)), 'chunk_not_finite'),
    (lambda c: replace(c, stamp_s=float('nan')), 'chunk_not_finite'),
    (lambda c: replace(c, times=c.times * np.nan), 'chunk_not_finite'),
    (lambda c: replace(c, names=c.names[::-1]), 'chunk_joints'),
    (lambda c: replace(c, names=c.names[:-1]), 'chunk_joints'),
    (lambda c: replace(c, position=c.position[:, :-1]), 'chunk_shape'),
    (lambda c: replace(c, position=c.position[:-1]), 'chunk_shape'),
    (lambda c: replace(c, position=c.position[0]), 'chunk_shape'),
    (lambda c: replace(c, times=c.times[:, None]), 'chunk_shape'),
    (lambda c: replace(c, times=np.array(0.1)), 'chunk_shape'),
    (lambda c: replace(c, times=np.zeros(0), position=np.zeros((0, 8))), 'chunk_shape'),
    (lambda c: replace(c, times=np.arange(1, 2001.0), position=np.zeros((2000, 8))),
     'chunk_shape'),
    (lambda c: replace(c, times=c.times[::-1]), 'chunk_times'),
    (lambda c: replace(c, times=np.ones(10)), 'chunk_times'),
    (lambda c: replace(c, times=c.times - 1.0), 'chunk_times'),
    (lambda c: replace(c, times=c.times * 1e300), 'chunk_times'),
    (lambda c: replace(c, stamp_s=c.stamp_s + 0.05), 'chunk_future'),
    (lambda c: replace(c, stamp_s=0.03), 'chunk_replayed'),
    (lambda c: replace(c, stamp_s=0.029), 'chunk_replayed'),
])
def test_an_unsound_chunk_is_dropped_and_the_old_one_goes_on(spoil, code):
    """Pins faults 9, 10 and 11: nothing of it is executed, and the motion does not notice."""
    run, calm = Run(CONFIG).start_motion(), Run(CONFIG).start_motion()
    chunk = spoil(run.chunk(run.position - 0.2 * np.ones((10, 1)) * run.way()))
    for offered in (chunk, chunk, None):
        decision = run.cycle(offered)
        calm.cycle()
        assert decision.limited == (code if offered is not None else '')
        assert (decision.command.position == calm.decision.command.position).all()
    assert run.memory.rejected == 2 and decision.state == 'running'


def test_a_chunk_that_is_too_old_is_dropped():
    """Pins the age of the observation, not of the message."""
    run = Run(CONFIG).arm()
    early = run.chunk(run.position[None] + 0.01 * run.way(), 5.0)
    for _ in range(round(CONFIG.stale_chunk_s / CONFIG.cycle_s) + 1):
        run.cycle()
    assert run.cycle(early).limited == 'chunk_stale'
    over = replace(run.chunk(run.position[None]), stamp_s=run.now_s - 0.5, times=[0.1])
    assert run.cycle(over).limited == 'chunk_stale' and run.decision.state == 'armed'


@pytest.mark.parametrize(('axis', 'towards', 'limited'), [
    (1, 1.1, 'table'), (0, 2.0, 'workspace'), (6, 9.0, 'position')])
def test_a_policy_that_pushes_against_a_bound_waits_at_it(axis, towards, limited):
    """Pins `brake before crossing`: it stops short, stays calm there, and can leave again."""
    run = Run(CONFIG).arm()
    goal = run.position + towards * np.eye(8)[axis]
    run.cycle(run.chunk(run.position[None]))   # what is far is refused out of standstill
    seen = set()
    for i in range(500):
        seen.add(run.cycle(run.chunk(goal[None], 0.5) if i % 50 == 0 else None).limited)
    assert limited in seen
    still = [p for p, _ in run.streams[0][-100:]]
    assert np.ptp(still, axis=0).max() < 2e-3
    for i in range(200):
        run.cycle(run.chunk(CONFIG.spec.home[None], 0.5) if i % 50 == 0 else None)
    assert np.allclose(run.position, CONFIG.spec.home, atol=1e-3)
    assert violations(CONFIG, run.streams[0]) == []


@pytest.mark.parametrize(('zone', 'where'), [
    (([0.2, 0.3, 0.0], [0.6, 0.5, 0.7]), 'box, palm'),       # beside the arm
    (([-0.4, -0.5, 0.55], [0.0, -0.09, 0.75]), 'box, fr3_joint3')])   # behind its elbow
def test_an_arm_waits_at_a_box_and_can_leave_again(zone, where):
    """Pins keep-out as behaviour: braked before the box, named, calm, and free to turn back."""
    run = Run(config_of(keep_out=(KeepOut('box', *zone),))).arm()
    home, ahead = run.position.copy(), np.linspace(0.01, 1.0, 100)[:, None] * np.eye(8)[0]
    told = set()
    for i in range(500):
        going = run.position + ahead * (1.0 - run.position[0])
        decision = run.cycle(run.chunk(going, 0.02) if i % 50 == 0 else None)
        told.add((decision.limited, decision.where))
    assert ('keep_out', where) in told and decision.state == 'running'
    assert 0.1 < run.position[0] < 0.9 and not decision.command.velocity.any()
    for i in range(300):
        run.cycle(run.chunk(home[None], 1.0) if i % 50 == 0 else None)
    assert abs(run.position[0]) < 0.01 and violations(run.config, run.streams[0]) == []


def test_an_arm_inside_a_box_is_not_armed():
    """Pins that a box counts before the first motion, with its name in the refusal."""
    zone = KeepOut('box', [0.4, -0.1, 0.3], [0.5, 0.1, 0.4])
    run = Run(config_of(keep_out=(zone,)))
    run.cycle()
    decision = run.cycle(request=Request.ARM)
    assert (decision.state, decision.reason) == ('disarmed', 'outside_workspace')
    assert decision.where.startswith('box, ') and decision.measured < decision.allowed


def test_the_tool_never_exceeds_its_speed_and_the_motion_is_scaled():
    """Pins tool speed: the same path is played more slowly, not cut short."""
    config = config_of(tool_speed=0.1, stale_chunk_s=20.0)
    run = Run(config).arm()
    goal = run.position + 0.5 * np.eye(8)[0]
    run.cycle(run.chunk(run.position + np.linspace(0.1, 1.0, 10)[:, None] * 0.5 * np.eye(8)[0]))
    assert run.decision.limited == 'tool_speed'
    assert run.decision.measured > run.decision.allowed
    for _ in range(400):
        run.cycle()
    assert np.allclose(run.position, goal, atol=1e-6)
    assert violations(config, run.streams[0]) == []


def test_an_arm_outside_its_workspace_is_not_armed():
    """Pins the refusal with its numbers: the operator must see which bound and by how much."""
    run = Run(CONFIG, np.r_[1.4, CONFIG.spec.home[1:]])
    run.cycle()
    decision = run.cycle(request=Request.ARM)
    assert (decision.state, decision.reason) == ('disarmed', 'outside_workspace')
    assert decision.where.startswith('tcp') and decision.measured != decision.allowed


def test_an_arm_outside_its_joint_limits_is_neither_commanded_nor_armed():
    """Pins that clipping a far pose into the limits would itself be a jump."""
    run = Run(CONFIG, CONFIG.spec.home + np.eye(8)[3] * 3.0)
    assert run.cycle().command is None
    decision = run.cycle(request=Request.ARM)
    assert (decision.state, decision.reason, decision.where) == (
        'disarmed', 'outside_limits', 'fr3_joint4')


def test_an_arm_that_was_moved_by_hand_begins_where_it_is():
    """Pins fault 40: after reset the command is the measured pose, not the one before the stop."""
    run = Run(CONFIG).start_motion()
    run.cycle(request=Request.STOP)
    until(run, 'stopped')
    held, run.position = run.position, run.position - 0.4 * np.eye(8)[0]
    moved = run.position
    hand = lambda s: replace(s, position=moved)  # noqa: E731
    assert (run.cycle(spoil=hand).command.position == held).all()
    decision = run.cycle(request=Request.RESET, spoil=hand)
    assert decision.restarted and (decision.command.position[:-1] == moved[:-1]).all()
    assert decision.command.position[-1] == held[-1]  # a part may be in the gripper
    assert run.cycle(request=Request.ARM, spoil=hand).state == 'armed'


def test_an_arm_that_was_moved_while_disarmed_is_armed_where_it_is():
    """Pins that what ARM has set right is no reason any more."""
    run = Run(CONFIG)
    run.cycle()
    moved = run.position - 0.4 * np.eye(8)[0]
    hand = lambda s: replace(s, position=moved)  # noqa: E731
    run.cycle(spoil=hand)
    assert run.cycle(spoil=hand).reason == 'tracking'
    decision = run.cycle(request=Request.ARM, spoil=hand)
    assert (decision.state, decision.reason, decision.restarted) == ('armed', '', True)


def test_the_guard_is_a_function():
    """Pins purity: the same memory and inputs give the same decision, whatever came between."""
    run = Run(CONFIG).start_motion()
    inputs = GuardInputs(run.now_s + CONFIG.cycle_s, run.joints(), claim=run.claim())
    first = step(CONFIG, run.memory, inputs)[1]
    other = Run(CONFIG).start_motion(60)
    other.cycle(request=Request.STOP)
    again = step(CONFIG, run.memory, inputs)[1]
    assert (first.command.position == again.command.position).all()
    assert start(CONFIG) == start(CONFIG) and start(CONFIG).state is GuardState.DISARMED


def test_counters_count():
    """Pins what guard_state reports."""
    run = Run(CONFIG).start_motion(10)
    run.cycle(ActionChunk(run.now_s, ('x',), [0.1], [[1.0]]))
    assert (run.memory.commands, run.memory.rejected) == (run.commands, 1) == (13, 1)


def test_a_limiter_that_is_wrong_latches(monkeypatch):
    """Pins the last line: what breaks a limit is replaced by a plain brake, which latches.

    A plain brake knows no jerk and sends no velocity; its positions brake within the limits.
    """
    run = Run(CONFIG).start_motion()
    real, asked = LastCheck.__call__, []

    def once(self, before, after):
        asked.append(after)
        return Bound('velocity', 9.0, 1.0, 'joint1') if len(asked) == 1 else real(
            self, before, after)
    monkeypatch.setattr(LastCheck, '__call__', once)
    decision = run.cycle()
    assert (decision.state, decision.reason, decision.where) == ('stopping', 'limiter', 'joint1')
    assert decision.command is not None and until(run, 'stopped') < 100
    broken = [line for stream in run.streams for line in violations(CONFIG, stream)]
    assert set(broken) <= {'jerk', 'jerk of positions', 'acceleration'}
