"""Demonstrations: the scripted experts of Meta-World, seen through the camera.

A task and seeds enter, episodes leave. The hand is pushed a little at each step; what the
expert wants then is recorded, the push is not, so that ways back are shown.
"""
from collections.abc import Iterable, Iterator
import warnings

from lam_ws.dataset.dataset import Episode
from lam_ws.metaworld.metaworld import TASKS, VIEW
from lam_ws.metaworld.world import LONGEST, World
import numpy as np

FIRST_SEED = 1_000_000   # of demonstrations; evaluation counts from 0
AFTER = 10               # steps that are recorded once it is done
PUSH = 0.1               # spread of the push beside actions of -1..1


def demonstrate(task: str, seeds: Iterable[int]) -> Iterator[Episode | None]:
    """Yield an episode for each seed, None where the expert failed."""
    world = World(task)
    try:
        for seed in seeds:
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')   # experts ask for more than there is, and say so
                yield _record(world, task, seed)
    finally:
        world.close()


def _record(world: World, task: str, seed: int) -> Episode | None:
    """Record one attempt."""
    world.reset(seed)
    rng = np.random.default_rng(seed)
    state, action, frames, left = [], [], [], AFTER
    for _ in range(LONGEST):
        state.append(world.state())
        frames.append(world.look()[VIEW])
        wanted = world.guide()
        action.append(wanted)
        done = world.act(wanted + rng.normal(0.0, PUSH, 4) * [1.0, 1.0, 1.0, 0.0])
        left -= done or left < AFTER
        if left == 0:
            return Episode(TASKS[task], np.stack(state), np.stack(action),
                           {VIEW: np.stack(frames)})
    return None
