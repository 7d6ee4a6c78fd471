"""A picture of an identification: tracks and what was found enter, one .png leaves.

Left of each joint the moment in which it was told to change its speed the most: commanded,
measured, model; right what is left over with the model and without.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.identify.identify import Identified
from lam_ws.identify.response import measured, response, used
from lam_ws.identify.track import Track
from lam_ws.types import Array
import numpy as np

MOMENT_S = 0.8


def draw(tracks: Sequence[Track], found: Identified, path: Path) -> Path:
    """Write the picture of the longest track and return its file."""
    from matplotlib.figure import Figure

    track = max(tracks, key=lambda one: one.seen_s[-1] - one.seen_s[0])
    times, seen = used(track) - track.told_s[0], measured(track)
    joints = range(len(found.joints))
    told = response(track, joints, 0.0, np.zeros(len(joints)))
    model = _model(track, found)
    figure = Figure(figsize=(11.0, 1.9 * len(found.joints)), layout='constrained')
    rows = figure.subplots(len(found.joints), 2, squeeze=False)
    for number, (joint, (near, left)) in enumerate(zip(found.joints, rows, strict=True)):
        moment = _moment(times, told[:, number])
        for values, style, width, label in ((told, '--', 1.2, 'commanded'),
                                            (seen, '-', 4.0, 'measured'),
                                            (model, 'k-', 0.9, 'model')):
            near.plot(times[moment], values[moment, number], style, label=label, linewidth=width)
        left.plot(times, 1000.0 * (seen - told)[:, number], linewidth=1.0,
                  label='measured minus commanded')
        left.plot(times, 1000.0 * (seen - model)[:, number], linewidth=1.0,
                  label='measured minus model')
        near.set(ylabel='rad')
        near.set_title(f'{joint.name}{" (refused)" if joint.fault else ""}', fontsize=9)
        left.set(ylabel='mrad')
        for axes in (near, left):
            axes.grid(alpha=0.3)
    for axes in rows[0]:
        axes.legend(fontsize=8)
    for axes in rows[-1]:
        axes.set(xlabel='s')
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    return path


def _model(track: Track, found: Identified) -> Array:
    """Return [K, n - 1] rad: what was found of all joints, or where that is refused of each."""
    offsets = np.array([joint.offset_rad for joint in found.joints])
    if found.delay_s is not None:
        lags = np.array([lag.value for lag in found.time_constant_s])
        return response(track, range(len(lags)), found.delay_s.value, lags) + offsets
    return np.concatenate([response(track, [number], joint.delay_s.value,
                                    np.array([joint.time_constant_s.value]))
                           for number, joint in enumerate(found.joints)], axis=1) + offsets


def _moment(times: Array, told: Array) -> Array:
    """Return which rows are within the MOMENT_S in which the speed changes the most."""
    speed = np.gradient(told, times)
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(speed)))])
    after = np.interp(times + MOMENT_S, times, way) - way
    begin = times[int(np.argmax(after))]
    return np.asarray((times >= begin) & (times <= begin + MOMENT_S))
