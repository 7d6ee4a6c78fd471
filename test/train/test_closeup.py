"""The close look learns from crops that show what their labels say."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.policy.model import ASKED, KINDS, LamNetwork  # noqa: E402
from lam_ws.policy.sizes import CROP  # noqa: E402
from lam_ws.policy.vocabulary import COLOURS  # noqa: E402
from lam_ws.site import load_site  # noqa: E402
from lam_ws.train.closeup import ASIDE, asked_of, CARRIERS, fit_closeup  # noqa: E402
from lam_ws.train.looks import Looks  # noqa: E402
from lam_ws.train.perception import Stills  # noqa: E402
from lam_ws.train.stills import make_stills  # noqa: E402
import numpy as np  # noqa: E402


@pytest.fixture(scope='module')
def stills(tmp_path_factory):
    """Return a few stills of every scene."""
    folder = tmp_path_factory.mktemp('stills')
    for _ in make_stills(load_site('sim_bench'), folder, 60, 40):
        pass
    return Stills([folder])


def test_every_look_has_its_point_in_the_crop(stills):
    """Pins crop, corner and pixel: the crop is the image around the point, a few px aside."""
    looks = Looks(stills, CROP, ASIDE, CARRIERS)
    rows = np.arange(len(looks))
    crops, points = looks.crops(rows, np.random.default_rng(0))
    assert crops.shape == (len(looks), 3, CROP, CROP) and crops.dtype == torch.uint8
    assert points.abs().max() <= ASIDE + 0.51
    inside = 0
    for row in rows:
        corner = np.rint(looks.pixel[row] - points[row].numpy() - CROP / 2).astype(int)
        h, w = stills.shape
        if (corner >= 0).all() and (corner + CROP <= [w, h]).all():
            u, v = corner
            image = stills.image(looks.still[row])[v:v + CROP, u:u + CROP]
            np.testing.assert_array_equal(crops[row].permute(1, 2, 0).numpy(), image)
            inside += 1
    assert inside > len(looks) / 2


def test_what_is_asked_is_what_a_sentence_would_ask(stills):
    """Pins the order of kinds, colours and marks against `LamNetwork.read`."""
    looks, model = Looks(stills, CROP, ASIDE, CARRIERS), LamNetwork()
    with torch.no_grad():
        for layer in model.attributes.values():
            layer.weight.zero_()
            layer.bias.zero_()
        model.attributes['kind'].bias[KINDS.index('carton')] = 50.0
        model.attributes['colour'].bias[COLOURS.index('blue')] = 50.0
        model.attributes['place'].bias[KINDS.index('cube')] = 50.0
        model.attributes['destination'].bias[COLOURS.index('red')] = 50.0
        read = model.read(torch.ones(1, 128, dtype=torch.int64))[2]
    looks.kind[:2] = KINDS.index('carton'), KINDS.index('cube')
    looks.colour[:2] = COLOURS.index('blue'), COLOURS.index('red')
    looks.top[:2] = False, True
    asked = asked_of(looks, np.arange(2))
    torch.testing.assert_close(asked, read)
    assert asked.shape == (2, ASKED)


def test_tops_are_looked_at_where_something_can_stand(stills):
    """Pins: of what only ever is taken no top is learnt, and of what only ever is a place both."""
    looks = Looks(stills, CROP, ASIDE, CARRIERS)
    taken = looks.kind[looks.top]
    parts = taken[taken < KINDS.index('bin')]
    assert set(parts.tolist()) <= set(CARRIERS)
    assert set(CARRIERS) <= set(looks.kind[~looks.top].tolist())


def test_it_learns_and_goes_on_where_it_was(stills, tmp_path):
    """Pins that a broken run ends with the very weights of an unbroken one."""
    def run(folder, epochs, stop):
        torch.manual_seed(0)
        model, losses = LamNetwork(), []
        for k, row in enumerate(fit_closeup(model, stills, folder, epochs, batch=4)):
            losses.append(row['point'])
            if k + 1 == stop:
                break
        return model, losses
    whole, losses = run(tmp_path / 'whole', 4, None)
    assert losses[-1] < 0.8 * losses[0]
    run(tmp_path / 'broken', 4, int(0.6 * len(losses)))
    again, _ = run(tmp_path / 'broken', 4, None)
    for name, value in whole.closeup.state_dict().items():
        torch.testing.assert_close(again.closeup.state_dict()[name], value, rtol=0, atol=0)
