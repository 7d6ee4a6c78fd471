"""Reads Korean and English character by character; Korean syllables as their letters (jamo).

Text enters, token ids or an embedding leave. Working below the syllable keeps a typing slip
local: one wrong letter changes one token, not a word.
"""
import unicodedata

import torch
from torch import nn, Tensor
from torch.nn import functional as F

LENGTH = 128               # tokens read of a sentence
_JAMO, _ASCII = 0x1100, 32   # first code points of the two alphabets
VOCABULARY = 2 + 95 + 256  # padding, unknown, printable ASCII, Hangul jamo
QUERIES = 8


def tokens(text: str) -> list[int]:
    """Return LENGTH token ids of `text`, padded with 0; case and width are folded away."""
    ids = []
    for character in unicodedata.normalize('NFD', unicodedata.normalize('NFKC', text).lower()):
        code = ord(character)
        if _ASCII <= code < _ASCII + 95:
            ids.append(2 + code - _ASCII)
        elif _JAMO <= code < _JAMO + 256:
            ids.append(2 + 95 + code - _JAMO)
        else:
            ids.append(1)
    return (ids + [0] * LENGTH)[:LENGTH]


class TextEncoder(nn.Module):
    """Convolutions over letters, then attention pooling with a few queries.

    Args:
        width: Channels.
        outputs: Size of the embedding.
    """

    def __init__(self, width: int, outputs: int):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, width, padding_idx=0)
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.far = nn.Conv1d(width, width, 5, padding=4, dilation=2)
        self.attend = nn.Conv1d(width, QUERIES, 1)
        self.out = nn.Linear(QUERIES * width, outputs)

    def forward(self, ids: Tensor) -> Tensor:
        """Map token ids [B, LENGTH] to embeddings [B, outputs]."""
        x = self.embed(ids).transpose(1, 2)
        x = x + F.relu(self.near(x))
        x = x + F.relu(self.far(x))
        weight = self.attend(x).masked_fill((ids == 0)[:, None], -1e4).softmax(-1)
        pooled = torch.einsum('bql,bcl->bqc', weight, x).flatten(1)
        return torch.tanh(self.out(pooled))
