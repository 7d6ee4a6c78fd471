"""The transformers form of the shipped policy."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.models import model_folder  # noqa: E402
from lam_ws.policy.network import load_model  # noqa: E402
from lam_ws.policy.pretrained import LamModel  # noqa: E402
from lam_ws.policy.tokens import tokens  # noqa: E402


@pytest.mark.filterwarnings('default')
def test_from_pretrained_gives_the_network_that_runs():
    """Two forms of one model must not drift apart: same weights, same answer."""
    folder = model_folder('lam_small')
    theirs, ours = LamModel.from_pretrained(folder).eval(), load_model(folder, 'model.safetensors')
    image = torch.rand(1, 3, 192, 256, generator=torch.Generator().manual_seed(0))
    ids = torch.tensor([tokens('빨간 원통을 검은 상자에')])
    with torch.inference_mode():
        left = theirs.ground(image, theirs.text(ids))
        right = ours.ground(image, ours.text(ids))
    # Threads share a convolution differently from run to run: the last bits may differ.
    torch.testing.assert_close(left, right, rtol=1e-4, atol=1e-4)
