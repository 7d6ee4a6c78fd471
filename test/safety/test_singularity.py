"""How well the joints command the tool."""
from itertools import pairwise

from guard_stream import config_of, Run, SITES
from lam_ws.geometry import Chain
from lam_ws.safety.limiter import Limiter
from lam_ws.safety.playback import plan_path
from lam_ws.safety.singularity import Conditioning, LEAST, share, WELL
from lam_ws.types import ActionChunk
import numpy as np
import pytest


@pytest.mark.parametrize('site', SITES)
def test_the_measure_is_the_smallest_singular_value_of_how_the_tool_moves(site):
    """Pins the measure against differences of forward kinematics."""
    spec = config_of(site).spec
    chain, h = Chain(spec), 1e-6
    q = np.random.default_rng(0).uniform(spec.limits.lower[:-1], spec.limits.upper[:-1],
                                         (50, len(spec.dh)))
    found = Conditioning(spec).smallest(q)
    for row, value in zip(q, found, strict=True):
        columns = []
        for i in range(len(spec.dh)):
            ahead, behind = (chain.forward(row + side * h * np.eye(len(row))[i])
                             for side in (1.0, -1.0))
            turn = (ahead - behind)[:3, :3] @ chain.forward(row)[:3, :3].T / (2.0 * h)
            columns.append([*(ahead - behind)[:3, 3] / (2.0 * h),
                            turn[2, 1], turn[0, 2], turn[1, 0]])
        J = np.array(columns).T
        assert value == pytest.approx(np.linalg.svd(J, compute_uv=False)[-1], abs=1e-6)


def test_what_is_well_conditioned_is_told_apart_without_the_values():
    """Pins the short cut: values where one is below the bound, the bound itself where none is."""
    spec = config_of('sim_bench_ur5e').spec
    measure, rng, short = Conditioning(spec), np.random.default_rng(2), 0
    for _ in range(300):
        q = spec.home[:-1] + rng.normal(0.0, 0.7, (3, 6))
        smallest = measure.smallest(q)
        wanted = smallest if smallest.min() < WELL else np.full(3, WELL)
        assert np.allclose(measure.near(q), wanted)
        short += smallest.min() >= WELL
    assert 50 < short < 250


def test_homes_are_well_conditioned_and_a_stretched_arm_is_not():
    """Pins the bound against the arms that ship."""
    for site in SITES:
        spec = config_of(site).spec
        assert Conditioning(spec).smallest(spec.home[None, :-1])[0] > 2.0 * WELL
    straight = config_of('sim_bench_ur5e').spec.home[:-1].copy()
    straight[2] = 0.0
    spec = config_of('sim_bench_ur5e').spec
    assert Conditioning(spec).smallest(straight[None])[0] < 1e-6


@pytest.mark.parametrize(('smallest', 'wanted'), [
    (0.0, LEAST), (LEAST * WELL, LEAST), (0.5 * WELL, 0.5), (WELL, 1.0), (1.0, 1.0)])
def test_the_share_falls_with_the_measure_but_not_to_nothing(smallest, wanted):
    """Pins that an arm can leave a singular pose: a share of 0 would hold it there."""
    assert share(smallest) == pytest.approx(wanted)


def test_an_arm_that_passes_through_a_singular_pose_is_played_more_slowly():
    """Pins the effect: a fast elbow is slowed down where the arm is stretched, and says so."""
    corner = np.array([3.0, 3.0, 3.0])
    config = config_of('sim_bench_ur5e', workspace_lower=-corner, workspace_upper=corner,
                       table_z=-2.0, tool_speed=10.0, velocity_scale=1.0)
    taken = {}
    for name, elbow in (('stretched', 0.0), ('bent', 1.5)):
        pose = config.spec.home.copy()
        pose[2] = elbow
        run = Run(config, pose).arm()
        seen, ahead = set(), np.linspace(0.2, 2.0, 10)[:, None] * np.eye(7)[2] * 0.5
        run.cycle(run.chunk(pose + ahead, 0.06))
        for i in range(300):
            seen.add(run.cycle(run.chunk(pose + ahead[-1:], 0.5) if i == 60 else None).limited)
            if run.position[2] - elbow > 0.25:
                break
        taken[name] = i
        assert ('singularity' in seen) == (name == 'stretched')
    assert taken['stretched'] > 1.15 * taken['bent']   # cycles; most of them to get going


def test_a_singular_pose_costs_the_share_that_the_page_says():
    """Pins the time of each piece and what is told of it: measure, bound, and not the joint."""
    corner = np.array([3.0, 3.0, 3.0])
    config = config_of('sim_bench_ur5e', workspace_lower=-corner, workspace_upper=corner,
                       table_z=-2.0, tool_speed=10.0)
    limiter, pose = Limiter(config), config.spec.home.copy()
    pose[2] = 0.0
    way = pose + 0.15 * np.arange(1, 9)[:, None] * np.eye(7)[2]
    chunk = ActionChunk(5.0, config.spec.names, 0.1 * np.arange(1, 9), way)
    path = plan_path(limiter, limiter.rest(pose), chunk, 5.0, 99.0)
    smallest = limiter.conditioning.smallest(np.array([pose, *way])[:, :6])
    near = [min(pair) for pair in pairwise(smallest.tolist())]
    shares, gaps = list(map(share, near)), np.diff(path.times)
    assert shares[0] == LEAST and shares[4] == 1.0 and LEAST < min(shares[1:]) < 1.0
    for k, left in enumerate(shares):
        if left < 1.0:
            assert gaps[k] >= 0.999 * 0.15 / (left * limiter.top[2])
        if left < 0.9 and k > 0:
            assert path.bounds[k] == ('singularity', pytest.approx(near[k]), WELL, 'tcp')
    assert gaps[1] == pytest.approx(0.15 / (shares[1] * limiter.top[2]), rel=0.01)
