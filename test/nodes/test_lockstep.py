"""The whole graph in lock-step: real nodes, real models, simulated time."""
from lam_ws.types import Instruction
import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.train]
SEED = 11
COLOURS = {'red': '빨간', 'green': '초록', 'blue': '파란', 'yellow': '노란'}
KINDS = {'cube': '큐브', 'cylinder': '원통', 'bar': '막대'}


class Commands:
    """Keeps what the guard sent, once for each stamp."""

    def __init__(self, client):
        from lam_ws.nodes import nodes
        from trajectory_msgs.msg import JointTrajectory
        self.rows = {}
        client.node.create_subscription(JointTrajectory, nodes.COMMAND, self._take, nodes.DEEP)

    def _take(self, message):
        stamp = message.header.stamp
        self.rows[stamp.sec, stamp.nanosec] = (*message.points[0].positions,
                                               *message.points[0].velocities)

    def take(self):
        """Return the commands so far, ordered by stamp, and forget them."""
        rows, self.rows = self.rows, {}
        return np.array([rows[key] for key in sorted(rows)])


def sentence(truth):
    """Return an instruction about a part that is there and has no twin."""
    names = [(part['kind'], part['colour']) for part in truth['parts']]
    kind, colour = next(name for name in names if names.count(name) == 1)
    return Instruction(f'{COLOURS[colour]} {KINDS[kind]}을 검은 상자에 넣어 줘')


def run(cell, commands):
    """Reset, arm, carry out one instruction; return the commands and the outcome."""
    truth = cell.reset(SEED)
    commands.take()
    cell.arm()
    outcome = cell.instruct(sentence(truth))
    cell.client.turn_for(0.3)
    return commands.take(), outcome


def test_a_seed_gives_the_same_commands_in_every_run(tmp_path):
    """Pins: a result that depends on which process was scheduled first."""
    from lam_ws.nodes.session import Session
    runs = []
    for _ in range(2):
        with Session('sim_bench', logs=tmp_path, without=['record']) as cell:
            commands = Commands(cell.client)
            runs.append(run(cell, commands))
            if not runs[1:]:
                runs.append(run(cell, commands))   # a reset is as good as a restart
    (first, outcome), *others = runs
    assert len(first) > 100, outcome
    for again, result in others:
        assert np.array_equal(first, again)
        assert (result.success, result.reason) == (outcome.success, outcome.reason)


def test_time_stands_still_without_an_instruction(tmp_path):
    """Pins: a cell that drifts while nobody asks for anything, so that no run is the same."""
    from lam_ws.nodes import nodes
    from lam_ws.nodes.session import Session
    from sensor_msgs.msg import JointState
    with Session('sim_bench', logs=tmp_path, without=['record']) as cell:
        stamps = set()
        cell.client.node.create_subscription(
            JointState, nodes.JOINT_STATES,
            lambda message: stamps.add((message.header.stamp.sec, message.header.stamp.nanosec)),
            nodes.RELIABLE)
        cell.arm()
        cell.client.turn_for(1.5)
        assert stamps == {(0, 0)}


@pytest.mark.parametrize('text, reason', [
    ('', 'empty'), ('x' * 5000, 'too_long'), ('빨간 원통을\x07 상자에', 'control_characters'),
    ('보라색 바퀴를 검은 상자에 넣어 줘', None)])
def test_what_cannot_be_done_moves_nothing(text, reason, tmp_path_factory, bench):
    """Pins: an instruction that nobody understands and something moves all the same."""
    bench.reset(SEED)
    bench.arm()
    outcome = bench.instruct(Instruction(text))
    assert not outcome.success and outcome.reason and outcome.text
    assert reason in (None, outcome.reason)
    assert bench.truth()['stamp_s'] == 0.0


def test_a_second_instruction_is_rejected(bench):
    """Pins: two commanders of one arm."""
    from lam_interfaces.action import ExecuteInstruction
    truth = bench.reset(SEED)
    bench.arm()
    client = bench.client
    first = client.wait(client._action.send_goal_async(
        ExecuteInstruction.Goal(text=sentence(truth).text)), 5.0)
    assert first.accepted
    assert bench.instruct(sentence(truth)).reason == 'busy'
    client.wait(first.cancel_goal_async(), 5.0)
    answer = client.wait(first.get_result_async(), 30.0)
    assert answer.result.reason == 'cancelled'


@pytest.fixture(scope='module')
def bench(tmp_path_factory):
    """Return one running cell for several tests."""
    from lam_ws.nodes.session import Session
    with Session('sim_bench', logs=tmp_path_factory.mktemp('log'), without=['record']) as cell:
        yield cell
