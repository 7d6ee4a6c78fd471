"""Where a heat map has things: on the tops of its hills, or at both ends of a long one.

A map of one group of things enters; candidates to look at closely leave. Of two things one upon
the other the map has one hill, as their middles are two cells apart, and its top may be of
neither. What a close look at its ends says tells whether they are two.
"""
from dataclasses import dataclass

from lam_ws.perception.model import STRIDE
from lam_ws.types import Array
import numpy as np
from numpy.typing import NDArray
import torch
from torch.nn import functional as F

FAINT = 0.08     # confidence from which a centre is looked at
HILL = 0.4       # confidence of the cells of a hill
LONG = 2         # cells between the ends of a hill that may be two things
APART = 4.0      # px between the points that are seen at the ends of a hill of two things

Cell = tuple[int, int]   # row, column


@dataclass(frozen=True)
class Candidates:
    """Where things may be.

    Attributes:
        pixels: [N, 2] px.
        sure: [N] confidence 0..1.
        hill: [N] number of the long hill that it is on, 0 for none.
        end: [N] whether it is an end of that hill, not a top.
    """

    pixels: Array
    sure: Array
    hill: NDArray[np.int64]
    end: NDArray[np.bool_]

    def things(self, points: Array) -> NDArray[np.bool_]:
        """Return which [N] of them are things.

        Args:
            points: [N, 2] px, what a close look at each of them points at.
        """
        kept = ~self.end
        for hill in range(1, int(self.hill.max(initial=0)) + 1):
            ends = np.flatnonzero((self.hill == hill) & self.end)
            one, other = points[ends]
            if np.hypot(*(one - other)) > APART:
                kept[self.hill == hill] = False
                kept[ends] = True
        return kept


def candidates(maps: dict[str, torch.Tensor], group: str) -> Candidates:
    """Return where one group's map of SceneNet has things, and where it may have two."""
    score = maps[group].sigmoid()[0]
    top = (score == F.max_pool2d(score[None], 3, 1, 1)[0]) & (score > FAINT)
    score, rows = score[0].numpy(), np.argwhere(top[0].numpy())
    hills = _long(score, rows)
    ends = [end for pair in hills for end in pair[1:]]
    cells = np.concatenate([rows, np.array(ends, dtype=np.int64).reshape(-1, 2)])
    numbers = np.zeros(len(cells), dtype=np.int64)
    for number, (tops, *_) in enumerate(hills, 1):
        numbers[tops] = number
        numbers[len(rows) + 2 * (number - 1):][:2] = number
    v, u = cells.T
    offset = maps[f'{group}_geometry'][0, :2, v, u].numpy().T
    return Candidates((cells[:, ::-1] + 0.5) * STRIDE + offset, score[v, u], numbers,
                      np.arange(len(cells)) >= len(rows))


def _long(score: Array, tops: NDArray[np.int64]) -> list[tuple[int, Cell, Cell]]:
    """Return the top and both ends of every hill of one top that is long.

    Args:
        score: [h, w] confidence.
        tops: [N, 2] row and column.
    """
    high = {(row, column) for row, column in np.argwhere(score > HILL).tolist()}
    found = []
    numbers = {(row, column): number for number, (row, column) in enumerate(tops.tolist())}
    while high:
        hill = _whole(high.pop(), high)
        on = [numbers[cell] for cell in hill if cell in numbers]
        extent = [max(along) - min(along) for along in zip(*hill, strict=True)]
        if len(on) == 1 and max(extent) == LONG:
            axis = extent.index(LONG)
            low = min(cell[axis] for cell in hill)
            ends = [max((cell for cell in hill if cell[axis] == edge), key=lambda at: score[at])
                    for edge in (low, low + LONG)]
            found.append((on[0], ends[0], ends[1]))
    return found


def _whole(cell: Cell, high: set[Cell]) -> list[Cell]:
    """Return the cells of the hill that `cell` is on, taken out of those that are `high`."""
    hill = [cell]
    for row, column in hill:   # grows while it is walked
        beside = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
        hill += sorted(beside & high)
        high -= beside
    return hill
