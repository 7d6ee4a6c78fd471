"""The graph of a simulated cell and that of a real arm, compared from outside.

Names, types and quality of topics, frames, joints, encodings, sizes, rates and ages: whatever
listens to a cell cannot tell which of the two it hears.
"""
import time

from controller_peer import controlling
import numpy as np
import pytest
from real_site import real_site

pytest.importorskip('rclpy')
from geometry_msgs.msg import TransformStamped
from lam_ws.nodes import conversion, nodes
from lam_ws.nodes.environment import enter, free_domain
from lam_ws.nodes.session import Session
from sensor_msgs.msg import CameraInfo, Image, JointState
from trajectory_msgs.msg import JointTrajectory

pytestmark = [pytest.mark.ros, pytest.mark.peer]
LISTEN_S = 3.0
OWN = {nodes.ARM_STATE, nodes.GRIPPER_STATES, nodes.GRIPPER_COMMAND}   # of a real arm alone


def kinds(site):
    """Return {topic: type} of what an arm with its cameras says and hears."""
    found = {nodes.JOINT_STATES: JointState, nodes.COMMAND: JointTrajectory}
    for camera in site.cameras:
        found |= {nodes.image_topic(camera.name): Image, nodes.info_topic(camera.name): CameraInfo,
                  nodes.mount_topic(camera.name): TransformStamped}
    return found


def look(kind, message):
    """Return what is the same in every message of a topic."""
    header = message.header.frame_id.split('#')[0]   # a command carries its seal behind it
    if kind is JointState:
        return header, tuple(message.name), len(message.velocity), len(message.effort) > 0
    if kind is Image:
        return header, message.encoding, message.width, message.height, message.step
    if kind is CameraInfo:
        return header, message.width, message.height, tuple(message.k)
    if kind is JointTrajectory:
        return header, tuple(message.joint_names), len(message.points)
    return header, message.child_frame_id


def heard(site, domain):
    """Return {topic: (what it is, Hz, median age s)} of a running cell, and its endpoints."""
    with Session(site, domain) as cell:
        node, taken = cell.client.node, {}

        def take(name, kind):
            def hear(message):
                age_s = time.monotonic() - conversion.to_seconds(message.header.stamp)
                taken.setdefault(name, []).append((look(kind, message), age_s))
            return hear
        for name, kind in kinds(site).items():
            node.create_subscription(kind, name, take(name, kind), nodes.RELIABLE)
        cell.client.turn_for(0.5)
        cell.reset(1)
        taken.clear()
        cell.client.turn_for(LISTEN_S)
        names = kinds(site) | dict.fromkeys(OWN)
        ends = {name: sorted((end.topic_type, str(end.qos_profile.reliability),
                              str(end.qos_profile.durability))
                             for end in node.get_publishers_info_by_topic(
                                 node.resolve_topic_name(name)))
                for name in names}
    rows = {}
    for name, messages in taken.items():
        assert len({seen for seen, _ in messages}) == 1, (name, {seen for seen, _ in messages})
        rows[name] = (messages[0][0], len(messages) / LISTEN_S,
                      float(np.median([age_s for _, age_s in messages])))
    return rows, ends


def test_nobody_can_tell_a_real_arm_from_a_simulated_one(tmp_path):
    """Pins the bridge's contract: all that differs is what only a real arm has to say."""
    found = []
    for adapter in ('pybullet', 'joint_trajectory'):
        folder = tmp_path / adapter
        folder.mkdir()
        site = real_site(folder, 'fr3', adapter, 'sim_bench')
        with free_domain() as domain:
            enter(domain)
            if adapter == 'pybullet':
                found.append(heard(site, domain))
            else:
                with controlling(site, domain):
                    found.append(heard(site, domain))
    (sim, sim_ends), (real, real_ends) = found
    assert set(sim) == set(real) == set(kinds(site))
    for name in sim:
        (what, rate_hz, age_s), (other, real_hz, real_s) = sim[name], real[name]
        print(f'{name}: {rate_hz:.0f} and {real_hz:.0f} Hz, {1e3 * age_s:.1f} and '
              f'{1e3 * real_s:.1f} ms old')
        if name == nodes.JOINT_STATES:   # this controller reports no effort
            assert what[:3] == other[:3]
        else:
            assert what == other
        assert real_hz == pytest.approx(rate_hz, rel=0.2), name
        assert real_s < age_s + 0.05, name
        assert sim_ends[name] == real_ends[name], name
    for name in OWN:
        assert not sim_ends[name] and real_ends[name], name
