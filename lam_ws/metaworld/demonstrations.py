"""Demonstrations: the scripted experts of Meta-World, seen through the cameras.

A task and seeds enter, episodes leave. The hand is pushed about; what the expert wants then is
recorded, the push is not, so that ways back are shown. A picture is taken every few steps, the
expert is asked at each.
"""
from collections.abc import Iterable, Iterator
import warnings

from lam_ws.dataset.dataset import Episode
from lam_ws.metaworld.metaworld import STRIDE, TASKS, VIEWS
from lam_ws.metaworld.world import LONGEST, World
from lam_ws.types import Array
import numpy as np

FIRST_SEED = 1_000_000   # of demonstrations; evaluation counts from 0
AFTER = 2                # pictures that are recorded once it is done
SHAKE = 0.5              # largest spread of the push at each step, beside actions of -1..1
SHOVES = (0.0, 1 / 60, 1 / 30)   # shares of the steps at which a shove may begin, one an episode
SHOVE = 4, 12            # steps of a shove, in which the expert has no say
TRIES = 3                # attempts at a layout, each pushed less


class Pushes:
    """What is done to the hand: a tremble all the time, and now and then a shove.

    Args:
        rng: Draws them.
        much: 0 .. 1, how much of it there is.
    """

    def __init__(self, rng: np.random.Generator, much: float):
        self._rng, self._left, self._shove = rng, 0, np.zeros(3)
        self._spread = much * rng.uniform(0.0, SHAKE)
        self._rate = much * rng.choice(SHOVES)

    def push(self, wanted: Array) -> Array:
        """Return the action [4] that is taken in place of the one that is wanted."""
        rng = self._rng
        if self._left == 0 and rng.random() < self._rate:
            self._left = int(rng.integers(SHOVE[0], SHOVE[1] + 1))
            self._shove = rng.normal(size=3)
            self._shove *= rng.uniform(0.5, 1.0) / np.linalg.norm(self._shove)
        taken = wanted.copy()
        if self._left:
            self._left -= 1
            taken[:3] = self._shove
        else:
            taken[:3] += rng.normal(0.0, self._spread, 3)
        return taken


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
    """Record one attempt that succeeds, without pictures first: most cost is theirs."""
    for tried in range(TRIES):
        much = 1.0 - tried / (TRIES - 1)
        if (count := _attempt(world, seed, much)) is not None:
            return _film(world, task, seed, much, count)
    return None


def _attempt(world: World, seed: int, much: float) -> int | None:
    """Return after how many pictures the expert is done; None where it is not."""
    world.reset(seed)
    pushes = Pushes(np.random.default_rng(seed), much)
    for step in range(LONGEST):
        if world.act(pushes.push(world.guide())):
            return step // STRIDE + 1
    return None


def _film(world: World, task: str, seed: int, much: float, count: int) -> Episode | None:
    """Record that attempt again, `count` pictures and some after it is done."""
    world.reset(seed)
    pushes = Pushes(np.random.default_rng(seed), much)
    state, action, around, frames, done = [], [], [], [], False
    for _ in range(min(count + AFTER, LONGEST // STRIDE)):
        state.append(world.state())
        around.append(world.environment())
        frames.append(world.look())
        wanted = []
        for _ in range(STRIDE):
            wanted.append(world.guide())
            done |= world.act(pushes.push(wanted[-1]))
        action.append(np.concatenate(wanted))
    if not done:
        return None
    names = [view.picture.name for view in VIEWS]
    return Episode(TASKS[task], np.stack(state), np.stack(action),
                   {name: np.stack([frame[name] for frame in frames]) for name in names},
                   environment=np.stack(around))
