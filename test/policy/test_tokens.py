"""What the text encoder reads of a sentence."""
from lam_ws.policy.tokens import LENGTH, tokens, VOCABULARY
import pytest


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
