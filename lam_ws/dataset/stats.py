"""Mean, spread and bounds of every feature, kept as episodes are added.

The rows of an episode enter, its statistics leave; two sets of statistics enter, those of both
together leave. Written in the form of meta/stats.json: numbers under mean, std, min, max and
count; for cameras one row a colour, [3, 1, 1], in 0..1.
"""
from collections.abc import Mapping
from typing import Any

from lam_ws.types import Array, Pixels
import numpy as np

Stats = Mapping[str, dict[str, Array]]
LOOKED_AT = 20        # frames of an episode that the statistics of a camera are taken from


def of_rows(rows: Array) -> dict[str, Array]:
    """Return the statistics of numbers [T, n]."""
    values = np.asarray(rows, np.float64)
    return {'min': values.min(0), 'max': values.max(0), 'mean': values.mean(0),
            'std': values.std(0), 'count': np.array([len(values)])}


def of_frames(frames: Pixels) -> dict[str, Array]:
    """Return the statistics of the colours of frames [T, h, w, 3], of some of them."""
    picks = np.unique(np.linspace(0, len(frames) - 1, LOOKED_AT).round().astype(int))
    values = frames[picks].reshape(-1, 3)
    scaled = of_rows(values / 255.0)
    return {name: scaled[name].reshape(3, 1, 1) for name in ('min', 'max', 'mean', 'std')} \
        | {'count': np.array([len(picks)])}


def merge(one: Stats, other: Stats) -> dict[str, dict[str, Array]]:
    """Return the statistics of two sets of episodes together, by the parallel formula.

    Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances" (1979): variances add up, weighted, with the squared distance of each mean.
    """
    if not one:
        return {key: dict(values) for key, values in other.items()}
    both = {}
    for key, second in other.items():
        first = one[key]
        counts = first['count'], second['count']
        share = float(counts[1][0]) / float(counts[0][0] + counts[1][0])
        apart = second['mean'] - first['mean']
        variance = (1 - share) * first['std'] ** 2 + share * second['std'] ** 2 \
            + share * (1 - share) * apart ** 2
        both[key] = {'min': np.minimum(first['min'], second['min']),
                     'max': np.maximum(first['max'], second['max']),
                     'mean': first['mean'] + share * apart, 'std': np.sqrt(variance),
                     'count': counts[0] + counts[1]}
    return both


def to_plain(stats: Stats) -> dict[str, dict[str, Any]]:
    """Return statistics as JSON has them."""
    return {key: {name: np.asarray(value).tolist() for name, value in values.items()}
            for key, values in stats.items()}


def from_plain(told: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """Return statistics from JSON; ValueError or TypeError where they are none."""
    return {key: {name: np.asarray(value, np.float64) for name, value in values.items()}
            for key, values in told.items()}
