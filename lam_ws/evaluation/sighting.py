"""How exactly the policy sees what a sentence is about; nothing moves.

A site, a task and seeds enter; for each seed a scene is drawn with a goal, and how far off the
two things are where the policy sees them leaves. How far off they would be for a policy that saw
to the last pixel, with the camera's calibration as the cell knows it, is told beside it.
"""
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from lam_ws.evaluation.suite import draw_suite_case
from lam_ws.geometry import inverse, lift, project
from lam_ws.grounding.asking import canonical_request
from lam_ws.policy.native import NativePolicy
from lam_ws.policy.sight import see
from lam_ws.policy.tokens import tokens
from lam_ws.sim.cell import Cell
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.truth import find
from lam_ws.site import load_site
from lam_ws.types import Array
import numpy as np


@dataclass(frozen=True)
class Sighting:
    """One scene: how far off on the table, m, the two things were seen.

    Attributes:
        task: Of the suite.
        seed: Of the scene.
        first, second: m; the second is NaN where a goal has only one.
        apart: m, by which the way from one to the other is wrong.
        floor: m, what the camera's calibration alone puts the first aside.
    """

    task: str
    seed: int
    first: float
    second: float
    apart: float
    floor: float


def sight_task(site_name: str, task_name: str, seeds: Iterable[int]) -> Iterator[Sighting]:
    """Look once at a fresh scene for each seed, as an episode begins."""
    task = load_task(task_name)
    site = staged(load_site(site_name), task.scene)
    policy = NativePolicy(site)
    with closing(Cell(site)) as cell:
        for seed in seeds:
            case = draw_suite_case(cell, task, seed, 'seen')
            goal, truth = case.goal, cell.truth()
            reading = policy.passes.text(tokens(canonical_request(goal, case.language)))
            seen = see(policy.passes, cell.render(policy.camera), reading).xyz
            first = find(truth, goal.kind, goal.colour).grip
            off = seen[0] - first
            second = np.full(3, np.nan) if not goal.place else \
                seen[1] - find(truth, goal.place, goal.destination).surface
            yield Sighting(task_name, seed, _flat(off), _flat(second), _flat(second - off),
                           _flat(_shown(cell, policy.camera, first) - first))


def _flat(way: Array) -> float:
    return float(np.hypot(*way[:2]))


def _shown(cell: Cell, name: str, point: Array) -> Array:
    """Return where [3] m a camera would put a point that is seen to the last pixel."""
    model = cell.camera_models()[name]
    pixel = project(model.K, inverse(cell.true_camera(model)), point)
    return lift(model.K, model.X_ParentCamera, pixel[None], point[None, 2])[0]


def summarise_sights(rows: Sequence[Sighting]) -> dict[str, dict[str, list[float] | int]]:
    """Return by task how many scenes, and median and ninth of ten of each error, mm."""
    found: dict[str, dict[str, list[float] | int]] = {}
    for task in dict.fromkeys(row.task for row in rows):
        mine = [row for row in rows if row.task == task]
        found[task] = {'scenes': len(mine)}
        for name in ('floor', 'first', 'second', 'apart'):
            errors = np.array([getattr(row, name) for row in mine])
            if not np.isnan(errors).all():
                found[task][f'{name}_mm'] = np.round(
                    1e3 * np.quantile(errors, (0.5, 0.9)), 1).tolist()
    return found
