"""How an arm follows what it is told: tracks of recordings enter, delay and lags leave.

Each arm joint is taken for a delay, a first-order lag and a constant offset,

    y(t) = offset + x(t - delay),   time_constant * x' = u - x,

u the commanded position. Delay and lag are told apart only where a motion changes its speed
briskly; their sum, by how much a steady motion is late, is known well before. So one delay is
found for all joints together, which is what a controller has, and the sum of each joint is
judged: a joint that hardly moved is refused, never guessed.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lam_ws.errors import RecordingError
from lam_ws.identify.fitting import Fit, fit
from lam_ws.identify.resampling import intervals
from lam_ws.identify.response import measured, response, SETTLE_S
from lam_ws.identify.track import Track
from lam_ws.site_files import DriveSettings
from lam_ws.types import Array
import numpy as np

SPAN_RAD = 0.05        # that a joint has to be moved at least
UNSURE_S = 0.01        # half of the interval of delay and lag together, at most
ASTRAY_RAD = 0.02      # root mean square left over, at which the model is not the arm's


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class JointDrive:
    """What was found of one arm joint.

    Attributes:
        name: Joint name.
        delay_s, time_constant_s: s, found for this joint alone.
        late_s: s, the sum of the two.
        offset_rad: rad, by which it stands off its target at rest.
        span_rad: rad, from the smallest to the largest target.
        plain_rad: rad, root mean square of measured minus commanded.
        residual_rad: rad, the same of measured minus model.
        fault: Why nothing is concluded from it, '' if something is.
    """

    name: str
    delay_s: Estimate
    time_constant_s: Estimate
    late_s: Estimate
    offset_rad: float
    span_rad: float
    plain_rad: float
    residual_rad: float
    fault: str = ''


@dataclass(frozen=True)
class Identified:
    """What was found of one arm.

    Attributes:
        joints: Each by itself.
        delay_s: s, of all together; None while a joint is refused.
        time_constant_s: s, of each joint with that delay; () while a joint is refused.
        residual_rad: [n - 1] rad, root mean square left over with them.
        seconds: s of motion that were compared.
    """

    joints: tuple[JointDrive, ...]
    delay_s: Estimate | None
    time_constant_s: tuple[Estimate, ...]
    residual_rad: tuple[float, ...]
    seconds: float

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, joint by joint."""
        return tuple(f'{joint.name}: {joint.fault}' for joint in self.joints if joint.fault)

    def settings(self) -> DriveSettings | None:
        """Return them as a site has them, rounded to 0.1 ms; None while a joint is refused."""
        if self.delay_s is None:
            return None
        return DriveSettings(round(self.delay_s.value, 4),
                             tuple(round(lag.value, 4) for lag in self.time_constant_s))


def identify(tracks: Sequence[Track], seed: int = 0) -> Identified:
    """Return delay and lag of the arm that all tracks are of.

    Args:
        tracks: What it was told and did.
        seed: Of the resampling that gives the intervals.

    Raises:
        RecordingError: The tracks are of different joints, or none is long enough.
    """
    if len({track.names for track in tracks}) != 1:
        raise RecordingError('the recordings are of different joints')
    if all(track.seen_s[-1] < track.told_s[0] + SETTLE_S for track in tracks):
        raise RecordingError(f'no recording is longer than {SETTLE_S:g} s')
    names = tracks[0].names[:-1]
    alone = [fit(tracks, [joint]) for joint in range(len(names))]
    joints = tuple(_judged(_joint(name, tracks, number, found, seed))
                   for number, (name, found) in enumerate(zip(names, alone, strict=True)))
    seconds = sum(float(track.seen_s[-1] - track.told_s[0]) - SETTLE_S for track in tracks)
    if any(joint.fault for joint in joints):
        return Identified(joints, None, (), (), seconds)
    whole = fit(tracks, list(range(len(names))), alone)
    rows = intervals(whole, seed)
    estimates = [_estimate(value, column)
                 for value, column in zip(whole.values, rows.T, strict=True)]
    return Identified(joints, estimates[0], tuple(estimates[1:1 + len(names)]),
                      tuple(np.sqrt((whole.residual ** 2).mean(axis=0)).tolist()), seconds)


def _joint(name: str, tracks: Sequence[Track], number: int, found: Fit, seed: int) -> JointDrive:
    """Return what was found of one joint by itself."""
    rows = intervals(found, seed)
    delay_s, lag_s, offset = found.values.tolist()
    told = np.concatenate([track.told[:, number] for track in tracks])
    plain = np.concatenate([measured(track)[:, [number]]
                            - response(track, [number], 0.0, np.zeros(1)) for track in tracks])
    return JointDrive(
        name, _estimate(delay_s, rows[:, 0]), _estimate(lag_s, rows[:, 1]),
        _estimate(delay_s + lag_s, rows[:, 0] + rows[:, 1]), offset,
        float(np.ptp(told)), _rms(plain), _rms(found.residual))


def _judged(joint: JointDrive) -> JointDrive:
    """Return it with what forbids to conclude anything from it."""
    half_s = (joint.late_s.high - joint.late_s.low) / 2
    if joint.span_rad < SPAN_RAD:
        fault = f'was moved by {joint.span_rad:.3f} rad, at least {SPAN_RAD:g} is needed'
    elif joint.residual_rad > ASTRAY_RAD:
        fault = f'did not follow: {joint.residual_rad:.3f} rad are left over, at most ' \
                f'{ASTRAY_RAD:g} may be'
    elif half_s > UNSURE_S:
        fault = f'moved too evenly or too little: how late it is is known to ' \
                f'{1000 * half_s:.0f} ms, {1000 * UNSURE_S:.0f} are needed'
    else:
        return joint
    return replace(joint, fault=fault)


def _estimate(value: float, drawn: Array) -> Estimate:
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return Estimate(float(value), min(low, float(value)), max(high, float(value)))


def _rms(values: Array) -> float:
    return float(np.sqrt((values ** 2).mean()))
