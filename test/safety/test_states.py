"""The stop's state machine, every transition of it."""
from dataclasses import replace
from itertools import product

from guard_stream import config_of, Run, violations
from lam_ws.safety.safety import GuardState, Request
import numpy as np
import pytest

CONFIG = config_of()
JOINTS = ('fresh', 'stale', 'none', 'jump')
CHUNKS = ('none', 'sound', 'bad', 'replayed')


def run_in(state: GuardState) -> Run:
    """Return a guard brought to `state` by requests and chunks alone."""
    run = Run(CONFIG)
    if state is GuardState.DISARMED:
        run.cycle()
    elif state is GuardState.ARMED:
        run.arm()
    else:
        run.start_motion()
        if state is not GuardState.RUNNING:
            run.cycle(request=Request.STOP)
        while state is GuardState.STOPPED and run.decision.state != GuardState.STOPPED:
            run.cycle()
    assert run.decision.state == state
    return run


def expected(state, request, joints, chunk, hold) -> set[GuardState]:
    """Return the states that docs/safety.md allows after one cycle."""
    S = GuardState
    good = joints == 'fresh'
    if request is Request.STOP:
        return {S.STOPPED} if state in (S.DISARMED, S.ARMED, S.STOPPED) else {S.STOPPING}
    if state is S.DISARMED:
        return {S.ARMED} if request is Request.ARM and good else {S.DISARMED}
    if state is S.STOPPED:
        return {S.DISARMED} if request is Request.RESET and good else {S.STOPPED}
    if state is S.STOPPING:
        return {S.STOPPING}
    if not good:
        return {S.STOPPED} if state is S.ARMED else {S.STOPPING}
    if state is S.ARMED:
        return {S.RUNNING} if chunk == 'sound' and not hold else {S.ARMED}
    return {S.RUNNING}


@pytest.mark.parametrize('state', list(GuardState))
def test_every_transition_is_the_documented_one(state):
    """Pins the whole table: 5 states x 4 requests x 4 joint states x 4 chunks x hold.

    What it must never show: STOPPED to RUNNING in one step, a stop that loses against anything
    in its own cycle, a fault that does not latch, or a hold that commands zeros.
    """
    for request, joints, chunk, hold in product(Request, JOINTS, CHUNKS, (False, True)):
        run = run_in(state)
        case = (state, request, joints, chunk, hold)
        if joints in ('stale', 'none'):  # up to the last cycle in which it is still in time
            last = run.joints()
            spoil = {'stale': lambda s, last=last: last, 'none': lambda s: None}[joints]
            for _ in range(round(CONFIG.stale_joints_s / CONFIG.cycle_s)):
                assert run.cycle(spoil=spoil).state == state, case
        elif joints == 'jump':
            spoil = lambda s: replace(s, position=s.position + 0.5)  # noqa: E731
        else:
            spoil = None
        before = run.position
        offered = {'none': None, 'sound': run.chunk(before + 0.02 * run.way()[None]),
                   'bad': run.chunk(np.full((3, 8), np.nan)),
                   'replayed': replace(run.chunk(before[None]), stamp_s=0.0)}[chunk]
        decision = run.cycle(offered, hold, request, spoil)
        assert decision.state in expected(*case), (case, decision)
        assert decision.command is not None
        if state in (GuardState.ARMED, GuardState.RUNNING) and request is not Request.STOP:
            fault = {'fresh': '', 'jump': 'joint_jump'}.get(joints, 'stale_joints')
            assert decision.reason == fault, case
        assert not any(violations(CONFIG, stream) for stream in run.streams), case
        if decision.state in (GuardState.DISARMED, GuardState.ARMED, GuardState.STOPPED):
            # A hold is where the arm was, or is measured to be: never zeros.
            assert not decision.command.velocity.any(), case
            held = np.abs(decision.command.position - before).max()
            assert held < 1e-9 or decision.restarted or state is GuardState.STOPPING, case


@pytest.mark.parametrize('state', [s for s in GuardState if s is not GuardState.DISARMED])
def test_a_stop_brakes_in_its_own_cycle(state):
    """Pins fault 18: the first command after the request is slower, whatever else comes in."""
    run = run_in(state)
    speed = np.abs(run.streams[-1][-1][1]).max()
    decision = run.cycle(run.chunk(run.position + 0.1 * np.ones((5, 8))), request=Request.STOP)
    now = np.abs(decision.command.velocity).max()
    assert now < speed or speed == 0.0 == now


def test_a_stop_leaves_only_by_reset_then_arm():
    """Pins the latch: chunks, arm before reset, and reset alone do not set the arm in motion."""
    run = run_in(GuardState.STOPPED)
    stand = run.position
    for request in (Request.NONE, Request.ARM, Request.ARM):
        for _ in range(5):
            assert run.cycle(run.chunk(stand + 0.1), request=request).state == 'stopped'
    assert run.cycle(request=Request.RESET).state == 'disarmed'
    for _ in range(5):
        assert run.cycle(run.chunk(stand + 0.1 * run.way()[None])).state == 'disarmed'
    assert (run.position == stand).all()
    goal = stand + 0.1 * run.way()[None]
    assert run.cycle(run.chunk(goal), request=Request.ARM).state == 'armed'
    assert run.cycle(run.chunk(goal)).state == 'running'
    assert len(run.streams) == 1 and violations(CONFIG, run.streams[0]) == []


def test_a_reset_in_mid_brake_does_not_count():
    """Pins that the brake runs to its end before anybody may clear it."""
    run = run_in(GuardState.STOPPING)
    while run.decision.state == 'stopping':
        run.cycle(request=Request.RESET)
    assert run.decision.state == 'stopped' and run.decision.reason == 'operator_stop'


def test_nothing_is_carried_over_a_stop():
    """Pins the queue: the chunk of before the stop does not go on after reset and arm."""
    run = run_in(GuardState.RUNNING)
    old = run.chunk(run.position + 0.1 * run.way()[None])
    run.cycle(old)
    run.cycle(request=Request.STOP)
    while run.decision.state != 'stopped':
        run.cycle()
    run.cycle(request=Request.RESET)
    run.cycle(request=Request.ARM)
    decision = run.cycle(old)
    assert (decision.state, decision.limited) == ('armed', 'chunk_early')
    assert not run.cycle().command.velocity.any()
