"""Teach the close look: where exactly a thing is, how high and which way it points.

Labelled stills enter; the weights of `Closeup` leave. Every visible thing of a still is a crop
to learn from; no sentence is needed, for what a crop shows is given.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.policy.model import ASKED, Closeup, KINDS, LamNetwork
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE
from lam_ws.policy.vocabulary import COLOURS
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend, one_cycle
from lam_ws.train.looks import Looks
from lam_ws.train.perception import augment, Stills, yaw_shares
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

ASIDE = 7      # px, how far from the middle of its crop a thing may be
VAGUE = 0.15   # share of the looks for which the colour is not certain, as in some sentences
CARRIERS = tuple(KINDS.index(kind) for kind in ('cube', 'carton'))


def asked_of(looks: Looks, rows: np.ndarray) -> Tensor:
    """Return what each look shows [N, ASKED], as `LamNetwork.read` says it."""
    asked = torch.zeros(len(rows), ASKED)
    row = torch.arange(len(rows))
    asked[row, torch.from_numpy(looks.kind[rows].astype(np.int64))] = 1.0
    asked[row, len(KINDS) + torch.from_numpy(looks.colour[rows].astype(np.int64))] = 1.0
    asked[:, -1] = torch.from_numpy(looks.top[rows].astype(np.float32))
    return asked


def fit_closeup(model: LamNetwork, stills: Stills, folder: Path, epochs: int, seed: int = 0,
                batch: int = 192, rate: float = 3e-3) -> Iterator[dict[str, float]]:
    """Train, yielding step, steps and mean losses every 20 steps; checkpoints as it goes.

    Args:
        model: Its closeup is taught.
        stills: Labelled images.
        folder: Where checkpoints go.
        epochs: Passes over everything that can be looked at.
        seed: Of order and crops.
        batch: Looks in a step.
        rate: Highest learning rate.
    """
    looks, closeup = Looks(stills, CROP, ASIDE, CARRIERS), model.closeup
    closeup.to(memory_format=torch.channels_last)
    per_epoch = len(looks) // batch
    state = Checkpoint(folder / 'closeup.ckpt', closeup, *one_cycle(closeup, rate,
                                                                    epochs * per_epoch))
    yield from descend(state, epochs, per_epoch, seed,
                       lambda numbers: looks.batches(batch, numbers),
                       lambda rows, chance: closeup_loss(closeup, looks, rows, chance))


def closeup_loss(closeup: Closeup, looks: Looks, rows: np.ndarray,
                 chance: Chance) -> dict[str, Tensor]:
    """Return the loss terms of point, height and heading."""
    rng = chance.numbers
    crops, wanted = looks.crops(rows, rng)
    asked = asked_of(looks, rows)
    vague = np.flatnonzero(rng.random(len(rows)) < VAGUE)
    guess = rng.dirichlet(np.ones(len(COLOURS)), len(vague))
    asked[vague, len(KINDS):-1] = torch.from_numpy(guess).float()
    point, height, yaw = closeup(augment(crops, chance.torch), asked)
    high = torch.from_numpy(looks.height[rows] / HEIGHT_SCALE).float()
    shares = yaw_shares(looks.yaw[rows], looks.turns[rows])
    return {'point': F.smooth_l1_loss(point, wanted, beta=0.3),
            'height': 2.0 * F.smooth_l1_loss(height, high, beta=0.05),
            'yaw': 0.4 * F.cross_entropy(yaw, shares)}
