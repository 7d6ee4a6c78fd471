"""Where the tool and the links are, and whether they stay where the site allows them.

Arm joints enter; the clearance (m) to workspace box, table, kept-out boxes and the arm itself
leaves, and with it the verdict on a whole braking path.
"""
from collections.abc import Sequence
import math
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
        free: m that each gap of `Bodies` is at least.
    """

    tcp: Point
    clearance: float
    bound: Bound
    joints: Joints
    free: Sequence[float]


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

    def place(self, q: Joints, near: Place | None = None, enough: float = math.inf) -> Place:
        """Return where the arm stands in `q` and how far it is from the nearest bound.

        Links move by a few millimetres in a cycle, so what a gap was a moment ago tells what it
        is at least. It is only looked at anew when that is too little.

        Args:
            q: [n - 1] rad.
            near: A place that was looked at before, None to look anew.
            enough: m, the clearance from which on it does not matter how much there is.
        """
        points = self.points(q)
        x, y, z = tcp = points[self.joints]
        (x0, y0, z0), (x1, y1, z1) = self.lower, self.upper
        gaps = [z - self.table_z, x - x0, x1 - x, y - y0, y1 - y, z - z0, z1 - z]
        gaps += [points[i][2] - lowest for i, lowest, _ in self.heights]
        nearest = min(gaps)
        free: Sequence[float] = self.bodies.unknown
        if near is not None:
            moved = self.apart(near.joints, q)
            free = [gap - moved for gap in near.free]
        least = min(free, default=math.inf)
        if least < min(nearest, enough):
            wanted = min(nearest, enough)
            free = [self.bodies.gap(i, points, wanted) if gap < wanted else gap
                    for i, gap in enumerate(free)]
            least = min(free)
        if least < nearest:
            return Place(tcp, least, self.bodies.bound(free.index(least), least), q, free)
        return Place(tcp, nearest, self._bound(gaps.index(nearest), points), q, free)

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

    def apart(self, first: Joints, second: Joints) -> float:
        """Return m, an upper bound of how far any point moves between two configurations."""
        return sum([abs(a - b) * r for a, b, r in zip(first, second, self.reach, strict=False)])

    def connected(self, first: Place, second: Place) -> bool:
        """Whether every configuration between two (each joint monotone) is inside.

        A point that has moved d1 from the first and has d2 to go to the second satisfies
        d1 + d2 <= apart; it is inside as soon as one of the two clearances covers its share.
        """
        return first.clearance + second.clearance >= self.apart(first.joints, second.joints)
