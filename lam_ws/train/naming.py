"""Teach NameNet what it is that was found, and where exactly.

Labelled stills enter; folded weights leave. Every visible thing of a still is a crop to learn
from, a few px aside from its middle as SceneNet would be.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.perception.model import fold, HEIGHT_SCALE, PARTS
from lam_ws.perception.naming import CROP, GROUPS, NameNet, POINT_SCALE, split
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend, one_cycle
from lam_ws.train.looks import Looks
from lam_ws.train.perception import augment, Stills
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

ASIDE = 4.0     # px, how far from its crop's middle a thing may be


def fit_names(names: NameNet, stills: Stills, folder: Path, epochs: int, seed: int = 0,
              batch: int = 192, rate: float = 3e-3) -> Iterator[dict[str, float]]:
    """Teach what names, yielding step, steps and mean loss terms; checkpoints each epoch.

    Args:
        names: Takes what was learnt at the end, its norms folded.
        stills: Labelled images.
        folder: Where checkpoints go.
        epochs: Passes over everything visible.
        seed: Of order and crops.
        batch: Crops in a step.
        rate: Highest learning rate.
    """
    looks = Looks(stills, CROP, ASIDE)
    looks.keep((looks.kind < len(PARTS)) | looks.top)   # a place once, as a place
    model = NameNet(norm=True).to(memory_format=torch.channels_last)
    per_epoch = len(looks) // batch
    state = Checkpoint(folder / 'naming.ckpt', model, *one_cycle(model, rate,
                                                                 epochs * per_epoch))
    yield from descend(state, epochs, per_epoch, seed,
                       lambda numbers: looks.batches(batch, numbers),
                       lambda rows, chance: naming_loss(model, looks, rows, chance))
    fold(model.eval())
    names.load_state_dict(model.state_dict())


def naming_loss(model: NameNet, looks: Looks, rows: np.ndarray,
                chance: Chance) -> dict[str, Tensor]:
    """Return the loss terms of kind, colour and shape, parts and places added up."""
    crops, points = looks.crops(rows, chance.numbers)
    said = model(augment(crops, chance.torch))
    part = looks.kind[rows] < len(PARTS)
    terms: dict[str, Tensor] = {}
    for group in GROUPS:
        mine = np.flatnonzero(part if group == 'part' else ~part)
        share = len(mine) / len(rows)
        kind, colour, shape = split(said[mine], group)
        height = torch.from_numpy(looks.height[rows[mine]] / HEIGHT_SCALE).float()
        wanted = torch.column_stack([points[mine] / POINT_SCALE, height])
        for name, loss in (
                ('kind', F.cross_entropy(kind, _indices(looks.kind[rows[mine]] % len(PARTS)))),
                ('colour', F.cross_entropy(colour, _indices(looks.colour[rows[mine]]))),
                ('shape', F.smooth_l1_loss(shape, wanted, beta=0.1))):
            terms[name] = terms.get(name, torch.zeros(())) + share * loss
    return terms


def _indices(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.int64))
