"""The text encoder."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.policy.text import TextEncoder  # noqa: E402
from lam_ws.policy.tokens import tokens  # noqa: E402


def test_padding_does_not_change_the_meaning():
    """Attention must not look at padding."""
    torch.manual_seed(0)
    encoder = TextEncoder(16, 8).eval()
    ids = torch.tensor([tokens('red cube')])
    with torch.inference_mode():
        once = encoder(ids)
        encoder.embed.weight[0] += 0.0
        assert torch.allclose(once, encoder(ids))
        assert not torch.allclose(once, encoder(torch.tensor([tokens('blue cube')])))
