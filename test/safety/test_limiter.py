"""One cycle of motion and its way to rest."""
from dataclasses import replace

from guard_stream import config_of, Run, violations
from lam_ws.keep_out import KeepOut
from lam_ws.safety.bound import Bound
from lam_ws.safety.limiter import Limiter
import numpy as np
import pytest

CONFIG = config_of()
LIMITER = Limiter(CONFIG)
REST = LIMITER.rest(CONFIG.spec.home)


def towards(position, velocity=0.0):
    """Return a reference with no acceleration."""
    return LIMITER.references(np.array([[position, np.zeros(8) + velocity, np.zeros(8)]]))[0]


def test_a_reference_within_reach_is_met_exactly():
    """Pins zero lag: a smooth reference is the command, to the last bit that matters."""
    motion, dt = REST, CONFIG.cycle_s
    for i in range(1, 300):
        t = i * dt
        reference = np.array([CONFIG.spec.home, np.zeros(8), np.zeros(8)])
        reference[:, 1] += [0.1 * (1 - np.cos(3 * t)), 0.3 * np.sin(3 * t), 0.9 * np.cos(3 * t)]
        reference[:, 7] = LIMITER.upper[7], 0.0, 0.0
        motion, bound = LIMITER.follow(motion, LIMITER.references(reference[None])[0])
        assert bound is None
        assert np.allclose(motion.position, reference[0], atol=1e-9)


def test_a_motion_may_begin_as_an_arm_moves():
    """Pins where and how fast it is, within limits, that it goes on so, and that it can stop."""
    speed = np.zeros(8)
    speed[1] = 0.3
    motion = LIMITER.passing(CONFIG.spec.home, speed)
    assert motion.position == REST.position and motion.velocity == speed.tolist()
    ahead = REST.position + speed * CONFIG.cycle_s
    on, bound = LIMITER.follow(motion, towards(ahead, speed))
    assert bound is None and np.allclose(on.position, ahead, atol=1e-9)
    for _ in range(100):
        motion, bound = LIMITER.brake(motion)
        assert bound is None
    assert motion.resting and 0.0 < motion.position[1] - REST.position[1] < 0.1


@pytest.mark.parametrize('short', [0.0, 1e-4, 1e-3, 0.01, 0.1])
@pytest.mark.parametrize('share', [-1.0, -0.1, 0.1, 1.0])
def test_a_motion_that_begins_near_an_end_can_stop_before_it(short, share):
    """Pins fingers that tremble at their stop: a speed from which no way leads to rest."""
    end = LIMITER.upper - short if share > 0 else LIMITER.lower + short
    motion = LIMITER.passing(end, 2.0 * share * CONFIG.velocity)
    assert (np.abs(motion.velocity) <= LIMITER.cruise).all()
    for _ in range(200):
        motion, bound = LIMITER.brake(motion)
        assert bound is None
        assert (motion.position >= LIMITER.config.spec.limits.lower).all()
        assert (motion.position <= LIMITER.config.spec.limits.upper).all()
    assert motion.resting


def test_a_reference_knows_from_where_constant_jerk_leads_to_it():
    """Pins the short cut past the search: only from the sample before, only within the jerk."""
    jerk, t = 5.0 * LIMITER.acceleration * np.r_[np.ones(7), -1.0], np.arange(5)[:, None] / 100
    samples = np.stack([REST.position + jerk * t ** 3 / 6, jerk * t ** 2 / 2, jerk * t], axis=1)
    smooth = LIMITER.references(samples)
    assert len(smooth) == 5 and smooth[0].arm_before is None and smooth[0].gripper_before is None
    for i in range(1, 5):
        assert smooth[i].arm_before == smooth[i - 1].arm == samples[i - 1, :, :7].tolist()
        assert smooth[i].gripper_before == smooth[i - 1].gripper
    samples[3, 2, 4] *= 2.0  # one joint jumps, the gripper does not
    broken = LIMITER.references(samples)
    assert [reference.arm_before is None for reference in broken] == [True, False, False, True,
                                                                      True]
    assert broken[3].gripper_before == broken[2].gripper


def test_a_far_reference_is_reached_at_the_limits_and_not_beyond():
    """Pins the catch-up: as fast as allowed, and at rest at the end without overshoot."""
    goal, motion = CONFIG.spec.home + 0.6 * np.eye(8)[6], REST
    stream = [(np.array(REST.position), np.zeros(8))]
    for _ in range(150):
        motion, _ = LIMITER.follow(motion, towards(goal))
        stream.append((np.array(motion.position), np.array(motion.velocity)))
    assert violations(CONFIG, stream) == []
    assert np.allclose(motion.position[6], goal[6], atol=1e-9)
    assert max(p[6] for p, _ in stream) <= goal[6] + 1e-6
    a = CONFIG.acceleration[6]
    assert next(i for i, (p, _) in enumerate(stream) if p[6] > goal[6] - 1e-4) * CONFIG.cycle_s \
        < 2.0 * np.sqrt(0.6 / a) + 0.05


@pytest.mark.parametrize('cycles', [30, 40, 50])
def test_braking_is_as_fast_as_the_limits_allow_and_keeps_its_direction(cycles):
    """Pins the stop: v/a plus the jerk ramps, all arm joints at rest in the same cycle."""
    run = Run(CONFIG).arm()
    ahead = np.linspace(0.03, 0.6, 10)[:, None] * (np.eye(8)[0] - 0.5 * np.eye(8)[6])
    run.cycle(run.chunk(run.position + ahead))
    for _ in range(cycles):
        run.cycle()
    motion, taken = run.memory.motion, 0
    speed, a, j = motion.velocity[0], CONFIG.acceleration[0], CONFIG.jerk[0]
    rest_s = speed / a + 2.0 * a / j + 2 * CONFIG.cycle_s + abs(motion.acceleration[0]) / j
    while not motion.resting:
        motion, bound = LIMITER.brake(motion)
        taken += 1
        assert bound is None
        assert motion.velocity[0] == pytest.approx(-2.0 * motion.velocity[6], abs=0.02)
    assert taken * CONFIG.cycle_s <= rest_s + abs(motion.acceleration[0])
    again, _ = LIMITER.brake(motion)
    assert again.position == motion.position and not any(again.step)


def test_every_motion_carries_a_stop_that_stays_inside():
    """Pins the idea of the guard: from any command, braking alone never crosses anything."""
    rng = np.random.default_rng(3)
    motion = REST
    for i in range(400):
        if i % 40 == 0:
            goal = rng.uniform(CONFIG.spec.limits.lower, CONFIG.spec.limits.upper)
        motion, _ = LIMITER.follow(motion, towards(goal, rng.normal(0.0, 0.5)))
        if i % 10 == 0:
            stopping, stream = motion, [(np.array(motion.position), np.zeros(8))]
            while not stopping.resting:
                stopping, bound = LIMITER.brake(stopping)
                assert bound is None
                stream.append((np.array(stopping.position), np.zeros(8)))
            found = violations(CONFIG, stream)
            assert not {'position', 'table', 'workspace'} & set(found)


def test_a_fault_of_the_planner_is_caught_and_braked(monkeypatch):
    """Pins the last check: a follower that jumps is replaced by a plain brake and reported."""
    run = Run(CONFIG).start_motion(40)
    limiter = Limiter(CONFIG)
    monkeypatch.setattr(limiter._arm, 'follow', lambda here, way, target, before: (
        [p + 0.3 for p in here[0]], [0.0] * 7, [0.0] * 7, way, None))
    motion, bound = limiter.follow(run.memory.motion, towards(CONFIG.spec.home))
    assert bound is not None and bound.name in ('limiter', 'tool_speed', 'workspace', 'table')
    monkeypatch.setattr(limiter, '_space', lambda *_: None)
    monkeypatch.setattr(limiter, '_too_fast', lambda *_: None)
    motion, bound = limiter.follow(run.memory.motion, towards(CONFIG.spec.home))
    assert bound is not None and bound.name == 'limiter'
    step = np.subtract(motion.position, run.memory.motion.position) / CONFIG.cycle_s
    assert (np.abs(step - run.memory.motion.step) <= CONFIG.acceleration * CONFIG.cycle_s
            + 1e-9).all()


def test_a_reference_that_is_not_a_number_brakes():
    """Pins that NaN cannot pass even if every check before were gone."""
    run = Run(CONFIG).start_motion(40)
    motion = run.memory.motion
    for _ in range(60):
        motion, bound = LIMITER.follow(
            motion, LIMITER.references(np.full((1, 3, 8), np.nan))[0])
        assert bound is not None and np.isfinite(motion.position).all()
    assert not any(motion.velocity)


@pytest.mark.parametrize(('gone', 'inside'), [
    (0.0, (True, False, False)), (0.3, (False, True, False)), (1.0, (False, True, True))])
def test_a_box_anywhere_on_the_way_to_rest_is_seen(gone, inside):
    """Pins the look ahead: at its beginning, at its end, and where both ends are free."""
    run = Run(config_of(velocity_scale=1.0, tool_speed=10.0)).arm()
    run.cycle(run.chunk(run.position + np.linspace(0.05, 1.0, 10)[:, None] * np.eye(8)[0], 0.02))
    while run.position[0] < 0.45:
        run.cycle()
    motion, stop = run.memory.motion, run.memory.motion.ways[0].trajectory
    x, y, z = Limiter(run.config).workspace.points(stop.at_time(gone * stop.duration)[0])[7]
    zone = KeepOut('post', [x - 0.005, y - 0.005, z - 0.03], [x + 0.005, y + 0.005, z - 0.02])
    limiter = Limiter(replace(run.config, keep_out=(zone,)))
    places = [limiter.workspace.place(stop.at_time(share * stop.duration)[0])
              for share in (0.0, 0.5, 1.0)]
    assert tuple(place.clearance < 0.0 for place in places) == inside
    reference = run.memory.path.reference(run.memory.cursor, run.now_s + CONFIG.cycle_s)[1]
    after, bound = limiter.follow(motion._replace(place=places[0]), reference)
    assert (bound.name, bound.where, bound.allowed) == ('keep_out', 'post, tool', 0.0)
    wanted = Limiter(run.config).follow(motion, reference)[0]
    end = wanted.ways[0].trajectory.at_time(9.0)[0]
    for share, at in ((0.0, wanted.position), (1.0, end)):   # told is where it would be
        if gone == share:
            assert bound.measured == pytest.approx(limiter.workspace.place(at).clearance)
    assert after.position[:7] == stop.at_time(motion.ways[0].gone_s + CONFIG.cycle_s)[0]
    assert after.ways[0] == (stop, motion.ways[0].gone_s + CONFIG.cycle_s)


class Strolling:
    """A way to rest of one second by the turns rad of the first joint at each quarter of it."""

    duration = 1.0

    def __init__(self, turns):
        self.turns = turns

    def at_time(self, time_s):
        """Return what ruckig's does: position, velocity, acceleration."""
        turned = list(CONFIG.spec.home[:7])
        turned[0] += self.turns[round(4 * time_s)]
        return turned, [0.0] * 7, [0.0] * 7


@pytest.mark.parametrize('quarter', [1, 2, 3])
def test_each_quarter_of_a_stop_is_looked_at(quarter):
    """Pins that a way which leaves in any of them is refused though it ends well inside."""
    space, turns = LIMITER.workspace, [0.0, 0.05, 0.1, 0.15, 0.9]
    way = Strolling(turns)
    start, last = (space.place(way.at_time(time_s)[0]) for time_s in (0.0, 1.0))
    moves = space.moves(start.joints, last.joints)
    assert last.clearance > 0.0 and space.touched(start, last) is not None
    turns[quarter] = 2.0
    assert space.place(way.at_time(quarter / 4)[0]).clearance < 0.0
    found = LIMITER._space(start, way, last.joints, moves)
    assert found.name == 'workspace'
    assert found == space.place(way.at_time(quarter / 4)[0]).bound


def test_what_is_planned_with_is_a_little_less_than_what_is_allowed():
    """Pins headroom and aim: a thousandth of the limits, a tenth more of the room at an end."""
    assert LIMITER.velocity == pytest.approx(0.999 * CONFIG.velocity)
    assert LIMITER.acceleration == pytest.approx(0.999 * CONFIG.acceleration)
    assert LIMITER.jerk == pytest.approx(0.999 * CONFIG.jerk)
    room = np.r_[np.full(7, 1.25 * 7.0 * 0.0001 / 8.0), 1.25 * 0.7 * 0.0001 / 8.0]
    assert LIMITER.lower - CONFIG.spec.limits.lower == pytest.approx(1.1 * room)
    assert CONFIG.spec.limits.upper - LIMITER.upper == pytest.approx(1.1 * room)
    assert LIMITER.cruise == pytest.approx(
        LIMITER.velocity - LIMITER.acceleration ** 2 / (2.0 * LIMITER.jerk))


def test_a_joint_of_soft_jerk_is_planned_with_less_acceleration():
    """Pins what jerk can build up within a joint's speed: sqrt(jerk speed), half of it cruise."""
    soft = Limiter(config_of(jerk_scale=0.001))    # 5 rad/s^3 at 1.834 rad/s
    assert soft.acceleration[0] == pytest.approx(0.999 * np.sqrt(5.0 * 1.834))
    assert soft.cruise[0] == pytest.approx(0.999 * 1.834 / 2.0)


def test_what_rests_is_drawn_into_the_limits():
    """Pins rest: nothing moves, and where it is is looked at."""
    motion = LIMITER.rest(np.where(np.arange(8) == 6, 9.0, CONFIG.spec.home))
    assert motion.position == [*CONFIG.spec.home[:6], LIMITER.upper[6], LIMITER.upper[7]]
    assert not any(motion.velocity + motion.acceleration + motion.step) and motion.resting
    assert motion.place == LIMITER.workspace.place(motion.position)
    assert [way.trajectory.degrees_of_freedom for way in motion.ways] == [7, 1]


def test_a_motion_rests_when_nothing_of_it_is_left():
    """Pins rest: no speed, no step, and both ways to their end."""
    assert REST.resting
    going = LIMITER._arm.way(REST.position[:7], [0.1] * 7, [0.0] * 7)
    opening = LIMITER._gripper.way(REST.position[7:], [-0.05], [0.0])
    for changes in ({'velocity': [0.0] * 6 + [1e-9, 0.0]}, {'step': [0.0] * 7 + [-1e-9]},
                    {'ways': (going, REST.ways[1])}, {'ways': (REST.ways[0], opening)}):
        assert not REST._replace(**changes).resting
    gone = going._replace(gone_s=going.trajectory.duration + 1.0)
    assert REST._replace(ways=(gone, REST.ways[1])).resting


def test_the_gain_of_a_tool_is_what_its_joints_still_gain():
    """Pins a^2 / (2 jerk) of each joint times its reach, in m/s."""
    acceleration = [1.0, 0.0, -2.0, 0.0, 0.0, 0.0, 3.0]
    reach, jerk = LIMITER.workspace.reach, 0.999 * 3500.0
    assert LIMITER._gain(acceleration) == pytest.approx(
        (1.0 * reach[0] + 4.0 * reach[2] + 9.0 * reach[6]) / (2.0 * jerk))


@pytest.mark.parametrize(('speed', 'found'), [(0.999, False), (1.001, True), (3.0, True)])
def test_a_tool_that_is_too_fast_in_this_cycle_is_told(speed, found):
    """Pins the first look: metres between two places in a cycle, against those allowed."""
    place = REST.place
    x, y, z = place.tcp
    before = place._replace(tcp=(x - 0.6 * speed * 0.01, y + 0.8 * speed * 0.01, z))
    bound = LIMITER._too_fast(before, place, [0.0] * 7, REST.ways[0].trajectory)
    assert (bound is not None) == found
    if found:
        assert bound == ('tool_speed', pytest.approx(speed), 1.0, 'tcp')


def test_a_tool_that_will_be_too_fast_in_its_stop_is_told():
    """Pins the second look: near the limit at every sample of the stop, else at none."""
    position, turning = CONFIG.spec.home.tolist()[:7], [6.9] + [0.0] * 6
    stop = LIMITER._arm.way(position, [0.6] + [0.0] * 6, turning).trajectory
    place = LIMITER.workspace.place(position)
    tcp = [LIMITER.workspace.points(stop.at_time(min(i * 0.01, stop.duration))[0])[7]
           for i in range(int(np.ceil(stop.duration / 0.01)) + 1)]
    speeds = np.linalg.norm(np.diff(tcp, axis=0), axis=1) / 0.01
    assert speeds[0] == speeds.max() > 0.2 and len(speeds) > 5
    tight = Limiter(config_of(tool_speed=float(speeds[0] - 1e-6)))
    loose = Limiter(config_of(tool_speed=float(speeds[0] + 1e-6)))
    for share, looked_at in ((0.9, True), (0.81, True), (0.75, False)):
        before = place._replace(tcp=tuple(np.add(place.tcp, [
            0.0, share * tight.workspace.tool_speed * 0.01, 0.0])))
        bound = tight._too_fast(before, place, [0.0] * 7, stop)
        assert bound == (('tool_speed', pytest.approx(speeds[0]), tight.workspace.tool_speed,
                          'tcp') if looked_at else None)
        assert loose._too_fast(before, place, [0.0] * 7, stop) is None
    # What the acceleration still adds counts as speed: 7 rad/s^2 of the first joint, 0.01 m/s.
    before = place._replace(tcp=tuple(np.add(place.tcp, [
        0.0, (0.8 * tight.workspace.tool_speed - 0.005) * 0.01, 0.0])))
    assert tight._too_fast(before, place, [0.0] * 7, stop) is None
    assert tight._too_fast(before, place, turning, stop) is not None


def test_a_gripper_that_comes_to_its_end_is_no_bound():
    """Pins that fingers may close: what they run up to is not told, and they get there."""
    motion, told = REST, set()
    for _ in range(200):
        motion, bound = LIMITER.follow(motion, towards([*CONFIG.spec.home[:7], 0.0], 0.0))
        told.add(bound)
    assert told == {None} and motion.position[7] == pytest.approx(LIMITER.lower[7])


def test_references_are_drawn_into_the_limits():
    """Pins position, velocity and acceleration of what is asked for, and counting from 0."""
    asked = np.array([[np.full(8, side * 99.0) for _ in range(3)] for side in (1.0, -1.0)])
    high, low = (LIMITER.references(asked)[i] for i in (0, 1))
    assert [*high.arm[0], *high.gripper[0]] == LIMITER.upper.tolist()
    assert [*low.arm[0], *low.gripper[0]] == LIMITER.lower.tolist()
    for reference, sign in ((high, 1.0), (low, -1.0)):
        assert [*reference.arm[1], *reference.gripper[1]] == (sign * LIMITER.cruise).tolist()
        assert [*reference.arm[2], *reference.gripper[2]] == (sign * LIMITER.acceleration).tolist()


def test_a_plain_brake_is_a_motion_like_others():
    """Pins what is sent instead of a command that fails: less speed, and its own way to rest."""
    motion = Run(CONFIG).start_motion(40).memory.motion
    wrong, zeros = [motion.position[0] - 0.05, *motion.position[1:]], [0.0] * 8
    sent, bound = LIMITER._sent(motion, wrong, zeros, zeros, motion.ways, motion.place, None)
    broken = LIMITER.last_check((motion.position, motion.velocity, motion.step), (
        wrong, zeros, [(x - y) / 0.01 for x, y in zip(wrong, motion.position, strict=True)]))
    assert bound == ('limiter', *broken[1:]) and broken.where == 'fr3_joint1'
    p, step = LIMITER.last_check.brake(motion.position, motion.step)
    assert (sent.position, sent.velocity, sent.step, sent.acceleration) == (p, step, step, zeros)
    assert sent.place == LIMITER.workspace.place(p)
    (arm, gripper), (q, v, a) = sent.ways, sent.ways[0].trajectory.at_time(0.0)
    assert (q, v, a) == (p[:7], step[:7], zeros[:7]) and arm.gone_s == gripper.gone_s == 0.0
    assert tuple(gripper.trajectory.at_time(0.0)) == ([p[7]], [step[7]], [0.0])


def test_what_is_sent_says_what_it_is():
    """Pins a motion that passes: its values, the mean speed of its cycle, its bound."""
    wanted = Bound('table', 0.1, 0.2, 'tcp z')
    p = [x + 0.0001 for x in REST.position[:7]] + REST.position[7:]
    v, a = [0.02] * 7 + [0.0], [1.0] * 8
    sent, bound = LIMITER._sent(REST, p, v, a, REST.ways, REST.place, wanted)
    assert bound is wanted and sent[:3] == (p, v, a)
    assert sent.step == pytest.approx([0.01] * 7 + [0.0])
