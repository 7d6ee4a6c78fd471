"""Chunks that are wrong in form: what a guard has to bear from a policy that has gone wrong.

A sound chunk and a source of chance enter; the chunk leaves, or something that no guard may
follow. Neither a cell nor a guard is needed here, so that property tests use it as well.
"""
from dataclasses import replace

from lam_ws.types import ActionChunk
import numpy as np


def spoiled(rng: np.random.Generator, chunk: ActionChunk,
            last: ActionChunk | None) -> ActionChunk:
    """Return the chunk, now and then replayed, reordered, cut, late or from the future."""
    kind = rng.integers(14)
    if kind == 0 and last is not None:
        return last
    if kind == 1:
        return replace(chunk, names=chunk.names[::-1])
    if kind == 2:
        return replace(chunk, position=chunk.position[:, 1:])
    if kind == 3:
        return replace(chunk, times=chunk.times[::-1])
    if kind == 4:
        return replace(chunk, stamp_s=chunk.stamp_s + float(rng.uniform(-2.0, 2.0)))
    return chunk
