"""What a delay and a lag make of commands: a track and numbers enter, positions leave."""
from collections.abc import Sequence

from lam_ws.identify.track import Track
from lam_ws.sim.drive import decay, follow
from lam_ws.types import Array
import numpy as np

SETTLE_S = 0.5   # at the beginning of a track: how the arm came there is not known


def lagged(track: Track, joints: Sequence[int], time_constants_s: Array) -> Array:
    """Return [T, ..., m] rad: the commands of `joints` after a first-order lag.

    Args:
        track: What was told.
        joints: m of the arm joints.
        time_constants_s: [..., m] s
    """
    told = track.told[:, joints]
    steps = np.diff(track.told_s)
    left = decay(steps.reshape(-1, *(1,) * np.ndim(time_constants_s)), time_constants_s)
    made = np.empty((len(told), *np.shape(time_constants_s)))
    made[0] = told[0]
    for i, step_s in enumerate(steps.tolist()):
        made[i + 1] = follow(made[i], told[i], told[i + 1], step_s, time_constants_s, left[i])
    return made


def used(track: Track) -> Array:
    """Return the times of measurement that are compared, s."""
    return track.seen_s[track.seen_s >= track.told_s[0] + SETTLE_S]


def measured(track: Track) -> Array:
    """Return [K, n - 1] rad: what was measured at these times."""
    return track.seen[track.seen_s >= track.told_s[0] + SETTLE_S, :-1]


def response(track: Track, joints: Sequence[int], delay_s: float,
             time_constants_s: Array) -> Array:
    """Return [K, m] rad: where `joints` would be at the times that are compared."""
    made, times = lagged(track, joints, time_constants_s), used(track) - delay_s
    return np.stack([np.interp(times, track.told_s, column) for column in made.T], axis=1)
