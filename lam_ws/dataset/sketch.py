"""What an episode looks like in few numbers, so that thousands can be compared with each other.

A dataset enters; a sketch of each episode leaves: its path at a few moments in spreads of each
number, a digest, and tiny grey pictures of every camera.
"""
from collections.abc import Mapping
from dataclasses import dataclass
import hashlib

from lam_ws.dataset.dataset import Episode
from lam_ws.dataset.reader import Dataset
from lam_ws.types import Array
import numpy as np
from numpy.typing import NDArray

POINTS = 24         # moments at which paths are compared
SHOTS = 5           # moments at which pictures are
TINY = 32           # px, side of a tiny picture
LEAST_SPREAD = 1e-3     # rad or m; less is not movement


@dataclass(frozen=True)
class Sketch:
    """One episode.

    Attributes:
        seconds: How long it is.
        digest: Of its numbers, to the last bit.
        path: [POINTS, S + A] state and action in spreads of the dataset.
        tiny: By camera, [T, TINY, TINY] grey, 0..255.
    """

    seconds: float
    digest: str
    path: Array
    tiny: Mapping[str, NDArray[np.float32]]

    def shots(self) -> Array:
        """Return [SHOTS, cameras, TINY, TINY] some of the pictures."""
        return np.stack([frames[np.linspace(0, len(frames) - 1, SHOTS).round().astype(int)]
                         for frames in self.tiny.values()], 1)


def spreads(dataset: Dataset) -> Array:
    """Return the spread of each number of state and action, [S + A]."""
    return np.maximum(np.concatenate([dataset.state.std(0), dataset.action.std(0)]),
                      LEAST_SPREAD)


def path_of(state: Array, action: Array, spread: Array) -> Array:
    """Return state and action at POINTS moments, in spreads: [POINTS, S + A]."""
    rows = np.concatenate([state, action], 1) / spread
    moments = np.linspace(0, len(rows) - 1, POINTS)
    return np.stack([np.interp(moments, np.arange(len(rows)), column) for column in rows.T], 1)


def digest_of(state: Array, action: Array) -> str:
    """Return the sha256 of the numbers as they are stored."""
    found = hashlib.sha256()
    for values in (state, action):
        found.update(np.ascontiguousarray(values, np.float32).tobytes())
    return found.hexdigest()


def sketch(episode: Episode, spread: Array, rate_hz: float, pictures: bool = True) -> Sketch:
    """Return the sketch of an episode."""
    from lam_ws.record.image import resized

    tiny = {name: np.stack([resized(one, TINY, TINY).mean(2, dtype=np.float32)
                            for one in frames])
            for name, frames in episode.frames.items()} if pictures else {}
    return Sketch(len(episode.state) / rate_hz, digest_of(episode.state, episode.action),
                  path_of(episode.state, episode.action, spread), tiny)
