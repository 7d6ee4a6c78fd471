"""The real cell moved by hand, in real time: what moves, how soon it stands, who may, and why not.

What is measured is printed; `pytest -s` shows it, and docs/results/teleoperation.md keeps it.
Where this machine kept guard, arm or operator waiting, a test is tried again, and skipped in the
end.
"""
from functools import wraps
import inspect
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from lam_ws.faults.judging import violations
from lam_ws.geometry import Chain
from lam_ws.keys import FOLDER, read_keys
from lam_ws.policy.teleop import Jog
from lam_ws.resources import share
from lam_ws.safety.safety import guard_config
import numpy as np
import pytest
import yaml

pytest.importorskip('rclpy')
pytest.importorskip('pybullet')

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.train]
ROOT = Path(__file__).resolve().parents[2]
STANDSTILL_S = 0.35     # from the last renewal until the arm begins to stand
RELEASES = 5
TRIES = 3
LATE_S = 0.05           # between two commands or two looks of the operator: the machine was busy
TEXT = '빨간 원통을 검은 상자에 넣어 줘'


class Seat:
    """An operator in the client process of a cell: a hand, and all that the guard commands."""

    def __init__(self, cell, name='seat'):
        from lam_ws.nodes import conversion, nodes
        from lam_ws.nodes.hand import Hand, HAND_KEYS
        import rclpy
        from trajectory_msgs.msg import JointTrajectory
        self.cell, self.executor = cell, cell.client.executor
        self.node = rclpy.create_node(name, namespace=cell.site.namespace,
                                      context=cell.client.node.context)
        self.executor.add_node(self.node)
        self.chain, self.stream, self.stamps = Chain(cell.site.arm), [], []
        self.late_s = 0.0
        self.hand = Hand(self.node, cell.site,
                         read_keys(HAND_KEYS, {FOLDER: str(cell.supervisor.keys)}))

        def take(message):
            command = conversion.command(message, cell.site.arm.names)
            self.stream.append((command.position, command.velocity))
            self.stamps.append(command.stamp_s)
        self.node.create_subscription(JointTrajectory, nodes.COMMAND, take, nodes.DEEP)

    def close(self):
        self.hand.give()
        self.turn(0.3)
        self.executor.remove_node(self.node)
        self.node.destroy_node()

    def turn(self, seconds, each=lambda: None, until=lambda: False):
        """Spin, calling `each` all the time; return whether `until` came true."""
        deadline, looked_s = time.monotonic() + seconds, time.monotonic()
        while time.monotonic() < deadline:
            if until():
                return True
            each()
            self.executor.spin_once(timeout_sec=0.005)
            before, looked_s = looked_s, time.monotonic()
            self.late_s = max(self.late_s, looked_s - before)
        return bool(until())

    def starved(self):
        """Return whether this machine kept anybody waiting who must not wait."""
        gap = float(np.diff(self.stamps).max(initial=0.0))
        guard = self.cell.client.guard
        return max(self.late_s, gap) > LATE_S or guard.reason in (
            'late_cycle', 'stale_joints', 'policy_stalled')

    def take(self):
        """Bring the guard to ARMED if it is not, and take the arm."""
        client = self.cell.client
        if client.guard is not None and client.guard.state in ('stopping', 'stopped'):
            self.reset()
        if client.guard is None or client.guard.state not in ('armed', 'running'):
            client.arm()
        assert self.turn(5.0, until=lambda: self.hand._guard_s > 0.0 and self.hand.last)
        self.hand.take()
        assert self.turn(3.0, until=lambda: self.hand.state.holds), self.hand.state.text()
        return self

    def reset(self):
        """Bring a guard that is stopped, or stops, to DISARMED."""
        client = self.cell.client
        assert self.turn(3.0, until=lambda: client.guard.state == 'stopped')
        client.clear()
        assert self.turn(3.0, until=lambda: client.guard.state == 'disarmed')

    def jog(self, jog, seconds, until=lambda: False):
        """Hold a key; return when it was renewed last."""
        last = [0.0]

        def renew():
            last[0] = time.monotonic()
            self.hand.jog(jog, last[0])
        self.turn(seconds, renew, until)
        return last[0]

    def rest(self, since_s):
        """Wait until the arm stands; return s from `since_s` until braking, and until it stood."""
        assert self.turn(20.0, until=lambda: self.stamps[-1] > since_s + 0.6)
        stamps, speeds = np.array(self.stamps), np.array([v for _, v in self.stream])
        fast = np.abs(speeds[:, :-1]).max(1)
        assert fast[-1] == 0.0
        moving = stamps[np.flatnonzero(fast > 0.0)[-1]] + 0.01
        peak = fast[(stamps > since_s - 0.1) & (stamps <= since_s)].max(initial=0.0)
        assert peak > 0.05, 'the arm did not move when it was let go'
        braking = stamps[(stamps > since_s - 0.1) & (fast > 0.98 * peak)][-1]
        return braking - since_s, moving - since_s

    def tool(self):
        """Return the last commanded pose of the tool."""
        return self.chain.forward(self.stream[-1][0][:-1])


def base(*vector, speed=1.0):
    """Return a jog of the tool along base axes."""
    return Jog('base', (*map(float, vector), *[0.0] * (6 - len(vector))), 0.0, speed)


def site_with(folder, name='jog_cell', blind=False, **limits):
    """Return the file of the demonstration cell with other limits, nothing recorded.

    A blind one has tiny cameras that hardly ever look: it runs on a busy machine.
    """
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text(encoding='utf-8'))
    content['name'] = name
    content['limits'].update(limits)
    for camera in content['cameras'] if blind else ():
        camera.update(width=16, height=16, rate_hz=2.0)
    del content['record']
    path = folder / f'{name}.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return path


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    """Return arm and guard of a cell with table and a box in the way; the test is its task."""
    from lam_ws.nodes.session import Session
    folder = tmp_path_factory.mktemp('cell')
    site = site_with(folder, blind=True, stale_joints_s=0.3, table_z=0.15, keep_out=[
        {'name': 'post', 'lower': [0.2, 0.30, 0.0], 'upper': [0.8, 0.50, 0.75]}])
    with Session(site, logs=folder / 'logs', only=['sim', 'guard'], deaths='ignore') as running:
        idle_task(running)
        yield running


def idle_task(cell):
    """Say in place of the task, ten times a second, that nothing is to be done."""
    from lam_interfaces.msg import Subgoal
    from lam_ws.nodes import conversion, nodes, sealing
    key = read_keys(('task',), {FOLDER: str(cell.supervisor.keys)})['task']
    out = cell.client.node.create_publisher(Subgoal, nodes.SUBGOAL, nodes.RELIABLE)
    cell.client.node.create_timer(0.1, lambda: out.publish(sealing.sealed(
        conversion.subgoal_message(time.monotonic(), '', None), key)))


def in_real_time(test):
    """Give a test a `seat` of its own at each try, and more than one try on a busy machine."""
    @wraps(test)
    def run(cell, **more):
        from lam_ws.nodes.client import CellError
        for _ in range(TRIES):
            seat = Seat(cell)
            try:
                return test(seat.take(), **more)
            except (AssertionError, CellError):
                if not seat.starved():
                    raise
            finally:
                seat.close()
        pytest.skip(f'this machine cannot keep up: {seat.late_s:.2f} s late')

    wanted = inspect.signature(test).parameters.values()
    run.__signature__ = inspect.Signature([
        *(inspect.Parameter('cell', one.kind) if one.name == 'seat' else one for one in wanted)])
    return run


@in_real_time
def test_a_jog_moves_the_joint_or_the_tool_that_it_names(seat):
    """Pins the way from a key to the arm, by the commands and by what the arm measures."""
    for jog, axis in ((base(0, 0, 1), 2), (base(0, -1), 1), (base(0, 0, -1), 2)):
        before, sign = seat.tool()[:3, 3], np.sign(sum(jog.vector))
        seat.jog(jog, 5.0, lambda: abs(seat.tool()[:3, 3] - before).max() > 0.08)   # noqa: B023
        seat.turn(0.5)
        moved = seat.tool()[:3, 3] - before
        assert sign * moved[axis] > 0.08 and np.abs(np.delete(moved, axis)).max() < 0.05 * abs(
            moved[axis]), moved
    before = seat.stream[-1][0]
    seat.jog(Jog('joint', (0.0,) * 6 + (1.0,), -1.0, 1.0), 5.0,
             lambda: seat.stream[-1][0][6] - before[6] > 0.15)
    seat.turn(0.5)
    moved = seat.stream[-1][0] - before
    assert moved[6] > 0.15 and moved[7] < -0.01 and np.abs(moved[:6]).max() < 1e-6
    assert seat.cell.client.guard.reason == ''


@in_real_time
def test_a_hand_that_lets_go_stands_within_the_bound(seat):
    """Pins the dead man's switch: silence alone, and a release that is said."""
    found = []
    for i in range(RELEASES):
        last_s = seat.jog(Jog('joint', (1.0 if i % 2 else -1.0,) + (0.0,) * 6, 0.0, 1.0), 0.8)
        found.append(seat.rest(last_s))
    braking, standing = np.array(found).T
    print(f'\nsilence: braking after {braking.max():.3f} s, standing after {standing.max():.3f} s')
    assert standing.max() <= STANDSTILL_S and braking.min() > 0.0
    said = []
    for i in range(RELEASES):
        seat.jog(base(0, 0, 1.0 if i % 2 else -1.0), 0.5)
        seat.hand.release()
        said.append(seat.rest(time.monotonic()))
    print(f'release: standing after {max(stood for _, stood in said):.3f} s')
    assert max(stood for _, stood in said) <= 0.25
    assert seat.hand.state.holds     # it keeps the arm


@in_real_time
def test_a_killed_hand_stands_within_the_bound(seat):
    """Pins the process that is gone: rest by the lease, then a stop that latches."""
    cell = seat.cell
    seat.hand.give()
    seat.turn(0.5, until=lambda: not seat.hand.giving)
    for _ in range(3):
        seat.cell.client.stop()
        seat.reset()
        seat.cell.client.arm()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / 'test/hand_process.py'), str(cell.site.path),
             os.environ['ROS_DOMAIN_ID']],
            env={**os.environ, FOLDER: str(cell.supervisor.keys), 'PYTHONPATH': str(ROOT)})
        try:
            assert seat.turn(60.0, until=lambda: bool(seat.stream) and np.abs(
                seat.stream[-1][1][:-1]).max() > 0.4)
        finally:
            process.send_signal(signal.SIGKILL)
            killed_s = time.monotonic()
            process.wait()
        braking, standing = seat.rest(killed_s)
        print(f'\nkilled: braking after {braking:.3f} s, standing after {standing:.3f} s')
        assert standing <= STANDSTILL_S
        assert seat.turn(3.0, until=lambda: cell.client.guard.state == 'stopped')
        assert cell.client.guard.reason == 'policy_stalled'
        seat.take()      # an operator's reset and arm let another hand in, also an older one


@in_real_time
def test_a_second_hand_is_refused_and_told_who_has_the_arm(seat):
    """Pins one hand at a time: it moves nothing, and the first goes on."""
    second = Seat(seat.cell, 'second')
    try:
        second.hand.take()
        assert second.turn(5.0, until=lambda: second.hand.state.code == 'held')
        assert second.hand.state.where == seat.hand.state.commander
        assert 'seat' in second.hand.state.text() and '손' in second.hand.state.text('ko')
        count = len(seat.stream)
        second.jog(base(0, 0, 1), 0.3)
        assert np.ptp([p for p, _ in seat.stream[count:]], axis=0).max() == 0.0
        before = seat.tool()[2, 3]
        seat.jog(base(0, 0, -1), 5.0, lambda: seat.tool()[2, 3] < before - 0.02)
        assert seat.tool()[2, 3] < before - 0.02
    finally:
        second.close()
    seat.hand.give()
    third = Seat(seat.cell, 'third')
    try:
        third.take()         # what was given back may be taken
    finally:
        third.close()


def near_the_middle(seat):
    """Jog the arm back to where it has room on all sides."""
    target = np.array(seat.cell.site.arm.home)
    seat.turn(4.0, lambda: seat.hand.follow(target, time.monotonic()),
              lambda: np.abs(seat.stream[-1][0] - target)[:-1].max() < 0.02)
    seat.turn(0.4)


@pytest.mark.parametrize(('jog', 'code', 'korean'), [
    (base(0, 0, -1), 'table', '작업대'), (base(0, 1), 'keep_out', '진입 금지'),
    (base(0, 0, 1), 'workspace', '작업 공간'),
    (base(1, 0, 0.4), 'singularity', '특이 자세'),
    (Jog('joint', (0, 0, 0, 0, 0, -1.0, 0), 0.0, 1.0), 'position', 'fr3_joint6')])
@in_real_time
def test_what_is_in_the_way_stops_the_arm_and_is_told(seat, jog, code, korean):
    """Pins each bound on the real cell: the arm halts inside it, and the operator reads why."""
    near_the_middle(seat)
    told, seen = [], len(seat.stream)

    def listen():
        state = seat.hand.state
        told.append((state.code, state.text('ko'), state.text('en')))
        return state.moving and state.code == code and np.abs(
            [v[:-1] for _, v in seat.stream[-20:]]).max() < 0.02

    seat.jog(jog, 15.0, listen)
    codes = {one for one, *_ in told}
    assert code in codes, codes
    _, in_korean, in_english = next(one for one in reversed(told) if one[0] == code)
    assert korean in in_korean and in_english, in_korean
    assert np.abs(seat.stream[-1][1][:-1]).max() < 0.02    # it stands, though the key is held
    config = guard_config(seat.cell.site)
    assert not {'workspace', 'table', 'position', 'keep_out'} & set(
        violations(config, seat.stream[seen:]))
    assert seat.cell.client.guard.state in ('armed', 'running')
    near_the_middle(seat)


def test_a_policy_in_mid_motion_gives_way_and_finishes_afterwards(tmp_path):
    """Pins take-over and hand-back: no step in the command, and the task is carried out."""
    from lam_ws.nodes.session import Session
    site = site_with(tmp_path)
    with Session(site, logs=tmp_path / 'logs') as cell:
        seat = Seat(cell)
        try:
            outcome, height = over_and_back(seat)
            print(f'\n{outcome.reason or "done"} after a hand at z = {height:.3f} m')
            report(guard_config(cell.site), seat.stream)
            assert violations(guard_config(cell.site), seat.stream) == []
            assert outcome.success, outcome.text
        except AssertionError:
            if not seat.starved():
                raise
            pytest.skip(f'this machine cannot keep up: {seat.late_s:.2f} s late')
        finally:
            seat.close()


def over_and_back(seat):
    """Take the arm from a policy in motion, jog it, give it back; return what came of the task."""
    from lam_interfaces.action import ExecuteInstruction
    client, up = seat.cell.client, base(0, 0, 1, speed=0.4)
    seat.cell.arm()
    asked = client._action.send_goal_async(ExecuteInstruction.Goal(
        text=TEXT, language='ko', operator_id='test'))
    assert seat.turn(10.0, until=lambda: bool(seat.stream) and np.abs(
        seat.stream[-1][1][:-1]).max() > 0.3)
    result = asked.result().get_result_async()
    seat.hand.take()
    seat.jog(up, 2.0, lambda: seat.hand.state.holds)
    assert seat.hand.state.holds, seat.hand.state.text()
    seat.jog(up, 0.8)
    height = seat.tool()[2, 3]
    seat.hand.give()
    assert seat.turn(5.0, until=lambda: client.guard.commander.startswith('/cell/policy'))
    assert seat.turn(90.0, until=result.done)
    return result.result().result, height


def report(config, stream):
    """Print the largest differences of consecutive commands, in shares of the limits."""
    v = np.array([v for _, v in stream])
    for name, found, most in (('velocity', v, config.velocity),
                              ('acceleration', np.diff(v, 1, 0) / config.cycle_s,
                               config.acceleration),
                              ('jerk', np.diff(v, 2, 0) / config.cycle_s ** 2, config.jerk)):
        shares = np.abs(found).max(0) / most
        print(f'largest {name}: {shares.max():.3f} of the limit, joint {shares.argmax() + 1}')


def test_a_site_whose_time_waits_for_commands_is_refused():
    """Pins the message: which sites can be moved by hand."""
    from lam_ws.nodes.hand import HandError
    from lam_ws.nodes.teleoperator import teleoperating
    from lam_ws.site import load_site
    with pytest.raises(HandError, match='sim_bench: time stands still .* sim_demo'):
        with teleoperating(load_site('sim_bench'), 1, {}):
            pass
