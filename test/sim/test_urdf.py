"""The URDF written from a DH table: sound numbers, the table's joints, a gripper at the tool."""
from xml.etree import ElementTree

from lam_ws.geometry import Chain, pose, rotation_z
from lam_ws.sim.urdf import arm_urdf, FINGER_BEYOND
from lam_ws.site import load_arm
import numpy as np
import pytest


@pytest.fixture(scope='module', params=['fr3', 'ur5e'])
def arm(request):
    """Return the specification of each arm that ships."""
    return load_arm(request.param)


@pytest.fixture(scope='module')
def robot(arm):
    """Return the parsed URDF of that arm."""
    return ElementTree.fromstring(arm_urdf(arm))


def numbers(text):
    """Return the numbers of an attribute."""
    return np.array([float(part) for part in text.split()])


def origin(element):
    """Return the [4, 4] pose in an element's origin."""
    found = element.find('origin')
    return pose(numbers(found.get('xyz')), numbers(found.get('rpy')))


def test_the_same_arm_gives_the_same_text(arm):
    """Pins that nothing but the specification decides."""
    assert arm_urdf(arm) == arm_urdf(arm)


def test_links_and_joints_form_one_tree(robot):
    """Pins a single root: PyBullet accepts a parent cycle without a word."""
    links = [link.get('name') for link in robot.findall('link')]
    children = [joint.find('child').get('link') for joint in robot.findall('joint')]
    parents = {joint.find('parent').get('link') for joint in robot.findall('joint')}
    assert len(set(links)) == len(links) and len(set(children)) == len(children)
    assert set(links) - set(children) == {'base_link'}
    assert parents <= set(links)


def test_every_number_is_finite_and_every_size_positive(robot):
    """Pins what PyBullet does not check: NaN, and shapes without extent or mass."""
    for element in robot.iter():
        for key in ('xyz', 'rpy', 'size', 'radius', 'length', 'value', 'ixx', 'lower', 'upper'):
            if element.get(key) is not None:
                values = numbers(element.get(key))
                assert np.isfinite(values).all()
                if key in ('size', 'radius', 'length', 'value', 'ixx'):
                    assert (values > 0).all(), (element.tag, key)


def test_joints_carry_the_limits_of_the_arm(arm, robot):
    """Pins that the physics stops where the guard believes the arm ends."""
    turning = [joint for joint in robot.findall('joint') if joint.get('type') == 'revolute']
    assert [joint.get('name') for joint in turning] == list(arm.names[:-1])
    for i, joint in enumerate(turning):
        limit = joint.find('limit')
        assert float(limit.get('lower')) == pytest.approx(arm.limits.lower[i], abs=1e-4)
        assert float(limit.get('upper')) == pytest.approx(arm.limits.upper[i], abs=1e-4)
    for finger in (joint for joint in robot.findall('joint')
                   if joint.get('type') == 'prismatic'):
        assert float(finger.find('limit').get('upper')) == arm.limits.upper[-1] / 2


def test_the_chain_of_origins_is_the_forward_kinematics(arm, robot):
    """Pins that whoever reads the URDF and whoever reads the DH table agree on the tool."""
    joints = {joint.find('child').get('link'): joint for joint in robot.findall('joint')}
    q = 0.5 * (arm.limits.lower + arm.limits.upper)[:-1] + 0.3
    turn = dict(zip(arm.names, q, strict=False))
    X, link = np.eye(4), 'tcp'
    while link != 'base_link':
        joint = joints[link]
        X = origin(joint) @ rotation_z(turn.get(joint.get('name'), 0.0)) @ X
        link = joint.find('parent').get('link')
    np.testing.assert_allclose(X, Chain(arm).forward(q), atol=1e-7)


def test_fingers_reach_past_the_tool_centre_point(robot):
    """Pins the pads around the tool: a change here moves every grasp."""
    for name in ('left_finger_link', 'right_finger_link'):
        link = next(link for link in robot.findall('link') if link.get('name') == name)
        pad = link.find('collision')
        tip = origin(pad)[2, 3] + numbers(pad.find('geometry/box').get('size'))[2] / 2
        assert tip == pytest.approx(FINGER_BEYOND, abs=1e-9)
