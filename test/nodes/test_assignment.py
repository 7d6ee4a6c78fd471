"""One instruction on its way, without a graph: what the task sends and when it gives up."""
from dataclasses import replace

from lam_ws.grounding.grounding import load_grounder
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.plc_file import InputSettings, PlcSettings
from lam_ws.site import load_site
from lam_ws.types import Detection, Instruction, JointState, Scene
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes.assignment import Assignment

pytestmark = pytest.mark.ros
SITE = load_site('sim_sort')


@pytest.fixture
def assignment():
    """Return a maker of a company's order, told at 1 s and heard of the guard at a later time."""
    def make(after_s, guard):
        current = Assignment(Instruction('적색 볼조인트 격리함에 넣어'), 'e',
                             load_grounder(SITE.knowledge, SITE.moves), SITE)
        for stamp_s, news in ((1.0, ('armed', '')), (1.0 + after_s, guard)):
            seen = (Detection('ball_joint', 'red', np.array([0.5, 0.0, 0.02]), 0.9),
                    Detection('bin', 'red', np.array([0.5, 0.2, 0.02]), 0.9))
            joints = JointState(stamp_s, SITE.arm.names, SITE.arm.home, np.zeros(SITE.arm.axes))
            current.advance(Scene(stamp_s, seen), joints, None, news)
        return current
    return make


def test_a_subgoal_says_what_it_handles(assignment):
    """Pins what the guard goes by: ids, and the version of the knowledge that they are of."""
    message = assignment(0.1, ('running', '')).subgoal(1.1)
    assert (message.active, message.skill, message.part, message.tool, message.kb_version) == (
        True, 'pick_place', 'bj20r', 'gripper_2f', load_knowledge(SITE.knowledge).version())


@pytest.mark.parametrize(('after_s', 'guard', 'phase', 'reason'), [
    (0.1, ('stopped', 'tracking'), 'failed', 'guard_tracking'),
    (0.6, ('disarmed', 'no_joints'), 'failed', 'not_armed'),
    (0.6, ('armed', 'knowledge_mismatch'), 'failed', 'guard_knowledge_mismatch'),
    (0.6, ('running', 'part_force'), 'failed', 'guard_part_force'),
    (0.1, ('armed', 'knowledge_mismatch'), 'running', ''),   # may be news of the order before
    (0.6, ('running', ''), 'running', '')])
def test_a_guard_that_will_not_move_ends_it(assignment, after_s, guard, phase, reason):
    """Pins an order that waits for its time-out though the guard has said why it holds."""
    current = assignment(after_s, guard)
    assert (current.phase, current.reason) == (phase, reason)


def asking(text, may_ask=True):
    """Return an order that has a question, in a scene with three ball joints."""
    current = Assignment(Instruction(text), 'e', load_grounder(SITE.knowledge, SITE.moves), SITE,
                         may_ask)
    look(current, 1.0)
    return current


def look(current, stamp_s):
    """Let it see the scene."""
    seen = [Detection('ball_joint', colour, np.array([0.5, y, 0.02]), 0.9)
            for colour, y in (('red', 0.0), ('blue', 0.1), ('green', 0.15))]
    seen.append(Detection('bin', 'red', np.array([0.5, 0.3, 0.02]), 0.9))
    joints = JointState(stamp_s, SITE.arm.names, SITE.arm.home, np.zeros(SITE.arm.axes))
    current.advance(Scene(stamp_s, tuple(seen)), joints, None, ('armed', ''))


def test_a_question_waits_for_its_reply_and_nothing_moves():
    """Pins the question with its options, no subgoal meanwhile, and the plan after the reply."""
    current = asking('볼조인트 하나 격리함에 넣어')
    news = current.feedback()
    assert current.phase == news.phase == 'asking' and '어느 것' in news.question
    assert '청색 볼조인트' in news.options and news.asked == 1
    assert not current.subgoal(1.0).active
    for number, (words, said) in enumerate((('왜?', '알아들은 말'), ('왜?', '알아들은 말'),
                                            ('피자', '어느 것')), 1):
        assert current.reply(words, number) and not current.reply(words, number)
        look(current, 1.0 + 0.1 * number)
        news = current.feedback()
        assert news.asked == number + 1 and news.question.count(said) == 1
    assert not current.reply('청색', 3) and not current.reply('청색', 5)   # not the open one
    assert current.reply('청색', 4)
    look(current, 1.5)
    assert current.phase == 'running'
    message = current.subgoal(1.5)
    assert message.active and message.part == 'bj20b' and not current.feedback().question
    assert not current.reply('청색', 4)   # nobody asks any more


def test_a_question_that_nobody_may_answer_ends_the_order():
    """Pins clients that cannot answer."""
    current = asking('볼조인트 하나 격리함에 넣어', may_ask=False)
    assert (current.phase, current.reason) == ('failed', 'ambiguous_object')
    assert '어느 것' in current.result().text


def test_a_no_ends_the_order_and_so_does_silence():
    """Pins that a question is never taken for a yes."""
    current = asking('볼조인트 하나 격리함에 넣어')
    assert current.reply('아니요', 1)
    look(current, 1.1)
    assert (current.phase, current.reason) == ('failed', 'declined')
    current = asking('볼조인트 하나 격리함에 넣어')
    look(current, 200.0)
    assert (current.phase, current.reason) == ('failed', 'ambiguous_object')
    current = asking('볼조인트 하나 격리함에 넣어')
    current.cancel()
    assert current.phase == 'cancelled' and not current.subgoal(2.0).active


class Fixture:
    """A signal of the PLC that a step waits for, and a site whose PLC has it."""

    SITE = replace(SITE, plc=PlcSettings(
        'modbus', 'plc:502', ready_s=5.0, inputs=(
            InputSettings('vise', 'discrete:0', role='ready', skill='pick_place'),)))

    def __init__(self):
        self.ready, self.asked = False, []

    def __call__(self, goal):
        self.asked.append(goal.skill)
        return '' if self.ready else 'vise'


def at_fixture(text='적색 볼조인트 격리함에 넣어'):
    """Return an order whose only step waits for a fixture, seen once at 1 s."""
    fixture = Fixture()
    current = Assignment(Instruction(text), 'e', load_grounder(SITE.knowledge, SITE.moves),
                         Fixture.SITE, lacking=fixture)
    work(current, 1.0)
    return current, fixture


def work(current, stamp_s):
    """Let it see the ball joint and its bin, the arm at home and the guard armed."""
    seen = (Detection('ball_joint', 'red', np.array([0.5, 0.0, 0.02]), 0.9),
            Detection('bin', 'red', np.array([0.5, 0.2, 0.02]), 0.9))
    joints = JointState(stamp_s, SITE.arm.names, SITE.arm.home, np.zeros(SITE.arm.axes))
    current.advance(Scene(stamp_s, seen), joints, None, ('armed', ''))
    return current.subgoal(stamp_s)


def test_a_step_waits_for_its_fixture_and_says_which_it_is():
    """Pins the handshake: not active, but told, so that the PLC can close the clamp."""
    current, fixture = at_fixture()
    message = work(current, 2.0)
    assert (message.active, message.skill, current.phase) == (False, 'pick_place', 'running')
    assert current.feedback().text.startswith('vise 신호를 기다립니다')
    fixture.ready = True
    assert work(current, 3.0).active
    fixture.ready = False
    assert work(current, 4.0).active, 'a step that has begun goes on'
    assert current._task._since_s == 3.0, 'the wait counted as work'


def test_a_fixture_that_never_comes_ends_the_order():
    """Pins ready_s, and that nothing was ever to be done meanwhile."""
    current, _ = at_fixture()
    stamps = np.arange(1.5, 6.1, 0.5)
    assert not any(work(current, stamp_s).active for stamp_s in stamps)
    assert current.phase == 'running'
    work(current, 6.2)
    assert (current.phase, current.reason) == ('failed', 'not_ready')
    assert 'PLC' in current.result().text


def test_each_attempt_waits_anew():
    """Pins a clamp that opened before the second attempt."""
    current, fixture = at_fixture()
    fixture.ready = True
    assert work(current, 2.0).active
    fixture.ready = False
    timeout_s = SITE.task.timeout_s
    message = work(current, 2.1 + timeout_s)
    assert message.attempt == 1 and not message.active
