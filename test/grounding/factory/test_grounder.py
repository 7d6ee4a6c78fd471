"""From a sentence and a scene to goals of the policy, in a company's cell."""
from checked_company import cell_of, rule
from lam_ws.errors import InstructionError
from lam_ws.grounding.factory.grounder import FactoryGrounder
from lam_ws.grounding.grounding import load_grounder
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.types import Detection, Instruction, Scene
import numpy as np
import pytest

CELL = 'hangyeol/changwon/sort'


def scene(*looks):
    """Return a scene of 'colour kind' things."""
    return Scene(0.0, tuple(Detection(look.split()[1], look.split()[0], np.zeros(3), 0.9)
                            for look in looks))


BENCH = scene('red ball_joint', 'blue ball_joint', 'blue ball_joint', 'red bin', 'red slot')


@pytest.fixture(scope='module')
def grounder():
    """Return the grounder of the sorting cell."""
    return load_grounder(CELL)


def goals(grounder, text, seen=BENCH):
    """Return skill, kind, colour, destination and place of each goal."""
    plan = grounder.ground(Instruction(text), seen)
    assert all(goal.text for goal in plan.steps) and plan.citations
    return [(one.skill, one.kind, one.colour, one.destination, one.place) for one in plan.steps]


def test_ids_become_what_the_camera_knows(grounder):
    """Pins skill, colours and kinds, and a goal for each piece."""
    red = ('pick_place', 'ball_joint', 'red', 'red', 'bin')
    blue = ('pick_place', 'ball_joint', 'blue', 'red', 'bin')
    assert goals(grounder, '적색 볼조인트를 격리함에 넣어') == [red]
    assert goals(grounder, '청색 볼조인트 두 개 격리함에') == [blue, blue]
    assert goals(grounder, '청색 볼조인트 전부 격리함에 넣어') == [blue, blue]
    assert goals(grounder, 'put the red ball joint into slot 1') == [
        ('kit', 'ball_joint', 'red', 'red', 'slot')]


def test_a_clamp_is_its_lever(grounder):
    """Pins the two points of a clamp: the policy moves the one, the other says which it is."""
    seen = scene('blue lever', 'blue clamp')
    assert goals(grounder, '누설 클램프 열어', seen) == [
        ('open_clamp', 'lever', 'blue', 'blue', 'clamp')]


def test_the_scene_decides_what_words_leave_open(grounder):
    """Pins one ball joint in view: no question is asked; and none: it is refused."""
    one = scene('green ball_joint', 'red bin')
    assert goals(grounder, '볼조인트 격리함에 넣어', one) == [
        ('pick_place', 'ball_joint', 'green', 'red', 'bin')]
    for text, seen, reason in (('볼조인트 격리함에 넣어', BENCH, 'ambiguous_object'),
                               ('황색 볼조인트 격리함에 넣어', BENCH, 'not_in_scene'),
                               ('크랭크샤프트를 정반에 올려', BENCH, 'too_heavy')):
        with pytest.raises(InstructionError) as refused:
            grounder.ground(Instruction(text), seen)
        assert refused.value.reason == reason and str(refused.value)


def test_a_step_carries_the_ids_that_its_limits_are_looked_up_by(grounder):
    """Pins what the guard goes by: a part and its tool, nothing for a place, and the version."""
    plan = grounder.ground(Instruction('적색 볼조인트 격리함에 넣어'), BENCH)
    assert [(one.part, one.tool) for one in plan.steps] == [('bj20r', 'gripper_2f')]
    assert plan.kb_version == load_knowledge(CELL).version()
    opened = grounder.ground(Instruction('누설 클램프 열어'), scene('blue lever', 'blue clamp'))
    assert [(one.part, one.tool) for one in opened.steps] == [('', '')]


def test_what_is_held_more_gently_than_the_gripper_does_is_refused():
    """Pins that a limit which nothing holds is not only cited."""
    known = load_knowledge(CELL)
    for moves in ({'max_speed_m_s': 0.25, 'max_force_n': 95.0},
                  {'max_speed_m_s': 0.25}):   # what nobody says may be anything
        with pytest.raises(InstructionError, match='90 N') as refused:
            FactoryGrounder(known, moves).ground(Instruction('적색 볼조인트 격리함에'), BENCH)
        assert refused.value.reason == 'beyond_cell'
    for speed in (0.25, 1.0, 9.0):   # the guard slows down for the part
        moves = {'max_speed_m_s': speed, 'max_force_n': 90.0}
        assert goals(FactoryGrounder(known, moves), '적색 볼조인트 격리함에')


@pytest.mark.parametrize(('when', 'refused'), [
    ('{part: [bj20]}', False), ('{skill: [pick_place]}', False), ('{place: [bin]}', True)])
def test_a_speed_that_the_guard_does_not_know_of_is_refused(tmp_path, when, refused):
    """Pins a rule about a place: the guard does not know places, so nothing would slow down."""
    known = load_knowledge(cell_of(tmp_path, rules=rule('limit', when, '{max_speed_m_s: 0.1}')))
    grounder = FactoryGrounder(known, {'max_speed_m_s': 1.0, 'max_force_n': 50.0})
    seen = scene('red ball_joint', 'blue bin')
    if not refused:
        assert goals(grounder, 'BJ-20을 양품통에 넣어', seen)
        return
    with pytest.raises(InstructionError, match=r'0\.1 m/s') as why:
        grounder.ground(Instruction('BJ-20을 양품통에 넣어'), seen)
    assert why.value.reason == 'beyond_cell'


def test_all_weighs_as_much_as_is_seen(grounder):
    """Pins 'all' being checked as one piece: what a place carries counts every one in view."""
    known = load_knowledge(CELL)
    most = known.things['quarantine'].number('max_mass_kg')
    pieces = int(most / known.things['bj20b'].number('mass_kg')) + 1
    crowd = scene(*['blue ball_joint'] * pieces, 'red bin')
    with pytest.raises(InstructionError) as refused:
        grounder.ground(Instruction('청색 볼조인트 전부 격리함에 넣어'), crowd)
    assert refused.value.reason == 'too_heavy' and f'{most:g}' in str(refused.value)


def test_a_folder_without_a_site_is_a_vocabulary():
    """Pins the cells that have no company's knowledge."""
    assert not isinstance(load_grounder('base'), FactoryGrounder)
