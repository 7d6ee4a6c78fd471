"""The task suite: scenes, goals and motions fit, judges are not fooled, experts succeed."""
from copy import deepcopy
from dataclasses import replace

from lam_ws.geometry import quaternion, rotation_x, rotation_z
from lam_ws.policy.skills import SKILLS
from lam_ws.sim.fixtures import PRESS, TURN
from lam_ws.sim.scene import load_scene
from lam_ws.sim.tasks.suite import all_goals, by_skill, is_open, load_task, scenes, staged, TASKS
from lam_ws.sim.truth import find, key_points, things
from lam_ws.site import load_site
from lam_ws.types import Observation
import numpy as np
import pytest

pytestmark = pytest.mark.sim
SITE = load_site('sim_bench')
SEEDS = range(6)
LONGEST_S = 22.0   # s of an expert's run
# Tasks whose part must stand at a place, on m and rad; what else their judges look at.
STANDS = ('kit', 'nest', 'insert', 'stack', 'hand_over')
BINS = ('pick_place', 'quarantine', 'bin_pick', 'belt_pick')
CLAMPS = ('open_clamp', 'close_clamp')


@pytest.fixture(scope='module')
def cells():
    """Return a function that gives the cell of a scene; each is made once."""
    pytest.importorskip('pybullet')
    from lam_ws.sim.cell import Cell
    made = {}

    def of(task):
        if task.scene not in made:
            made[task.scene] = Cell(staged(SITE, task.scene), 0)
        return made[task.scene]
    yield of
    for cell in made.values():
        cell.close()


@pytest.fixture(scope='module')
def truths(cells):
    """Return a function that gives the true states in which a task's episodes begin."""
    known = {}

    def of(task):
        if task.scene not in known:
            cell, known[task.scene] = cells(task), []
            for seed in SEEDS:
                cell.reset(seed)
                known[task.scene].append(cell.truth())
        return known[task.scene]
    return of


@pytest.fixture(params=TASKS)
def task(request):
    """Return each task of the suite."""
    return load_task(request.param)


def test_the_suite_covers_every_skill():
    """A skill that no task needs is never trained; a task of an unknown skill cannot be asked."""
    assert {load_task(name).skill for name in TASKS} == set(SKILLS)
    for skill in SKILLS:
        assert by_skill(skill).skill == skill


def test_a_task_fits_its_skill_and_its_scene(task):
    """Pins names, one waypoint a phase, and that the scene can hold what the task is about."""
    assert TASKS[task.name].endswith(type(task).__name__)
    skill, spec = SKILLS[task.skill], load_scene(task.scene)
    assert len(task.motion) == len(skill.phases)
    assert [way.grips for way in task.motion] == [phase == 'close' for phase in skill.phases]
    assert bool(task.places) is skill.place
    assert skill.carried == any(row.kind == 'belt' for row in spec.fixtures)
    if skill.grips:
        assert set(task.kinds) <= set(spec.parts.kinds)


def test_a_stage_is_the_same_site_with_another_scene(task):
    """Pins that nothing but the scene changes, and that a real cell has no stage."""
    site = staged(SITE, task.scene)
    assert site == replace(SITE, sim=replace(SITE.sim, scene=task.scene))
    with pytest.raises(ValueError, match='no stage'):
        staged(replace(SITE, sim=None), task.scene)


def test_goals_are_distinct_and_mean_one_thing(task, truths):
    """Pins: two things of one name would make a right answer count as wrong."""
    every, some = set(all_goals()), 0
    for truth in truths(task):
        names = [(thing.kind, thing.colour) for thing in things(truth)]
        assert len(set(names)) == len(names)
        goals = task.goals(truth)
        assert len(set(goals)) == len(goals)
        some += len(goals)
        for goal in goals:
            points = key_points(truth, goal)
            assert np.isfinite([*points.pick, *points.place, points.yaw]).all()
            assert goal in every and goal.skill == task.skill
            assert (goal.kind, goal.colour) != (goal.place, goal.destination)
    assert some >= len(SEEDS)


def test_all_goals_are_distinct_and_of_the_suite():
    """Pins that sentences are drawn for what some scene can ask, once each."""
    goals = all_goals()
    assert len(set(goals)) == len(goals)
    assert {goal.skill for goal in goals} == set(SKILLS) and {goal.text for goal in goals} == {''}
    assert not [goal for goal in goals if goal.skill in CLAMPS and goal.colour != goal.destination]


def test_what_is_so_already_is_not_open(truths):
    """Pins that no order is scored that a scene cannot be asked: an open clamp is to be closed."""
    for truth in truths(load_task('open_clamp')):
        for goal in load_task('open_clamp').goals(truth):
            said = replace(goal, text='open it', part='latch', tool='jaw')
            assert is_open(said, truth) and not is_open(replace(said, skill='close_clamp'), truth)
    assert not is_open(replace(said, colour='white', destination='white'), truth)


def test_every_scene_asks_only_for_what_there_are_sentences_for():
    """Pins scenes of several tasks too: a goal without sentences is never taught nor judged."""
    pytest.importorskip('pybullet')
    from lam_ws.sim.cell import Cell
    every = set(all_goals())
    assert set(scenes()) >= {task.scene for task in map(load_task, TASKS)}
    for scene, tasks in scenes().items():
        assert tasks
        if all(task.scene == scene for task in tasks):
            continue   # seen above
        cell = Cell(staged(SITE, scene), 0)
        try:
            for seed in SEEDS:
                cell.reset(seed)
                names = [(thing.kind, thing.colour) for thing in things(cell.truth())]
                assert len(set(names)) == len(names)
                assert all(set(task.goals(cell.truth())) <= every for task in tasks)
        finally:
            cell.close()


def test_waypoints_lie_where_the_arm_can_be(task, truths, cells):
    """Pins poses over the table, at every key point and for every phase."""
    home = np.array([0.4, 0.0, 0.4, 0.0, 0.08])
    for truth in truths(task):
        for goal in task.goals(truth):
            points = key_points(truth, goal)
            for phase, way in enumerate(task.motion):
                pose = way.where(points, home)
                assert pose.shape == (4,) and np.isfinite(pose).all()
                assert pose[2] > 0.012, (goal, phase)
                assert 0.2 < np.hypot(*pose[:2]) < 0.80, (goal, phase)
            np.testing.assert_array_equal(task.motion[-1].where(points, home), home[:4])


def test_nothing_is_done_at_the_start(task, truths):
    """Pins every goal of every scene: an episode may not be won by standing still."""
    for truth in truths(task):
        for goal in task.goals(truth):
            assert not task.done(truth, deepcopy(truth), goal), goal


# Judges: the truth as it would be after a good run, and each way in which it may not be.


def body(truth, kind, colour):
    """Return a part of the truth."""
    return next(p for p in truth['parts'] if (p['kind'], p['colour']) == (kind, colour))


def stand(truth, name, at, surface, yaw=0.0, off=(0.0, 0.0)):
    """Put a part upright at rest on a `surface` m high, `off` m from `at`."""
    part = body(truth, *name)
    part['position'] = [at[0] + off[0], at[1] + off[1], surface + part['size'][2] / 2]
    part['quaternion'], part['velocity'] = quaternion(rotation_z(yaw)).tolist(), [0.0] * 3


def achieved(task, before, goal, name=None, off=(0.0, 0.0), turned=0.0):
    """Return the truth after a good run, or one that put part `name` there, `off` m beside."""
    now = deepcopy(before)
    if task.skill in ('press', 'wipe', *CLAMPS):
        kind = 'clamp' if task.skill in CLAMPS else goal.kind
        fixture = built(now, kind, goal.colour)
        fixture['most'] = PRESS if task.skill == 'press' else 1.0
        fixture['value'] = {'open_clamp': TURN, 'close_clamp': 0.0}.get(task.skill, 0.0)
        return now
    place = find(before, goal.place, goal.destination)
    at = place.surface
    if task.skill == 'push':
        across = np.array([-np.sin(place.yaw), np.cos(place.yaw)])
        start = np.array(body(before, goal.kind, goal.colour)['position'])[:2]
        gap = float(across @ (at[:2] - start))
        at = start + across * (gap + np.sign(gap) * 0.015)
        off = np.array(off) * np.sign(gap)
        return _stand(now, name or (goal.kind, goal.colour), at, 0.0, 0.0, across * off[0])
    yaw = (place.yaw or 0.0) + turned
    return _stand(now, name or (goal.kind, goal.colour), at, place.surface[2], yaw, off)


def _stand(now, name, at, surface, yaw, off):
    stand(now, name, at, surface, yaw, off)
    return now


def built(truth, kind, colour):
    """Return a fixture of the truth."""
    return next(f for f in truth['fixtures'] if (f['kind'], f['colour']) == (kind, colour))


def cases(task, truths):
    """Yield (truth before, goal) of every goal of the scenes, one a scene for a task with many."""
    for truth in truths(task):
        goals = task.goals(truth)
        for goal in goals[:3]:
            yield truth, goal


def others(truth, goal):
    """Return the names of the parts that the goal is not about."""
    named = {(goal.kind, goal.colour), (goal.place, goal.destination)}
    return [(p['kind'], p['colour']) for p in truth['parts']
            if (p['kind'], p['colour']) not in named]


def test_a_good_run_is_done(task, truths):
    """Pins that the controls below fail for their own reason."""
    assert list(cases(task, truths))
    for before, goal in cases(task, truths):
        assert task.done(before, achieved(task, before, goal), goal), goal


@pytest.mark.parametrize('name', STANDS)
def test_a_part_beside_its_place_is_not_done(name, truths):
    """Pins 20 mm to every side, against a judge that only looks whether it is near."""
    task = load_task(name)
    for before, goal in cases(task, truths):
        for off in ((0.02, 0.0), (-0.02, 0.0), (0.0, 0.02), (0.0, -0.02)):
            assert not task.done(before, achieved(task, before, goal, off=off), goal), goal


@pytest.mark.parametrize('name', STANDS)
def test_a_part_that_does_not_stand_is_not_done(name, truths):
    """Pins a part that lies, that is held over its place, or that still moves."""
    task = load_task(name)
    for before, goal in cases(task, truths):
        for spoil in ({'quaternion': quaternion(rotation_x(0.5)).tolist()},
                      {'velocity': [0.0, 0.05, 0.0]}, 'held'):
            now = achieved(task, before, goal)
            part = body(now, goal.kind, goal.colour)
            if spoil == 'held':
                part['position'][2] += 0.02
            else:
                part.update(spoil)
            assert not task.done(before, now, goal), (goal, spoil)


@pytest.mark.parametrize(('name', 'kinds', 'turned'), [
    ('kit', ('cube',), np.pi / 4), ('hand_over', ('tie_rod', 'busbar', 'bar'), np.pi / 2)])
def test_a_part_turned_in_its_place_is_not_done(name, kinds, turned, truths):
    """Pins that headings count where both have one, and half turns do not."""
    task, seen = load_task(name), 0
    for before, goal in cases(task, truths):
        if goal.kind in kinds:
            seen += 1
            now = achieved(task, before, goal, turned=turned)
            assert not task.done(before, now, goal), goal
            assert task.done(before, achieved(task, before, goal, turned=np.pi), goal), goal
    assert seen


@pytest.mark.parametrize('name', BINS)
def test_a_part_beside_its_bin_is_not_done(name, truths):
    """Pins 20 mm outside of the wall, and a part that is still held over the bin."""
    task = load_task(name)
    for before, goal in cases(task, truths):
        bin_ = next(b for b in before['bins'] if b['colour'] == goal.destination)
        c, s = np.cos(bin_['yaw']), np.sin(bin_['yaw'])
        way = bin_['inner'][0] / 2 + 0.02
        assert not task.done(before, achieved(task, before, goal, off=(c * way, s * way)), goal)
        now = achieved(task, before, goal)
        body(now, goal.kind, goal.colour)['position'][2] += 0.08
        assert not task.done(before, now, goal)


@pytest.mark.parametrize('name', [*STANDS, *BINS, 'push'])
def test_another_part_in_the_place_is_not_done(name, truths):
    """Pins that the part that was named has to be there."""
    task, seen = load_task(name), 0
    for before, goal in cases(task, truths):
        for other in others(before, goal):
            seen += 1
            now = achieved(task, before, goal, name=other)
            assert not task.done(before, now, goal), (goal, other)
    assert seen


@pytest.mark.parametrize('name', [name for name in TASKS if name != 'belt_pick'])
def test_a_neighbour_carried_away_spoils_it(name, truths):
    """Pins that clearing the table is no way to find a part; on a belt all parts move."""
    task, seen = load_task(name), 0
    for before, goal in cases(task, truths):
        for other in others(before, goal):
            seen += 1
            now = achieved(task, before, goal)
            body(now, *other)['position'][0] += 0.12
            assert not task.done(before, now, goal), (goal, other)
    assert seen


def test_two_parts_from_the_belt_are_one_too_many(truths):
    """Pins that emptying the belt into the bin is not picking the part that was named."""
    task = load_task('belt_pick')
    for before, goal in cases(task, truths):
        for other in others(before, goal):
            place = find(before, goal.place, goal.destination)
            now = achieved(task, before, goal)
            stand(now, other, place.surface, 0.006, off=(0.04, 0.0))
            assert not task.done(before, now, goal)


def test_a_part_short_of_its_line_is_not_done(truths):
    """Pins that a push ends beyond the line, at rest."""
    task = load_task('push')
    for before, goal in cases(task, truths):
        assert not task.done(before, achieved(task, before, goal, off=(-0.02, 0.0)), goal)
        now = achieved(task, before, goal)
        body(now, goal.kind, goal.colour)['velocity'] = [0.05, 0.0, 0.0]
        assert not task.done(before, now, goal)


@pytest.mark.parametrize('name', CLAMPS)
@pytest.mark.parametrize('value', [TURN / 2, np.radians(20), np.radians(70)])
def test_a_lever_half_way_is_not_done(name, value, truths):
    """Pins both ends of the turn."""
    task = load_task(name)
    for before, goal in cases(task, truths):
        now = achieved(task, before, goal)
        built(now, 'clamp', goal.colour)['value'] = value
        assert not task.done(before, now, goal)


@pytest.mark.parametrize('name', CLAMPS)
def test_another_clamp_turned_spoils_it(name, truths):
    """Pins that the clamp that was not named stays as it was."""
    task = load_task(name)
    for before, goal in cases(task, truths):
        now = achieved(task, before, goal)
        other = next(f for f in now['fixtures'] if f['kind'] == 'clamp'
                     and f['colour'] != goal.colour)
        other['value'] = abs(other['value'] - np.radians(30))
        assert not task.done(before, now, goal)


def test_goals_are_the_clamps_that_stand_the_other_way(truths):
    """Pins that nobody is asked to open what is open."""
    for truth in truths(load_task('open_clamp')):
        opened, closed = (load_task(name).goals(truth) for name in CLAMPS)
        assert len(opened) == len(closed) == 1 and opened[0].colour != closed[0].colour
        assert built(truth, 'clamp', opened[0].colour)['value'] < 0.05


def test_another_button_touched_spoils_it(truths):
    """Pins that the finger goes to the button that was named, all the way, and to no other."""
    task = load_task('press')
    for before, goal in cases(task, truths):
        now = achieved(task, before, goal)
        built(now, 'button', goal.colour)['most'] = PRESS / 2
        assert not task.done(before, now, goal)
        for other in (f for f in before['fixtures'] if f['kind'] == 'button'
                      and f['colour'] != goal.colour):
            now = achieved(task, before, goal)
            built(now, 'button', other['colour'])['most'] = 0.003
            assert not task.done(before, now, goal)
            wrong = deepcopy(before)
            built(wrong, 'button', other['colour'])['most'] = PRESS
            assert not task.done(before, wrong, goal)


def test_a_stripe_half_wiped_is_not_done(truths):
    """Pins that it is wiped to its end."""
    task = load_task('wipe')
    for before, goal in cases(task, truths):
        now = achieved(task, before, goal)
        built(now, 'stripe', goal.colour)['most'] = 0.5
        assert not task.done(before, now, goal)


def test_nothing_is_pushed_into_another_part(truths):
    """Pins that a goal is only asked where the way is free."""
    task = load_task('push')
    for truth in truths(task):
        for goal in task.goals(truth):
            line = find(truth, 'line', goal.destination)
            part = np.array(body(truth, goal.kind, goal.colour)['position'])[:2]
            across = np.array([-np.sin(line.yaw), np.cos(line.yaw)])
            gap = across @ (line.surface[:2] - part)
            blocked = deepcopy(truth)
            for other in others(truth, goal):
                body(blocked, *other)['position'][:2] = (part + 0.6 * gap * across).tolist()
            if others(truth, goal):
                assert goal not in task.goals(blocked)


# Experts.


def carry_out(cell, goal):
    """Let the expert pursue a goal through the guard; return whether it says done in time."""
    from lam_ws.safety.guard import start, step
    from lam_ws.safety.lease import Commander, POLICY
    from lam_ws.safety.safety import guard_config, GuardInputs, Request
    from lam_ws.sim.expert import Expert
    expert, config = Expert(cell), guard_config(cell.site)
    expert.reset(goal)
    memory, requests = start(config), [Request.RESET, Request.ARM]
    commander = Commander(POLICY, 'expert', 1)
    replan = round(cell.site.policy.replan_s * cell.site.limits.control_hz)
    for cycle in range(round(LONGEST_S * cell.site.limits.control_hz)):
        joints, chunk = cell.read(), None
        if cycle % replan == 2:   # reset and arm come first
            chunk = expert.act(Observation(cell.now_s, joints, {}))
            if chunk.done == 1.0:
                return True
        request = requests.pop(0) if requests else Request.NONE
        memory, decision = step(config, memory, GuardInputs(
            cell.now_s, joints, chunk, request=request, claim=commander.claim(cell.now_s)))
        assert decision.command is not None, decision.reason
        cell.stream(decision.command)
        cell.advance()
    return False


@pytest.mark.parametrize('seed', [3, 4])
def test_the_expert_carries_it_out(task, seed, cells):
    """Pins scene, motion and judge together, in physics: each task can be done."""
    cell = cells(task)
    cell.reset(seed)
    while not task.goals(cell.truth()):
        seed += 100
        cell.reset(seed)
    before = cell.truth()
    goal = task.goals(before)[0]
    assert carry_out(cell, goal)
    assert task.done(before, cell.truth(), goal)
