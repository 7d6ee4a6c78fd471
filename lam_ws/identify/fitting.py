"""The least squares behind an identification: tracks enter, the best numbers leave.

A coarse grid over delay and lag finds the valley, Gauss-Newton its bottom. Delays and lags are
not negative: one that would be stays at zero while the others go on (an active set).
"""
from collections.abc import Sequence
from dataclasses import dataclass

from lam_ws.identify.response import lagged, measured, response, used
from lam_ws.identify.track import Track
from lam_ws.types import Array
import numpy as np

DELAYS_S = np.arange(0.0, 0.31, 0.01)
LAGS_S = np.array([0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3])
_STEP_S = 0.001       # of the difference quotients
_TURNS = 12
_STILL_S = 1e-6       # a turn that changes less is the last


@dataclass(frozen=True)
class Fit:
    """Where the least squares ended.

    Attributes:
        values: [1 + 2 m] delay s, then of m joints lag s, then offset rad.
        residual: [K, m] rad, measured minus model.
        slopes: [K, m, 3] rad/s, rad/s and 1: the model by its delay, lag and offset.
        scale: [m] rad, by which joints are weighed against each other.
        times: [K] s, of measurement; they start again with each track.
    """

    values: Array
    residual: Array
    slopes: Array
    scale: Array
    times: Array


def fit(tracks: Sequence[Track], joints: Sequence[int], alone: Sequence[Fit] = ()) -> Fit:
    """Return the best delay of `joints` together and the lag and offset of each.

    Args:
        tracks: Commands and measurements.
        joints: Which of the arm joints.
        alone: What each of them gave by itself, to begin with and to be weighed by; for one
            joint the grid tells.
    """
    count = len(joints)
    if alone:
        values = np.concatenate([[np.median([one.values[0] for one in alone])],
                                 [one.values[1] for one in alone],
                                 [one.values[2] for one in alone]])
        scale = np.array([max(np.sqrt((one.residual ** 2).mean()), 1e-6) for one in alone])
    else:
        values, scale = np.concatenate([_valley(tracks, joints[0]), [0.0]]), np.ones(1)
    now = _at(tracks, joints, values, scale)
    for _ in range(_TURNS):
        change = improve(now.values, *normal(now))
        share = 1.0
        while share > 0.01:   # never uphill
            further = _at(tracks, joints, now.values + share * change, scale)
            if _cost(further) <= _cost(now):
                break
            share /= 2
        else:
            break
        moved = np.abs(further.values - now.values)[:1 + count].max()
        now = further
        if moved < _STILL_S:
            break
    return now


def normal(found: Fit, rows: Array | None = None) -> tuple[Array, Array]:
    """Return matrix and right side of the least squares, of all rows or of those given."""
    residual = found.residual if rows is None else found.residual[rows]
    slopes = found.slopes if rows is None else found.slopes[rows]
    count = residual.shape[1]
    weights = 1.0 / found.scale ** 2
    matrix, side = np.zeros((1 + 2 * count,) * 2), np.zeros(1 + 2 * count)
    for joint in range(count):
        places = [0, 1 + joint, 1 + count + joint]
        matrix[np.ix_(places, places)] += weights[joint] * (slopes[:, joint].T
                                                            @ slopes[:, joint])
        side[places] += weights[joint] * (slopes[:, joint].T @ residual[:, joint])
    return matrix, side


def improve(values: Array, matrix: Array, side: Array) -> Array:
    """Return the change of `values` that the normal equations ask for, none below zero."""
    bounded, fixed = (len(values) + 1) // 2, np.zeros(len(values), bool)
    for _ in range(bounded + 1):
        change = np.zeros(len(values))
        change[fixed] = -values[fixed]
        free = ~fixed
        rest = side[free] - matrix[np.ix_(free, fixed)] @ change[fixed]
        change[free] = np.linalg.lstsq(matrix[np.ix_(free, free)], rest, rcond=None)[0]
        below = (values + change)[:bounded] < -1e-12
        if not below.any():
            break
        fixed[:bounded] |= below
    return np.asarray(change)


def _valley(tracks: Sequence[Track], joint: int) -> Array:
    """Return delay and lag of the grid with the smallest squares, offset aside."""
    left: list[list[Array]] = [[] for _ in range(len(LAGS_S) * len(DELAYS_S))]
    for track in tracks:
        made = lagged(track, [joint], LAGS_S[:, None])[..., 0]
        seen, times = measured(track)[:, joint], used(track)
        for i in range(len(LAGS_S)):
            for k, delay_s in enumerate(DELAYS_S.tolist()):
                left[i * len(DELAYS_S) + k].append(
                    seen - np.interp(times - delay_s, track.told_s, made[:, i]))
    best = int(np.argmin([np.concatenate(rows).var() for rows in left]))
    return np.array([DELAYS_S[best % len(DELAYS_S)], LAGS_S[best // len(DELAYS_S)]])


def _at(tracks: Sequence[Track], joints: Sequence[int], values: Array, scale: Array) -> Fit:
    """Return residuals and slopes at `values`."""
    count = len(joints)
    lags = np.maximum(values[1:1 + count], 0.0)
    residual, slopes, times = [], [], []
    for track in tracks:
        delay_s = max(float(values[0]), 0.0)
        here = response(track, joints, delay_s, lags)
        later = response(track, joints, delay_s + _STEP_S, lags)
        slower = response(track, joints, delay_s, lags + _STEP_S)
        residual.append(measured(track)[:, joints] - here - values[1 + count:])
        slopes.append(np.stack([(later - here) / _STEP_S, (slower - here) / _STEP_S,
                                np.ones_like(here)], axis=2))
        times.append(used(track))
    return Fit(values, np.concatenate(residual), np.concatenate(slopes), scale,
               np.concatenate(times))


def _cost(found: Fit) -> float:
    return float(((found.residual / found.scale) ** 2).sum())
