"""Transforms and kinematics against an independent computation; numpy only."""
from hypothesis import given, settings
from hypothesis import strategies as st
from lam_ws.geometry import (
    Chain,
    downward,
    inverse,
    lift,
    look_at,
    pose,
    project,
    quaternion,
    roll_pitch_yaw,
    rotation_x,
    rotation_y,
    rotation_z,
)
from lam_ws.site import load_arm, load_site
import numpy as np
import pytest

ANGLE = st.floats(-np.pi, np.pi)
METRES = st.floats(-2.0, 2.0)

# Screw axes at q = 0: direction and a point on the axis [m], read off the makers' drawings
# (Franka Robotics, FR3 interface specifications; Universal Robots, UR5e DH parameters), and the
# flange pose at q = 0. Nothing here comes from the DH tables in config/arms.
FR3 = ([([0, 0, 1], [0, 0, 0.333]), ([0, 1, 0], [0, 0, 0.333]), ([0, 0, 1], [0, 0, 0.649]),
        ([0, -1, 0], [0.0825, 0, 0.649]), ([0, 0, 1], [0, 0, 1.033]),
        ([0, -1, 0], [0, 0, 1.033]), ([0, 0, -1], [0.088, 0, 1.033])],
       [[1, 0, 0, 0.088], [0, -1, 0, 0], [0, 0, -1, 1.033 - 0.107], [0, 0, 0, 1]])
UR5E = ([([0, 0, 1], [0, 0, 0.1625]), ([0, -1, 0], [0, 0, 0.1625]),
         ([0, -1, 0], [-0.425, 0, 0.1625]), ([0, -1, 0], [-0.8172, 0, 0.1625]),
         ([0, 0, -1], [-0.8172, -0.1333, 0.1625]), ([0, -1, 0], [-0.8172, -0.1333, 0.0628])],
        [[1, 0, 0, -0.8172], [0, 0, -1, -0.2329], [0, 1, 0, 0.0628], [0, 0, 0, 1]])
# Tool in the flange: FR3 finger tips 0.1034 m beyond, turned by -45 deg; UR5e gripper 0.15 m.
TOOL = {'fr3': pose([0, 0, 0.1034], [0, 0, -np.pi / 4]), 'ur5e': pose([0, 0, 0.15], [0, 0, 0])}
ARMS = {'fr3': FR3, 'ur5e': UR5E}


def turn(axis, point, angle):
    """Return the [4, 4] rotation by `angle` about an axis through `point` (Rodrigues)."""
    w = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], float)
    X = np.eye(4)
    X[:3, :3] += np.sin(angle) * w + (1 - np.cos(angle)) * w @ w
    X[:3, 3] = np.array(point, float) - X[:3, :3] @ point
    return X


def flange(name, q):
    """Return the flange pose by the product of exponentials (Lynch and Park, eq. 4.14)."""
    axes, zero = ARMS[name]
    X = np.eye(4)
    for (axis, point), angle in zip(axes, q, strict=True):
        X = X @ turn(axis, point, angle)
    return X @ np.array(zero, float)


def test_published_poses_of_both_arms():
    """Pins two numbers anyone can look up: FR3 ready pose, UR5e zero pose."""
    ready = Chain(load_arm('fr3')).forward(np.array([0, -1, 0, -3, 0, 2, 1]) * np.pi / 4)
    np.testing.assert_allclose(ready[:3, 3], [0.3069, 0.0, 0.4869], atol=2e-4)
    np.testing.assert_allclose(ready[:3, :3], np.diag([1, -1, -1]), atol=1e-9)
    zero = Chain(load_arm('ur5e')).forward(np.zeros(6)) @ inverse(TOOL['ur5e'])
    np.testing.assert_allclose(zero[:3, 3], [-0.8172, -0.2329, 0.0628], atol=1e-9)


@pytest.mark.parametrize('name', ['fr3', 'ur5e'])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_forward_kinematics_equals_the_product_of_exponentials(name, data):
    """Pins the DH tables, both conventions and the tool frame against screw axes."""
    arm = load_arm(name)
    q = np.array([data.draw(st.floats(low, high)) for low, high
                  in zip(arm.limits.lower[:-1], arm.limits.upper[:-1], strict=True)])
    chain = Chain(arm)
    X = chain.forward(q)
    np.testing.assert_allclose(X, flange(name, q) @ TOOL[name], atol=1e-9)
    np.testing.assert_allclose(chain.origins(q)[-1], X[:3, 3], atol=1e-12)


@pytest.mark.parametrize('name', ['fr3', 'ur5e'])
def test_inverse_kinematics_reaches_the_bench_from_home(name):
    """Pins that every spot where parts and bins lie is reached, within limits, pointing down."""
    arm = load_arm(name)
    chain = Chain(arm)
    rng = np.random.default_rng(0)
    wanted = np.stack([downward([rng.uniform(0.37, 0.63), rng.uniform(-0.35, 0.35),
                                 rng.uniform(0.02, 0.35)], rng.uniform(-1.5, 1.5))
                       for _ in range(300)])
    q, left = chain.inverse(wanted, arm.home[:-1], iterations=40)
    reached = chain.forward(q)
    assert (q >= chain.lower).all() and (q <= chain.upper).all()
    assert left.max() < 1e-3
    np.testing.assert_allclose(reached[:, :3, 3], wanted[:, :3, 3], atol=1e-3)
    tilt = np.degrees(np.arccos(np.clip(-reached[:, 2, 2], -1, 1)))
    assert tilt.max() < 1.0


@pytest.mark.parametrize('name', ['fr3', 'ur5e'])
def test_home_looks_down_on_the_bench_with_the_elbow_up(name):
    """Pins the home poses: tool about 0.38 m above the table, wrist camera to the front."""
    arm = load_arm(name)
    chain = Chain(arm)
    X = chain.forward(arm.home[:-1])
    assert 0.40 <= X[0, 3] <= 0.48 and abs(X[1, 3]) < 1e-3 and abs(X[2, 3] - 0.38) < 2e-3
    np.testing.assert_allclose(X[:3, :3], np.diag([1, -1, -1]), atol=1e-3)
    elbow = {'fr3': 3, 'ur5e': 2}[name]
    assert chain.origins(arm.home[:-1])[elbow, 2] > X[2, 3] + 0.2


@pytest.mark.parametrize('name', ['fr3', 'ur5e'])
def test_a_followed_path_is_the_path_that_was_asked_for(name):
    """Pins that `tool` reads back what `follow` was told, place, yaw and speed."""
    arm = load_arm(name)
    chain = Chain(arm)
    share = np.linspace(0.0, 1.0, 25)[:, None]
    xyz = np.array([0.45, 0.0, 0.38]) + share * np.array([0.10, 0.15, -0.25])
    q = chain.follow(arm.home[:-1], xyz, share[:, 0] * 0.6, iterations=40)
    here, yaw, speed = chain.tool(q[12], (q[13] - q[11]) / 2.0)
    np.testing.assert_allclose(here, xyz[12], atol=1e-3)
    assert abs(yaw - 0.3) < 1e-2
    np.testing.assert_allclose(speed, (xyz[13] - xyz[11]) / 2.0, atol=1e-3)


@pytest.mark.sim
@pytest.mark.parametrize('name', ['sim_bench', 'sim_bench_ur5e'])
def test_four_iterations_are_enough_for_the_chunks_of_real_motion(name, monkeypatch):
    """Pins `follow` on recorded picks: 0.5 mm and 2 mrad from what was asked and from six."""
    pytest.importorskip('pybullet')
    from lam_ws.bench.motion import record_motion
    site, asked, follow = load_site(name), [], Chain.follow
    monkeypatch.setattr(Chain, 'follow', lambda chain, *path: (
        asked.append(path), follow(chain, *path))[1])
    for seed in (7, 8):
        record_motion(site, seed)
    chain = Chain(site.arm)
    assert len(asked) > 20 and max(np.ptp(xyz, axis=0).max() for _, xyz, _ in asked) > 0.25
    for start, xyz, yaw in asked:
        q, wanted = follow(chain, start, xyz, yaw), downward(xyz, yaw)
        six = chain.inverse(wanted, start, iterations=6)[0]
        assert np.abs(q - six).max() < 5e-3  # rad; the elbow goes the same way too
        reached = chain.forward(q)
        for other in (wanted, chain.forward(six)):
            away = np.linalg.norm(reached[:, :3, 3] - other[:, :3, 3], axis=1)
            turned = reached[:, :3, :3] @ np.swapaxes(other[:, :3, :3], 1, 2) - np.eye(3)
            assert away.max() < 0.5e-3 and np.abs(turned).max() < 2e-3


@given(st.tuples(METRES, METRES, METRES), st.tuples(ANGLE, ANGLE, ANGLE))
def test_a_pose_and_its_inverse_cancel(xyz, rpy):
    """Pins X_AB @ X_BA = I and that batches are inverted like single poses."""
    X = pose(xyz, rpy)
    np.testing.assert_allclose(X @ inverse(X), np.eye(4), atol=1e-9)
    np.testing.assert_array_equal(inverse(np.stack([X, X]))[1], inverse(X))


@given(ANGLE, st.floats(-1.5, 1.5), ANGLE)
def test_roll_pitch_yaw_and_quaternion_describe_the_same_rotation(roll, pitch, yaw):
    """Pins URDF angle order and the (x, y, z, w) order of ROS."""
    X = pose([0, 0, 0], [roll, pitch, yaw])
    np.testing.assert_allclose(pose([0, 0, 0], roll_pitch_yaw(X)), X, atol=1e-9)
    x, y, z, w = quaternion(X)
    R = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                  [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                  [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
    np.testing.assert_allclose(R, X[:3, :3], atol=1e-9)


def test_a_path_of_downward_poses_is_its_poses_one_by_one():
    """Pins z down and x along the yaw, alone and in a batch."""
    xyz, yaw = np.array([[0.4, -0.1, 0.2], [0.5, 0.3, 0.1]]), np.array([0.3, -2.0])
    for i, X in enumerate(downward(xyz, yaw)):
        np.testing.assert_array_equal(X, downward(xyz[i], yaw[i]))
        np.testing.assert_allclose(X, pose(xyz[i], [np.pi, 0.0, yaw[i]]), atol=1e-12)


def test_elementary_rotations_turn_the_right_way():
    """Pins right-handedness: x to y about z, y to z about x, z to x about y."""
    quarter, (x, y, z) = np.pi / 2, np.eye(4)[:3]
    np.testing.assert_allclose(rotation_z(quarter) @ x, y, atol=1e-12)
    np.testing.assert_allclose(rotation_x(quarter) @ y, z, atol=1e-12)
    np.testing.assert_allclose(rotation_y(quarter) @ z, x, atol=1e-12)


@settings(deadline=None)
@given(st.floats(0.30, 0.70), st.floats(-0.35, 0.35), st.floats(0.0, 0.10))
def test_what_is_projected_into_the_front_camera_is_lifted_back(x, y, z):
    """Pins image axes and frames: a pixel and a height give back the point they came from."""
    camera = next(c for c in load_site('sim_bench').cameras if c.name == 'front').model()
    X = camera.X_ParentCamera
    pixel = project(camera.K, inverse(X), np.array([x, y, z]))
    assert 0 <= pixel[0] < camera.width and 0 <= pixel[1] < camera.height
    np.testing.assert_allclose(lift(camera.K, X, pixel, z), [x, y, z], atol=1e-9)


def test_the_front_camera_sees_the_bench_upright():
    """Pins the optical frame: facing the arm, its left hand (+y) appears on the right."""
    camera = next(c for c in load_site('sim_bench').cameras if c.name == 'front').model()
    to_pixel = inverse(camera.X_ParentCamera)
    left, right, low, high = project(camera.K, to_pixel, np.array(
        [[0.5, 0.2, 0.0], [0.5, -0.2, 0.0], [0.5, 0.0, 0.0], [0.5, 0.0, 0.2]]))
    assert left[0] > right[0] and high[1] < low[1]
    np.testing.assert_allclose(low, [camera.width / 2, camera.height / 2], atol=1e-6)
    with np.errstate(invalid='ignore'):
        assert not np.isfinite(look_at([0, 0, 1], [0, 0, 0])).all()
