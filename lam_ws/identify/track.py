"""Recordings as tracks: what one arm was told and what it did, on one clock.

The path of a recording enters; stretches of unbroken command leave, each with the measurements
made meanwhile. Any namespace reads the same.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lam_ws.errors import RecordingError
from lam_ws.record.record import COMMAND, JOINT_STATES
from lam_ws.record.streams import Bag, JOINTS, Series, TRAJECTORY
from lam_ws.types import Array, freeze_fields
import numpy as np

GAP_S = 0.1      # between two commands at which an arm brakes by itself (`arm.DEADLINE_S`)
SHORTEST_S = 1.0   # of a stretch that is worth anything


@dataclass(frozen=True)
class Track:
    """One stretch of a recording in which commands came without a gap.

    Attributes:
        recording: File name.
        names: [n] joint names, the gripper last.
        told_s: [T] s, rising: when each target is to be reached.
        told: [T, n] rad (gripper m), the targets.
        seen_s: [M] s, rising, on the same clock.
        seen: [M, n] rad (gripper m), measured.
    """

    recording: str
    names: tuple[str, ...]
    told_s: Array
    told: Array
    seen_s: Array
    seen: Array

    def __post_init__(self) -> None:
        freeze_fields(self, 'told_s', 'told', 'seen_s', 'seen')


def read_tracks(path: str | Path) -> tuple[Track, ...]:
    """Return the stretches of a recording that are at least SHORTEST_S long.

    Raises:
        RecordingError: It cannot be read, lacks commands or joint states, or has none that long.
    """
    with Bag(path) as bag:
        told = bag.series(_topic(bag, COMMAND, TRAJECTORY))
        seen = bag.series(_topic(bag, JOINT_STATES, JOINTS))
    if missing := [name for name in told.names if name not in seen.names]:
        raise RecordingError(f'{path}: {", ".join(missing)} is commanded and never measured')
    tracks = tuple(_tracks(Path(path).name, told, seen))
    if not tracks:
        raise RecordingError(f'{path}: no {SHORTEST_S:g} s of commands without a gap of '
                             f'{GAP_S:g} s')
    return tracks


def _topic(bag: Bag, last: str, kind: str) -> str:
    """Return the one topic of that last part; a namespace is whatever it is."""
    found = [name for name, its in bag.topics.items()
             if its == kind and name.rsplit('/', 1)[-1] == last]
    if len(found) != 1:
        raise RecordingError(f'{bag.path}: needs one topic {last} of {kind}, found '
                             f'{", ".join(found) or "none"}')
    return found[0]


def _tracks(recording: str, told: Series, seen: Series) -> Sequence[Track]:
    order = [seen.names.index(name) for name in told.names]
    steps = np.diff(told.stamps)
    cuts = np.flatnonzero((steps > GAP_S) | (steps <= 0.0)) + 1
    # A driver that is asked faster than it measures says the same twice.
    fresh = np.concatenate([[True], np.diff(seen.stamps) > 0.0])
    stamps, values = seen.stamps[fresh], seen.values[fresh][:, order]
    found = []
    for part in np.split(np.arange(len(told.stamps)), cuts):
        begin, end = told.stamps[part[0]], told.stamps[part[-1]]
        inside = (stamps >= begin) & (stamps <= end)
        if end - begin >= SHORTEST_S and inside.sum() > 10:
            found.append(Track(recording, told.names, told.stamps[part], told.values[part],
                               stamps[inside], values[inside]))
    return found
