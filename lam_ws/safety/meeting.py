"""Which links of an arm can meet at all.

The capsules of an arm, its kinematics and its joint limits enter; the pairs that have to be
watched leave. A wrist holds its neighbours at a constant, small distance: such a pair would be
the nearest all the time, and hide what matters, though nothing can ever bring it nearer.
"""
from collections.abc import Callable, Sequence
import math
from typing import NamedTuple

from lam_ws.safety.distances import between_lines, Point

SELF_MARGIN = 0.01   # m, kept between links, for what a drive that lags adds to them
LOOKS = 4000         # poses looked at before a pair is taken for one that may meet
FREE = 2             # joints between two links at most, for a proof that they cannot


class Link(NamedTuple):
    """A capsule between two points by number, its radius m, half its length m, its place."""

    start: int
    end: int
    radius: float
    half: float
    name: str
    order: int   # in the chain


class Pair(NamedTuple):
    """Two links by number, m that their centre lines keep apart, and half of both lengths."""

    first: int
    second: int
    apart: float
    halves: float


def meeting_pairs(links: Sequence[Link], points: Callable[[Sequence[float]], Sequence[Point]],
            lower: Sequence[float], upper: Sequence[float]) -> tuple[Pair, ...]:
    """Return the pairs of links that may come too near each other.

    Two links can only meet if enough of the arm lies between them to bend back: pairs that
    their radii would make meet across a short link in between are left to the joint limits.

    Args:
        links: The capsules, in the order of the chain.
        points: Gives the numbered points of a configuration [n - 1] rad, m.
        lower: [n - 1] rad, smallest joint angles.
        upper: [n - 1] rad, largest.
    """
    pose = points([0.0] * len(lower))
    lengths = [math.dist(pose[i], pose[i + 1]) for i in range(len(lower))]
    found = []
    for i, one in enumerate(links):
        for j in range(i + 1, len(links)):
            other = links[j]
            pair = Pair(i, j, one.radius + other.radius + SELF_MARGIN, one.half + other.half)
            if sum(lengths[one.order + 1:other.order]) > pair.apart and not (
                    other.order - one.order <= FREE
                    and _apart(one, other, pair.apart, points, lower, upper)):
                found.append(pair)
    return tuple(found)


def _apart(one: Link, other: Link, apart: float,
           points: Callable[[Sequence[float]], Sequence[Point]], lower: Sequence[float],
           upper: Sequence[float]) -> bool:
    """Return whether it is proven that two links never come as near as `apart`.

    Only the joints from behind the first link up to the second one matter. A box of their
    angles is done with when the gap in its middle is more than anything in it can move; else it
    is halved.
    """
    joints = range(one.order + 1, other.order + 1)
    q, turned, ends = [0.0] * len(lower), [0.0] * len(lower), (other.start, other.end)
    turned[other.order] = math.pi
    pose, half_turn = points(q), points(turned)
    far = max(math.dist(pose[other.order], pose[i]) for i in ends)
    reach = [sum(math.dist(pose[i], pose[i + 1]) for i in range(k, other.order)) + far
             for k in joints]
    # The last of them does not move what lies on its axis.
    reach[-1] = 0.5 * max(math.dist(pose[i], half_turn[i]) for i in ends) + 1e-9
    boxes = [([0.5 * (lower[k] + upper[k]) for k in joints],
              [min(0.5 * (upper[k] - lower[k]), math.pi) for k in joints])]
    for _ in range(LOOKS):
        if not boxes:
            return True
        middle, half = boxes.pop()
        q[joints.start:joints.stop] = middle
        pose = points(q)
        gap = between_lines(pose[one.start], pose[one.end], pose[other.start],
                            pose[other.end]) - apart
        moves = [h * r for h, r in zip(half, reach, strict=True)]
        if gap <= 0.0:
            return False
        if gap < sum(moves):
            k = moves.index(max(moves))
            half[k] *= 0.5
            for side in (-half[k], half[k]):
                boxes.append(([m + side * (i == k) for i, m in enumerate(middle)], [*half]))
    return False
