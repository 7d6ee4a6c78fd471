"""The guard's own kinematics."""
from dataclasses import replace

from guard_stream import config_of, SITES
from lam_ws.geometry import Chain
from lam_ws.safety.kinematics import Kinematics
import numpy as np
import pytest


def assert_same_kinematics(config, poses):
    """Compare the points of random poses with those of geometry."""
    chain, kinematics, tool = Chain(config.spec), Kinematics(config.spec), config.spec.tool
    for q in np.random.default_rng(0).uniform(-3.1, 3.1, (poses, chain.joints)):
        X = chain.forward(q)
        ends = [X @ [0.0, side * tool.palm_half, -tool.palm_behind, 1.0] for side in (1, -1)]
        wanted = [*chain.origins(q), *(end[:3] for end in ends)]
        assert np.allclose(kinematics.points(q.tolist()), wanted, atol=1e-12)


@pytest.mark.parametrize('site', SITES)
def test_the_written_out_kinematics_are_those_of_geometry(site):
    """Pins both DH conventions: the guard must see the arm where everybody else sees it."""
    assert_same_kinematics(config_of(site), 200)


@pytest.mark.parametrize('alpha', [0.4, -1.1, 0.0, np.pi])
def test_an_arm_with_oblique_axes_is_seen_where_it_is(alpha):
    """Pins kinematics that are not of right angles, in both conventions."""
    for site in SITES:
        config = config_of(site)
        rows = tuple(replace(row, alpha=alpha) if k in (1, 3) else row
                     for k, row in enumerate(config.spec.dh))
        config = replace(config, spec=replace(config.spec, dh=rows))
        assert_same_kinematics(config, 50)
