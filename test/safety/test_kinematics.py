"""The guard's own kinematics."""
from dataclasses import replace

from guard_stream import config_of, SITES
from lam_ws.geometry import Chain
from lam_ws.safety.kinematics import _turn, Kinematics
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


@pytest.mark.parametrize('site', SITES)
def test_reach_is_the_way_along_the_arm(site):
    """Pins reach against geometry: from link to link to the farthest point of the tool.

    More would be safe, and would have the arm stop for boxes that it cannot touch.
    """
    spec = config_of(site).spec
    origins = Chain(spec).origins(np.full(len(spec.dh), 0.3))
    steps = np.linalg.norm(np.diff(origins, axis=0), axis=1)   # the last one to the TCP
    tip = np.linalg.norm(spec.X_FlangeTcp[:3, 3])
    if spec.convention == 'standard':   # the flange lies one link beyond the last axis
        steps = [*steps[:-1], spec.dh[-1].d, tip]
    wanted = [sum(steps[i:]) for i in range(len(spec.dh))]
    assert Kinematics(spec).reach == pytest.approx(wanted)


def test_a_palm_that_is_longer_than_the_tool_is_what_reaches_farthest():
    """Pins the farthest point: an end of the palm, 0.3 m across and 0.073 m behind the TCP."""
    config = config_of()
    wide = replace(config.spec, tool=replace(config.spec.tool, palm_half=0.3))
    assert Kinematics(wide).reach[6] == pytest.approx(np.hypot(0.3, 0.2104 - 0.073))


def test_what_follows_the_arm_joints_is_ignored():
    """Pins the gripper: its opening is no angle."""
    kinematics, home = Kinematics(config_of().spec), config_of().spec.home.tolist()
    assert kinematics.points(home) == kinematics.points([*home[:7], 9.0])
    assert len(kinematics.points(home)) == 10 and kinematics.joints == 7


@pytest.mark.parametrize('length', [1.0, -1.0])
@pytest.mark.parametrize('site', SITES)
def test_an_arm_of_whole_metres_is_seen_where_it_is(site, length):
    """Pins that only lengths of nothing are left out of the sum."""
    config = config_of(site)
    rows = tuple(replace(row, a=length, d=length) if k % 2 else row
                 for k, row in enumerate(config.spec.dh))
    assert_same_kinematics(replace(config, spec=replace(config.spec, dh=rows)), 20)


def test_a_quarter_turn_is_exact():
    """Pins what the short cut for right angles rests on: pi / 2 as a file rounds it is one."""
    assert _turn(np.pi / 2) == (0.0, 1.0) and _turn(-np.pi / 2) == (0.0, -1.0)
    assert _turn(0.0) == (1.0, 0.0) and _turn(0.3) == (np.cos(0.3), np.sin(0.3))
    assert _turn(np.pi / 2 - 1e-9)[0] != 0.0
