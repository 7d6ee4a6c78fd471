"""Tests of config/arms against the joint frames that the makers publish."""
from lam_ws.geometry import Chain, pose
from lam_ws.site import load_arm
import numpy as np
import pytest

QUARTER = np.pi / 2
# Each joint: xyz [m] and rpy [rad] of its frame in that of the joint before, and its axis.
FRAMES = {
    # FANUC, fanuc_crx_description, urdf/crx10ia_urdf_macro.xacro
    'crx10ia': [((0, 0, 0.245), (0, 0, 0), (0, 0, 1)), ((0, 0, 0), (0, 0, 0), (0, 1, 0)),
                ((0, 0, 0.54), (0, 0, 0), (0, -1, 0)), ((0, 0, 0), (0, 0, 0), (-1, 0, 0)),
                ((0.54, 0, 0), (0, 0, 0), (0, -1, 0)), ((0, -0.15, 0), (0, 0, 0), (-1, 0, 0))],
    # Neuromeka, indy_description, urdf/config/indy7/kinematics.yaml
    'indy7': [((0, 0, 0.0775), (0, 0, 0), (0, 0, 1)),
              ((0, -0.109, 0.222), (QUARTER, QUARTER, 0), (0, 0, 1)),
              ((-0.45, 0, -0.0305), (0, 0, 0), (0, 0, 1)),
              ((-0.267, 0, -0.075), (-QUARTER, 0, QUARTER), (0, 0, 1)),
              ((0, -0.114, 0.083), (QUARTER, QUARTER, 0), (0, 0, 1)),
              ((-0.168, 0, 0.069), (-QUARTER, 0, QUARTER), (0, 0, 1))],
    # Trossen Robotics, trossen_arm_mujoco, wxai_follower.xml
    'wxai': [((0, 0, 0.05725), (0, 0, 0), (0, 0, 1)), ((0.02, 0, 0.04625), (0, 0, 0), (0, 1, 0)),
             ((-0.264, 0, 0), (0, 0, 0), (0, -1, 0)), ((0.245, 0, 0.06), (0, 0, 0), (0, -1, 0)),
             ((0.06775, 0, 0.0455), (0, 0, 0), (0, 0, -1)),
             ((0.02895, 0, -0.0455), (0, 0, 0), (1, 0, 0))],
}
# Where the tool centre point lies in the last joint's frame, and what its z axis is there.
TOOLS = {'crx10ia': ((0.16 + 0.15, 0, 0), (1, 0, 0)),    # faceplate and fingers
         'indy7': ((0, 0, 0.06 + 0.15), (0, 0, 1)),      # flange and fingers
         'wxai': ((0.156, 0, 0), (1, 0, 0))}             # ee_site


def turned(axis, angle):
    """Return the [4, 4] rotation by `angle` rad about a unit axis (Rodrigues)."""
    x, y, z = axis
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]], float)
    X = np.eye(4)
    X[:3, :3] += np.sin(angle) * K + (1 - np.cos(angle)) * K @ K
    return X


@pytest.mark.parametrize('name', FRAMES)
def test_the_tool_is_where_the_makers_frames_put_it(name):
    """Pins the DH tables, signs of joints included, and where the tool points."""
    spec = load_arm(name)
    chain, chance = Chain(spec), np.random.default_rng(5)
    at, along = TOOLS[name]
    for q in chance.uniform(chain.lower, chain.upper, (40, chain.joints)):
        X = np.eye(4)
        for (xyz, rpy, axis), angle in zip(FRAMES[name], q, strict=True):
            X = X @ pose(xyz, rpy) @ turned(axis, angle)
        tool = chain.forward(q)
        np.testing.assert_allclose(tool[:3, 3], (X @ [*at, 1.0])[:3], atol=1e-6)
        np.testing.assert_allclose(tool[:3, 2], X[:3, :3] @ along, atol=1e-6)
