"""Demonstrations in pixels: what a learner that knows nothing of our cell learns from.

A site, a task of the suite and a seed enter; an `Episode` leaves with what every camera saw at
each tenth of a second, the joints, the joint targets of the scripted expert for the next tenth
and one sentence. In most runs the arm is pushed off its path now and then; the way back is
recorded, the push is not.
"""
from collections.abc import Iterable, Iterator

from lam_ws.dataset.dataset import Episode
from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.words import LANGUAGES
from lam_ws.policy.native import POINT
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.tasks.task import SimTask
from lam_ws.site import Site
from lam_ws.train.demos import draw_trouble, Follower
from lam_ws.types import Array, Goal, Observation
import numpy as np

LONGEST_S = 22.0      # s, a run that takes longer is given up
ENDING = 8            # frames that show the arm at rest when all is done
LOWEST = 0.013        # m, no push leads the tool below this
FURTHEST = 0.03       # m, of a push along each axis
FADING = 0.7          # share of a push that is left a frame later


def embodiment_of(site: Site) -> Embodiment:
    """Return what a recording of `site` is made with."""
    signals = (*(Signal(name, 'rad') for name in site.arm.names[:-1]),
               Signal(site.arm.names[-1], 'm'))
    return Embodiment(site.arm.name, 1.0 / POINT, signals, signals,
                      tuple(Picture(camera.name, camera.width, camera.height)
                            for camera in site.cameras))


def record_demos(site: Site, task_name: str, seeds: Iterable[int]) -> Iterator[Episode | None]:
    """Yield one demonstration for each seed, None where the expert did not reach its goal."""
    task = load_task(task_name)
    cell = Cell(staged(site, task.scene))
    expert = Expert(cell)
    try:
        for seed in seeds:
            rng = np.random.default_rng((seed, 31))
            goal = _goal(cell, task, seed, rng)
            text = sample_request(goal, LANGUAGES[seed % 2], rng)
            yield _record(cell, expert, goal, text, rng)
    finally:
        cell.close()


def _goal(cell: Cell, task: SimTask, seed: int, rng: np.random.Generator) -> Goal:
    """Lay out the first scene from `seed` on with a goal that may be shown; return the goal."""
    while True:
        cell.reset(seed)
        goals = [goal for goal in task.goals(cell.truth()) if not held_out(goal)]
        if goals:
            return goals[rng.integers(len(goals))]
        seed += 10_000_019   # far from the seeds of other episodes


def _record(cell: Cell, expert: Expert, goal: Goal, text: str,
            rng: np.random.Generator) -> Episode | None:
    """Let the expert pursue `goal` from where the cell is; return what was seen and done."""
    expert.reset(goal)
    guard, pushes = Follower(cell), draw_trouble(rng, False).push
    free = (0, 1, 3, 4, 5) if expert.skill.grips else (0, 1)
    state: list[Array] = []
    action: list[Array] = []
    frames: dict[str, list] = {camera.name: [] for camera in cell.site.cameras}
    push, finished = np.zeros(3), 0
    while cell.now_s < LONGEST_S and finished < ENDING:
        joints = cell.read()
        for name, shots in frames.items():
            shots.append(cell.render(name).pixels)
        path, done = expert.plan(Observation(cell.now_s, joints, {}))
        first = cell.chain.follow(joints.position[:-1], path[:1, :3], path[:1, 3], 4)[0]
        state.append(joints.position)
        action.append(np.array([*first, path[0, 4]]))
        finished += bool(done)
        push = FADING * push
        if expert.phase in free and rng.random() < pushes:
            push = rng.uniform(-FURTHEST, FURTHEST, 3)
        path[:, :3] += push
        path[:, 2] = np.maximum(path[:, 2], LOWEST)
        guard.follow(path)
    if finished < ENDING or not expert.task.done(expert.before, cell.truth(), goal):
        return None
    return Episode(text, np.stack(state), np.stack(action),
                   {name: np.stack(shots) for name, shots in frames.items()})
