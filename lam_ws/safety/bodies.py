"""The arm as capsules, and how far they are from each other and from the boxes they stay out of.

Points in space enter: the origins of the joint frames, the TCP and the ends of the palm. Gaps (m)
leave, and what they are between. Each link is a capsule around the line from its
joint's frame to the next, the tool one from the last frame to the TCP, the palm one across it.

No gap changes by more than the points of its links move, one against the other: what
`Workspace.moves` bounds.
"""
from collections.abc import Sequence
from functools import lru_cache
import math
from typing import NamedTuple

from lam_ws.keep_out import KeepOut
from lam_ws.robot import ArmSpec
from lam_ws.safety.bound import Bound
from lam_ws.safety.distances import between_lines, Point, to_box
from lam_ws.safety.kinematics import Kinematics
from lam_ws.safety.meeting import Link, meeting_pairs, Pair, SELF_MARGIN
import numpy as np


class _Shape(NamedTuple):
    """An arm as capsules, the pairs that may meet, and whether each point moves at all."""

    links: tuple[Link, ...]
    pairs: tuple[Pair, ...]
    moving: tuple[bool, ...]


class Bodies:
    """The capsules of one arm and what they stay away from.

    A gap is what is left beyond what is demanded: negative where too near. They are numbered:
    the pairs of links first, then each box with each link that can move. What cannot move has
    nothing to do with a box.

    Args:
        spec: The arm.
        keep_out: The boxes.
    """

    def __init__(self, spec: ArmSpec, keep_out: Sequence[KeepOut]):
        self.links, self.pairs, self.moving = _shape(spec)
        self.boxes = tuple((zone.name, _point(zone.lower.tolist()), _point(zone.upper.tolist()),
                            link) for zone in keep_out for link in self.links
                           if self.moving[link.start] or self.moving[link.end])
        # From and up to which joint those stand that change a gap.
        self.spans = (*((self.links[i].order + 1, self.links[j].order + 1)
                        for i, j, _, _ in self.pairs),
                      *((0, link.order + 1) for _, _, _, link in self.boxes))
        self.count, self.none = len(self.spans), (0.0,) * len(self.spans)

    def gap(self, number: int, points: Sequence[Point], enough: float = math.inf) -> float:
        """Return one gap, m; if it is `enough`, perhaps less than it is, but still enough.

        Links that are far from each other are told so by the balls around them.

        Args:
            number: Which.
            points: [n - 1] origins of the joint frames, the TCP, both ends of the palm, m.
            enough: m, from which on it does not matter how much there is.
        """
        if number < len(self.pairs):
            i, j, apart, halves = self.pairs[number]
            one, other = self.links[i], self.links[j]
            a, b, c, d = points[one.start], points[one.end], points[other.start], \
                points[other.end]
            rough = 0.5 * math.hypot(a[0] + b[0] - c[0] - d[0], a[1] + b[1] - c[1] - d[1],
                                     a[2] + b[2] - c[2] - d[2]) - halves - apart
            return rough if rough >= enough else between_lines(a, b, c, d) - apart
        _, lower, upper, link = self.boxes[number - len(self.pairs)]
        return to_box(points[link.start], points[link.end], lower, upper) - link.radius

    def bound(self, number: int, gap: float) -> Bound:
        """Return the bound that a gap of that number belongs to, with the distance found."""
        if number < len(self.pairs):
            i, j, _, _ = self.pairs[number]
            return Bound('self_distance', gap + SELF_MARGIN, SELF_MARGIN,
                         f'{self.links[i].name}, {self.links[j].name}')
        zone, _, _, link = self.boxes[number - len(self.pairs)]
        return Bound('keep_out', gap, 0.0, f'{zone}, {link.name}')


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
