"""Tokens of the text encoder."""
import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip('torch')
from lam_ws.policy.text import LENGTH, TextEncoder, tokens, VOCABULARY  # noqa: E402


@pytest.mark.parametrize('text', ['빨간 원통을 검은 상자에', 'put the RED cube', '',
                                  '\x00\ud7ff漢字🤖', '가' * 500])
def test_any_text_becomes_ids_of_fixed_length(text):
    """An unknown character or an over-long text once indexed past the embedding."""
    ids = tokens(text)
    assert len(ids) == LENGTH
    assert all(0 <= token < VOCABULARY for token in ids)


def test_case_width_and_composition_do_not_matter():
    """Full-width letters and decomposed Hangul come from real keyboards."""
    assert tokens('ＲＥＤ 큐브') == tokens('red 큐브')


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
