"""Times that can be trusted on a machine that does other things as well.

Pieces of work enter, CPU seconds of this process leave. On a shared machine the wall clock
measures the neighbours, and so does a mean; the least CPU time of many interleaved runs is
what the work costs, and a ratio of two such minima holds within a fraction of a percent.
"""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import time

from lam_ws.types import Array
import numpy as np

ROUNDS = 40     # runs of each piece
WARM_UP = 5     # runs before that do not count: caches fill, engines compile


@dataclass(frozen=True)
class Work:
    """A piece of work to time, and what must happen before each run without being timed."""

    run: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


def cpu_s() -> float:
    """Return the CPU time of this process so far, all threads together, s."""
    return time.process_time_ns() * 1e-9


def interleave(works: Mapping[str, Work], rounds: int = ROUNDS,
               warm_up: int = WARM_UP) -> dict[str, Array]:
    """Run the works in turn and return the CPU time [rounds] s of each.

    Each round begins with another of them, so that none always runs in the other's wake.
    """
    names = list(works)
    spent: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(warm_up + rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            works[name].prepare()
            began = cpu_s()
            works[name].run()
            cost = cpu_s() - began
            if turn >= warm_up:
                spent[name].append(cost)
    return {name: np.array(costs) for name, costs in spent.items()}


def ratio(costs: Array, base: Array, seed: int = 0,
          draws: int = 2000) -> tuple[float, float, float]:
    """Return the ratio of minima of two interleaved series and its 95 % bootstrap interval.

    Args:
        costs: [n] s.
        base: [n] s, of the same rounds.
        seed: Seed of the resampling.
        draws: Resampled series.
    """
    rows = np.random.default_rng(seed).integers(len(costs), size=(draws, len(costs)))
    low, high = np.quantile(costs[rows].min(1) / base[rows].min(1), (0.025, 0.975))
    return float(costs.min() / base.min()), float(low), float(high)


def least_median(blocks: Sequence[Array]) -> float:
    """Return the least of the blocks' medians: the usual case, on a moment without neighbours."""
    return float(min(np.median(block) for block in blocks))


def sum_of_minima(repeats: Sequence[Sequence[float]]) -> float:
    """Return what one pass costs: for each of its stretches the least over all repeats, summed.

    Args:
        repeats: Cost of each stretch, s, one row for each time the same pass was run.
    """
    return float(np.min(np.array(repeats, float), axis=0).sum())
