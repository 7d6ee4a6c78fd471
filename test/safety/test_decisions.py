"""What the guard remembers and tells, cycle by cycle."""
from dataclasses import replace
import math

from guard_stream import config_of, Run
from lam_ws.safety.bound import Bound
from lam_ws.safety.guard import _limiter, GuardMemory, start, step
from lam_ws.safety.handling import Handled, handlings
from lam_ws.safety.lease import Lease
from lam_ws.safety.safety import GuardInputs, GuardState, Request
import numpy as np
import pytest

CONFIG = config_of()
DT = CONFIG.cycle_s


def moved(run, angle, joint=0):
    """Return what reports one joint farther on than commanded."""
    position = run.position + angle * np.eye(8)[joint]
    return lambda state: replace(state, position=position)


def test_a_guard_that_was_switched_on_knows_nothing():
    """Pins the first memory, value by value."""
    memory = start(CONFIG)
    assert memory == GuardMemory() and memory.state is GuardState.DISARMED
    assert memory[1:] == (Bound(''), -math.inf, None, None, 0, None, None, 0, -math.inf, math.inf,
                          0.0, 0, 0, 0, None, Lease(), (), 1.0)
    assert Bound('') == ('', 0.0, 0.0, '') and Lease() == (None, -math.inf, ())


def test_every_limiter_is_made_before_the_first_cycle():
    """Pins that no cycle has to wait for one: 60 ms would be six of them."""
    known = handlings('v1', {('pick', 'egg', ''): {'max_speed_m_s': 0.05},
                             ('pick', 'brick', ''): {'max_speed_m_s': 9.0}, ('pick', '', ''): {}})
    run = Run(config_of(handlings=known, tool_speed=0.9))
    made = _limiter.cache_info().misses
    for part in ('egg', 'brick', ''):
        run.handled = Handled('pick', part, '', 'v1')
        run.cycle()
        assert run.memory.handled == run.handled
    assert _limiter.cache_info().misses == made
    assert _limiter(run.config, 0.05).workspace.tool_speed == 0.05
    assert _limiter(run.config, 0.9).workspace.tool_speed == 0.9
    assert _limiter.cache_info().misses == made


def test_what_is_counted():
    """Pins commands, cycles with a bound at work, and chunks that were not accepted."""
    run = Run(CONFIG)
    run.cycle(spoil=lambda s: None)
    assert (run.memory.commands, run.memory.limited, run.memory.rejected) == (0, 0, 0)
    run.arm()
    run.cycle(run.chunk(np.full((1, 8), np.nan)))
    run.cycle(run.chunk(np.full((1, 8), np.nan)))
    run.cycle()
    assert (run.memory.commands, run.memory.limited, run.memory.rejected) == (5, 2, 2)


def test_permission_counts_from_the_cycle_it_is_given_in():
    """Pins the two stamps: what was seen before ARM does not count, what was accepted does."""
    run = Run(CONFIG)
    run.cycle()
    assert (run.memory.armed_s, run.memory.chunk_s) == (math.inf, -math.inf)
    run.cycle(request=Request.ARM)
    assert (run.memory.armed_s, run.memory.chunk_s) == (run.now_s, -math.inf)
    chunk = run.chunk(run.position[None] + 0.01 * run.way())
    run.cycle(chunk)
    assert (run.memory.chunk_s, run.memory.cursor) == (chunk.stamp_s, 1)
    assert run.memory.armed_s == pytest.approx(run.now_s - DT)
    run.cycle()
    assert run.memory.cursor == 2
    run.cycle(hold=True)
    assert (run.memory.cursor, run.memory.path) == (0, None)
    run.cycle(request=Request.ARM)   # asked again of an arm that is armed: nothing new
    assert run.memory.chunk_s == chunk.stamp_s and run.memory.lease.holder is not None


def test_a_chunk_of_a_hold_is_read_and_not_followed():
    """Pins that a policy may go on proposing while there is nothing to do."""
    run = Run(CONFIG).arm()
    chunk = run.chunk(run.position[None] + 0.01 * run.way())
    decision = run.cycle(chunk, hold=True)
    assert (decision.state, decision.limited, run.memory.path) == ('armed', '', None)
    assert run.memory.chunk_s == chunk.stamp_s


def test_the_speed_that_a_drive_still_feels():
    """Pins the envelope: the fastest arm joint at once, less by 1 in 20 each cycle, no gripper."""
    run = Run(CONFIG).start_motion(40)
    speed = run.memory.speed
    assert speed == pytest.approx(max(abs(run.decision.command.velocity[:7])), rel=0.05)
    assert speed > 0.1
    run.cycle(request=Request.STOP)
    while run.decision.state != 'stopped':
        run.cycle()
    for _ in range(5):
        before = run.memory.speed
        run.cycle()
        assert run.memory.speed == pytest.approx(math.exp(-0.05) * before)
    gripper = Run(CONFIG).arm()
    gripper.cycle(gripper.chunk(gripper.position[None] - 0.05 * np.eye(8)[7]))
    for _ in range(20):
        gripper.cycle()
    assert abs(gripper.decision.command.velocity[7]) > 0.01 and gripper.memory.speed < 1e-9


@pytest.mark.parametrize('joint', range(7))
@pytest.mark.parametrize(('angle', 'anew'), [(0.0, False), (0.0199, False), (0.0201, True),
                                             (-0.0201, True), (-0.0199, False)])
def test_reset_takes_the_measured_pose_where_the_arm_was_moved(angle, anew, joint):
    """Pins the distance from which on an arm was moved: that of an arm that braked by itself."""
    run = Run(CONFIG).arm()
    run.cycle(request=Request.STOP)
    held, hand = run.position.copy(), moved(run, angle, joint)
    run.cycle(spoil=hand)
    for request in (Request.RESET, Request.ARM):
        decision = run.cycle(request=request, spoil=hand)
        assert decision.restarted == (anew and request is Request.RESET)
        assert decision.command.position[joint] == pytest.approx(held[joint] + angle * anew)
    assert decision.state == 'armed'


@pytest.mark.parametrize('joint', range(7))
@pytest.mark.parametrize(('angle', 'anew'), [(0.0199, False), (0.0201, True), (-0.0201, True)])
def test_arm_takes_the_measured_pose_where_the_arm_was_moved(angle, anew, joint):
    """Pins the same of an arm that was moved while it was disarmed, joint by joint."""
    run = Run(CONFIG)
    run.cycle()
    held, hand = run.position.copy(), moved(run, angle, joint)
    for _ in range(2):
        assert not run.cycle(spoil=hand).restarted
    decision = run.cycle(request=Request.ARM, spoil=hand)
    assert (decision.state, decision.restarted) == ('armed', anew)
    assert decision.command.position[joint] == pytest.approx(held[joint] + angle * anew)


@pytest.mark.parametrize('request_', [Request.NONE, Request.STOP, Request.RESET])
def test_nothing_but_arm_takes_the_measured_pose_of_a_disarmed_arm(request_):
    """Pins that a command does not follow a hand by itself."""
    run = Run(CONFIG)
    run.cycle()
    hand = moved(run, 0.3)
    run.cycle(spoil=hand)
    decision = run.cycle(request=request_, spoil=hand)
    assert not decision.restarted and decision.command.position[0] == 0.0


def test_a_stop_that_is_asked_for_again_is_the_last_word():
    """Pins the reason: what the operator asked for, whatever stopped the arm before."""
    run = Run(CONFIG).start_motion()
    run.cycle(spoil=lambda s: replace(s, position=s.position + 1.0))
    assert run.decision.reason == 'joint_jump'
    run.cycle()
    assert run.decision.reason == 'joint_jump' and run.decision.measured > 0.9
    while run.decision.state != 'stopped':
        run.cycle()
    assert run.cycle(request=Request.STOP).reason == 'operator_stop'
    assert run.decision.state == 'stopped'
    assert run.cycle(request=Request.ARM).state == 'stopped'


def test_a_refusal_is_told_until_it_is_over():
    """Pins what keeps an arm from being armed: with numbers, and gone with its cause."""
    run = Run(CONFIG)
    run.cycle()
    far = moved(run, 1.4)
    run.cycle(spoil=far)
    decision = run.cycle(request=Request.ARM, spoil=far)
    assert (decision.state, decision.reason, decision.restarted) == (
        'disarmed', 'outside_workspace', True)
    assert decision.where == 'tcp x' and decision.allowed == 0.15 > decision.measured
    assert run.cycle(spoil=far).reason == 'outside_workspace'
    decision = run.cycle(request=Request.ARM, spoil=moved(run, -1.4))
    assert (decision.state, decision.reason) == ('disarmed', 'joint_jump')
    decision = run.cycle(request=Request.ARM, spoil=moved(run, -1.4))
    assert (decision.state, decision.reason) == ('armed', '')


def test_a_clock_that_is_no_number_does_not_become_the_time():
    """Pins what is remembered and what the command says: the last time that was one."""
    run = Run(CONFIG).start_motion()
    at_s, run.now_s = run.now_s, math.nan
    decision = run.cycle()
    assert (decision.state, decision.reason) == ('stopping', 'clock')
    assert run.memory.now_s == decision.command.stamp_s == at_s


def test_what_is_wrong_with_a_chunk_is_told_before_what_slows_it():
    """Pins one bound a cycle: a refusal, then the bound at work, then who is silent."""
    run = Run(config_of(tool_speed=0.05)).start_motion()
    assert run.decision.limited == 'tool_speed'
    assert run.cycle(run.chunk(np.full((1, 8), np.nan))).limited == 'chunk_not_finite'
    run.handled = Handled('pick', 'egg', '', 'v9')
    decision = run.cycle(run.chunk(run.position[None]))
    assert (decision.limited, decision.reason, decision.where) == (
        'knowledge_mismatch', 'knowledge_mismatch', 'egg')
    assert run.memory.path is None and run.memory.rejected == 2
    assert run.cycle().limited == 'knowledge_mismatch' and run.memory.rejected == 2


def test_a_chunk_that_is_over_is_told_by_its_age():
    """Pins the numbers of a chunk that has no waypoint left: its age, its last time."""
    run = Run(CONFIG).arm()
    for _ in range(60):
        run.cycle()
    over = replace(run.chunk(run.position[None]), stamp_s=run.now_s - 0.5, times=[0.1])
    decision = run.cycle(over)
    assert (decision.limited, decision.where) == ('chunk_stale', '')
    assert (decision.measured, decision.allowed) == pytest.approx((0.51, 0.1))


def test_a_cycle_without_a_claim_changes_nobodys_lease():
    """Pins who commands: the lease is as it was, and opened by ARM alone."""
    run = Run(CONFIG).start_motion()
    lease = run.memory.lease
    memory, _ = step(CONFIG, run.memory, GuardInputs(run.now_s + DT, run.joints()))
    assert memory.lease == lease and memory.lease.holder is not None
    run.cycle(request=Request.STOP)
    while run.decision.state != 'stopped':
        run.cycle()
    run.cycle(request=Request.RESET)
    assert run.memory.lease.holder is not None
    run.cycle(request=Request.ARM)
    assert run.memory.lease.holder is None
