"""The recorder in a real cell: simulated arm, guard and recorder as processes, over topics."""
import os
import signal
import time

from lam_ws.record.reader import read_episode
from lam_ws.record.recovery import part_of
from lam_ws.resources import share
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, Goal
import numpy as np
import pytest
import yaml

pytestmark = [pytest.mark.ros, pytest.mark.sim]
GOAL = Goal('pick_place', 'cylinder', 'red', 'black', '빨간 원통을 검은 상자에 넣어 줘')
TURN = 0.3   # rad, how far the first joint is turned


@pytest.fixture
def site(tmp_path):
    """Return the demonstration site, recording into this test's folder."""
    content = yaml.safe_load((share() / 'config/sites/sim_demo.yaml').read_text(encoding='utf-8'))
    content['record']['folder'] = str(tmp_path / 'episodes')
    path = tmp_path / 'sim_demo.yaml'
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')
    return load_site(path)


def lead(cell, episode, seconds):
    """Do what task and policy do: ask for one joint to be turned, for `seconds`, then end."""
    from lam_interfaces.msg import Proposal, Subgoal
    from lam_ws.nodes import conversion, nodes
    node = cell.client.node
    goals = node.create_publisher(Subgoal, nodes.SUBGOAL, nodes.RELIABLE)
    proposals = node.create_publisher(Proposal, nodes.PROPOSED, nodes.RELIABLE)
    cell.client.turn_for(1.0)
    cell.arm()
    home, names = np.array(cell.site.arm.home), cell.site.arm.names
    times = 0.2 * np.arange(1, 6)
    started = time.monotonic()
    for sequence in range(int(seconds * 5)):
        now_s = time.monotonic()
        share_done = np.clip((now_s - started + times) / 2.0, 0.0, 1.0)
        path = home + np.outer(share_done, np.eye(len(home))[0] * TURN)
        chunk = ActionChunk(now_s, names, times, path, 0.1, 'turn')
        goals.publish(conversion.subgoal_message(now_s, episode, GOAL))
        message = Proposal(episode_id=episode, sequence=sequence, done=0.1, phase='turn',
                           trajectory=conversion.chunk_trajectory(chunk))
        message.header.stamp = conversion.to_time(now_s)
        proposals.publish(message)
        cell.client.turn_for(0.2)
    goals.publish(conversion.subgoal_message(time.monotonic(), episode, None))


def test_an_episode_of_a_real_cell(site, tmp_path):
    """Pins a recording that lacks a topic, a camera or the second before the instruction."""
    from lam_ws.nodes.session import Session
    with Session(site, logs=tmp_path / 'log', only=['sim', 'guard', 'record']) as cell:
        lead(cell, 'real', 3.0)
        cell.client.turn_for(2.0)
        episode = read_episode(tmp_path / 'episodes' / 'real.mcap')
    assert episode.joints.names == episode.command.names == site.arm.names
    turned = episode.joints.position[:, 0].max() - episode.joints.position[0, 0]
    assert turned == pytest.approx(TURN, abs=0.03)
    for motion in (episode.joints, episode.command):
        assert 70 < len(motion.times) / episode.duration_s < 130, 'about 100 Hz'
    assert {name: f[0].pixels.shape[:2] for name, f in episode.frames.items()} == {
        camera.name: (camera.height, camera.width) for camera in site.cameras}
    assert episode.subgoals[0].time_s > 0.3 and episode.subgoals[0].text == GOAL.text
    assert len({p.sequence for p in episode.proposals}) == 15
    assert 'running' in {g.state for g in episode.guard}


def test_a_killed_recorder_leaves_its_episode(site, tmp_path):
    """Pins the loss of an episode whose recorder was killed in mid-motion."""
    from lam_ws.nodes.session import Session
    path = tmp_path / 'episodes' / 'killed.mcap'
    with Session(site, logs=tmp_path / 'log', only=['sim', 'guard', 'record']) as cell:
        lead(cell, 'killed', 2.0)
        os.kill(cell.processes['record'], signal.SIGKILL)
        cell.client.turn_for(0.3)
    assert part_of(path).exists() and not path.exists()
    episode = read_episode(path)
    assert episode.duration_s > 2.0 and len(episode.joints.times) > 150
    assert episode.joints.times[-1] > episode.duration_s - 0.15
