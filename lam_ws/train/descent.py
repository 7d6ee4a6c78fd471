"""The loop that every training over stills has in common: passes, steps, checkpoints, losses."""
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lam_ws.train.checkpoint import Checkpoint
import numpy as np
import torch
from torch import Tensor

EVERY = 20   # steps between two rows of losses


@dataclass(frozen=True)
class Chance:
    """Where a pass over the data takes its random numbers from; the same for the same pass."""

    numbers: np.random.Generator
    torch: torch.Generator


def descend(state: Checkpoint, epochs: int, per_epoch: int, seed: int,
            batches: Callable[[np.random.Generator], Iterable[np.ndarray]],
            loss: Callable[[np.ndarray, Chance], dict[str, Tensor]]) -> Iterator[dict[str, float]]:
    """Train, yielding step, steps, epoch and mean loss terms every 20 steps.

    A broken run goes on with the pass in which it was broken off.

    Args:
        state: Model, optimiser, schedule, and where they are kept after every pass.
        epochs: Passes over the data.
        per_epoch: Steps in a pass.
        seed: Of order and chance.
        batches: Returns the batches of a pass, rows of the data each.
        loss: Returns the terms of a batch's loss, which are added up.
    """
    first = state.resume()
    step, counted = first * per_epoch, 0
    sums: dict[str, float] = {}
    for epoch in range(first, epochs):
        chance = Chance(np.random.default_rng((seed, epoch)),
                        torch.Generator().manual_seed(seed * 1000 + epoch))
        for rows in batches(chance.numbers):
            terms = loss(rows, chance)
            state.optimiser.zero_grad()
            torch.stack(list(terms.values())).sum().backward()
            state.optimiser.step()
            state.schedule.step()
            step, counted = step + 1, counted + 1
            sums = {name: sums.get(name, 0.0) + term.item() for name, term in terms.items()}
            if step % EVERY == 0:
                yield {'step': step, 'steps': epochs * per_epoch, 'epoch': epoch,
                       **{name: value / counted for name, value in sums.items()}}
                sums, counted = {}, 0
        state.save(epoch + 1)


def one_cycle(model: torch.nn.Module, rate: float, steps: int) -> tuple[
        torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW over all of a model and a schedule that rises and falls once."""
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-4)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1)
