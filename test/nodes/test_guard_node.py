"""The guard's node hears what is handled: real node and messages, its turns taken by the test."""
from itertools import count, permutations
import time

from lam_ws.geometry import Chain
from lam_ws.keys import read_keys, ROLES
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.resources import share
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import Request
from lam_ws.types import ActionChunk, Goal, JointState
import numpy as np
import pytest
import yaml

pytest.importorskip('rclpy')
from lam_interfaces.msg import Proposal
from lam_ws.nodes import conversion, sealing
from lam_ws.nodes.guard_node import GuardNode
import rclpy
from std_msgs.msg import Header
from std_srvs.srv import Trigger

pytestmark = pytest.mark.ros
VERSION = load_knowledge('hangyeol/changwon/sort').version()
GREEN = Goal('pick_place', 'ball_joint', 'green', 'red', '', part='bj22g', tool='gripper_2f')
STUD = Goal('pick_place', 'cylinder', 'white', 'red', '', part='ball_stud20', tool='gripper_2f')
SPEED = {'bj22g': 0.25, 'ball_stud20': 0.35}   # m/s; its row says 0.4, the cell's rule 0.35
TICK = 10   # control cycles
EPOCHS = count(1)


@pytest.fixture
def guard(domain, keys):
    """Return a maker of active guard nodes, one after the other, all at one site."""
    made = []

    def make(site='sim_sort'):
        if not rclpy.ok():
            rclpy.init(args=['--ros-args', '-p', f'site:={site}'], domain_id=domain)
        elif made[-1].running:
            made.pop().destroy_node()   # two of them would each find the other one foreign
        node = GuardNode()
        made.append(node)
        node.trigger_configure()
        node.trigger_activate()
        assert node.running
        return Lead(node)
    yield make
    for node in made:
        node.destroy_node()
    rclpy.try_shutdown()


class Lead:
    """Arm, task and policy of a guard node: an arm that obeys, a chunk that turns it on and on."""

    def __init__(self, node):
        self.node, self.spec, self.cycles = node, node.site.arm, 0
        self.position, self.commands = np.array(self.spec.home), []
        self.keys, self.commander = read_keys(ROLES), Commander(POLICY, 'lead', next(EPOCHS))
        assert node._asks_for(Request.ARM)(Trigger.Request(), Trigger.Response()).success

    def joints(self, stamp_s):
        self.node._joint_state(conversion.joint_state_message(JointState(
            stamp_s, self.spec.names, self.position, np.zeros(self.spec.axes))))

    def subgoal(self, stamp_s, goal, step=0, version=VERSION):
        message = conversion.subgoal_message(stamp_s, 'e', goal, step, 0, version)
        self.node._subgoal(sealing.sealed(message, self.keys['task']))

    def proposal(self, stamp_s, step=0, sequence=1):
        times = 0.1 * np.arange(1, 11)
        turn = np.outer(0.8 * times, np.eye(self.spec.axes)[0])
        chunk = ActionChunk(stamp_s, self.spec.names, times, self.position + turn)
        message = Proposal(
            header=Header(stamp=conversion.to_time(stamp_s)), episode_id='e', step=step,
            sequence=sequence, trajectory=conversion.chunk_trajectory(chunk),
            claim=sealing.claim_message(self.commander.claim(stamp_s)))
        self.node._proposal(sealing.sealed(message, self.keys[POLICY]))

    def run(self, ticks, goal, order=(0, 1, 2), **more):
        """Take the turns of lock-step; what belongs to one stamp comes in `order`."""
        for _ in range(ticks * TICK):
            now_s, step = self.cycles / 100.0, 0 if goal is None else int(goal.part == 'bj22g')
            come = [lambda: self.joints(now_s)]   # noqa: B023
            if self.cycles % TICK == 0:
                come += [lambda: self.subgoal(now_s, goal, step, **more),   # noqa: B023
                         lambda: self.proposal(now_s, step, self.cycles)]   # noqa: B023
                come = [come[i] for i in order]
            for part in come:
                part()
            self.cycles += 1
            sent = sealing.command(self.node._sent, self.keys['guard'])
            self.position = np.array(sent.points[0].positions)
            self.commands.append(self.position)
        return self.node._decision

    def speeds(self):
        """Return m/s of the tool at each command."""
        _, X = Chain(self.spec)._frames(np.array(self.commands)[:, :-1])
        return np.linalg.norm(np.diff(X[:, :3, 3], axis=0), axis=1) * 100.0


def test_a_part_is_moved_as_its_row_says(guard):
    """Pins the whole look-up: files, table, subgoal, command; and the change from part to part."""
    lead = guard()
    assert lead.run(8, STUD).limited == 'part_speed'
    assert 0.3 < lead.speeds().max() <= SPEED['ball_stud20'] * (1.0 + 1e-9)
    lead.commands.clear()
    lead.run(3, GREEN)
    stood = int(np.argmin(lead.speeds()))
    assert lead.speeds()[stood] == 0.0 and stood < 30
    lead.run(8, GREEN)
    assert 0.2 < lead.speeds()[stood:].max() <= SPEED['bj22g'] * (1.0 + 1e-9)


def test_the_order_in_which_messages_come_decides_nothing(guard):
    """Pins lock-step: subgoal, proposal and joints of one stamp, in every order of arrival."""
    runs = []
    for order in permutations(range(3)):
        lead = guard()
        for goal in (STUD, GREEN, None, STUD):
            lead.run(4, goal, order)
        runs.append(np.array(lead.commands))
    assert np.ptp(runs[0], axis=0).max() > 0.1
    for again in runs[1:]:
        assert np.array_equal(runs[0], again)


def test_a_tick_waits_for_its_subgoal(guard):
    """Pins a command that is decided before it is known what is handled."""
    lead = guard()
    lead.joints(0.0)
    lead.proposal(0.0)
    assert lead.node._sent is None
    lead.subgoal(0.0, GREEN)
    assert lead.node._sent is not None


@pytest.mark.parametrize(('goal', 'version', 'reason'), [
    (GREEN, 'another', 'knowledge_mismatch'), (GREEN, '', 'knowledge_mismatch'),
    (Goal('pick_place', '', '', '', '', part='nonesuch'), VERSION, 'knowledge_mismatch'),
    (Goal('press', 'button', 'green', '', ''), '', 'knowledge_mismatch'), (None, VERSION, '')])
def test_what_the_guard_does_not_know_is_not_moved(guard, goal, version, reason):
    """Pins the hold, and that the right subgoal ends it."""
    lead = guard()
    decision = lead.run(8, goal, version=version)
    assert (decision.state, decision.reason) == ('armed', reason)
    assert not np.ptp(lead.commands, axis=0).any()
    assert lead.run(8, GREEN).state == 'running'
    assert np.ptp(lead.commands, axis=0).any()


@pytest.fixture
def in_real_time(guard, tmp_path):
    """Return a guard on the clock of this machine, patient with it, armed."""
    content = yaml.safe_load((share() / 'config/sites/sim_sort.yaml').read_text(encoding='utf-8'))
    content['sim']['clock'] = 'wall'
    content['limits'].update(stale_joints_s=2.0, stale_chunk_s=2.0)
    path = tmp_path / 'sim_sort.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    lead = guard(path)
    lead.joints(time.monotonic())
    lead.node._cycle_now()
    assert lead.node._decision.state == 'armed'
    return lead


def test_a_chunk_waits_for_the_subgoal_that_it_answers(in_real_time):
    """Pins real time: what overtakes its subgoal is not moved by the limits of the one before."""
    lead, node = in_real_time, in_real_time.node
    lead.subgoal(time.monotonic(), STUD)
    lead.proposal(time.monotonic(), step=1)
    node._cycle_now()
    assert node._decision.state == 'armed' and node._memory.handled.part == 'ball_stud20'
    lead.subgoal(time.monotonic(), GREEN, step=1)
    node._cycle_now()
    assert node._decision.state == 'running' and node._memory.handled.part == 'bj22g'
    lead.subgoal(time.monotonic(), None)
    node._cycle_now()
    assert node._memory.path is None


@pytest.mark.parametrize('age_s', [2.1, -0.1])
def test_a_subgoal_of_another_time_is_none(in_real_time, age_s):
    """Pins one that was sealed before this guard began, when the part allowed more."""
    lead, node = in_real_time, in_real_time.node
    lead.subgoal(time.monotonic() - age_s, STUD)
    node._cycle_now()
    assert node._handled is None and node._forged == 1
    lead.subgoal(time.monotonic(), STUD)
    node._cycle_now()
    assert node._handled.part == 'ball_stud20' and node._forged == 1


def test_a_task_that_fell_silent_is_a_hold(in_real_time):
    """Pins the age of the subgoal: proposals alone keep nothing in motion."""
    lead, node = in_real_time, in_real_time.node
    lead.subgoal(time.monotonic(), GREEN)
    time.sleep(1.1 * node.site.heartbeat_s)
    lead.proposal(time.monotonic())
    node._cycle_now()
    assert node._decision.state == 'armed' and node._memory.path is None
    lead.subgoal(time.monotonic(), GREEN)
    lead.proposal(time.monotonic(), sequence=2)
    node._cycle_now()
    assert node._decision.state == 'running'
