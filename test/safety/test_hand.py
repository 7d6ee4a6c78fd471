"""The guard knows what is in the hand: its limits hold, and what it does not know is not moved."""
from dataclasses import replace

from bad_policy import drive
from guard_stream import config_of, Run, SITES, violations
from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from lam_ws.geometry import Chain
from lam_ws.safety.bound import Bound
from lam_ws.safety.hand import grips, Hand, named, take, tool_speed
from lam_ws.safety.handling import BY_HAND, Handled, handlings
from lam_ws.safety.lease import Commander, TELEOP
from lam_ws.safety.safety import GuardConfig, Request
from lam_ws.safety.words import explain
import numpy as np
import pytest

EGG, BRICK = Handled('pick_place', 'egg', 'jaw', 'v1'), Handled('pick_place', 'brick', 'jaw', 'v1')
EMPTY = Handled('pick_place', '', '', 'v1')
KNOWN = handlings('v1', {
    EMPTY[:3]: {}, ('press', '', ''): {}, EGG[:3]: {'max_speed_m_s': 0.05},
    ('nest', 'egg', 'jaw'): {'max_speed_m_s': 0.03}, BRICK[:3]: {'max_speed_m_s': 0.6},
    ('pick_place', 'foil', 'jaw'): {'max_speed_m_s': 0.6, 'max_force_n': 0.5}})
FOIL = EGG._replace(part='foil')
# What may not be moved, and the reason.
WRONG = [(EGG._replace(part='chick'), 'knowledge_mismatch'),
         (EGG._replace(tool='cup'), 'knowledge_mismatch'),
         (EGG._replace(tool=''), 'knowledge_mismatch'),
         (EGG._replace(skill='juggle'), 'knowledge_mismatch'),
         (EGG._replace(kb_version='v2'), 'knowledge_mismatch'),
         (EGG._replace(kb_version=''), 'knowledge_mismatch'),
         (EMPTY._replace(kb_version='v2'), 'knowledge_mismatch'),
         (Handled(), 'knowledge_mismatch'), (FOIL, 'part_force')]
STEPS = [EMPTY, EGG, EGG._replace(skill='nest'), BRICK, None, *(wrong for wrong, _ in WRONG)]
CONFIG = config_of(handlings=KNOWN)
ALONG = np.eye(8)[0]   # the first joint turns: the tool moves in a circle about the base


def run_with(handled: Handled | None, config: GuardConfig = CONFIG) -> Run:
    """Return an armed guard whose step handles something."""
    run = Run(config)
    run.handled = handled
    return run.arm()


def sweep(run: Run, angle: float = 0.5):
    """Return a chunk of a second that turns the first joint."""
    return run.chunk(run.position + np.linspace(0.1, 1.0, 10)[:, None] * angle * ALONG)


def tool_speeds(config: GuardConfig, stream) -> np.ndarray:
    """Return [m] m/s at which each command of a stream moves the tool, the first out of rest."""
    _, X = Chain(config.spec)._frames(np.array([stream[0][0], *(p for p, _ in stream)])[:, :-1])
    return np.linalg.norm(np.diff(X[:, :3, 3], axis=0), axis=1) / config.cycle_s


def allowed(config: GuardConfig, handled: Handled | None) -> tuple[str, str, float]:
    """Return part, tool and m/s that go with what is handled."""
    if handled is None:
        return '', '', config.tool_speed
    return handled.part, handled.tool, min(
        config.tool_speed, config.handlings.allowances[handled[:3]].speed)


def judged(config: GuardConfig, stream, hands) -> list[str]:
    """Return what is wrong with the commands, given what the steps said and the guard took."""
    found, before = [], hands[0][1]
    speeds = tool_speeds(config, stream)
    stood = True   # by the commands: the last one did not move anything
    for i, (said, taken) in enumerate(hands):
        if taken != before and taken != said:
            found.append(f'{i}: took {taken} when told {said}')
        if allowed(config, taken) != allowed(config, before) and not stood:
            found.append(f'{i}: other limits in mid-motion')
        if speeds[i] > allowed(config, taken)[2] * (1.0 + 1e-9):
            found.append(f'{i}: {speeds[i]} m/s with {taken}')
        stood = not stream[i][1].any() and (i == 0 or (stream[i][0] == stream[i - 1][0]).all())
        before = taken
    return found


@pytest.mark.parametrize('site', SITES)
@given(seed=st.integers(0, 2 ** 32), tool_speed=st.sampled_from([0.2, 1.0, 10.0]),
       jerk=st.sampled_from([0.1, 1.0]))
@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])
def test_no_command_is_faster_than_what_is_handled_allows(site, seed, tool_speed, jerk):
    """Pins the promise, over bad chunks and joints, and steps that change at any moment."""
    config = config_of(site, tool_speed=tool_speed, jerk_scale=jerk, handlings=KNOWN)
    rng, run = np.random.default_rng(seed), Run(config)

    def change():
        if rng.random() < 0.015:
            run.handled = STEPS[rng.integers(len(STEPS))] if rng.random() < 0.5 else \
                STEPS[rng.integers(4)]

    run.handled = EGG
    drive(run, rng, 600, change)
    assert [wrong for stream, hands in zip(run.streams, run.hands, strict=True)
            for wrong in judged(config, stream, hands) + violations(config, stream)] == []


def test_the_promise_is_tested_in_motion():
    """Pins the test above: it must not pass because nothing moves, or nothing changes."""
    rng, run, moved, steps = np.random.default_rng(3), run_with(EGG), {}, [EMPTY, EGG, BRICK]

    def change():
        if rng.random() < 0.01:
            run.handled = steps[rng.integers(3)]

    drive(run, rng, 4000, change)
    for stream, hands in zip(run.streams, run.hands, strict=True):
        for speed, (_, taken) in zip(tool_speeds(CONFIG, stream), hands, strict=True):
            moved.setdefault(taken, []).append(speed)
    assert {EMPTY, EGG, BRICK} <= set(moved)
    assert max(moved[EGG]) > 0.9 * 0.05 and max(moved[EMPTY]) > 0.6
    assert all(np.mean(np.array(moved[step]) > 0.0) > 0.1 for step in steps)


def test_a_slow_part_is_moved_along_the_same_path_in_more_time():
    """Pins slowing down instead of refusing or cutting short, and whose bound it is."""
    config = replace(CONFIG, stale_chunk_s=20.0)
    run = run_with(EGG, config)
    goal = run.position + 0.5 * ALONG
    run.cycle(sweep(run))
    assert (run.decision.limited, run.decision.where) == ('part_speed', 'egg')
    assert run.decision.measured > run.decision.allowed == pytest.approx(0.95 * 0.05)
    assert explain(run.decision).startswith('egg: ') and 'm/s' in explain(run.decision, 'ko')
    for _ in range(1000):
        run.cycle()
    assert np.allclose(run.position, goal, atol=1e-6)
    assert judged(config, run.streams[0], run.hands[0]) == []


def test_the_slower_of_site_and_part_holds_and_is_named():
    """Pins that a part which may go faster than the site does not."""
    config = replace(CONFIG, tool_speed=0.1)
    for handled, name, speed in ((BRICK, 'tool_speed', 0.1), (EGG, 'part_speed', 0.05),
                                 (EMPTY, 'tool_speed', 0.1)):
        run = run_with(handled, config)
        run.cycle(sweep(run))
        assert (run.decision.limited, run.decision.allowed) == (name, pytest.approx(0.95 * speed))


def test_other_limits_hold_only_once_the_arm_stands():
    """Pins the order: brake by the old limits, stand, then move by the new ones."""
    run = run_with(EMPTY)
    run.cycle(sweep(run))
    for _ in range(30):
        run.cycle()
    run.handled = EGG
    cycles = 0
    while run.memory.handled == EMPTY:
        decision = run.cycle(sweep(run))
        assert run.memory.handled == EGG or decision.limited == 'part_change'
        assert decision.reason == ''
        cycles += 1
    assert 5 < cycles < 60 and decision.state == 'running'   # taken, and its chunk with it
    for _ in range(100):
        run.cycle()
    assert judged(CONFIG, run.streams[0], run.hands[0]) == []
    assert tool_speeds(CONFIG, run.streams[0])[-100:].max() > 0.04


def test_an_arm_that_is_measured_to_move_does_not_stand():
    """Pins the measured arm: a drive that lags still moves when its command stands."""
    run = run_with(EMPTY)
    run.handled = EGG
    moving = lambda s: replace(s, velocity=0.03 * np.ones(8))  # noqa: E731
    for _ in range(20):
        assert run.cycle(sweep(run), spoil=moving).limited == 'part_change'
    fingers = lambda s: replace(s, velocity=0.03 * np.eye(8)[7])  # noqa: E731
    assert run.cycle(sweep(run), spoil=fingers).state == 'running'
    assert run.memory.handled == EGG


def test_what_was_planned_for_another_part_is_void():
    """Pins a path that dwells: it must not go on, though the arm stood when the part changed."""
    run = run_with(EMPTY)
    dwelling = run.position + np.r_[np.zeros(5), np.linspace(0.2, 0.6, 5)][:, None] * ALONG
    run.cycle(run.chunk(dwelling))
    run.cycle()
    run.handled = EGG
    home = run.position
    for _ in range(80):
        run.cycle()
    assert (run.position == home).all() and run.decision.state == 'armed'


@pytest.mark.parametrize(('wrong', 'reason'), WRONG)
def test_what_is_not_known_is_not_moved(wrong, reason):
    """Pins the mismatch: the arm brakes in the same cycle, as for a hold, and stays."""
    run, calm = run_with(BRICK), run_with(BRICK)
    for i in range(20):
        for one in (run, calm):
            one.cycle(sweep(one) if i == 0 else None)
    run.handled = wrong
    for _ in range(100):
        decision = run.cycle(sweep(run))
        calm.cycle(hold=True)
        assert (decision.command.position == calm.decision.command.position).all()
        assert decision.reason == decision.limited == reason
    assert decision.state == 'armed' and run.memory.handled == BRICK
    assert run.memory.rejected == 100 and not decision.command.velocity.any()
    assert explain(decision) and explain(decision, 'ko')
    run.handled = BRICK
    run.cycle(sweep(run))
    assert (run.decision.state, run.decision.reason) == ('running', '')
    assert violations(CONFIG, run.streams[0]) == []


def test_a_guard_that_has_read_nothing_moves_nothing_of_a_company():
    """Pins the other way round: ids in a cell that has no knowledge."""
    run = run_with(EGG, config_of())
    for run.handled in (EGG, EGG._replace(kb_version=''), EMPTY):
        assert run.cycle(sweep(run)).reason == 'knowledge_mismatch'
    run.handled = Handled('pick_place')
    assert run.cycle(sweep(run)).state == 'running'


def test_a_stop_says_why_it_stopped():
    """Pins that a mismatch hides no stop and no refusal, and ends none."""
    run = run_with(EGG._replace(part='chick'))
    assert run.cycle(request=Request.STOP).reason == 'operator_stop'
    assert run.cycle().reason == 'operator_stop'
    assert run.cycle(request=Request.RESET).reason == 'knowledge_mismatch'
    assert run.decision.state == 'disarmed'


def test_no_step_in_progress_is_a_hold():
    """Pins that nothing is followed, nothing is told, and the limits stay with the part."""
    run = run_with(EGG)
    run.cycle(sweep(run))
    run.handled = None
    for _ in range(50):
        decision = run.cycle(sweep(run))
    assert (decision.state, decision.reason, decision.limited) == ('armed', '', '')
    assert run.memory.handled == EGG and run.memory.rejected == 0


def test_steps_of_a_cell_without_a_company_change_nothing():
    """Pins that a motion goes on over a change of skill, where nothing depends on it."""
    plain, changing = Run(config_of()).arm(), Run(config_of()).arm()
    for i in range(100):
        changing.handled = Handled('press' if i % 10 else 'wipe')
        for one in (plain, changing):
            one.cycle(sweep(one) if i % 50 == 0 else None)
        assert (plain.position == changing.position).all()


@pytest.mark.parametrize(('most', 'state'), [(1.0, 'running'), (1.0 - 1e-9, 'armed')])
def test_what_bears_just_the_force_of_the_fingers_is_held(most, state):
    """Pins the boundary: a part is refused only below what the gripper closes with."""
    force = CONFIG.spec.gripper_force
    config = config_of(handlings=handlings('v1', {
        EMPTY[:3]: {}, FOIL[:3]: {'max_speed_m_s': 0.6, 'max_force_n': most * force}}))
    run = run_with(FOIL, config)
    run.cycle(sweep(run))
    assert run.decision.state == state


def test_the_limits_of_what_is_handled():
    """Pins the strictest of site and part, and the site's own where nothing is said."""
    config = replace(CONFIG, tool_speed=0.1)
    for handled, speed in ((None, 0.1), (EMPTY, 0.1), (EGG, 0.05), (BRICK, 0.1),
                           (EGG._replace(part='chick'), 0.1)):
        assert tool_speed(config, handled) == speed


@pytest.mark.parametrize(('measured', 'stands'), [(0.0199, True), (-0.0199, True), (0.02, False),
                                                  (-0.02, False)])
def test_an_arm_stands_below_a_fiftieth_of_a_radian_a_second(measured, stands):
    """Pins `STANDING`, either way round, and for an arm that was never commanded."""
    joints = Run(CONFIG).joints()
    joints = replace(joints, velocity=np.r_[np.zeros(6), measured, 9.0])
    found = take(CONFIG, None, EGG, None, joints)
    assert found == (Hand(EGG, None, True) if stands else Hand(
        None, Bound('part_change', where='egg')))
    assert take(CONFIG, None, EGG, None, None).barred.name == 'part_change'


def test_what_is_taken_at_once_and_what_is_not():
    """Pins the answers of `take`, with where and numbers."""
    joints = replace(Run(CONFIG).joints(), velocity=np.ones(8))   # the arm moves
    assert take(CONFIG, EGG, None, None, joints) == Hand(EGG)
    assert take(CONFIG, EGG, EGG, None, joints) == Hand(EGG)
    press = Handled('press', '', '', 'v1')
    assert take(CONFIG, EMPTY, press, None, joints) == Hand(press)     # no limit is another
    nest = EGG._replace(skill='nest')
    assert take(CONFIG, EGG, nest, None, joints).barred == Bound('part_change', where='egg')
    assert take(CONFIG, EGG, EMPTY, None, joints).barred == Bound('part_change', where='')
    force = CONFIG.spec.gripper_force
    assert take(CONFIG, EGG, FOIL, None, joints).barred == ('part_force', force, 0.5, 'foil')
    cup = Handled('pick_place', '', 'cup', 'v1')
    assert take(CONFIG, EGG, cup, None, joints) == Hand(
        EGG, Bound('knowledge_mismatch', where='cup'))


def test_a_bound_is_named_after_what_sets_it():
    """Pins whose speed it is: the part's, else the tool's, else the skill's, else the site's."""
    known = {('a', 'egg', 'jaw'): 0.1, ('a', '', 'jaw'): 0.1, ('a', '', ''): 0.1,
             ('b', '', ''): 1.0, ('c', '', ''): 9.0}
    config = config_of(handlings=handlings('v1', {
        key: {'max_speed_m_s': speed} for key, speed in known.items()}))
    fast = Bound('tool_speed', 2.0, 1.0, 'tcp')
    for key, where in zip(known, ('egg', 'jaw', 'a', '', ''), strict=True):
        found = named(config, Handled(*key, 'v1'), fast)
        assert found == (('part_speed', 2.0, 1.0, where) if where else fast)
    slow = Handled('a', '', '', 'v1')
    assert named(config, slow, None) is None and named(config, None, fast) is fast
    table = Bound('table', 0.1, 0.2, 'tcp z')
    assert named(config, slow, table) is table


GENTLE = handlings('v1', {EMPTY[:3]: {}, EGG[:3]: {'max_speed_m_s': 0.05},
                          BRICK[:3]: {'max_speed_m_s': 0.6}})


def held_by_hand(config: GuardConfig) -> Run:
    """Return an armed guard that a person's hand commands while no step is in work."""
    run, hand = Run(config), Commander(TELEOP, 'h', 1)
    run.handled = None
    run.claim = lambda: hand.claim(run.now_s, takes=True)
    return run.arm()


def test_by_hand_the_arm_is_as_gentle_as_with_the_most_delicate():
    """Pins the speed while nobody says what is in the fingers, and whose bound is named."""
    config = config_of(handlings=GENTLE)
    run = held_by_hand(config)
    run.cycle(sweep(run))
    assert (run.decision.limited, run.decision.where) == ('part_speed', 'teleop')
    for _ in range(100):
        run.cycle()
    speeds = tool_speeds(config, run.streams[0])
    assert 0.04 < speeds.max() <= 0.05 * (1.0 + 1e-9) and run.memory.handled == BY_HAND
    assert explain(run.decision) and violations(config, run.streams[0]) == []


def test_a_step_that_is_in_work_keeps_its_own_limits_by_hand():
    """Pins a hand that takes over in mid-step: it holds what the step says."""
    config = config_of(handlings=GENTLE)
    run, hand = run_with(BRICK, config), Commander(TELEOP, 'h', 1)
    run.claim = lambda: hand.claim(run.now_s, takes=True)
    run.cycle(sweep(run))
    for _ in range(40):
        run.cycle()
    assert run.memory.handled == BRICK and tool_speeds(config, run.streams[0]).max() > 0.3
    run.handled = None      # the step ends while the hand moves on
    limits = set()
    for _ in range(60):
        limits.add(run.cycle(sweep(run)).limited)
    assert run.memory.handled == BY_HAND and 'part_change' in limits
    speeds = tool_speeds(config, run.streams[0])
    stood = 41 + int(np.argmin(speeds[41:]))
    assert speeds[stood] == 0.0 and speeds[stood:].max() <= 0.05 * (1.0 + 1e-9)


def test_where_something_bears_less_than_the_fingers_press_no_hand_closes_them():
    """Pins fail-closed: it might be between them. The arm moves, the fingers only open."""
    run = held_by_hand(CONFIG)   # its foil bears 0.5 N
    run.cycle(sweep(run))
    assert run.decision.state == 'running'
    for _ in range(30):
        run.cycle()
    force = CONFIG.spec.gripper_force
    for gripper, name in ((-0.01, 'part_force'), (-1e-5, 'part_force'), (0.0, 'part_speed')):
        chunk = sweep(run)
        position = chunk.position.copy()
        position[:, -1] = run.memory.motion.position[-1] + gripper
        run.cycle(replace(chunk, position=position))
        assert run.decision.limited == name
        if name == 'part_force':
            assert (run.decision.measured, run.decision.allowed, run.decision.where) == (
                force, 0.5, 'teleop')
    assert explain(run.decision) and run.memory.rejected == 2


@pytest.mark.parametrize(('handled', 'bears', 'gripper', 'closes'), [
    (BY_HAND, 0.5, -0.01, True), (BY_HAND, 0.5, -2e-6, True), (BY_HAND, 0.5, -5e-7, False),
    (BY_HAND, 0.5, 0.0, False), (BY_HAND, 0.5, 0.01, False), (BY_HAND, 40.0, -0.01, False),
    (BY_HAND, 39.9, -0.01, True), (EMPTY, 0.5, -0.01, False), (None, 0.5, -0.01, False)])
def test_what_counts_as_closing(handled, bears, gripper, closes):
    """Pins `grips`: by hand alone, less than the fingers press, and less than where they are."""
    config = config_of(handlings=handlings('v1', {EGG[:3]: {'max_force_n': bears}}))
    run = Run(config).arm()
    assert config.spec.gripper_force == 40.0
    target = run.memory.motion.position + gripper * np.eye(8)[7]
    chunk = run.chunk(np.stack([np.array(run.memory.motion.position), target]))
    found = grips(config, handled, run.memory.motion, chunk)
    assert found == (('part_force', 40.0, bears, 'teleop') if closes else None)


def test_a_hand_that_is_idle_or_gone_lets_nothing_through_without_a_step():
    """Pins that a step is asked for again as soon as no hand moves."""
    run = held_by_hand(config_of(handlings=GENTLE))
    hand = Commander(TELEOP, 'h', 2)
    for more in ({'idle': True}, {'gives': True}):
        run.claim = lambda more=more: hand.claim(run.now_s, **more)
        decision = run.cycle(sweep(run))
        assert (decision.state, run.memory.path) == ('armed', None)
        assert not decision.command.velocity.any()
