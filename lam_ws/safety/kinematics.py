"""Where the joints and the tool of an arm are, for one configuration in plain floats.

Arm joints enter; points (m) in the base frame leave. At this size that is five times as fast as
numpy (6 us against 30), and the guard needs it two to five times in each cycle.
"""
from collections.abc import Sequence
import math

from lam_ws.robot import ArmSpec, DhRow
from lam_ws.safety.distances import Point

Joints = Sequence[float]  # [n - 1] rad, or longer: what follows the arm joints is ignored


def _turn(alpha: float) -> tuple[float, float]:
    """Return cosine and sine, those of a quarter turn (pi/2 within rounding) exactly."""
    c, s = math.cos(alpha), math.sin(alpha)
    return (0.0, math.copysign(1.0, s)) if abs(c) < 1e-15 else (c, s)


def _tool_points(spec: ArmSpec) -> tuple[Point, ...]:
    """Return the TCP and both ends of the palm in the last joint frame, m."""
    X, tool = spec.X_FlangeTcp, spec.tool
    ends = [(X @ [0.0, side * tool.palm_half, -tool.palm_behind, 1.0])[:3].tolist()
            for side in (1.0, -1.0)]
    return tuple(map(tuple, [X[:3, 3].tolist(), *ends]))


class Kinematics:
    """Forward kinematics of one arm, written out.

    Attributes:
        joints: Number of arm joints n - 1; also the number of the TCP among the points.
        reach: [n - 1] m, how far a point can be from each joint's axis at most.
    """

    def __init__(self, spec: ArmSpec):
        self.joints = len(spec.dh)
        self.tool = _tool_points(spec)
        # Craig: turn about x, shift along x, then turn about z, shift along z. Standard: the
        # z part first. One leading x part makes them the same loop.
        craig = spec.convention == 'craig'
        before = [(row.a, row.alpha) for row in spec.dh]
        after = [*before[1:], (0.0, 0.0)] if craig else before
        self.lead = before[0] if craig else (0.0, 0.0)
        self.rows = tuple((row.offset, row.d, a, *_turn(alpha))
                          for row, (a, alpha) in zip(spec.dh, after, strict=True))
        self.reach = self._reach(spec.dh)

    def _reach(self, dh: Sequence[DhRow]) -> tuple[float, ...]:
        """Return [n - 1] m, how far a point can be from each joint's axis at most."""
        lengths = [math.hypot(a, row.d) for row, (_, _, a, _, _) in zip(dh, self.rows,
                                                                        strict=True)]
        tool = max(math.hypot(*point) for point in self.tool)
        return tuple(sum(lengths[i:]) + tool for i in range(len(lengths)))

    def points(self, q: Joints) -> list[Point]:
        """Return [n - 1] origins (x, y, z) m of the joint frames, the TCP, the palm's ends."""
        cos, sin = math.cos, math.sin
        a, alpha = self.lead
        c, s = cos(alpha), sin(alpha)
        x0, x1, x2 = 1.0, 0.0, 0.0
        y0, y1, y2 = 0.0, c, s
        z0, z1, z2 = 0.0, -s, c
        o0, o1, o2 = a, 0.0, 0.0
        points = []
        for angle, (offset, d, a, ca, sa) in zip(q, self.rows, strict=False):
            points.append((o0, o1, o2))
            c, s = cos(angle + offset), sin(angle + offset)
            x0, y0 = c * x0 + s * y0, c * y0 - s * x0
            x1, y1 = c * x1 + s * y1, c * y1 - s * x1
            x2, y2 = c * x2 + s * y2, c * y2 - s * x2
            if d != 0.0:
                o0 += d * z0
                o1 += d * z1
                o2 += d * z2
            if a != 0.0:
                o0 += a * x0
                o1 += a * x1
                o2 += a * x2
            if ca == 0.0:  # as most rows do; y and z only change places
                y0, z0 = sa * z0, -sa * y0
                y1, z1 = sa * z1, -sa * y1
                y2, z2 = sa * z2, -sa * y2
            elif sa != 0.0:
                y0, z0 = ca * y0 + sa * z0, ca * z0 - sa * y0
                y1, z1 = ca * y1 + sa * z1, ca * z1 - sa * y1
                y2, z2 = ca * y2 + sa * z2, ca * z2 - sa * y2
        for a, b, d in self.tool:
            points.append((o0 + a * x0 + b * y0 + d * z0, o1 + a * x1 + b * y1 + d * z1,
                           o2 + a * x2 + b * y2 + d * z2))
        return points
