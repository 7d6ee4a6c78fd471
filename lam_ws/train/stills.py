"""Labelled stills: what grounding and perception learn from.

A site, scenes and seeds enter; image and label arrays leave as .npy files that can be mapped
into memory. Each still shows a random scene with the arm, the gripper, the parts and whatever
turns or slides at random places (parts on the table, in their places, in the hand); no physics
runs.
"""
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lam_ws.geometry import inverse, project
from lam_ws.perception.model import COLOURS, PARTS, PLACES
from lam_ws.sim.camera import composite, Shot
from lam_ws.sim.cell import Cell
from lam_ws.sim.tasks.suite import scenes, staged
from lam_ws.sim.truth import Thing, things
from lam_ws.site import Site
from lam_ws.train.arranging import rearrange
from lam_ws.types import Array, CameraModel
import numpy as np
from numpy.typing import NDArray

KINDS = PARTS + PLACES
THINGS = 14           # rows in a label
PER_SCENE = 5         # stills of one scene draw
VISIBLE = 0.35        # share of its expected pixels that a part must show
BLOCKED = 0.5         # share of the pixels around a place's centre that the arm may hide
CAMERA = 'front'


def label_arrays(count: int) -> dict[str, Array]:
    """Return empty label arrays of `count` stills.

    Pixels are where the image truly shows a point; K and X_BaseCamera are what the cell knows
    of its camera, which is a little off. A row a thing: kind and colour [count, THINGS] indices,
    -1 where there is none; what it is as something that is taken or touched ('grip') and as a
    place where something is put ('surface'), each a point [count, THINGS, 3] m with its pixel
    [count, THINGS, 2] px; yaw [count, THINGS] rad, NaN for any, and how many headings in a full
    turn are as good ('turns'); visible [count, THINGS].
    """
    shape = (count, THINGS)
    return {'kind': np.full(shape, -1, np.int8), 'colour': np.full(shape, -1, np.int8),
            'grip': np.zeros((*shape, 3), np.float32),
            'surface': np.zeros((*shape, 3), np.float32),
            'grip_pixel': np.zeros((*shape, 2), np.float32),
            'surface_pixel': np.zeros((*shape, 2), np.float32),
            'yaw': np.zeros(shape, np.float32), 'turns': np.ones(shape, np.int8),
            'visible': np.zeros(shape, bool), 'scene': np.zeros(count, np.int8),
            'K': np.zeros((count, 3, 3), np.float32),
            'X_BaseCamera': np.zeros((count, 4, 4), np.float32)}


def make_stills(site: Site, folder: Path, count: int, seed: int,
                only: Sequence[str] = ()) -> Iterator[int]:
    """Write `count` stills into `folder`, yielding how many are done.

    Files are written under temporary names and renamed at the end, so that a broken run
    never leaves a data set that looks complete. Scenes take turns, or those of `only`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    camera = next(camera for camera in site.cameras if camera.name == CAMERA)
    images = np.lib.format.open_memmap(folder / 'images.part', 'w+', np.uint8,
                                       (count, camera.height, camera.width, 3))
    labels = label_arrays(count)
    names = tuple(scenes())
    cells = [Cell(staged(site, name), seed) for name in only or names]
    numbers = [names.index(name) for name in only or names]
    rng = np.random.default_rng(seed)
    try:
        for i in range(count):
            turn = (i // PER_SCENE) % len(cells)
            cell = cells[turn]
            if i % PER_SCENE == 0:
                cell.reset(seed + i // PER_SCENE)
            rearrange(cell, rng)
            model = cell.camera_models()[CAMERA]
            still, moving = cell.shoot(model)
            images[i] = composite(still, moving)
            labels['scene'][i] = numbers[turn]
            write_label(labels, i, cell, model, still, moving)
            yield i + 1
    finally:
        for cell in cells:
            cell.close()
    images.flush()
    arrays: dict[str, Any] = dict(labels)
    np.savez(folder / 'labels.part.npz', **arrays)
    (folder / 'images.part').rename(folder / 'images.npy')
    (folder / 'labels.part.npz').rename(folder / 'labels.npz')


def write_label(labels: dict[str, Array], i: int, cell: Cell, model: CameraModel,
                still: Shot, moving: Shot) -> None:
    """Fill row `i` of the labels from the true state and what the camera could see of it."""
    truth, X_CameraBase = cell.truth(), inverse(cell.true_camera(model))
    labels['K'][i], labels['X_BaseCamera'][i] = model.K, model.X_ParentCamera
    near = moving.depth < still.depth
    bodies = [part['body'] for part in truth['parts']]
    loose = np.array(bodies + [one['moving'] for one in truth['fixtures']])
    arm = near & ~np.isin(moving.body, loose)
    for row, thing in enumerate(list(things(truth))[:THINGS]):
        labels['kind'][i, row] = KINDS.index(thing.kind)
        labels['colour'][i, row] = COLOURS.index(thing.colour)
        for name in ('grip', 'surface'):
            point = getattr(thing, name)
            labels[name][i, row] = point
            labels[f'{name}_pixel'][i, row] = project(model.K, X_CameraBase, point)
        labels['yaw'][i, row] = np.nan if thing.yaw is None else thing.yaw
        labels['turns'][i, row] = thing.turns
        if row < len(bodies):
            seen = np.count_nonzero(near & (moving.body == bodies[row]))
            labels['visible'][i, row] = seen > VISIBLE * _expected_pixels(
                model, thing, truth['parts'][row]['size'])
        else:
            labels['visible'][i, row] = _blocked(arm, labels['surface_pixel'][i, row]) < BLOCKED


def _blocked(arm: NDArray[np.bool_], pixel: Array) -> float:
    """Return the share of the pixels around `pixel` that the arm covers; 1 outside the image."""
    u, v = np.rint(pixel - 0.5).astype(int)
    if not (0 <= u < arm.shape[1] and 0 <= v < arm.shape[0]):
        return 1.0
    return float(arm[max(v - 3, 0):v + 4, max(u - 3, 0):u + 4].mean())


def _expected_pixels(model: CameraModel, thing: Thing, size: list[float]) -> float:
    """Return about how many pixels a free part covers: top face and one side, seen obliquely."""
    distance = float(np.linalg.norm(model.X_ParentCamera[:3, 3] - thing.grip))
    area = 0.75 * size[0] * size[1] + 0.6 * size[1] * size[2]
    return area * (model.K[0, 0] / distance) ** 2
