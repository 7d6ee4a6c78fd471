"""What names learns from crops of parts and places, each as what it is."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.perception.model import COLOURS, PARTS  # noqa: E402
from lam_ws.perception.naming import CROP, GROUPS, NameNet, SAYS, split  # noqa: E402
from lam_ws.site import load_site  # noqa: E402
from lam_ws.train.looks import Looks  # noqa: E402
from lam_ws.train.naming import ASIDE, fit_names  # noqa: E402
from lam_ws.train.perception import Stills  # noqa: E402
from lam_ws.train.stills import KINDS, make_stills  # noqa: E402
import numpy as np  # noqa: E402


@pytest.fixture(scope='module')
def stills(tmp_path_factory):
    """Return a few stills of every scene."""
    folder = tmp_path_factory.mktemp('stills')
    for _ in make_stills(load_site('sim_bench'), folder, 60, 80):
        pass
    return Stills([folder])


def test_what_is_said_is_told_apart_without_overlap():
    """Pins the layout of an answer: kinds, colours and shape share no number."""
    said = torch.arange(2 * SAYS).float().reshape(1, 2, SAYS)
    for number, group in enumerate(GROUPS):
        parts = split(said, group)
        assert [part.shape[1] for part in parts] == [len(GROUPS[group]), len(COLOURS), 3]
        numbers = torch.cat(parts, 1)[0].tolist()
        assert len(set(numbers)) == len(numbers)
        assert min(numbers) >= number * SAYS and max(numbers) < (number + 1) * SAYS


def test_the_index_of_a_kind_in_its_group_is_that_of_the_labels():
    """Pins the arithmetic between labels, that count parts and places on, and the two groups."""
    for index, kind in enumerate(KINDS):
        group = 'part' if index < len(PARTS) else 'place'
        assert GROUPS[group][index % len(PARTS)] == kind


def test_it_learns_and_goes_on_where_it_was(stills, tmp_path):
    """Pins that a broken run ends with the very weights of an unbroken one."""
    def run(folder, stop):
        torch.manual_seed(0)
        names, losses = NameNet(), []
        for k, row in enumerate(fit_names(names, stills, folder, 4, batch=16)):
            losses.append(row['kind'])
            if k + 1 == stop:
                break
        return names, losses
    whole, losses = run(tmp_path / 'whole', None)
    assert losses[-1] < 0.8 * losses[0]
    run(tmp_path / 'broken', int(0.6 * len(losses)))
    again, _ = run(tmp_path / 'broken', None)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, rtol=0, atol=0)


def test_every_crop_shows_its_point(stills):
    """Pins that a thing is at most a few px from the middle of its crop."""
    looks = Looks(stills, CROP, ASIDE)
    crops, points = looks.crops(np.arange(len(looks)), np.random.default_rng(0))
    assert crops.shape == (len(looks), 3, CROP, CROP)
    assert points.abs().max() <= ASIDE + 0.51
