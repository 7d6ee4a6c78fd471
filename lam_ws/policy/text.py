"""The text encoder: what a sentence asks for, read letter by letter.

Token ids enter (`lam_ws.policy.tokens`), an embedding leaves.
"""
from lam_ws.policy.tokens import VOCABULARY
import torch
from torch import nn, Tensor
from torch.nn import functional as F

QUERIES = 8


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
