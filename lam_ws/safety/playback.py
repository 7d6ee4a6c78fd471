"""An action chunk as a path in time that the arm can really follow.

A chunk and the motion commanded last enter; a `Path` leaves that starts at that motion, passes
the chunk's waypoints at their times, and ends at rest in its last one. So chunks may change at
any moment, in mid-motion, without a jump. Where the waypoints ask for more speed or
acceleration than the site allows, the path is played more slowly instead of being cut short,
and where they leave the workspace it ends before.
"""
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
import math

from lam_ws.safety.bound import Bound
from lam_ws.safety.braking import SLACK
from lam_ws.safety.limiter import Limiter, Motion, Reference, References
from lam_ws.safety.singularity import share, WELL
from lam_ws.types import ActionChunk, Array
import numpy as np

BLEND_S = 0.05     # s: a waypoint nearer than this is skipped, the one after it is aimed at
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
        cycles: What to be at, one reference a control cycle from `times[0]` on.
        cycle_s: Their distance, s.
    """

    times: Sequence[float]
    pieces: Array
    end: Array
    bounds: Sequence[Bound | None]
    deadline_s: float
    cycles: References
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
              deadline_s: float, pace: float = 1.0) -> Path | None:
    """Return the path that follows `chunk` from `motion` on, None if nothing of it is left.

    With a `pace` below 1 the chunk's own time passes as much more slowly.
    """
    ahead = [chunk.stamp_s + time - now_s for time in chunk.times.tolist()]
    first = bisect_left(ahead, BLEND_S)
    if first == len(ahead):
        if ahead[-1] <= 0.0:
            return None
        first -= 1
    asked = chunk.position[first:]
    bounds = _out_of_range(limiter, asked)
    # A gap of less than a cycle would only ask for infinite speed.
    gaps = [max(after - before, limiter.cycle_s) / pace
            for before, after in pairwise([0.0, *ahead[first:]])]
    knots = np.empty((len(asked) + 1, limiter.split + 1))
    knots[0] = motion.position
    np.minimum(np.maximum(asked, limiter.lower), limiter.upper, out=knots[1:])
    places = [motion.place]
    for knot in knots[1:].tolist():   # only inside or outside matters
        places.append(limiter.workspace.place(knot, places[-1]))
    for i, place in enumerate(places[1:]):
        if place.clearance < 0.0:  # stay where the path was inside for the last time
            knots[i + 1:], places[i + 1:] = knots[i], [places[i]] * (len(places) - i - 1)
            bounds[i:] = [place.bound] * (len(bounds) - i)
            break
    tool = [math.dist(a.tcp, b.tcp) for a, b in pairwise(places)]
    velocity = np.array(motion.velocity)
    near = limiter.conditioning.near(knots[:, :limiter.split])
    gaps = _slow_down(limiter, knots, gaps, velocity, (tool, list(map(min, pairwise(near)))),
                      bounds)
    end = np.zeros((3, knots.shape[1]))
    end[0] = knots[-1]
    times, pieces = [0.0, *accumulate(gaps)], _pieces(knots, np.array(gaps), velocity)
    cycles = limiter.references(_samples(
        np.array(times), pieces, end, min(deadline_s - now_s, times[-1]), limiter.cycle_s))
    return Path([now_s + time for time in times], pieces, end, bounds, deadline_s, cycles,
                limiter.cycle_s)


def _samples(times: Array, pieces: Array, end: Array, last_s: float, cycle_s: float) -> Array:
    """Return [k, 3, n] samples one cycle apart up to `last_s`, and two at rest at the end."""
    t = cycle_s * np.arange(math.floor(last_s / cycle_s) + 1)
    i = times[1:-1].searchsorted(t, 'right')
    t -= times[i]
    powers = np.zeros((len(t), 3, 4))
    powers[:, 0, 0] = powers[:, 1, 1] = 1.0
    powers[:, 0, 1] = t
    powers[:, 0, 2] = square = t * t
    powers[:, 0, 3] = square * t
    powers[:, 1, 2] = twice = 2.0 * t
    powers[:, 1, 3] = 3.0 * square
    powers[:, 2, 2] = 2.0
    powers[:, 2, 3] = 3.0 * twice
    samples = np.empty((len(t) + 2, *end.shape))
    np.matmul(powers, pieces[i], out=samples[:-2])
    samples[-2:] = end
    return samples


def _out_of_range(limiter: Limiter, asked: Array) -> list[Bound | None]:
    """Return the joint limit that each of the waypoints [m, n] breaks, None for none."""
    limits, names = limiter.config.spec.limits, limiter.config.spec.names
    excess = np.maximum(limits.lower - asked, asked - limits.upper)
    bounds: list[Bound | None] = [None] * len(asked)
    if excess.max() <= SLACK:
        return bounds
    for i in np.flatnonzero(excess.max(1) > SLACK):
        j, position = int(excess[i].argmax()), asked[i]
        edge = limits.lower if position[j] < limits.lower[j] else limits.upper
        bounds[i] = Bound('position', float(position[j]), float(edge[j]), names[j])
    return bounds


def _slow_down(limiter: Limiter, knots: Array, gaps: list[float], velocity: Array,
               space: tuple[list[float], list[float]],
               bounds: list[Bound | None]) -> list[float]:
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
        space: [m - 1] m between the knots' tool centre points, and [m - 1] the smaller of both
            knots' smallest singular values.
        bounds: [m - 1] entries without a bound get the one that stretched the gap.
    """
    arm = slice(0, limiter.split)
    top, most, fastest = limiter.top, limiter.most, limiter.fastest
    ways, (tool, near) = knots[1:, arm] - knots[:-1, arm], space
    speeds = ((np.abs(ways) / top).max(1) / np.array(list(map(share, near)))).tolist()
    least = [max(speed, way / fastest) for speed, way in zip(speeds, tool, strict=True)]  # s
    # Mean velocities in shares of `most`, between that of the start and rest at the end.
    levels, ways_of_most = np.zeros((len(gaps) + 2, limiter.split)), ways / most
    levels[0] = velocity[arm] / most
    for _ in range(PASSES):
        levels[1:-1] = ways_of_most / np.array(gaps)[:, None]
        changes = np.abs(levels[1:] - levels[:-1])
        between = [0.5 * (before + after) for before, after in pairwise([0.0, *gaps, 0.0])]
        kinks = [change / s for change, s in zip(changes.max(1).tolist(), between, strict=True)]
        asked = [*kinks[:-1], 0.0]  # to come to rest is the guard's wish, not the policy's
        speeds = [s / gap for s, gap in zip(least, gaps, strict=True)]
        for i, speed in enumerate(speeds):
            if bounds[i] is None and max(speed, asked[i], asked[i + 1]) > NOTICEABLE:
                k = i + int(asked[i + 1] > asked[i])
                bounds[i] = _slowed(limiter, (np.abs(ways[i]) / gaps[i], top), (
                    changes[k] * (asked[k] > 0.0) / between[k] * most, most),
                    (tool[i] / gaps[i], fastest), near[i])
        factors = [max(speed, math.sqrt(max(kink)))
                   for speed, kink in zip(speeds, pairwise(kinks), strict=True)]
        if max(factors) <= 1.0:
            break
        gaps = [gap * max(factor, 1.0) for gap, factor in zip(gaps, factors, strict=True)]
    return gaps


def _slowed(limiter: Limiter, speed: tuple[Array, Array], change: tuple[Array, Array],
            tool: tuple[float, float], near: float) -> Bound:
    """Return the bound that most slows a gap down, of (found, allowed).

    Joints that are too fast for where the arm is, and not for the arm, are a 'singularity'; its
    values are the smallest singular value and the one from which on all speeds are allowed.
    """
    names = limiter.config.spec.names
    worst = Bound('tool_speed', float(tool[0]), float(tool[1]), 'tcp')
    excess = tool[0] / tool[1]
    left = share(near)
    for name, (found, allowed) in (('velocity', (speed[0], left * speed[1])),
                                   ('acceleration', change)):
        i = int((found / allowed).argmax())
        if found[i] / allowed[i] > excess:
            worst, excess = Bound(name, float(found[i]), float(allowed[i]), names[i]), \
                found[i] / allowed[i]
    if worst.name == 'velocity' and left < 1.0:
        return Bound('singularity', near, WELL, 'tcp')
    return worst


def _slopes(knots: Array, gaps: Array, velocity: Array) -> tuple[Array, Array]:
    """Return [m - 1, n] mean velocity of each piece and [m, n] velocity in each knot.

    Central differences, limited so that no piece overshoots its knots (Fritsch and Carlson,
    "Monotone piecewise cubic interpolation", SIAM J. Numer. Anal. 17, 1980): a policy that
    dwells before it grasps must not be carried past by its own speed.
    """
    h = gaps[:, None]
    s = (knots[1:] - knots[:-1]) / h
    before, after, steep = s[:-1], s[1:], 3.0 * np.abs(s)
    least = np.minimum(steep[:-1], steep[1:]) * (before * after > 0.0)
    inner = (h[1:] * before + h[:-1] * after) / (h[1:] + h[:-1])
    slopes = np.zeros(knots.shape)  # at rest in the last knot
    slopes[0] = velocity
    np.minimum(np.maximum(inner, -least), least, out=slopes[1:-1])
    return s, slopes


def _pieces(knots: Array, gaps: Array, velocity: Array) -> Array:
    """Return the [m - 1, 4, n] coefficients of the cubic Hermite pieces."""
    s, slopes = _slopes(knots, gaps, velocity)
    h, m0, m1 = gaps[:, None], slopes[:-1], slopes[1:]
    pieces = np.empty((len(gaps), 4, knots.shape[1]))
    pieces[:, 0], pieces[:, 1] = knots[:-1], m0
    pieces[:, 2] = (3.0 * s - 2.0 * m0 - m1) / h
    pieces[:, 3] = (m0 + m1 - 2.0 * s) / (h * h)
    return pieces
