"""The arm as capsules, and how far they are from each other and from the boxes they stay out of.

Points in space enter: the origins of the joint frames, the TCP and the ends of the palm. The
smallest gap (m) leaves, and what it is between. Each link is a capsule around the line from its
joint's frame to the next, the tool one from the last frame to the TCP, the palm one across it.

No gap changes by more than `Workspace.apart`: to a box, as no point moves further; between two
links, as seen from the first one the second moves by what the joints between them do, and those
are some of all.
"""
from collections.abc import Sequence
from functools import lru_cache
import math
from typing import NamedTuple

from lam_ws.keep_out import KeepOut
from lam_ws.robot import ArmSpec
from lam_ws.safety.distances import between_lines, Point, to_box
from lam_ws.safety.kinematics import Kinematics
from lam_ws.safety.meeting import Link, meeting_pairs, Pair, SELF_MARGIN
from lam_ws.safety.safety import Bound
import numpy as np


class _Shape(NamedTuple):
    """An arm as capsules, the pairs that may meet, and whether each point moves at all."""

    links: tuple[Link, ...]
    pairs: tuple[Pair, ...]
    moving: tuple[bool, ...]


class _Zone(NamedTuple):
    """A box, and the numbers of the links that it concerns."""

    name: str
    lower: Point
    upper: Point
    links: tuple[int, ...]


class Bodies:
    """The capsules of one arm and what they stay away from.

    Args:
        spec: The arm.
        keep_out: The boxes; they do not concern a link that cannot move.
    """

    def __init__(self, spec: ArmSpec, keep_out: Sequence[KeepOut]):
        self.links, self.pairs, self.moving = _shape(spec)
        concerned = tuple(i for i, link in enumerate(self.links)
                          if self.moving[link.start] or self.moving[link.end])
        self.zones = tuple(_Zone(zone.name, _point(zone.lower.tolist()),
                                 _point(zone.upper.tolist()), concerned)
                           for zone in keep_out)

    def nearest(self, points: Sequence[Point], least: float) -> tuple[float, Bound | None]:
        """Return the smallest gap below `least`, m, with its bound; else `least` and None.

        A gap is what is left beyond what is demanded: negative where too near.

        Args:
            points: [n - 1] origins of the joint frames, the TCP, both ends of the palm, m.
            least: The smallest gap that is known of otherwise, m.
        """
        found: tuple[Pair | _Zone, int] | None = None
        middles: list[Point] = []
        for start, end, _, _, _, _ in self.links:
            (x, y, z), (u, v, w) = points[start], points[end]
            middles.append((0.5 * (x + u), 0.5 * (y + v), 0.5 * (z + w)))
        for pair in self.pairs:
            i, j, apart, halves = pair
            if math.dist(middles[i], middles[j]) - halves - apart < least:
                one, other = self.links[i], self.links[j]
                gap = between_lines(points[one.start], points[one.end],
                                    points[other.start], points[other.end]) - apart
                if gap < least:
                    least, found = gap, (pair, 0)
        for zone in self.zones:
            _, (x0, y0, z0), (x1, y1, z1), links = zone
            for i in links:
                start, end, radius, half, _, _ = self.links[i]
                x, y, z = middles[i]
                if math.hypot(max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1),
                              max(z0 - z, 0.0, z - z1)) - half - radius < least:
                    gap = to_box(points[start], points[end], zone.lower, zone.upper) - radius
                    if gap < least:
                        least, found = gap, (zone, i)
        return least, None if found is None else self._bound(least, *found)

    def _bound(self, gap: float, what: Pair | _Zone, link: int) -> Bound:
        """Return the bound that a gap belongs to, with the distance between surfaces."""
        if isinstance(what, _Zone):
            return Bound('keep_out', gap, 0.0, f'{what.name}, {self.links[link].name}')
        return Bound('self_distance', gap + SELF_MARGIN, SELF_MARGIN,
                     f'{self.links[what.first].name}, {self.links[what.second].name}')


@lru_cache(maxsize=16)
def _shape(spec: ArmSpec) -> _Shape:
    """Return what is the same at every site of an arm."""
    kinematics, tool, count = Kinematics(spec), spec.tool, len(spec.dh)
    rng = np.random.default_rng(0)
    poses = [kinematics.points(rng.uniform(-1.0, 1.0, count).tolist()) for _ in range(4)]
    halves = [0.5 * math.dist(poses[0][i], poses[0][i + 1]) for i in range(count)]
    links = [Link(i, i + 1, spec.link_radius[i], halves[i], spec.names[i], i)
             for i in range(count)]
    # The last link carries the tool: the larger of both radii holds for it.
    links[-1] = links[-1]._replace(radius=max(spec.link_radius[-1], tool.radius), name='tool')
    links.append(Link(count + 1, count + 2, tool.palm_radius, tool.palm_half, 'palm', count - 1))
    # A link of no length is covered by the ends of its neighbours; the tool stands for itself.
    links = [link for link in links if link.half > 1e-6 or link.name == 'tool']
    limits = spec.limits
    pairs = meeting_pairs(links, kinematics.points, limits.lower[:-1].tolist(),
                          limits.upper[:-1].tolist())
    moving = np.ptp(poses, axis=0).max(1) > 1e-6
    return _Shape(tuple(links), pairs, tuple(moving.tolist()))


def _point(values: Sequence[float]) -> Point:
    x, y, z = values
    return x, y, z
