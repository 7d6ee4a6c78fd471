"""Where the tool and the links are, and whether they stay where the site allows them.

Arm joints enter; the clearance (m) to workspace box, table, kept-out boxes and the arm itself
leaves, and with it the verdict on a whole braking path.
"""
from collections.abc import Sequence
import math
from operator import ge
from typing import NamedTuple

from lam_ws.safety.bodies import Bodies
from lam_ws.safety.bound import Bound
from lam_ws.safety.distances import Point
from lam_ws.safety.kinematics import Joints, Kinematics
from lam_ws.safety.safety import GuardConfig


class Place(NamedTuple):
    """The arm in space for one configuration.

    Attributes:
        tcp: (x, y, z) m in the base frame.
        clearance: m to the nearest bound at least; negative outside.
        bound: That bound, with the coordinate or distance measured and allowed.
        joints: The configuration, rad.
        inside: m to the nearest wall of the workspace or the table.
        wall: That bound.
        free: m that each gap of `Bodies` is at least.
    """

    tcp: Point
    clearance: float
    bound: Bound
    joints: Joints
    inside: float
    wall: Bound
    free: Sequence[float]


class Moves(NamedTuple):
    """How far two configurations are apart at most.

    Attributes:
        any: m, of any point.
        gaps: m, by which each gap of `Bodies` may differ.
    """

    any: float
    gaps: Sequence[float]


class Workspace:
    """The box for the TCP, the table plane for TCP and links, and what the links stay out of.

    A link is lowest at one of its ends, so the table asks for the origins of those joint frames
    that move, each above it by the radius of the links that meet there. The tool is there to
    touch things: of it only the TCP counts for the table.
    """

    def __init__(self, config: GuardConfig):
        spec, kinematics = config.spec, Kinematics(config.spec)
        self.joints, self.reach = kinematics.joints, kinematics.reach
        self.points = kinematics.points
        self.lower = tuple(config.workspace_lower.tolist())
        self.upper = tuple(config.workspace_upper.tolist())
        self.table_z = float(config.table_z)
        self.tool_speed = float(config.tool_speed)
        self.bodies = Bodies(spec, config.keep_out)
        self.heights = tuple(
            (i, self.table_z + max(spec.link_radius[max(i - 1, 0):i + 1]), spec.names[i])
            for i in range(self.joints) if self.bodies.moving[i])

    def place(self, q: Joints, near: Place | None = None,
              enough: Sequence[float] | None = None) -> Place:
        """Return where the arm stands in `q` and how far it is from the nearest bound.

        Links move by a few millimetres in a cycle, so what a gap was a moment ago tells what it
        is at least. It is only looked at anew when that is too little.

        Args:
            q: [n - 1] rad.
            near: A place that was looked at before, None to look anew.
            enough: m for each gap, from which on it does not matter how much there is; None
                where only inside or outside does.
        """
        points, bodies = self.points(q), self.bodies
        x, y, z = tcp = points[self.joints]
        (x0, y0, z0), (x1, y1, z1) = self.lower, self.upper
        gaps = [z - self.table_z, x - x0, x1 - x, y - y0, y1 - y, z - z0, z1 - z]
        gaps += [points[i][2] - lowest for i, lowest, _ in self.heights]
        inside = min(gaps)
        wall = self._bound(gaps.index(inside), points)
        if near is None:
            free = [bodies.gap(i, points) for i in range(bodies.count)]
        else:
            moved = self.moves(near.joints, q).gaps
            free = [known if (known := before - move) >= least else bodies.gap(i, points, least)
                    for i, (before, move, least) in enumerate(zip(
                        near.free, moved, enough or bodies.none, strict=True))]
        least = min(free, default=math.inf)
        if least < inside:
            return Place(tcp, least, bodies.bound(free.index(least), least), q, inside, wall, free)
        return Place(tcp, inside, wall, q, inside, wall, free)

    def _bound(self, face: int, points: Sequence[Point]) -> Bound:
        """Return the bound of one of the gaps that `place` lists."""
        tcp = points[self.joints]
        if face == 0:
            return Bound('table', tcp[2], self.table_z, 'tcp z')
        axis, high = divmod(face - 1, 2)
        if axis < 3:
            return Bound('workspace', tcp[axis], (self.upper if high else self.lower)[axis],
                         f'tcp {"xyz"[axis]}')
        i, lowest, name = self.heights[face - 7]
        return Bound('table', points[i][2], lowest, name)

    def moves(self, first: Joints, second: Joints) -> Moves:
        """Return upper bounds of what changes between two configurations.

        A point moves by what the joints before it do, and a gap between two links changes by
        what the joints between them do: seen from the first link, only those move the second.
        """
        total, sums = 0.0, [0.0]
        for a, b, reach in zip(first, second, self.reach, strict=False):
            total += abs(a - b) * reach
            sums.append(total)
        return Moves(total, [sums[end] - sums[start] for start, end in self.bodies.spans])

    def holds(self, place: Place, moves: Moves) -> bool:
        """Whether a place is so clear of everything that no such move can touch anything."""
        return place.inside >= moves.any and all(map(ge, place.free, moves.gaps))

    def touched(self, first: Place, second: Place) -> Bound | None:
        """Return what may be touched between two places (each joint monotone), None if nothing.

        A gap that has changed by d1 from the first and by d2 to the second satisfies d1 + d2 <=
        what it may change at most; it is there as soon as one of the two covers its share.
        """
        moves = self.moves(first.joints, second.joints)
        if first.inside + second.inside < moves.any:
            return second.wall
        for i, (a, b, move) in enumerate(zip(first.free, second.free, moves.gaps, strict=True)):
            if a + b < move:
                return self.bodies.bound(i, b)
        return None
