"""What a policy is shown of an arm that lags."""
from dataclasses import replace

from lam_ws.site import load_site
from lam_ws.types import JointState
import numpy as np
import pytest
from real_site import real_site

pytest.importorskip('rclpy')
from lam_ws.nodes.observing import expected

pytestmark = pytest.mark.ros


def test_a_lagging_arm_is_shown_where_it_will_be(tmp_path):
    """Pins direction, limits, and that fingers and simulated arms are shown as they are."""
    site = real_site(tmp_path, 'fr3', 'joint_trajectory')
    late = replace(site, adapter=replace(site.adapter, lag_s=0.1))
    velocity = np.array([0.5, -0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05])
    joints = JointState(1.0, site.arm.names, site.arm.home, velocity)
    shown = expected(joints, late)
    np.testing.assert_allclose(shown.position - joints.position, [0.05, -0.05, *[0.0] * 6])
    assert shown.velocity.tolist() == velocity.tolist() and shown.stamp_s == 1.0
    assert expected(joints, site) is joints and expected(joints, load_site('sim_bench')) is joints
    edge = replace(joints, position=site.arm.limits.upper, velocity=np.ones(8))
    assert (expected(edge, late).position <= site.arm.limits.upper).all()
