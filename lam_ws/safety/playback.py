"""An action chunk as a path in time that the arm can really follow.

A chunk and the motion commanded last enter; a `Path` leaves that starts at that motion, passes
the chunk's waypoints at their times, and ends at rest in its last one. So chunks may change at
any moment, in mid-motion, without a jump. Where the waypoints ask for more speed or
acceleration than the site allows, the path is played more slowly instead of being cut short,
and where they leave the workspace it ends before.
"""
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import math

from lam_ws.safety.braking import SLACK
from lam_ws.safety.limiter import Limiter, Motion, Reference
from lam_ws.safety.safety import Bound
from lam_ws.types import ActionChunk, Array
import numpy as np

BLEND_S = 0.05     # s: a waypoint nearer than this is skipped, the one after it is aimed at
SHARE = 0.95       # of a limit that the path uses; the rest is for catching up
PASSES = 4         # rounds of slowing down; each changes the neighbours' speeds a little
NOTICEABLE = 1.02  # slowing down by less is not reported


@dataclass(frozen=True, eq=False)
class Path:
    """Cubic pieces through knots.

    Attributes:
        times: [m] s on the clock of the run, strictly increasing.
        pieces: [m - 1, 4, n] coefficients of 1, t, t^2, t^3 with t from the piece's start.
        end: [3, n] position, velocity and acceleration at rest after the last knot.
        bounds: [m - 1] the bound that slowed the piece down or ended the path, or None.
        deadline_s: When the chunk is dead, s.
        cycles: [k] what to be at, one reference a control cycle from `times[0]` on.
        cycle_s: Their distance, s.
    """

    times: Sequence[float]
    pieces: Array
    end: Array
    bounds: Sequence[Bound | None]
    deadline_s: float
    cycles: Sequence[Reference]
    cycle_s: float

    def reference(self, cursor: int, now_s: float) -> tuple[int, Reference, Bound | None]:
        """Return the cursor, the reference at `now_s` and the bound at work there.

        The cursor goes on by one reference a call, whatever the jitter of the calls, and is set
        right when it is more than a cycle off: a smooth command is worth more than a
        millisecond of truth about when a late call was late.

        Args:
            cursor: The one returned last, 0 at the start of the path.
            now_s: Time of the wanted reference, s.
        """
        exact = (now_s - self.times[0]) / self.cycle_s
        cursor += 1
        if abs(cursor - exact) > 1.0 + 1e-6:
            cursor = round(exact)
        piece = min(bisect_right(self.times, now_s) - 1, len(self.bounds) - 1)
        return cursor, self.cycles[min(max(cursor, 0), len(self.cycles) - 1)], \
            self.bounds[max(piece, 0)]

    def sample(self, now_s: float) -> tuple[Array, Bound | None]:
        """Return [3, n] position, velocity, acceleration at `now_s`, and the bound at work."""
        i = bisect_right(self.times, now_s) - 1
        if i >= len(self.pieces):
            return self.end, self.bounds[-1]
        t = max(now_s - self.times[max(i, 0)], 0.0)
        powers = np.array([[1.0, t, t * t, t * t * t], [0.0, 1.0, 2.0 * t, 3.0 * t * t],
                           [0.0, 0.0, 2.0, 6.0 * t]])
        return powers @ self.pieces[max(i, 0)], self.bounds[max(i, 0)]


def plan_path(limiter: Limiter, motion: Motion, chunk: ActionChunk, now_s: float,
              deadline_s: float) -> Path | None:
    """Return the path that follows `chunk` from `motion` on, None if nothing of it is left."""
    ahead = chunk.stamp_s + chunk.times - now_s
    keep = ahead >= BLEND_S
    if not keep.any():
        if ahead[-1] <= 0.0:
            return None
        keep[-1] = True
    asked = chunk.position[keep]
    knots = np.concatenate([[motion.position],
                            np.clip(asked, limiter.lower, limiter.upper)])
    bounds = [_out_of_range(limiter, position) for position in asked]
    # A gap of less than a cycle would only ask for infinite speed.
    gaps = np.maximum(np.diff(ahead[keep], prepend=0.0), limiter.cycle_s)
    places = [motion.place, *map(limiter.workspace.place, knots[1:].tolist())]
    for i, place in enumerate(places[1:]):
        if place.clearance < 0.0:  # stay where the path was inside for the last time
            knots[i + 1:], places[i + 1:] = knots[i], [places[i]] * (len(places) - i - 1)
            bounds[i:] = [place.bound] * (len(bounds) - i)
            break
    tool = np.array([math.dist(a.tcp, b.tcp) for a, b in pairwise(places)])
    velocity = np.array(motion.velocity)
    gaps = _slow_down(limiter, knots, gaps, velocity, tool, bounds)
    end = np.zeros((3, knots.shape[1]))
    end[0] = knots[-1]
    times, pieces = np.append(0.0, np.cumsum(gaps)), _pieces(knots, gaps, velocity)
    cycles = limiter.references(_samples(
        times, pieces, end, min(deadline_s - now_s, times[-1]), limiter.cycle_s))
    return Path((now_s + times).tolist(), pieces, end, bounds, deadline_s, cycles,
                limiter.cycle_s)


def _samples(times: Array, pieces: Array, end: Array, last_s: float, cycle_s: float) -> Array:
    """Return [k, 3, n] samples one cycle apart up to `last_s`, and two at rest at the end."""
    t = cycle_s * np.arange(math.floor(last_s / cycle_s) + 1)
    i = np.minimum(np.searchsorted(times, t, 'right') - 1, len(pieces) - 1)
    t = t - times[i]
    powers = np.zeros((len(t), 3, 4))
    powers[:, 0] = np.stack([np.ones_like(t), t, t ** 2, t ** 3], 1)
    powers[:, 1, 1:] = np.stack([np.ones_like(t), 2.0 * t, 3.0 * t ** 2], 1)
    powers[:, 2, 2:] = np.stack([2.0 * np.ones_like(t), 6.0 * t], 1)
    return np.concatenate([powers @ pieces[i], [end, end]])


def _out_of_range(limiter: Limiter, position: Array) -> Bound | None:
    """Return the joint limit that a waypoint breaks, None if it breaks none."""
    limits, names = limiter.config.spec.limits, limiter.config.spec.names
    excess = np.maximum(limits.lower - position, position - limits.upper)
    j = int(excess.argmax())
    if excess[j] <= SLACK:
        return None
    edge = limits.lower if position[j] < limits.lower[j] else limits.upper
    return Bound('position', float(position[j]), float(edge[j]), names[j])


def _slow_down(limiter: Limiter, knots: Array, gaps: Array, velocity: Array, tool: Array,
               bounds: list[Bound | None]) -> Array:
    """Return the gaps stretched until speed, acceleration and tool speed hold.

    Judged on what no motion through the knots could avoid: mean speeds, and their change from
    the middle of one gap to the middle of the next. What a cubic piece asks beyond that is
    left to the follower, or every soft start would be played in slow motion. The gripper does
    not slow the arm down: it is left behind and catches up.

    Args:
        limiter: The limits.
        knots: [m, n] positions.
        gaps: [m - 1] s between them, as asked.
        velocity: [n] at the first knot.
        tool: [m - 1] m between the knots' tool centre points.
        bounds: [m - 1] entries without a bound get the one that stretched the gap.
    """
    arm = slice(0, limiter.split)
    top, most = SHARE * limiter.cruise[arm], SHARE * limiter.acceleration[arm]
    fastest = SHARE * limiter.workspace.tool_speed
    ways = np.diff(knots[:, arm], axis=0)
    ends = np.array([velocity[arm], np.zeros(limiter.split)])
    for _ in range(PASSES):
        means = ways / gaps[:, None]
        speeds, tools = np.abs(means), tool / gaps
        between = 0.5 * (np.append(gaps, 0.0) + np.append(0.0, gaps))
        changes = np.abs(np.diff(np.vstack([ends[:1], means, ends[1:]]), axis=0)
                         ) / between[:, None]
        kinks = (changes / most).max(1)  # [m]
        asked = kinks.copy()
        asked[-1] = 0.0  # to come to rest at the end is the guard's wish, not the policy's
        for i in range(len(gaps)):
            if bounds[i] is None:
                k = i + int(asked[i + 1] > asked[i])
                bounds[i] = _slowed(limiter, (speeds[i], top), (changes[k] * (asked[k] > 0.0),
                                                                most), (tools[i], fastest))
        factors = np.max([(speeds / top).max(1), np.sqrt(np.maximum(kinks[:-1], kinks[1:])),
                          tools / fastest], axis=0)
        if (factors <= 1.0).all():
            break
        gaps = gaps * np.maximum(factors, 1.0)
    return gaps


def _slowed(limiter: Limiter, speed: tuple[Array, Array], change: tuple[Array, Array],
            tool: tuple[float, float]) -> Bound | None:
    """Return the bound that most slows a gap down, of (found, allowed); None if none does."""
    names = limiter.config.spec.names
    worst = Bound('tool_speed', float(tool[0]), float(tool[1]), 'tcp')
    excess = tool[0] / tool[1]
    for name, (found, allowed) in (('velocity', speed), ('acceleration', change)):
        i = int((found / allowed).argmax())
        if found[i] / allowed[i] > excess:
            worst, excess = Bound(name, float(found[i]), float(allowed[i]), names[i]), \
                found[i] / allowed[i]
    return worst if excess > NOTICEABLE else None


def _slopes(knots: Array, gaps: Array, velocity: Array) -> tuple[Array, Array, Array]:
    """Return [m - 1, n] mean velocity of each piece and its velocity at start and end.

    Central differences, limited so that no piece overshoots its knots (Fritsch and Carlson,
    "Monotone piecewise cubic interpolation", SIAM J. Numer. Anal. 17, 1980): a policy that
    dwells before it grasps must not be carried past by its own speed.
    """
    h = gaps[:, None]
    s = np.diff(knots, axis=0) / h
    inner = (h[1:] * s[:-1] + h[:-1] * s[1:]) / (h[1:] + h[:-1])
    least = np.where(s[:-1] * s[1:] > 0.0, 3.0 * np.minimum(np.abs(s[:-1]), np.abs(s[1:])), 0.0)
    inner = np.clip(inner, -least, least)
    return s, np.vstack([velocity, inner]), np.vstack([inner, np.zeros_like(velocity)])


def _pieces(knots: Array, gaps: Array, velocity: Array) -> Array:
    """Return the [m - 1, 4, n] coefficients of the cubic Hermite pieces."""
    s, m0, m1 = _slopes(knots, gaps, velocity)
    h = gaps[:, None]
    return np.stack([knots[:-1], m0, (3.0 * s - 2.0 * m0 - m1) / h,
                     (m0 + m1 - 2.0 * s) / h ** 2], axis=1)
