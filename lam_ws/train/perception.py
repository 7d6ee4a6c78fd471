"""Train SceneNet on labelled stills.

Stills enter; a network with folded weights leaves. The run checkpoints each epoch and resumes
where it was broken off.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lam_ws.perception.model import fold, HEIGHT_SCALE, PARTS, SceneNet, STRIDE, YAWS
from lam_ws.train.checkpoint import Checkpoint
from lam_ws.train.descent import Chance, descend, one_cycle
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SPREAD = 0.8      # cells, width of the Gaussian around a centre
HIDDEN = 2.0      # cells around a hidden thing that teach nothing
CROP = (128, 160)  # px, height and width of a training window: the network is convolutional


@dataclass(frozen=True)
class Window:
    """The part of all images of one batch that is trained on: top and left edge, px."""

    top: int
    left: int

    def cut(self, pixel: np.ndarray) -> np.ndarray:
        """Return image points [..., 2] (u, v) px as seen in the window."""
        return pixel - np.array([self.left, self.top], pixel.dtype)


def draw_window(shape: tuple[int, int], rng: np.random.Generator) -> Window:
    """Return a random window in an image of `shape` (height, width), aligned to the cells."""
    top, left = (int(rng.integers((full - part) // STRIDE + 1)) * STRIDE
                 for full, part in zip(shape, CROP, strict=True))
    return Window(top, left)


class Stills:
    """Labelled stills from one or several folders, mapped into memory.

    Args:
        folders: Folders written by lam_ws.train.stills.
    """

    def __init__(self, folders: list[Path]):
        self.images = [np.load(folder / 'images.npy', mmap_mode='r') for folder in folders]
        loaded = [dict(np.load(folder / 'labels.npz')) for folder in folders]
        self.labels = {key: np.concatenate([labels[key] for labels in loaded])
                       for key in loaded[0]}
        ends = np.cumsum([len(images) for images in self.images])
        self._starts = np.r_[0, ends[:-1]]

    def __len__(self) -> int:
        return len(self.labels['kind'])

    def pixels(self, rows: np.ndarray, window: Window) -> Tensor:
        """Return the window's images [B, 3, *CROP] uint8 of the given rows."""
        v, u = slice(window.top, window.top + CROP[0]), slice(window.left, window.left + CROP[1])
        shard = np.searchsorted(self._starts, rows, 'right') - 1
        picked = np.stack([self.images[s][row - self._starts[s], v, u]
                           for s, row in zip(shard, rows, strict=True)])
        return torch.from_numpy(picked).permute(0, 3, 1, 2)

    def image(self, row: int) -> np.ndarray:
        """Return the whole image [h, w, 3] of a row."""
        shard = int(np.searchsorted(self._starts, row, 'right')) - 1
        image: np.ndarray = self.images[shard][row - self._starts[shard]]
        return image

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the images, px."""
        return self.images[0].shape[1:3]

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the rows of one epoch in random order."""
        order = rng.permutation(len(self))
        for start in range(0, len(order) - size + 1, size):
            yield np.sort(order[start:start + size])


@dataclass(frozen=True)
class Targets:
    """What the maps should show of one group of things, at the cells of the visible ones.

    Attributes:
        heat: [B, 1, h, w], 1 at a centre.
        weight: [B, 1, h, w], 0 where nothing is taught.
        at: Index of the N centres into a map [B, channels, h, w].
        kind, colour: [N] indices.
        geometry: [N, 3] offset u, v px and height.
        yaw: [N, YAWS] shares.
    """

    heat: Tensor
    weight: Tensor
    at: tuple
    kind: Tensor
    colour: Tensor
    geometry: Tensor
    yaw: Tensor


def augment(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return float images 0..1 with random gain, white balance and sensor noise."""
    count = len(images)
    x = images.float() / 255.0
    gain = 1.0 + 0.12 * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
    balance = 1.0 + 0.05 * (2 * torch.rand(count, 3, 1, 1, generator=generator) - 1)
    noise = 0.015 * torch.randn(x.shape, generator=generator)
    return (x * gain * balance + noise).clamp(0, 1).to(memory_format=torch.channels_last)


def targets(labels: dict[str, np.ndarray], rows: np.ndarray, window: Window) -> dict[str, Targets]:
    """Return what parts and what places should look like in the maps."""
    kind = labels['kind'][rows]
    part = kind < len(PARTS)
    return {'part': _targets(labels, rows, window, 'grip', (kind >= 0) & part),
            'place': _targets(labels, rows, window, 'surface', ~part)}


def _targets(labels: dict[str, np.ndarray], rows: np.ndarray, window: Window, point: str,
             there: np.ndarray) -> Targets:
    h, w = CROP[0] // STRIDE, CROP[1] // STRIDE
    pixel = window.cut(labels[f'{point}_pixel'][rows])
    cell = pixel / STRIDE - 0.5
    inside = there & (cell > -0.5).all(-1) & (cell < np.array([w, h]) - 0.5).all(-1)
    seen = inside & labels['visible'][rows]
    grid_v, grid_u = np.mgrid[:h, :w]
    far = ((grid_u - cell[..., 0, None, None]) ** 2
           + (grid_v - cell[..., 1, None, None]) ** 2)
    heat = (np.exp(-far / (2 * SPREAD ** 2)) * seen[..., None, None]).max(1)
    weight = 1.0 - ((far < HIDDEN ** 2) & (there & ~seen)[..., None, None]).any(1)
    b, thing = np.nonzero(seen)
    u, v = np.clip(np.rint(cell[b, thing]).astype(int), 0, [w - 1, h - 1]).T
    heat[b, v, u] = 1.0
    at = rows[b], thing
    geometry = np.column_stack([pixel[b, thing, 0] - (u + 0.5) * STRIDE,
                                pixel[b, thing, 1] - (v + 0.5) * STRIDE,
                                labels[point][at][:, 2] / HEIGHT_SCALE])
    return Targets(
        torch.from_numpy(heat).float()[:, None],
        torch.from_numpy(np.maximum(weight, heat > 0.99)).float()[:, None],
        (torch.from_numpy(b), slice(None), torch.from_numpy(v), torch.from_numpy(u)),
        torch.from_numpy(labels['kind'][at].astype(np.int64) % len(PARTS)),
        torch.from_numpy(labels['colour'][at].astype(np.int64)),
        torch.from_numpy(geometry).float(), yaw_shares(labels['yaw'][at], labels['turns'][at]))


def yaw_shares(yaw: np.ndarray, turns: np.ndarray) -> Tensor:
    """Return which headings [N, YAWS] over half a turn are right, as shares that sum to 1.

    Args:
        yaw: [N] rad, NaN where every heading is as good.
        turns: [N] headings in a full turn that are as good: 4 for a cube, 2 for a bar. Each is
            split between its two nearest bins.
    """
    place = np.nan_to_num(yaw)[:, None] / np.pi * YAWS + np.array([0.0, YAWS / 2])
    shares = np.zeros((len(yaw), YAWS))
    row = np.arange(len(yaw))
    for column in range(2):
        low = np.floor(place[:, column])
        part = place[:, column] - low
        weight = np.where(turns == 4, 0.5, 1.0 - column)
        np.add.at(shares, (row, low.astype(int) % YAWS), weight * (1 - part))
        np.add.at(shares, (row, (low.astype(int) + 1) % YAWS), weight * part)
    shares[np.isnan(yaw)] = 1.0 / YAWS
    return torch.from_numpy(shares).float()


def focal(logits: Tensor, heat: Tensor, weight: Tensor) -> Tensor:
    """Return the centre loss (Law and Deng, CornerNet, eq. 1: alpha 2, beta 4)."""
    p = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    centre = heat > 0.99
    loss = torch.where(centre, (1 - p) ** 2 * -p.log(),
                       (1 - heat) ** 4 * p ** 2 * -(1 - p).log())
    return (loss * weight).sum() / centre.sum().clamp(min=1)


def loss_of(model: SceneNet, images: Tensor, goal: dict[str, Targets]) -> dict[str, Tensor]:
    """Return the terms of the training loss, those of parts and places added up."""
    maps = model(images)
    terms: dict[str, Tensor] = {}
    for group, wanted in goal.items():
        terms[group] = focal(maps[group], wanted.heat, wanted.weight)
        for name, loss in (
                ('kind', 0.5 * F.cross_entropy(maps[f'{group}_kind'][wanted.at], wanted.kind)),
                ('colour', 0.5 * F.cross_entropy(maps[f'{group}_colour'][wanted.at],
                                                 wanted.colour)),
                ('geometry', 0.3 * F.smooth_l1_loss(maps[f'{group}_geometry'][wanted.at],
                                                    wanted.geometry, beta=0.3)),
                ('yaw', 0.2 * F.cross_entropy(maps[f'{group}_yaw'][wanted.at], wanted.yaw))):
            terms[name] = terms.get(name, torch.zeros(())) + loss
    return terms


def fit(scene: SceneNet, stills: Stills, folder: Path, epochs: int, seed: int = 0,
        batch: int = 32, rate: float = 3e-3) -> Iterator[dict[str, float]]:
    """Teach what finds, yielding step, steps and mean loss terms; checkpoints each epoch.

    Args:
        scene: Takes what was learnt at the end, its norms folded.
        stills: Labelled images.
        folder: Where checkpoints go.
        epochs: Passes over the stills.
        seed: Of order and windows.
        batch: Stills in a step.
        rate: Highest learning rate.
    """
    model = SceneNet(norm=True).to(memory_format=torch.channels_last)
    per_epoch = len(stills) // batch
    state = Checkpoint(folder / 'finding.ckpt', model, *one_cycle(model, rate,
                                                                  epochs * per_epoch))

    def loss(rows: np.ndarray, chance: Chance) -> dict[str, Tensor]:
        window = draw_window(stills.shape, chance.numbers)
        return loss_of(model, augment(stills.pixels(rows, window), chance.torch),
                       targets(stills.labels, rows, window))
    yield from descend(state, epochs, per_epoch, seed,
                       lambda numbers: stills.batches(batch, numbers), loss)
    fold(model.eval())
    scene.load_state_dict(model.state_dict())
