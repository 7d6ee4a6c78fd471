"""Training of the second reader: marked sentences enter, weights of models/roles_small leave.

`RoleNet` is `lam_ws.grounding.roles.network.forward` in torch, with the same names.
"""
from collections.abc import Iterator, Sequence
from pathlib import Path

from lam_ws.grounding.roles.network import APART, ROLES
from lam_ws.grounding.roles.symbols import SYMBOLS
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend, one_cycle
from lam_ws.train.marked import Marked
from lam_ws.train.role_samples import Sample, sample_of
import numpy as np
import torch
from torch import nn, Tensor
from torch.nn import functional

LETTERS, WIDTH, PAIR = 48, 112, 48
BATCH, EPOCHS, RATE = 32, 40, 3e-3
ALIKE = 8   # parts of the sentences within which those of a length are put together


class RoleNet(nn.Module):
    """See `lam_ws.grounding.roles.network`."""

    def __init__(self, sees: str) -> None:
        super().__init__()
        self.symbols = nn.Embedding(SYMBOLS[sees], LETTERS, padding_idx=0)
        self.enter = nn.Linear(LETTERS, WIDTH)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, padding=apart, dilation=apart)
                                    for apart in APART)
        self.whole = nn.Linear(WIDTH, WIDTH)
        self.roles = nn.Linear(WIDTH, len(ROLES))
        self.left, self.right = nn.Linear(WIDTH, PAIR), nn.Linear(WIDTH, PAIR)
        self.together = nn.Parameter(torch.zeros(()))
        self.names, self.order = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)
        self.dropout = nn.Dropout(0.15)

    def hidden(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return [B, L, WIDTH] of bags [B, L, N], 0 where there is none, and their mean."""
        there = (numbers[:, :, :1] > 0).float()
        h = self.enter(self.symbols(numbers).sum(2)) * there
        for number, layer in enumerate(self.layers):
            if number == len(APART) // 2:
                h = (h + self.whole(_mean(h, there)).unsqueeze(1)) * there
            h = h + self.dropout(functional.relu(layer((_even(h) * there).mT).mT)) * there
        h = _even(h) * there
        return h, _mean(h, there)

    def paired(self, at: Tensor) -> Tensor:
        """Return logits [M, M] that things [M, WIDTH] belong to one deed."""
        both = self.left(at) @ self.right(at).T
        return 0.5 * (both + both.T) / PAIR ** 0.5 + self.together


def _mean(h: Tensor, there: Tensor) -> Tensor:
    return (h * there).sum(1) / there.sum(1).clamp(min=1.0)


def _even(h: Tensor) -> Tensor:
    return h * torch.rsqrt((h * h).mean(2, keepdim=True) + 1e-6)


def losses(model: RoleNet, samples: Sequence[Sample]) -> dict[str, Tensor]:
    """Return the terms of the loss of some sentences."""
    length = max(len(one.seen.bags) for one in samples)
    most = max(len(bag) for one in samples for bag in one.seen.bags)
    numbers = np.zeros((len(samples), length, most), np.int64)
    for row, one in zip(numbers, samples, strict=True):
        for place, bag in enumerate(one.seen.bags):
            row[place, :len(bag)] = bag
    h, whole = model.hidden(torch.from_numpy(numbers))
    at = [row[list(one.seen.things)] for row, one in zip(h, samples, strict=True)]
    known = [torch.from_numpy(one.together >= 0) for one in samples]
    words = torch.cat([row[list(one.seen.words)] for row, one in zip(h, samples, strict=True)])
    binary = functional.binary_cross_entropy_with_logits
    return {
        'roles': functional.cross_entropy(
            model.roles(torch.cat(at)),
            torch.cat([torch.from_numpy(one.roles) for one in samples]), label_smoothing=0.02),
        'together': binary(
            torch.cat([model.paired(x)[k] for x, k in zip(at, known, strict=True)]),
            torch.cat([torch.from_numpy(one.together)[k].float()
                       for one, k in zip(samples, known, strict=True)])),
        'names': binary(model.names(words)[:, 0],
                        torch.cat([torch.from_numpy(one.names) for one in samples])),
        'order': 0.5 * binary(model.order(whole)[:, 0],
                              torch.tensor([float(one.order) for one in samples]))}


def teach(sentences: Sequence[Marked], sees: str, path: Path, seed: int = 0,
          epochs: int = EPOCHS) -> Iterator[dict[str, float]]:
    """Train a network on marked sentences, yielding rows of losses; see `descend`.

    Args:
        sentences: To learn from.
        sees: What it sees, a name of `SEES`.
        path: Where the checkpoint is kept.
        seed: Of everything drawn.
        epochs: Passes.
    """
    torch.manual_seed(seed)
    model = RoleNet(sees)
    steps = -(-len(sentences) // BATCH)
    optimiser, schedule = one_cycle(model, RATE, epochs * steps)

    length = np.array([len(one.text) for one in sentences])

    def batches(draw: np.random.Generator) -> Iterator[np.ndarray]:
        order = draw.permutation(len(sentences))
        alike = [part[np.argsort(length[part])] for part in np.array_split(order, ALIKE)]
        found = np.array_split(np.concatenate(alike), steps)   # little is filled up in a batch
        yield from (found[k] for k in draw.permutation(steps))

    def loss(rows: np.ndarray, chance: Chance) -> dict[str, Tensor]:
        draw = chance.numbers
        others = draw.integers(len(sentences), size=len(rows)).tolist()
        return losses(model, [sample_of(sentences[row], sees, draw, sentences[other])
                              for row, other in zip(rows.tolist(), others, strict=True)])

    yield from descend(Checkpoint(path, model, optimiser, schedule), epochs, steps, seed,
                       batches, loss)
