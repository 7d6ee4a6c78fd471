"""How well the scene inventory reads fresh scenes: precision, recall and position error.

A site and seeds enter; figures leave. A detection is right when a thing of that kind and
colour is there and within MATCH of it on the table; what the camera cannot see at all is not
asked for. Two sets: scenes as an episode begins, and busy ones (arm, hand and parts anywhere).
"""
from collections.abc import Iterable, Iterator

from lam_ws.perception.model import COLOURS, PARTS
from lam_ws.perception.perception import load_scene_estimator
from lam_ws.sim.camera import composite
from lam_ws.sim.cell import Cell
from lam_ws.site import Site
from lam_ws.train.arranging import rearrange
from lam_ws.train.stills import CAMERA, KINDS, label_arrays, write_label
from lam_ws.types import Array, Detection, Frame, Observation
import numpy as np

MATCH = 0.03     # m
HELD = 0.06      # m, a part higher than this is in the hand: its place is not asked for


def score_scenes(site: Site, seeds: Iterable[int]) -> Iterator[dict[str, Array]]:
    """Yield counts [right, wrong, missed] and errors m of each seed, for both sets."""
    cell = Cell(site)
    estimator = load_scene_estimator(site)
    try:
        for seed in seeds:
            cell.reset(seed)
            found = {}
            for name in ('start', 'busy'):
                if name == 'busy':
                    rearrange(cell, np.random.default_rng(seed))
                found[name] = _score(cell, estimator)
            yield {f'{name}_{what}': value for name, (counts, errors) in found.items()
                   for what, value in (('counts', counts), ('errors', errors))}
    finally:
        cell.close()


def _score(cell: Cell, estimator) -> tuple[Array, Array]:
    model = cell.camera_models()[CAMERA]
    still, moving = cell.shoot(model)
    frame = Frame(cell.now_s, model, composite(still, moving))
    estimator.forget()
    scene = estimator.estimate(Observation(cell.now_s, cell.read(), {CAMERA: frame}))
    labels = label_arrays(1)
    write_label(labels, 0, cell, model, still, moving)
    return match(scene.detections, {name: values[0] for name, values in labels.items()},
                 (model.width, model.height))


def match(detections: Iterable[Detection], labels: dict[str, Array],
          size: tuple[int, int]) -> tuple[Array, Array]:
    """Return [right, wrong, missed] and the position errors [right] m of the right ones.

    A part is where it is taken, a place where something is put; perception learns both so.
    """
    there, part = labels['kind'] >= 0, labels['kind'] < len(PARTS)
    pixel, position = (np.where(part[:, None], labels[f'grip{what}'], labels[f'surface{what}'])
                       for what in ('_pixel', ''))
    inside = (pixel >= 0) & (pixel < size)
    in_view = inside[:, 0] & inside[:, 1]
    held = part & (position[:, 2] > HELD)
    open_ = set(np.flatnonzero(there).tolist())
    errors, wrong = [], 0
    for seen in detections:
        name = KINDS.index(seen.kind), COLOURS.index(seen.colour)
        fits = [row for row in open_ if (labels['kind'][row], labels['colour'][row]) == name]
        near = [row for row in fits if held[row] or np.hypot(
            *(position[row] - seen.position)[:2]) < MATCH]
        if not near:
            wrong += 1
            continue
        open_.remove(near[0])
        if not held[near[0]]:
            errors.append(float(np.linalg.norm(position[near[0]] - seen.position)))
    missed = sum(bool(labels['visible'][row] and in_view[row] and not held[row])
                 for row in open_)
    return np.array([len(errors), wrong, missed]), np.array(errors)


def summary(rows: list[dict[str, Array]]) -> dict[str, dict[str, float]]:
    """Return precision, recall and error of both sets."""
    out = {}
    for name in ('start', 'busy'):
        right, wrong, missed = np.sum([row[f'{name}_counts'] for row in rows], 0).tolist()
        errors = np.concatenate([row[f'{name}_errors'] for row in rows]) * 1e3
        out[name] = {'scenes': len(rows), 'right': right, 'wrong': wrong, 'missed': missed,
                     'precision': round(right / max(right + wrong, 1), 4),
                     'recall': round(right / max(right + missed, 1), 4),
                     'error_mm_mean': round(float(errors.mean()), 2),
                     'error_mm_p95': round(float(np.quantile(errors, 0.95)), 2)}
    return out
