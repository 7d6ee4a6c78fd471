"""An operator's hand, its turns taken by the test: what it says, when, and what it tells."""
import time

from lam_ws.errors import JogError
from lam_ws.keys import read_keys, ROLES
from lam_ws.policy.teleop import Jog
from lam_ws.safety.words import words
from lam_ws.site import load_site
from lam_ws.types import Command
import numpy as np
import pytest

pytest.importorskip('rclpy')
from lam_interfaces.msg import GuardState
from lam_ws.nodes import conversion, sealing
from lam_ws.nodes.hand import Hand, HAND_KEYS, HandError, place
from lam_ws.nodes.leader import Leader
import rclpy
from sensor_msgs.msg import JointState

pytestmark = pytest.mark.ros
UP = Jog('base', (0.0, 0.0, 1.0, 0.0, 0.0, 0.0))


class Desk:
    """A hand whose cell is the test: what it says is heard, what it hears is said."""

    def __init__(self, node, site):
        self.keys, self.site = read_keys(ROLES), site
        self.hand = Hand(node, site, {role: self.keys[role] for role in HAND_KEYS})
        node.destroy_timer(self.hand._timer)
        self.said = []
        self.hand._out.publish = self.said.append
        self.now_s = time.monotonic()
        self.position = np.array(site.arm.home)
        self.command()
        self.subgoal()

    def turn(self, seconds=0.0, commanded=True):
        """Let time pass, the guard command and the hand look; return what it said."""
        self.now_s += seconds
        if seconds and commanded:
            self.command()
        self.said.clear()
        self.hand.turn(self.now_s)
        return [sealing.proposal(data, self.keys) for data in self.said]

    def guard(self, state='armed', commander='', limited='', text='', **more):
        self.hand._take_guard(GuardState(state=state, commander=commander, limited=limited,
                                         text=text, **more))
        self.hand._guard_s = self.now_s

    def command(self):
        message = conversion.command_message(
            Command(self.now_s, self.site.arm.names, self.position, np.zeros(8)), 0.01)
        self.hand._take_command(sealing.sealed_command(message, self.keys['guard']))

    def subgoal(self, episode='', step=0):
        message = conversion.subgoal_message(self.now_s, episode, None, step, 0)
        self.hand._take_subgoal(sealing.sealed(message, self.keys['task']))
        self.hand._subgoal_s = self.now_s

    @property
    def name(self):
        return self.hand._commander.name

    def taken(self):
        """Take the arm, and let the guard say so."""
        self.guard()
        self.hand.take()
        self.hand._asked_s = self.now_s
        assert self.turn()[0].claim.takes
        self.guard(commander=self.name)
        self.turn(0.04)
        assert self.hand.state.holds
        return self


@pytest.fixture
def node(domain, keys):
    """Return a node that nobody spins."""
    rclpy.init(domain_id=domain)
    node = rclpy.create_node('hand', namespace='cell')
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


@pytest.fixture
def desk(node):
    """Return the hand of the demonstration cell."""
    return Desk(node, load_site('sim_demo'))


def test_a_hand_that_was_not_asked_says_nothing(desk):
    """Pins silence: no claim, no chunk, and words that say what to do first."""
    desk.guard()
    desk.hand.jog(UP, desk.now_s)
    assert desk.turn() == [] and desk.turn(0.1) == []
    assert (desk.hand.state.code, desk.hand.state.holds) == ('not_taken', False)
    assert 'Take it first' in desk.hand.state.text() and '잡' in desk.hand.state.text('ko')


def test_it_takes_then_holds_then_moves_then_gives(desk):
    """Pins the claims of a whole turn at the arm: takes, idle, a chunk, idle, gives."""
    desk.taken()
    desk.subgoal('e1', 2)
    held, = desk.turn(0.04)
    assert (held.claim.role, held.claim.idle, held.claim.takes) == ('teleop', True, False)
    assert not held.trajectory.points and (held.episode_id, held.step) == ('e1', 2)
    desk.hand.jog(UP, desk.now_s)
    moving, = desk.turn()      # at once, not with the next beat
    assert not moving.claim.idle and len(moving.trajectory.points) == 5
    assert moving.phase == 'by hand' and desk.hand.state.moving
    desk.hand.release()
    resting, = desk.turn()
    assert resting.claim.idle and not resting.trajectory.points
    desk.hand.give()
    assert desk.hand.giving
    given, = desk.turn(0.04)
    assert given.claim.gives and given.claim.idle and not given.claim.takes
    desk.guard(commander='/cell/policy/1')
    assert desk.turn(0.04) == [] and not desk.hand.giving
    assert (desk.hand.state.code, desk.hand.state.commander) == ('not_taken', '/cell/policy/1')
    sequences = [one.claim.sequence for one in (held, moving, resting, given)]
    assert sequences == sorted(set(sequences))


def test_a_jog_that_is_not_renewed_lets_go(desk):
    """Pins the dead man's switch in the process of the operator: a tenth of a second."""
    desk.taken()
    desk.hand.jog(UP, desk.now_s)
    assert not desk.turn()[0].claim.idle
    assert not desk.turn(0.06)[0].claim.idle
    assert not desk.turn(0.04)[0].claim.idle
    assert desk.turn(0.01)[0].claim.idle and not desk.hand.state.moving
    assert desk.turn(0.04)[0].claim.idle      # and it keeps the arm
    desk.hand.jog(UP, desk.now_s - 0.2)       # an input that was on its way for too long
    assert desk.turn(0.04)[0].claim.idle


def test_it_speaks_twenty_five_times_a_second(desk):
    """Pins the rate: by looks at every hundredth second."""
    desk.taken()
    said = sum(len(desk.turn(0.01)) for _ in range(100) if not desk.hand.jog(UP, desk.now_s))
    assert 24 <= said <= 26


def test_what_is_lost_is_not_taken_again_unasked(desk):
    """Pins a stop: after reset and arm the operator takes the arm anew."""
    desk.taken()
    desk.hand.jog(UP, desk.now_s)
    desk.guard('stopping', desk.name, reason='operator_stop')
    assert desk.turn(0.04) == []
    assert desk.hand.state.code == 'not_armed'
    desk.guard('armed')
    desk.hand.jog(UP, desk.now_s)
    assert desk.turn(0.04) == []
    desk.taken()
    desk.guard(commander='/cell/hand2/7')     # ARM opened the lease, and another took it
    assert desk.turn(0.04) == []
    assert (desk.hand.state.code, desk.hand.state.where) == ('held', '/cell/hand2/7')


@pytest.mark.parametrize(('commander', 'code'), [('/cell/hand2/7', 'held'), ('', 'no_answer')])
def test_a_hand_that_is_refused_gives_up_and_says_why(desk, commander, code):
    """Pins the second hand: it asks for a second, and no longer."""
    desk.guard(commander=commander)
    desk.hand.take()
    desk.hand._asked_s = desk.now_s
    assert desk.turn()[0].claim.takes
    assert desk.hand.state.code == 'taking'
    desk.guard(commander=commander)
    assert desk.turn(0.95)[0].claim.takes
    assert desk.turn(0.1) == []
    desk.guard(commander=commander)
    desk.turn()
    assert (desk.hand.state.code, desk.hand.state.where) == (code, commander)


def test_a_hand_waits_for_a_guard_that_it_has_not_heard_yet(desk):
    """Pins a console that is opened and used at once, and one whose cell is not there."""
    desk.hand.take()
    desk.hand._asked_s = desk.now_s
    assert desk.turn(0.5)[0].claim.takes
    assert desk.turn(0.6) == [] and desk.hand._refused == 'no_guard'


def test_what_keeps_the_arm_still_is_told_in_order(desk):
    """Pins the words: guard gone, task gone, the guard's bound, and the hand's own."""
    desk.taken()
    desk.hand.jog(UP, desk.now_s)
    text = words('table', 0.1, 0.2, 'tcp z')
    desk.guard('running', desk.name, 'table', text, measured=0.1, allowed=0.2)
    desk.turn()
    state = desk.hand.state
    assert (state.code, state.where, state.measured) == ('table', 'tcp z', 0.1)
    assert state.text() == text and state.text('ko') == words('table', 0.1, 0.2, 'tcp z', 'ko')
    desk.guard('running', desk.name, 'not_commander', 'whatever')   # said of the policy
    desk.turn()
    assert desk.hand.state.code == '' and desk.hand.state.text() == ''
    desk.hand._subgoal_s -= 1.0
    desk.turn()
    assert desk.hand.state.code == 'task_silent'
    desk.hand._guard_s -= 1.0
    desk.turn()
    assert desk.hand.state.code == 'no_guard' and desk.hand.state.text('ko')


def test_the_end_of_a_joint_is_told_by_its_name(desk):
    """Pins what the operator feels before the guard has anything to say."""
    desk.position = np.array(desk.site.arm.home)
    desk.position[3] = desk.site.arm.limits.lower[3] + 0.012
    desk.turn(0.01)
    desk.taken()
    desk.hand.jog(Jog('joint', (0, 0, 0, -1.0, 0, 0, 0), 0.0, 1.0), desk.now_s)
    desk.turn()
    state = desk.hand.state
    assert (state.code, state.where) == ('position', 'fr3_joint4') and state.share < 0.2
    assert state.ends == ('fr3_joint4',) and 'fr3_joint4' in state.text('ko')


def test_nothing_moves_before_a_command_is_known(desk):
    """Pins the anchor: without it the hand holds, and a forged command is none."""
    desk.taken()
    desk.hand.last = None
    message = conversion.command_message(
        Command(desk.now_s, desk.site.arm.names, desk.position, np.zeros(8)), 0.01)
    desk.hand._take_command(sealing.sealed_command(message, desk.keys['policy']))
    desk.hand.jog(UP, desk.now_s)
    assert desk.turn(0.04, commanded=False)[0].claim.idle
    assert not desk.turn(0.04)[0].claim.idle


def test_an_old_command_is_nothing_to_begin_from(desk):
    """Pins the anchor: of a guard that fell silent, and one that somebody sends again."""
    desk.taken()
    old = conversion.command_message(
        Command(desk.now_s, desk.site.arm.names, desk.position + 0.1, np.zeros(8)), 0.01)
    desk.hand.jog(UP, desk.now_s)
    desk.turn(0.04)
    desk.hand._take_command(sealing.sealed_command(old, desk.keys['guard']))
    assert np.allclose(desk.hand.last.position, desk.position)
    desk.hand.jog(UP, desk.now_s + 0.11)
    assert desk.turn(0.11, commanded=False)[0].claim.idle
    assert desk.hand.state.code == 'no_guard'
    desk.hand.jog(UP, desk.now_s)
    assert not desk.turn(0.01)[0].claim.idle and desk.hand.state.code == ''


def test_a_hand_that_asks_again_is_newer_than_one_that_had_the_arm_since(desk):
    """Pins the page after `lam teleop`: the guard refuses hands older than the last."""
    first = desk.taken().hand._commander.epoch
    desk.hand.take()
    assert desk.turn(0.04)[0].claim.epoch == first     # while it has the arm it is the same
    desk.guard(commander='/cell/hand2/7')
    desk.turn(0.04)
    desk.hand.take()
    desk.hand._asked_s = desk.now_s
    assert desk.turn(0.04)[0].claim.epoch > first


def test_what_makes_no_sense_is_refused_where_it_comes_in(desk):
    """Pins the device's fault in the device's own call, whatever thread it comes from."""
    with pytest.raises(JogError, match='6 numbers, not 2'):
        desk.taken().hand.jog(Jog('base', (0.0, 1.0)), desk.now_s)


def test_a_guard_in_lock_step_takes_no_hand(node):
    """Pins the sites whose time waits."""
    with pytest.raises(HandError, match='sim_bench: .* sim_demo'):
        Hand(node, load_site('sim_bench'), {})


def test_the_place_is_read_from_the_guards_text():
    """Pins the joint that only the text names; no text, no place."""
    def told(code, where):
        return GuardState(limited=code, measured=1.0, allowed=2.0,
                          text=words(code, 1.0, 2.0, where))
    assert place(told('position', 'fr3_joint2')) == 'fr3_joint2'
    assert place(told('position', '')) == '' == place(GuardState())


class Led(Desk):
    """A desk with a leader arm, whose joints have names of their own."""

    def __init__(self, node, site):
        super().__init__(node, site)
        self.names = {name: name.replace('fr3', 'leader') for name in site.arm.names}
        self.leader = Leader(node, self.hand, 'leader/joint_states', self.names)

    def lead(self, away=0.0, leave_out=(), velocity=True):
        pose = self.position + away * np.eye(8)[0] - 0.02 * np.eye(8)[7]
        position = dict(zip(self.names.values(), pose, strict=True))
        kept = [name for name in position if name not in leave_out]
        self.leader._take(JointState(name=kept[::-1], position=[position[n] for n in kept[::-1]],
                                     velocity=[0.0] * len(kept) if velocity else []))


@pytest.fixture
def led(node):
    """Return the hand of the demonstration cell with a leader arm; it has the arm."""
    return Led(node, load_site('sim_demo')).taken()


@pytest.mark.parametrize('leave_out', [(), ('leader_gripper',)])
def test_a_leader_is_followed_once_it_is_engaged_near_the_arm(led, leave_out):
    """Pins the start pose: far, refused by the joint's name; near, followed; names mapped."""
    led.lead(0.4)
    assert not led.leader.engage()
    assert (led.leader.code, led.leader.where) == ('leader_far', 'fr3_joint1')
    led.lead(0.1, leave_out, velocity=False)
    assert led.turn(0.04)[0].claim.idle     # near is not engaged
    assert led.leader.engage() and led.leader.code == ''
    led.lead(0.1, leave_out)
    led.now_s = time.monotonic()
    led.command()
    led.guard(commander=led.name)
    chunk = led.turn()[0].trajectory
    assert chunk.points[-1].positions[0] > led.position[0] + 0.01
    assert (chunk.points[-1].positions[7] == led.position[7]) == bool(leave_out)


def test_a_leader_that_runs_away_falls_silent_or_lacks_a_joint_is_let_go(led):
    """Pins each end of following, and that none of them begins again by itself."""
    leaders = [1]
    led.leader._count = lambda: leaders[-1]
    for spoil, code, where in (
            (lambda: led.lead(0.7), 'leader_jumped', 'fr3_joint1'),
            (lambda: led.lead(0.0, ('leader_joint3',)), 'leader_joints', 'leader_joint3'),
            (lambda: setattr(led.leader, '_heard_s', 0.0), 'leader_silent', ''),
            (lambda: leaders.append(2), 'leader_twice', '')):
        led.lead(0.0)
        assert led.leader.engage()
        spoil()
        led.leader.look()
        assert (led.leader.engaged, led.leader.code, led.leader.where) == (False, code, where)
        led.lead(0.0)
        assert not led.leader.engaged and led.hand._leader is None


def test_a_leader_does_not_move_an_arm_that_was_given_back(led):
    """Pins the hand in between: without the arm nothing is engaged."""
    led.lead(0.0)
    assert led.leader.engage()
    led.hand.give()
    led.guard(commander='/cell/policy/1')
    led.turn(0.04)
    led.lead(0.0)
    led.leader.look()
    assert not led.leader.engaged and not led.leader.engage() and led.turn(0.04) == []
