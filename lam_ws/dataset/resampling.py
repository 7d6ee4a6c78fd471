"""From streams that each have their own rate to frames at one: stamps enter, picks leave.

Frames stand on a regular grid. A frame shows the picture whose stamp is nearest, its state is
interpolated between the two messages around it, its action is the target that was commanded for
one period later. What is missing is said by name and time: a picture is shown twice only as often
as the caller allows, and how often is counted.
"""
from dataclasses import dataclass

from lam_ws.errors import RecordingError
from lam_ws.types import Array
import numpy as np
from numpy.typing import NDArray

JUMP_S = 0.05       # s that a stamp may lie before the one before it; further back is a new clock
GAP_S = 0.1         # s between two messages of joints over which a state is still interpolated
TIE_S = 1e-6        # s that distances may differ by rounding


@dataclass(frozen=True)
class Tolerance:
    """What a frame may lack.

    Attributes:
        late: Largest distance of a picture's stamp from its frame, in periods; half a period is
            the least at which every picture of a steady camera finds its frame.
        repeats: Largest share of frames that show the picture of the frame before.
        gap_s: Largest time between two states that is interpolated over, s.
    """

    late: float = 0.5
    repeats: float = 0.02
    gap_s: float = GAP_S


@dataclass(frozen=True)
class Picks:
    """Which pictures a camera's frames show.

    Attributes:
        numbers: [T] number of the picture, never falling.
        repeated: Frames that show the picture of the frame before.
        late_s: Largest distance of a picture's stamp from its frame, s.
        unused: Pictures between the first and the last frame that no frame shows.
    """

    numbers: NDArray[np.int64]
    repeated: int
    late_s: float
    unused: int


def steady(stamps: Array) -> NDArray[np.int64]:
    """Return the numbers of the messages that count, in the order of their stamps.

    Where the clock jumped back (a cell was reset), what was before belongs to another episode. Of
    messages with one stamp the last counts: a reset at the very beginning shows only so.
    """
    jumps = np.flatnonzero(np.diff(stamps) < -JUMP_S)
    first = int(jumps[-1]) + 1 if len(jumps) else 0
    order = first + np.argsort(stamps[first:], kind='stable')
    return order[np.append(np.diff(stamps[order]) > 0.0, True)]


def rate_of(stamps: Array) -> float:
    """Return the rate of a stream, Hz: the middle of its distances, whatever the gaps."""
    steps = np.diff(stamps)
    steps = steps[steps > 0]
    return float(1.0 / np.median(steps)) if len(steps) else 0.0


def grid(first: float, last: float, fps: int) -> Array:
    """Return the times [T] s of the frames from `first` to at most `last`."""
    return first + np.arange(int(np.floor((last - first) * fps + 1e-6)) + 1) / fps


def nearest_pictures(camera: str, stamps: Array, times: Array, fps: int,
                     tolerance: Tolerance) -> Picks:
    """Return which picture of rising `stamps` [M] each frame at `times` [T] shows.

    Raises:
        RecordingError: A frame has no picture near enough, or too many show one twice.
    """
    after = np.clip(np.searchsorted(stamps, times), 1, max(len(stamps) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(stamps) - 1)
    # Between two that are equally near the earlier counts: the later was not seen yet.
    numbers = np.where(times - stamps[before] <= stamps[after] - times + TIE_S, before, after)
    numbers = np.maximum.accumulate(numbers)
    late = np.abs(stamps[numbers] - times)
    allowed_s = tolerance.late / fps
    repeated = np.concatenate([[False], np.diff(numbers) == 0])
    # A frame that repeats may be late by the period it waited; any other may not.
    lost = late > np.where(repeated, 1.0 / fps + allowed_s, allowed_s) + 1e-6
    if lost.any():
        worst = int(np.argmax(lost))
        raise RecordingError(
            f'camera {camera}: no picture within {allowed_s * 1e3:.0f} ms of the frame at '
            f'{times[worst] - times[0]:.2f} s, the nearest is {late[worst] * 1e3:.0f} ms away '
            f'({lost.sum()} such frames of {len(times)})')
    if repeated.sum() > tolerance.repeats * len(times):
        raise RecordingError(
            f'camera {camera}: {repeated.sum()} of {len(times)} frames at {fps} Hz would show a '
            f'picture twice, the first at {times[np.argmax(repeated)] - times[0]:.2f} s; it came '
            f'{rate_of(stamps):.1f} times a second: choose a lower --fps, or allow it with '
            '--repeats')
    unused = int(numbers[-1] - numbers[0] + 1 - len(np.unique(numbers)))
    return Picks(numbers, int(repeated.sum()), float(late.max()), unused)


def states(what: str, stamps: Array, values: Array, times: Array,
           tolerance: Tolerance) -> Array:
    """Return the measured `values` [M, n] at `times` [T], interpolated: [T, n].

    Raises:
        RecordingError: A time lies in a gap of the stream.
    """
    after = np.clip(np.searchsorted(stamps, times), 1, len(stamps) - 1)
    wide = stamps[after] - stamps[after - 1]
    outside = (times < stamps[0] - 1e-6) | (times > stamps[-1] + 1e-6)
    lost = (wide > tolerance.gap_s) | outside
    if lost.any():
        worst = int(np.argmax(lost))
        raise RecordingError(
            f'{what}: a gap of {wide[worst] * 1e3:.0f} ms at {times[worst] - times[0]:.2f} s, '
            f'more than {tolerance.gap_s * 1e3:.0f} ms are not interpolated over')
    return _between(stamps, values, times)


def targets(stamps: Array, values: Array, times: Array, fps: int) -> Array:
    """Return what was commanded for one period after each of `times` [T]: [T, n].

    Between two targets it is interpolated. Where none came for a while the arm keeps the last:
    that is what a target means, so nothing is refused.
    """
    later = times + 1.0 / fps
    held = np.concatenate([np.diff(stamps) > GAP_S, [True]])
    before = np.clip(np.searchsorted(stamps, later, 'right') - 1, 0, len(stamps) - 1)
    return np.where(held[before][:, None], values[before], _between(stamps, values, later))


def _between(stamps: Array, values: Array, times: Array) -> Array:
    return np.stack([np.interp(times, stamps, column) for column in values.T], axis=1)
