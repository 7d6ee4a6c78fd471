"""Closed loop: a chunking model in Meta-World, its chunks played from pixels to success.

A model's folder, a task and seeds enter; whether each episode succeeded leaves. The model is
asked again after `replan` rows of actions; it is never shown more than its cameras and its
state.
"""
from collections.abc import Iterable, Iterator
from pathlib import Path

from lam_ws.errors import CheckpointError
from lam_ws.metaworld.metaworld import BODY, STRIDE, TASKS
from lam_ws.metaworld.world import LONGEST, World
from lam_ws.policy.chunking.chunker import Chunker
import numpy as np


def evaluate(folder: Path, task: str, seeds: Iterable[int], replan: int) -> Iterator[bool]:
    """Yield whether the model reaches the goal of each seed within the package's time.

    Args:
        folder: The model.
        task: One of `TASKS`.
        seeds: Of the layouts, and of the noise of a flow.
        replan: Rows of actions played of each chunk.

    Raises:
        CheckpointError: The model was made for another embodiment.
    """
    chunker = Chunker(folder)
    check_body(chunker, folder, replan)
    world = World(task)
    try:
        for seed in seeds:
            yield _attempt(chunker, world, task, seed, replan)
    finally:
        world.close()


def check_body(chunker: Chunker, folder: Path, replan: int) -> None:
    """Require a model of Meta-World's embodiment with chunks that are long enough."""
    if chunker.embodiment != BODY:
        raise CheckpointError(f'{folder.name} was made for the embodiment '
                              f'{chunker.embodiment.robot or "of no name"!r}, which is not that '
                              'of Meta-World here')
    if not 1 <= replan <= chunker.horizon:
        raise CheckpointError(f'{folder.name} has chunks of {chunker.horizon} actions, of which '
                              f'{replan} cannot be played')


def _attempt(chunker: Chunker, world: World, task: str, seed: int, replan: int) -> bool:
    """Play one episode."""
    world.reset(seed)
    noise = chunker.noise(np.random.default_rng(seed))
    for row in range(LONGEST // STRIDE):
        if row % replan == 0:
            chunk = chunker.propose(world.look(), world.state(), TASKS[task], noise).actions
        if world.play(chunk[row % replan]):
            return True
    return False
