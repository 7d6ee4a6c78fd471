"""Labelled stills: what grounding and perception learn from.

A site and seeds enter; image and label arrays leave as .npy files that can be mapped into
memory. Each still shows a random scene with the arm, the gripper and the parts at random
places (on the table, in a bin, in the hand); no physics runs.
"""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lam_ws.geometry import Chain, downward, inverse, pose, project, rotation_x, translation
from lam_ws.sim.camera import composite, Shot
from lam_ws.sim.cell import Cell
from lam_ws.sim.truth import heading
from lam_ws.site import Site
from lam_ws.types import Array, CameraModel
import numpy as np

KINDS = ('cube', 'cylinder', 'bar', 'bin')
COLOURS = ('red', 'green', 'blue', 'yellow', 'black', 'white')
THINGS = 7            # rows in a label: up to five parts, two bins
PER_SCENE = 5         # stills of one scene draw
VISIBLE = 0.35        # share of its expected pixels that a thing must show
CAMERA = 'front'
LYING = 0.15         # share of the cylinders that fell over


def label_arrays(count: int) -> dict[str, Array]:
    """Return empty label arrays of `count` stills.

    kind, colour: [count, THINGS] indices, -1 where there is none; pixel: [count, THINGS, 2]
    px; position: [count, THINGS, 3] m; yaw: [count, THINGS] rad, NaN for any; visible:
    [count, THINGS].
    """
    shape = (count, THINGS)
    return {'kind': np.full(shape, -1, np.int8), 'colour': np.full(shape, -1, np.int8),
            'pixel': np.zeros((*shape, 2), np.float32),
            'position': np.zeros((*shape, 3), np.float32), 'yaw': np.zeros(shape, np.float32),
            'visible': np.zeros(shape, bool), 'K': np.zeros((count, 3, 3), np.float32),
            'X_BaseCamera': np.zeros((count, 4, 4), np.float32)}


def make_stills(site: Site, folder: Path, count: int, seed: int) -> Iterator[int]:
    """Write `count` stills into `folder`, yielding how many are done.

    Files are written under temporary names and renamed at the end, so that a broken run
    never leaves a data set that looks complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    camera = next(camera for camera in site.cameras if camera.name == CAMERA)
    images = np.lib.format.open_memmap(folder / 'images.part', 'w+', np.uint8,
                                       (count, camera.height, camera.width, 3))
    labels = label_arrays(count)
    rng = np.random.default_rng(seed)
    cell = Cell(site, seed)
    try:
        for i in range(count):
            if i % PER_SCENE == 0:
                cell.reset(seed + i // PER_SCENE)
            rearrange(cell, rng)
            model = cell.camera_models()[CAMERA]
            still, moving = cell.shoot(model)
            images[i] = composite(still, moving)
            write_label(labels, i, cell.truth(), model, still, moving)
            yield i + 1
    finally:
        cell.close()
    images.flush()
    arrays: dict[str, Any] = dict(labels)
    np.savez(folder / 'labels.part.npz', **arrays)
    (folder / 'images.part').rename(folder / 'images.npy')
    (folder / 'labels.part.npz').rename(folder / 'labels.npz')


def rearrange(cell: Cell, rng: np.random.Generator) -> None:
    """Put parts and arm at random places."""
    spec, chain = cell.spec, Chain(cell.spec)
    bins = cell.truth()['bins']
    spots = _spots(cell, rng)
    held = int(rng.integers(len(spots))) if rng.random() < 0.2 else -1
    for i, part in enumerate(cell.draw.parts):
        lies = part.kind == 'cylinder' and rng.random() < LYING
        height = part.size[0 if lies else 2]
        spots[i][2, 3] = height / 2
        if rng.random() < 0.22:
            xy = np.array(bins[rng.integers(2)]['position'][:2]) + rng.uniform(-0.05, 0.05, 2)
            if all(np.hypot(*(xy - other[:2, 3])) > 0.055 for other in spots[:i]):
                spots[i] = pose([*xy, height / 2 + 0.006], [0, 0, rng.uniform(-np.pi, np.pi)])
        if lies:
            spots[i] = spots[i] @ rotation_x(np.pi / 2)
    for i, spot in enumerate(spots):
        cell.place_part(i, spot)
    q = spec.home.copy()
    q[:-1] += rng.uniform(-0.05, 0.05, len(q) - 1)
    if held >= 0 or rng.random() < 0.6:
        X = _tool_pose(rng, spots, bins)
        q[:-1] = chain.inverse(X[None], spec.home[:-1], 15)[0][0]
        q[-1] = rng.uniform(0.0, spec.limits.upper[-1])
        if held >= 0:
            X = chain.forward(q[:-1])
            cell.place_part(held, X @ translation([0, 0, 0.002]) @ pose([0, 0, 0], [np.pi, 0, 0]))
            q[-1] = cell.draw.parts[held].size[1]
    cell.place_arm(q)


def _spots(cell: Cell, rng: np.random.Generator) -> list[Array]:
    """Return free poses on the table for all parts."""
    taken: list[Array] = []
    poses = []
    for part in cell.draw.parts:
        xy = rng.uniform([0.36, -0.17], [0.65, 0.17])
        for _ in range(100):
            if all(np.hypot(*(xy - other)) > 0.075 for other in taken):
                break
            xy = rng.uniform([0.36, -0.17], [0.65, 0.17])
        taken.append(xy)
        poses.append(pose([*xy, part.size[2] / 2], [0, 0, rng.uniform(-np.pi, np.pi)]))
    return poses


def _tool_pose(rng: np.random.Generator, spots: list[Array], bins: list[dict[str, Any]]) -> Array:
    """Return a tool pose near a part, over a bin or anywhere."""
    yaw = rng.uniform(-np.pi / 2, np.pi / 2)
    where = rng.random()
    if where < 0.35:
        centre = spots[rng.integers(len(spots))][:3, 3] + rng.normal(0, 0.03, 3)
        return downward([*centre[:2], 0.015 + rng.uniform(0, 0.15)], yaw)
    if where < 0.55:
        centre = np.array(bins[rng.integers(2)]['position']) + rng.normal(0, 0.03, 3)
        return downward([*centre[:2], rng.uniform(0.05, 0.25)], yaw)
    return downward(rng.uniform([0.30, -0.35, 0.06], [0.66, 0.35, 0.42]), yaw)


def write_label(labels: dict[str, Array], i: int, truth: dict[str, Any], model: CameraModel,
                still: Shot, moving: Shot) -> None:
    """Fill row `i` of the labels from the true state and what the camera could see of it."""
    X_CameraBase = inverse(model.X_ParentCamera)
    labels['K'][i], labels['X_BaseCamera'][i] = model.K, model.X_ParentCamera
    near = moving.depth < still.depth
    things = [*truth['parts'], *truth['bins']]
    for row, thing in enumerate(things):
        position = np.array(thing['position'])
        labels['kind'][i, row] = KINDS.index(thing.get('kind', 'bin'))
        labels['colour'][i, row] = COLOURS.index(thing['colour'])
        labels['position'][i, row] = position
        labels['pixel'][i, row] = project(model.K, X_CameraBase, position)
        labels['yaw'][i, row] = _heading(thing)
        if 'kind' in thing:
            seen = np.count_nonzero(near & (moving.body == thing['body']))
            expected = _expected_pixels(model, position, thing['size'])
        else:
            mask = still.body == thing['body']
            blocked = near & mask & ~np.isin(moving.body, [p['body'] for p in truth['parts']])
            seen = np.count_nonzero(mask & ~blocked)
            expected = max(float(np.count_nonzero(mask)), 1.0)
        labels['visible'][i, row] = seen > VISIBLE * expected


def _heading(thing: dict[str, Any]) -> float:
    """Return the heading rad of a part or bin, NaN where every heading is as good."""
    along = heading(thing) if 'quaternion' in thing else float(thing['yaw'])
    return np.nan if along is None else along


def _expected_pixels(model: CameraModel, position: Array, size: list[float]) -> float:
    """Return about how many pixels a free part covers: top face and one side, seen obliquely."""
    distance = float(np.linalg.norm(model.X_ParentCamera[:3, 3] - position))
    area = 0.75 * size[0] * size[1] + 0.6 * size[1] * size[2]
    return area * (model.K[0, 0] / distance) ** 2
