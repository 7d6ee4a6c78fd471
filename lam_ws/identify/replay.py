"""The same commands in the simulated cell: a track enters, how far apart the two arms are leaves.

This is what an identification is for, and its check on recordings that it did not see: the
cell's arm is told once more what the recorded one was told, with drives and without.
"""
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lam_ws.errors import ConfigurationError, RecordingError
from lam_ws.identify.response import SETTLE_S
from lam_ws.identify.track import Track
from lam_ws.site import DriveSettings, Site
from lam_ws.types import Array, Command, freeze_fields
import numpy as np

if TYPE_CHECKING:
    from lam_ws.sim.cell import Cell


@dataclass(frozen=True)
class Replay:
    """How near a simulated arm comes to a recorded one.

    Attributes:
        times: [K] s of the track, at the ends of the cell's control cycles.
        apart: [K, n - 1] rad, recorded minus simulated arm joints.
    """

    times: Array
    apart: Array

    def __post_init__(self) -> None:
        freeze_fields(self, 'times', 'apart')

    @property
    def rms(self) -> Array:
        """[n - 1] rad, the root mean square of each joint."""
        return np.asarray(np.sqrt((self.apart ** 2).mean(axis=0)))


def replay(track: Track, site: Site, drive: DriveSettings | None) -> Replay:
    """Return how far the site's simulated arm is from the recorded one, told the same.

    Args:
        track: Commands and measurements.
        site: Whose simulated cell is told them; whose arm was recorded.
        drive: How the simulated arm follows.

    Raises:
        ConfigurationError: The site has no simulated cell.
        RecordingError: The recording is of another arm.
    """
    from lam_ws.sim.cell import Cell

    if site.sim is None:
        raise ConfigurationError('needs a sim section to play commands to', site.path)
    if site.arm.names != track.names:
        raise RecordingError(f'{track.recording} is of the joints {", ".join(track.names)}, '
                             f'{site.name} has {", ".join(site.arm.names)}')
    cell = Cell(replace(site, sim=replace(site.sim, drive=drive)))
    try:
        return _play(cell, track)
    finally:
        cell.close()


def _play(cell: 'Cell', track: Track) -> Replay:
    ends = np.arange(track.told_s[0], track.told_s[-1], cell.cycle_s)
    told = _at(ends, track.told_s, track.told)
    speeds = np.gradient(told, cell.cycle_s, axis=0)
    cell.place_arm(told[0])
    reached = []
    for end_s, position, speed in zip(ends, told, speeds, strict=True):
        cell.stream(Command(float(end_s) - cell.cycle_s, cell.spec.names, position, speed))
        cell.advance()
        reached.append(cell.read().position[:-1])
    kept = (ends >= track.told_s[0] + SETTLE_S) & (ends <= track.seen_s[-1])
    seen = _at(ends, track.seen_s, track.seen)[:, :-1]
    return Replay(ends[kept], (seen - np.stack(reached))[kept])


def _at(times: Array, known_s: Array, rows: Array) -> Array:
    return np.stack([np.interp(times, known_s, column) for column in rows.T], axis=1)
