"""The eye of the keypoint learner: what it says of a place moves as the place does."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.policy.chunking.keypoint import Eye, Film, POINTS, WORDS  # noqa: E402


def places(eye, column):
    """Return [POINTS, 2] where an eye looks in a picture with a bright spot."""
    image = torch.zeros(1, 3, 64, 96)
    image[:, :, 24:40, column:column + 12] = 3.0
    with torch.no_grad():
        return eye(image, torch.zeros(1, WORDS))[0, :2 * POINTS].view(POINTS, 2)


def test_key_points_follow_from_the_first_step():
    """Pins sharp maps at the beginning: from flat ones twice the error was left after as long."""
    torch.manual_seed(0)
    eye = Eye(48)
    left, right = places(eye, 20), places(eye, 60)
    assert left.shape == (POINTS, 2) and left.abs().max() <= 1.0
    moved = (right - left).abs().mean(0)   # of 0.83: across, not down; 0.03 where maps are flat
    assert moved[0] > 0.3 and moved[1] < 0.01


def test_a_sentence_changes_nothing_before_it_is_taught():
    """Pins that layers begin as if there were no sentence, for vectors and for maps."""
    film, words = Film(6), torch.randn(2, WORDS)
    for shape in ((2, 6), (2, 6, 4, 5)):
        x = torch.randn(shape)
        assert torch.equal(film(x, words), x)
