"""From a dataset to batches: what the second learner is shown, drawn by a number alone.

A dataset and a folder for what is made of it enter; batches leave. The frames are decoded and
made small once, into files that are mapped into memory; batch number n is the same whenever it
is drawn, so a resumed training sees what an unbroken one would have seen.
"""
from collections.abc import Iterator
from dataclasses import dataclass
import hashlib
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import ACTION, ENVIRONMENT, INFO, STATE, STATS
from lam_ws.dataset.reader import Dataset
from lam_ws.embodiment import Picture
from lam_ws.policy.chunking.config import ChunkConfig, scale_of, seen_size, Sizes
from lam_ws.policy.chunking.scaling import shrink
from lam_ws.policy.tokens import tokens
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

ENDING_S = 0.5       # s before the end of a demonstration that count as done
EACH = 10            # of so many episodes one is kept out, where there are that many
TOGETHER = 64        # frames made small at once
SHIFT = 32           # an image is moved about by up to this part of its longest side


@dataclass(frozen=True)
class Batch:
    """B moments of demonstrations, not scaled.

    Attributes:
        images: One uint8 [B, 3, h, w] for each camera.
        state: [B, S]
        letters: [B, LENGTH] token ids.
        chunk: [B, H, A] the actions from here on; the last one again after the end.
        there: [B, H] 1 where the action is one of the episode, else 0.
        ends: [B] 1 where the episode is about to end, else 0.
        environment: [B, E] what was true around the robot; E is 0 where nobody knew.
    """

    images: list[Tensor]
    state: Tensor
    letters: Tensor
    chunk: Tensor
    there: Tensor
    ends: Tensor
    environment: Tensor


def digest_of(folder: Path) -> str:
    """Return what tells one dataset from another: a digest of its description."""
    text = b''.join((folder / name).read_bytes() for name in (INFO, STATS))
    return hashlib.sha256(text).hexdigest()


def config_of(dataset: Dataset, sizes: Sizes) -> ChunkConfig:
    """Return the card's section config for a model of this dataset; scales are its own."""
    stats = dataset.stats
    cameras = {name: scale_of(stats[key]['mean'].ravel(), stats[key]['std'].ravel())
               for name, key in dataset.info.keys.items()}
    scales = {key: scale_of(stats[key]['mean'].ravel(), stats[key]['std'].ravel())
              for key in (STATE, ACTION, ENVIRONMENT) if key in stats}
    return ChunkConfig(dataset.body, sizes, scales[STATE], scales[ACTION], cameras,
                       scales.get(ENVIRONMENT))


class Samples:
    """The moments of a dataset.

    Args:
        dataset: What to learn from.
        folder: Where the small frames are kept; `prepare` makes them.
        sizes: Horizon and size of the images.
        moving: Whether images are moved about while training.
    """

    def __init__(self, dataset: Dataset, folder: Path, sizes: Sizes, moving: bool = True):
        self._data, self._folder, self._sizes = dataset, folder, sizes
        self._moving = moving
        count = dataset.info.episodes
        apart = np.arange(count) % EACH == EACH - 1
        lengths = np.diff(dataset.starts)
        numbers = np.arange(len(dataset))
        self._end = np.repeat(dataset.starts[1:], lengths)   # [N] where its episode ends
        held = np.repeat(apart, lengths)
        self.shown, self.held = numbers[~held], numbers[held]
        self._state, self._action, self._environment = (
            torch.from_numpy(values.astype(np.float32))
            for values in (dataset.state, dataset.action, dataset.environment))
        self._letters = torch.tensor([tokens(text) for text in dataset.sentences])
        self._frames: list[NDArray[np.uint8]] = []

    def prepare(self) -> Iterator[float]:
        """Make the small frames that are missing, yielding the share that is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        cameras = self._data.body.cameras
        self._frames = []
        for number, camera in enumerate(cameras):
            path = self._folder / f'frames-{camera.name}.npy'
            if not path.exists():
                for share in self._make(path, camera):
                    yield (number + share) / len(cameras)
            self._frames.append(np.load(path, mmap_mode='r'))

    def _make(self, path: Path, camera: Picture) -> Iterator[float]:
        """Write one camera's small frames."""
        size = seen_size(camera, self._sizes.pixels)
        part = path.with_suffix('.part')
        made = np.lib.format.open_memmap(part, 'w+', np.uint8, (len(self._data), 3, *size))
        waiting: list[Any] = []
        for number, pixels in enumerate(self._data.frames(camera.name), 1):
            waiting.append(pixels)
            if len(waiting) == TOGETHER or number == len(self._data):
                small = shrink(np.stack(waiting), camera, self._sizes.pixels)
                made[number - len(waiting):number] = small.numpy()
                waiting = []
                yield number / len(self._data)
        made.flush()
        part.rename(path)

    def batch(self, numbers: NDArray[np.int64], rng: np.random.Generator | None) -> Batch:
        """Return the moments of frame `numbers` [B]; `rng` moves their images about a little."""
        end = self._end[numbers]
        ahead = numbers[:, None] + np.arange(self._sizes.horizon)
        rows = torch.from_numpy(np.minimum(ahead, end[:, None] - 1))
        ending = max(1, round(ENDING_S * self._data.body.rate_hz))
        sentence = torch.from_numpy(self._data.sentence[numbers])
        return Batch([torch.from_numpy(_moved(frames[numbers], rng)) for frames in self._frames],
                     self._state[numbers], self._letters[sentence], self._action[rows],
                     torch.from_numpy(ahead < end[:, None]).float(),
                     torch.from_numpy(end - numbers <= ending).float(),
                     self._environment[numbers])

    def draw(self, step: int, count: int, seed: int) -> Batch:
        """Return training batch number `step` of `count` moments."""
        rng = np.random.default_rng((seed, step))
        return self.batch(rng.choice(self.shown, count), rng if self._moving else None)

    def kept_out(self, count: int, seed: int) -> Batch | None:
        """Return moments of episodes that are never trained on; None where there are too few."""
        if not len(self.held):
            return None
        return self.batch(np.random.default_rng((seed, 3)).choice(self.held, count), None)


def _moved(images: NDArray[np.uint8], rng: np.random.Generator | None) -> NDArray[np.uint8]:
    """Return images [B, 3, h, w], each moved by a few pixels, its edges drawn out.

    After Kostrikov, Yarats and Fergus, "Image Augmentation Is All You Need" (2020).
    """
    if rng is None:
        return np.ascontiguousarray(images)
    rows, columns = images.shape[2:]
    most = max(1, max(rows, columns) // SHIFT)
    wide = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)), 'edge')
    moves = rng.integers(0, 2 * most + 1, (len(images), 2))
    return np.stack([one[:, down:down + rows, across:across + columns]
                     for one, (down, across) in zip(wide, moves, strict=True)])
