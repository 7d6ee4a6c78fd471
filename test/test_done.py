"""What observations bear out: seen in place, seen to have moved, known to have been touched."""
from dataclasses import replace

from lam_ws.done import (
    EMPTY,
    Evidence,
    Grip,
    MOVED,
    PATIENCE,
    REACH,
    RELEASED,
    TOUCHED,
    TURNED,
    WIDE,
    WIPING,
    WITHIN,
)
from lam_ws.geometry import Chain, downward
from lam_ws.policy.skills import SKILLS
from lam_ws.site import load_site
from lam_ws.types import Detection, Goal, JointState, Scene
import numpy as np
import pytest

ARM = load_site('sim_bench').arm
CHAIN = Chain(ARM)
OPEN = float(ARM.limits.upper[-1])
NEST = Goal('nest', 'pump_body', 'blue', 'red', '', 'nest')
PRESS = Goal('press', 'button', 'red', '', '', '')
CLAMP = Goal('open_clamp', 'lever', 'green', 'green', '', 'clamp')
PUSH = Goal('push', 'cube', 'red', 'white', '', 'line')
WIPE = Goal('wipe', 'stripe', 'blue', 'blue', '', 'stripe_end')
HERE, THERE = (0.45, -0.10, 0.03), (0.50, 0.25, 0.003)
GOALS = [Goal(name, 'cube', 'red', 'white', '', place) for name, place in {
    **dict.fromkeys(SKILLS, 'bin'), 'kit': 'slot', 'nest': 'nest', 'insert': 'socket',
    'stack': 'carton', 'hand_over': 'pad', 'press': '', 'open_clamp': 'clamp',
    'close_clamp': 'clamp', 'push': 'line', 'wipe': 'stripe_end'}.items()]


def joints(xyz=None, opening=OPEN):
    """Return joints with the tool at `xyz` m, by default at home."""
    q = ARM.home.copy()
    if xyz is not None:
        q[:-1], left = CHAIN.inverse(downward(xyz, 0.0)[None], q[:-1], 40)
        assert left[0] < 1e-3
    q[-1] = opening
    return JointState(0.0, ARM.names, q, np.zeros(ARM.axes))


HOME = joints()


def scene(*things):
    """Return a scene of (kind, colour, [3] m) things."""
    return Scene(0.0, tuple(Detection(kind, colour, np.array(at), 0.9)
                            for kind, colour, at in things))


def of_goal(goal, first=HERE, second=THERE):
    """Return a scene of the goal's two things; None hides one."""
    pairs = ((goal.kind, goal.colour, first), (goal.place, goal.destination, second))
    return scene(*((kind, colour, at) for kind, colour, at in pairs if kind and at is not None))


def shown(goal, *ticks):
    """Return what evidence says at each of some (scene, joints)."""
    evidence = Evidence(goal, ARM)
    return [evidence.bears_out(seen, measured) for seen, measured in ticks]


@pytest.mark.parametrize('goal', GOALS, ids=lambda goal: goal.skill)
def test_nothing_comes_of_nothing(goal):
    """Pins that neither time nor blindness nor an unchanged scene bears anything out."""
    for seen in (None, scene(), of_goal(goal), of_goal(replace(goal, colour='blue'))):
        assert not any(shown(goal, *[(seen, HOME)] * 20))
    closed = joints(opening=0.0)
    assert not any(shown(goal, *[(of_goal(goal), closed)] * 20))


def test_every_skill_is_judged():
    """Pins that a new skill is added here, with the place its things go to."""
    assert [goal.skill for goal in GOALS] == list(SKILLS)


@pytest.mark.parametrize('place', WITHIN)
def test_a_part_counts_as_placed_by_the_kind_of_its_place(place):
    """Pins both sides of each distance: a nest is no bin."""
    goal = replace(NEST, place=place)
    for off, placed in ((WITHIN[place] - 0.002, True), (WITHIN[place] + 0.002, False)):
        there = (THERE[0] + off, *THERE[1:])
        assert shown(goal, (of_goal(goal), HOME), (of_goal(goal, there), HOME)) == [False, placed]


def test_a_place_that_the_part_hides_is_remembered():
    """Pins: a body in its nest hides it, and the task then never ended."""
    placed = of_goal(NEST, THERE, None)
    assert shown(NEST, (of_goal(NEST), HOME), (placed, HOME)) == [False, True]
    assert shown(NEST, (placed, HOME)) == [False]        # one that was never seen is not


def test_a_part_that_is_out_of_sight_is_not_in_its_place():
    """Pins that the part itself has to be seen now, and the fingers to be open."""
    placed, hidden = of_goal(NEST, THERE), of_goal(NEST, None)
    assert shown(NEST, (placed, HOME), (hidden, HOME), (None, HOME)) == [True, False, False]
    held = [joints(opening=OPEN * share) for share in (RELEASED - 0.02, RELEASED + 0.02)]
    assert shown(NEST, *((placed, measured) for measured in held)) == [False, True]


def test_another_part_in_the_place_does_not_count():
    """Pins kind and colour of both things."""
    for other in (replace(NEST, colour='green'), replace(NEST, kind='cube'),
                  replace(NEST, destination='blue'), replace(NEST, place='socket')):
        assert shown(NEST, *[(of_goal(other, THERE), HOME)] * 2) == [False, False]


def test_the_surest_of_two_alike_is_meant():
    """Pins that a faint ghost of the part in its place does not make a success."""
    ghost = Detection(NEST.kind, NEST.colour, np.array(THERE), 0.4)
    seen = of_goal(NEST)
    assert shown(NEST, (Scene(0.0, (ghost, *seen.detections)), HOME)) == [False]


def over(at, height=0.0, aside=0.0):
    """Return joints with the closed tool over a place [3] m."""
    return joints((at[0] + aside, at[1], at[2] + height), 0.0)


BUTTON = (0.50, -0.20, 0.050)


def test_a_button_stays_pressed_once_the_tool_was_there():
    """Pins that it counts although the hand hides the button, and after the hand has left."""
    seen, hidden = of_goal(PRESS, BUTTON), scene()
    assert shown(PRESS, (seen, HOME), (hidden, over(BUTTON)), (hidden, HOME), (seen, HOME)) \
        == [False, True, True, True]


@pytest.mark.parametrize('measured', [
    over(BUTTON, REACH + 0.005), over(BUTTON, aside=TOUCHED + 0.005), HOME],
    ids=['above', 'beside', 'home'])
def test_a_tool_that_passes_by_has_pressed_nothing(measured):
    """Pins both bounds, against a button pressed by hovering over it."""
    assert shown(PRESS, (of_goal(PRESS, BUTTON), HOME), (of_goal(PRESS, BUTTON), measured)) \
        == [False, False]


def test_another_button_does_not_count():
    """Pins that what is touched has to be what was asked for."""
    other = ('button', 'green', (0.50, -0.33, 0.050))
    seen = scene(*[('button', 'red', BUTTON), other])
    assert not any(shown(PRESS, (seen, HOME), (seen, over(other[2])), (seen, HOME)))


@pytest.mark.parametrize(('goal', 'least'), [(CLAMP, TURNED), (PUSH, MOVED)])
def test_what_is_turned_or_pushed_must_be_seen_to_have_moved(goal, least):
    """Pins the way, counted from where the thing was seen first, not from tick to tick."""
    for way, moved in ((least - 0.005, False), (least + 0.005, True)):
        steps = [of_goal(goal, (HERE[0] + way * share, *HERE[1:])) for share in (0, 0.5, 1)]
        closed = [joints(opening=0.0)] * 3
        assert shown(goal, *zip(steps, closed, strict=True)) == [False, False, moved]
        unseen = [*steps, of_goal(goal, None)]
        assert shown(goal, *((seen, HOME) for seen in unseen))[-1] is False


BEGIN, END = (0.42, 0.10, 0.0), (0.42, 0.25, 0.0)


@pytest.mark.parametrize(('way', 'wiped'), [
    ((BEGIN, END), True), ((END, BEGIN), False), ((BEGIN,), False), ((END,), False),
    ((BEGIN, (0.42, 0.175, 0.0)), False), ((BEGIN, END, BEGIN), True)],
    ids=['along', 'backwards', 'begin', 'end', 'half', 'to_and_fro'])
def test_a_stripe_is_wiped_from_its_square_end_to_the_other(way, wiped):
    """Pins the order of the two ends, as the stripe is under the hand meanwhile."""
    seen = of_goal(WIPE, BEGIN, END)
    ticks = [(seen, HOME), *((scene(), over(at, 0.014)) for at in way), (seen, HOME)]
    assert shown(WIPE, *ticks)[-1] is wiped


def test_a_hand_above_a_stripe_wipes_nothing():
    """Pins: what passed 26 mm above was called wiped, and the stripe was as before."""
    seen = of_goal(WIPE, BEGIN, END)
    for height, wiped in ((WIPING - 0.002, True), (WIPING + 0.002, False)):
        ticks = [(seen, HOME), *((scene(), over(at, height)) for at in (BEGIN, END)), (seen, HOME)]
        assert shown(WIPE, *ticks)[-1] is wiped


def test_the_evidence_of_one_goal_is_not_that_of_another():
    """Pins that nothing is remembered outside of an Evidence."""
    seen = of_goal(PRESS, BUTTON)
    assert shown(PRESS, (seen, HOME), (seen, over(BUTTON)))[-1]
    assert not shown(PRESS, (seen, HOME))[-1]


SEAT = replace(NEST, skill='insert', kind='shaft', colour='green', place='socket',
               destination='yellow')
SOCKET = ('socket', 'yellow', THERE)


def test_a_place_that_its_part_hides_is_where_it_was():
    """Pins: half hidden, a socket was seen 15 mm aside, and a seated shaft not in it."""
    part = ('shaft', 'green')
    aside = ('socket', 'yellow', (THERE[0] + WITHIN['socket'] + 0.005, *THERE[1:]))
    said = shown(SEAT, (scene(SOCKET, (*part, HERE)), HOME), (scene(aside, (*part, THERE)), HOME))
    assert said == [False, True]


def test_what_looks_like_a_place_for_a_moment_is_not_one():
    """Pins: a red cube in the fingers, read as blue, moved the blue cube that it was put on."""
    part, passing = ('shaft', 'green'), ('socket', 'yellow', (THERE[0] + 0.05, *THERE[1:]))
    first, placed = (scene(SOCKET, (*part, HERE)), HOME), (scene((*part, THERE)), HOME)
    hidden, beside = (scene(passing), HOME), (scene(passing, (*part, HERE)), HOME)
    assert shown(SEAT, first, *[hidden] * 3 * PATIENCE, placed)[-1]   # it may be the part itself
    assert shown(SEAT, first, *[beside] * (PATIENCE - 1), placed)[-1]
    assert not shown(SEAT, first, *[beside] * PATIENCE, placed)[-1]   # it was moved indeed


def test_a_place_does_not_creep_away_under_its_part():
    """Pins a pad of which less and less was seen: its middle went 2 cm with what was left."""
    part, ticks = ('shaft', 'green'), []
    far = 2 * WITHIN['socket']
    for share in [0.0] * 10 + np.linspace(0.0, 1.0, 6).tolist():
        seen = ('socket', 'yellow', (THERE[0] + share * far, *THERE[1:]))
        ticks.append((scene(seen, (*part, HERE)), HOME))
    assert shown(SEAT, *ticks, (scene((*part, THERE)), HOME))[-1]


def test_looks_that_do_not_agree_move_no_place():
    """Pins: what was taken for a pad here and there, in turn, was a pad that was moved."""
    part, ticks = ('shaft', 'green'), [(scene(SOCKET, ('shaft', 'green', HERE)), HOME)]
    for tick in range(3 * PATIENCE):
        seen = ('socket', 'yellow', (THERE[0] - 0.1, THERE[1] - 0.1 * (tick % 2), THERE[2]))
        ticks.append((scene(seen, (*part, HERE)), HOME))
    assert shown(SEAT, *ticks, (scene((*part, THERE)), HOME))[-1]


def test_a_part_that_is_misnamed_in_its_place_does_not_count():
    """Pins that the second witness makes nothing up; whose name a part has is perception's."""
    before, after = (('shaft', 'green', HERE),), (('cube', 'green', THERE),)
    said = shown(SEAT, (scene(SOCKET, *before), HOME), (scene(SOCKET, *after), HOME))
    assert said == [False, False]


HELD, SHUT = joints(opening=0.03), joints(opening=0.9 * EMPTY)


@pytest.mark.parametrize(('fingers', 'phase', 'lost'), [
    (HELD, 'lift', ''), (HELD, 'carry', ''), (HELD, 'lower', ''),
    (SHUT, 'lift', 'not_gripped'), (SHUT, 'carry', 'not_gripped'), (SHUT, 'lower', 'not_gripped'),
    (HOME, 'lift', 'not_gripped'), (HOME, 'carry', 'not_gripped'),
    (HOME, 'lower', ''), (SHUT, 'close', ''), (HOME, 'approach', ''), (HOME, 'open', ''),
    (SHUT, 'home', ''), (HOME, '', '')])
def test_fingers_that_hold_nothing_are_noticed_where_they_should(fingers, phase, lost):
    """Pins in which phases wide and shut fingers mean that the part was not taken."""
    assert Grip(GOALS[0], ARM).lost(fingers, phase) == lost


@pytest.mark.parametrize('now', [SHUT, HOME])
def test_a_part_that_was_held_is_dropped(now):
    """Pins the difference between a part that was never taken and one that was lost."""
    grip = Grip(GOALS[0], ARM)
    assert grip.lost(HELD, 'lift') == '' and grip.lost(now, 'carry') == 'dropped'


@pytest.mark.parametrize('goal', GOALS, ids=lambda goal: goal.skill)
def test_only_skills_that_grip_are_judged_by_the_fingers(goal):
    """Pins that pressing, pushing and wiping go on with shut fingers."""
    lost = Grip(goal, ARM).lost(SHUT, 'carry')
    assert lost == ('not_gripped' if SKILLS[goal.skill].grips else '')


def test_the_thinnest_part_is_thicker_than_nothing():
    """Pins the thresholds against the parts of the cells: 20 mm at the least, 60 at the most."""
    for width in (0.7 * 0.020, 0.060):
        assert EMPTY < width < WIDE * OPEN
