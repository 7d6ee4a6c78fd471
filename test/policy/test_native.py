"""The learned policy's arithmetic around its network."""
import math

from lam_ws.site import load_site
from lam_ws.types import Frame, Goal, JointState, Observation
import numpy as np
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.policy.belief import likely_yaw, SEEN_ABOVE  # noqa: E402
from lam_ws.policy.native import (  # noqa: E402
    along,
    NativePolicy,
    POINT,
    SEARCHING,
    withdraw,
)
from lam_ws.policy.sight import probability  # noqa: E402

GOAL = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black bin')


def test_a_logit_of_any_size_is_a_probability():
    """Pins: the exponential of a very sure network overflows."""
    for logit in (-1e4, -30.0, -1.0, 0.0, 2.5, 1e4):
        assert probability(logit) == pytest.approx(1.0 / (1.0 + math.exp(min(-logit, 700.0))))
    assert probability(torch.tensor([0.0])) == 0.5


def test_headings_go_on_the_short_way_from_where_the_tool_points():
    """Pins half turns: a hand that looks the same after one must not make one."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        yaw = float(rng.uniform(-6.0, 6.0))
        wanted = yaw + np.cumsum(rng.uniform(-1.4, 1.4, 10))
        doubled = np.column_stack([np.cos(2 * wanted), np.sin(2 * wanted)])
        np.testing.assert_allclose(along(yaw, doubled.tolist()), wanted, atol=1e-9)


@pytest.mark.parametrize(('heights', 'degrees'), [
    ({0: 9.0}, 0.0), ({3: 9.0}, 45.0), ({11: 9.0}, -15.0), ({3: 9.0, 4: 9.0}, 52.5),
    ({11: 9.0, 0: 9.0}, -7.5), ({2: 9.0, 8: 9.0}, 30.0),
])
def test_the_likely_heading_nearest_to_straight_is_taken(heights, degrees):
    """Pins the bins of half a turn: shares between neighbours, also across its end."""
    logits = [heights.get(i, 0.0) for i in range(12)]
    assert math.degrees(likely_yaw(logits, 0.0)) == pytest.approx(degrees, abs=0.05)
    # A certain network has bins of probability 0 in plain numbers.
    assert math.isfinite(likely_yaw([logit * 1e3 for logit in logits], 0.0))


def test_image_and_weights_lie_in_memory_alike(monkeypatch):
    """Pins: a layout that is turned round in every pass costs a sixth of the chunk."""
    site = load_site('sim_bench')
    policy, seen = NativePolicy(site), []
    network = policy.passes.network
    assert network.vision.merge.weight.is_contiguous(memory_format=torch.channels_last)
    ground = network.ground
    monkeypatch.setattr(network, 'ground', lambda image, text: (
        seen.append(image), ground(image, text))[1])
    camera = next(camera for camera in site.cameras if camera.name == 'front').model()
    pixels = np.random.default_rng(0).integers(0, 256, (camera.height, camera.width, 3), np.uint8)
    pixels.setflags(write=False)
    joints = JointState(0.0, site.arm.names, site.arm.home, np.zeros(site.arm.axes))
    policy.reset(GOAL)
    policy.act(Observation(0.0, joints, {'front': Frame(0.0, camera, pixels)}))
    image = seen[0]
    assert image.shape == (1, 3, camera.height, camera.width) and image.dtype is torch.float32
    assert image.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(image[0].permute(1, 2, 0), torch.tensor(pixels) / 255.0)


@pytest.mark.parametrize('tool', [(0.50, 0.30, 0.02), (0.43, 0.01, 0.38), (0.60, -0.40, 0.45)])
def test_a_tool_that_sees_nothing_gets_out_of_the_way(tool):
    """Pins: an arm in front of its camera found nothing and stood there until the time was out."""
    home, tool = np.array([0.43, 0.0, 0.38]), np.array(tool)
    way = np.vstack([tool, withdraw(tool, home, 60)])
    np.testing.assert_allclose(way[-1], home)
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    assert steps.max() <= SEARCHING * POINT + 1e-12
    low = way[:-1, 2] <= SEEN_ABOVE   # where there may be something in the way it only rises
    assert np.abs(np.diff(way, axis=0)[low, :2]).max(initial=0.0) == 0.0
