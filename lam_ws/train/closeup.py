"""Teach the close look: where exactly a thing is, how high and which way it points.

Labelled stills enter; the weights of `Closeup` leave. Every visible thing of a still is a crop
to learn from; no sentence is needed, for what a crop shows is given.
"""
from collections.abc import Iterator
from pathlib import Path

from lam_ws.perception.model import PARTS
from lam_ws.policy.model import ASKED, Closeup, KINDS, LamNetwork
from lam_ws.policy.sight import cut
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE
from lam_ws.policy.vocabulary import COLOURS
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.perception import augment, Stills, yaw_shares
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

ASIDE = 7      # px, how far from the middle of its crop a thing may be
VAGUE = 0.15   # share of the looks for which the colour is not certain, as in some sentences
CARRIERS = tuple(KINDS.index(kind) for kind in ('cube', 'carton'))


class Looks:
    """Everything in some stills that can be looked at closely.

    Args:
        stills: Labelled images.

    Attributes:
        still, kind, colour: [N] of each look.
        top: [N] whether it is a look at a place where something is put.
        pixel, height, yaw, turns: Of the point, as in the labels of the stills.
    """

    def __init__(self, stills: Stills):
        labels, self._stills = stills.labels, stills
        h, w = stills.shape
        there = (labels['kind'] >= 0) & labels['visible']
        part = labels['kind'] < len(PARTS)
        rows = {}
        for name, taken in (('grip', there), ('surface', there & (
                ~part | np.isin(labels['kind'], CARRIERS)))):
            inside = (labels[f'{name}_pixel'] > 0).all(-1) & (
                labels[f'{name}_pixel'] < [w, h]).all(-1)
            still, thing = np.nonzero(taken & inside)
            rows[name] = (still, labels['kind'][still, thing], labels['colour'][still, thing],
                          np.full(len(still), name == 'surface'),
                          labels[f'{name}_pixel'][still, thing],
                          labels[name][still, thing, 2], labels['yaw'][still, thing],
                          labels['turns'][still, thing])
        (self.still, self.kind, self.colour, self.top, self.pixel, self.height, self.yaw,
         self.turns) = map(np.concatenate, zip(*rows.values(), strict=True))

    def __len__(self) -> int:
        return len(self.still)

    def asked(self, rows: np.ndarray) -> Tensor:
        """Return what each look shows [N, ASKED], as `LamNetwork.read` says it."""
        asked = torch.zeros(len(rows), ASKED)
        row = torch.arange(len(rows))
        asked[row, torch.from_numpy(self.kind[rows].astype(np.int64))] = 1.0
        asked[row, len(KINDS) + torch.from_numpy(self.colour[rows].astype(np.int64))] = 1.0
        asked[:, -1] = torch.from_numpy(self.top[rows].astype(np.float32))
        return asked

    def crops(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return uint8 crops [N, 3, CROP, CROP], and where in them the points are [N, 2] px."""
        middle = self.pixel[rows] + rng.uniform(-ASIDE, ASIDE, (len(rows), 2))
        corner = np.rint(middle - CROP / 2).astype(int)
        crops = np.stack([cut(self._stills.image(still), *at) for still, at in zip(
            self.still[rows], corner.tolist(), strict=True)])
        point = self.pixel[rows] - corner - CROP / 2
        return torch.from_numpy(crops).permute(0, 3, 1, 2), torch.from_numpy(point).float()


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
    looks, closeup = Looks(stills), model.closeup.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(closeup.parameters(), rate, weight_decay=1e-4)
    per_epoch = len(looks) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, epochs * per_epoch,
                                                   pct_start=0.1)
    state = Checkpoint(folder / 'closeup.ckpt', closeup, optimiser, schedule)
    first = state.resume()
    step, sums = first * per_epoch, np.zeros(3)
    for epoch in range(first, epochs):
        rng = np.random.default_rng((seed, epoch))
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        order = rng.permutation(len(looks))
        for start in range(0, per_epoch * batch, batch):
            rows = np.sort(order[start:start + batch])
            terms = closeup_loss(closeup, looks, rows, rng, generator)
            optimiser.zero_grad()
            terms.sum().backward()
            optimiser.step()
            schedule.step()
            step, sums = step + 1, sums + terms.detach().numpy()
            if step % 20 == 0:
                yield {'step': step, 'steps': epochs * per_epoch, 'epoch': epoch,
                       **dict(zip(('point', 'height', 'yaw'), (sums / 20).tolist(), strict=True))}
                sums = np.zeros(3)
        state.save(epoch + 1)



def closeup_loss(closeup: Closeup, looks: Looks, rows: np.ndarray, rng: np.random.Generator,
                 generator: torch.Generator) -> Tensor:
    """Return the [3] loss terms: point, height, heading."""
    crops, wanted = looks.crops(rows, rng)
    asked = looks.asked(rows)
    vague = np.flatnonzero(rng.random(len(rows)) < VAGUE)
    guess = rng.dirichlet(np.ones(len(COLOURS)), len(vague))
    asked[vague, len(KINDS):-1] = torch.from_numpy(guess).float()
    point, height, yaw = closeup(augment(crops, generator), asked)
    high = torch.from_numpy(looks.height[rows] / HEIGHT_SCALE).float()
    shares = yaw_shares(looks.yaw[rows], looks.turns[rows])
    return torch.stack([F.smooth_l1_loss(point, wanted, beta=0.3),
                        2.0 * F.smooth_l1_loss(height, high, beta=0.05),
                        0.4 * F.cross_entropy(yaw, shares)])
