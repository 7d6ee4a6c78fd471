"""Everything in labelled stills that can be looked at closely: crops around visible things."""
from collections.abc import Iterator, Sequence

from lam_ws.crop import cut
from lam_ws.perception.model import PARTS
from lam_ws.train.perception import Stills
import numpy as np
import torch
from torch import Tensor


class Looks:
    """Everything in some stills that can be looked at closely.

    Args:
        stills: Labelled images.
        size: Of a crop, px.
        aside: How far from the middle of its crop a thing may be, px.
        carriers: Kinds of parts, by index, whose top is looked at as a place as well.

    Attributes:
        still, kind, colour: [N] of each look.
        top: [N] whether it is a look at a place where something is put.
        pixel, height, yaw, turns: Of the point, as in the labels of the stills.
    """

    def __init__(self, stills: Stills, size: int, aside: float, carriers: Sequence[int] = ()):
        self._stills, self._size, self._aside = stills, size, aside
        labels = stills.labels
        h, w = stills.shape
        there = (labels['kind'] >= 0) & labels['visible']
        part = labels['kind'] < len(PARTS)
        rows = {}
        for name, taken in (('grip', there), ('surface', there & (
                ~part | np.isin(labels['kind'], carriers)))):
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

    def keep(self, which: np.ndarray) -> None:
        """Leave out all looks but those that `which` [N] marks."""
        for name in ('still', 'kind', 'colour', 'top', 'pixel', 'height', 'yaw', 'turns'):
            setattr(self, name, getattr(self, name)[which])

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the looks of one pass in random order, those of one batch by still."""
        order = rng.permutation(len(self))
        for start in range(0, len(self) - size + 1, size):
            yield np.sort(order[start:start + size])

    def crops(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return uint8 crops [N, 3, size, size], and the points from their middles [N, 2] px."""
        middle = self.pixel[rows] + rng.uniform(-self._aside, self._aside, (len(rows), 2))
        corner = np.rint(middle - self._size / 2).astype(int)
        crops = np.stack([cut(self._stills.image(still), u, v, self._size)
                          for still, (u, v) in zip(self.still[rows], corner.tolist(),
                                                   strict=True)])
        point = self.pixel[rows] - corner - self._size / 2
        return torch.from_numpy(crops).permute(0, 3, 1, 2), torch.from_numpy(point).float()
