"""The recorder in a real cell: simulated arm, guard and recorder as processes, over topics.

The test takes the turns of perception, task and policy in lock-step, so the speed of the
machine decides nothing.
"""
import os
from pathlib import Path
import signal
import time

from lam_ws.keys import FOLDER, read_keys
from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of
from lam_ws.resources import share
from lam_ws.safety.lease import POLICY
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, Goal
import numpy as np
import pytest
import yaml

pytestmark = [pytest.mark.ros, pytest.mark.sim]
GOAL = Goal('pick_place', 'cylinder', 'red', 'black', '빨간 원통을 검은 상자에 넣어 줘')
TURN = 0.3        # rad, how far the first joint is turned
BEFORE_S = 1.5    # of simulated time until the instruction


@pytest.fixture
def site(tmp_path):
    """Return the evaluation site, recording into this test's folder."""
    content = yaml.safe_load((share() / 'config/sites/sim_bench.yaml').read_text(encoding='utf-8'))
    content['record']['folder'] = str(tmp_path / 'episodes')
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return load_site(path)


class Lead:
    """Answers each tick as task and policy would: turn one joint, then be done at `end_s`."""

    def __init__(self, cell, episode, end_s):
        from lam_interfaces.msg import Proposal, Subgoal
        from lam_ws.nodes import nodes, sealing
        from sensor_msgs.msg import JointState

        self.cell, self.episode, self.end_s, self.now_s = cell, episode, end_s, 0.0
        node = cell.client.node
        self.keys = read_keys((POLICY, 'task'), {FOLDER: str(cell.supervisor.keys)})
        self.commander = sealing.commander(POLICY, node)
        self.goals = node.create_publisher(Subgoal, nodes.SUBGOAL, nodes.RELIABLE)
        self.proposals = node.create_publisher(Proposal, nodes.PROPOSED, nodes.RELIABLE)
        node.create_subscription(JointState, nodes.JOINT_STATES, self._answer, nodes.RELIABLE)

    def run_until(self, now_s):
        """Keep answering until the cell's clock says `now_s`."""
        deadline = time.monotonic() + 60.0
        while self.now_s < now_s:
            assert time.monotonic() < deadline, f'the cell stands at {self.now_s} s'
            self.cell.client.turn_for(0.02)

    def _answer(self, message):
        from lam_interfaces.msg import Proposal
        from lam_ws.nodes import conversion, nodes, sealing

        stamp_ns = conversion.to_ns(message.header.stamp)
        self.now_s = stamp_ns / 1e9
        if not nodes.is_tick(self.cell.site, stamp_ns):
            return
        active = BEFORE_S <= self.now_s < self.end_s
        proposal = Proposal(episode_id=self.episode, sequence=stamp_ns // 100_000_000,
                            done=0.1, phase='turn' if active else '', claim=sealing.claim_message(
                                self.commander.claim(self.now_s, not active)))
        if active:
            proposal.trajectory = conversion.chunk_trajectory(self._chunk())
        proposal.header.stamp = message.header.stamp
        subgoal = conversion.subgoal_message(self.now_s, self.episode, GOAL if active else None)
        self.goals.publish(sealing.sealed(subgoal, self.keys['task']))
        self.proposals.publish(sealing.sealed(proposal, self.keys[POLICY]))

    def _chunk(self):
        home, times = np.array(self.cell.site.arm.home), 0.1 * np.arange(1, 11)
        done = np.clip((self.now_s - BEFORE_S + times) / 2.0, 0.0, 1.0)
        path = home + np.outer(done, np.eye(len(home))[0] * TURN)
        return ActionChunk(self.now_s, self.cell.site.arm.names, times, path, 0.1, 'turn')


@pytest.fixture
def cell(site, tmp_path):
    """Start simulator, guard and recorder, armed."""
    from lam_ws.nodes.session import Session
    with Session(site, logs=tmp_path / 'log', only=['sim', 'guard', 'record']) as session:
        session.arm()
        yield session


def test_an_episode_of_a_real_cell(cell, tmp_path):
    """Pins a recording that lacks a topic, a camera or the second before the instruction."""
    Lead(cell, 'real', 4.5).run_until(5.3)
    path = tmp_path / 'episodes' / 'real.mcap'
    deadline = time.monotonic() + 10.0
    while not path.exists():
        assert time.monotonic() < deadline
        cell.client.turn_for(0.1)
    episode = read_episode(path)
    assert episode.joints.names == episode.command.names == cell.site.arm.names
    turned = episode.joints.position[-1, 0] - episode.joints.position[0, 0]
    assert turned == pytest.approx(TURN, abs=0.01)
    for motion in (episode.joints, episode.command):
        np.testing.assert_allclose(np.diff(motion.times), 0.01, atol=0.0101)
        assert len(motion.times) == pytest.approx(100 * episode.duration_s, abs=3)
    assert {name: f[0].pixels.shape[:2] for name, f in episode.frames.items()} == {
        camera.name: (camera.height, camera.width) for camera in cell.site.cameras}
    first = next(subgoal for subgoal in episode.subgoals if subgoal.active)
    assert first.time_s == pytest.approx(1.0, abs=0.11) and first.text == GOAL.text
    sequences = [p.sequence for p in episode.proposals]
    assert sequences == list(range(sequences[0], sequences[-1] + 1))
    assert 'running' in {g.state for g in episode.guard}


def test_a_killed_recorder_leaves_its_episode(cell, tmp_path):
    """Pins the loss of an episode whose recorder was killed in mid-motion."""
    path: Path = tmp_path / 'episodes' / 'killed.mcap'
    lead = Lead(cell, 'killed', 60.0)
    lead.run_until(3.0)
    killed_s = lead.now_s
    os.kill(cell.processes['record'], signal.SIGKILL)
    lead.run_until(killed_s + 0.5)
    assert part_of(path).exists() and not path.exists()
    episode = read_episode(path)
    assert episode.duration_s > 1.0 and len(episode.joints.times) > 90
    assert len(episode.joints.times) == pytest.approx(100 * episode.duration_s, abs=12)
