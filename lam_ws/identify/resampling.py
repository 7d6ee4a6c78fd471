"""How sure an identification is: a fit enters, numbers that chance might have given leave.

What is left over is alike from one measurement to the next, so whole blocks of time are drawn
again with replacement (a block bootstrap; Künsch 1989), and each draw moves the fit by one step
of its own least squares.
"""
from lam_ws.identify.fitting import Fit, improve, normal
from lam_ws.types import Array
import numpy as np

BLOCK_S = 0.5   # longer than what is left over remembers
DRAWS = 400


def intervals(found: Fit, seed: int) -> Array:
    """Return [DRAWS, 1 + 2 m] values as in `Fit.values`, each of another draw of blocks."""
    random = np.random.default_rng(seed)
    blocks = [normal(found, rows) for rows in _blocks(found.times)]
    matrices, sides = (np.stack(parts) for parts in zip(*blocks, strict=True))
    drawn = []
    for _ in range(DRAWS):
        counts = np.bincount(random.integers(len(blocks), size=len(blocks)),
                             minlength=len(blocks))
        drawn.append(found.values + improve(found.values, np.tensordot(counts, matrices, 1),
                                            np.tensordot(counts, sides, 1)))
    return np.stack(drawn)


def _blocks(times: Array) -> list[Array]:
    """Return the rows of each block of BLOCK_S; a new track begins a new block."""
    numbers = np.cumsum(np.concatenate([[0], np.diff(times) < 0]))   # of the track
    turns = np.floor((times - times[0]) / BLOCK_S)
    changes = np.flatnonzero((np.diff(turns) != 0) | (np.diff(numbers) != 0)) + 1
    return np.split(np.arange(len(times)), changes)
