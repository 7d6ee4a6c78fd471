"""Distances between lines, and between a line and a box.

End points (x, y, z) m enter, a distance m leaves. In plain floats, as the guard asks for a dozen
of them in each cycle.
"""
import math

Point = tuple[float, float, float]


def between_lines(a: Point, b: Point, c: Point, d: Point) -> float:
    """Return m between the line from `a` to `b` and that from `c` to `d`, which may be a point.

    The nearest points at shares s and t of the lines make the distance stationary or lie at an
    end. Solved for both, s drawn into 0..1, t for that s, and s again where t had to be drawn in.
    """
    a0, a1, a2 = a
    c0, c1, c2 = c
    u0, u1, u2 = b[0] - a0, b[1] - a1, b[2] - a2
    v0, v1, v2 = d[0] - c0, d[1] - c1, d[2] - c2
    w0, w1, w2 = a0 - c0, a1 - c1, a2 - c2
    uu, vv = u0 * u0 + u1 * u1 + u2 * u2, v0 * v0 + v1 * v1 + v2 * v2
    uv = u0 * v0 + u1 * v1 + u2 * v2
    uw, vw = u0 * w0 + u1 * w1 + u2 * w2, v0 * w0 + v1 * w1 + v2 * w2
    skew = uu * vv - uv * uv   # 0 where they are parallel: then any s does to begin with
    s = min(max((uv * vw - uw * vv) / skew, 0.0), 1.0) if skew > 1e-12 * uu * vv else 0.0
    t = (uv * s + vw) / vv if vv > 0.0 else -1.0
    if not 0.0 <= t <= 1.0:
        t = 0.0 if t < 0.0 else 1.0
        s = min(max((uv * t - uw) / uu, 0.0), 1.0)
    return math.hypot(w0 + s * u0 - t * v0, w1 + s * u1 - t * v1, w2 + s * u2 - t * v2)


def to_box(a: Point, b: Point, lower: Point, upper: Point) -> float:
    """Return m between the line from `a` to `b` and a box, 0 where they meet.

    The square of the distance is convex along the line, and its slope is made of straight
    pieces that meet where the line passes a face's plane. The piece that crosses zero is found
    among them.
    """
    cuts = [0.0]
    for p, q, low, high in zip(a, b, lower, upper, strict=True):
        if p != q:
            cuts += [share for face in (low, high) if 0.0 < (share := (face - p) / (q - p)) < 1.0]
    cuts.sort()
    before, slope = 0.0, _slope(a, b, lower, upper, 0.0)
    for share in (*cuts[1:], 1.0):
        if slope >= 0.0:
            break
        after = _slope(a, b, lower, upper, share)
        if after > 0.0:
            before += (share - before) * slope / (slope - after)
            break
        before, slope = share, after
    return math.hypot(*[
        max(low - x, 0.0, x - high) for p, q, low, high in zip(a, b, lower, upper, strict=True)
        for x in (p + before * (q - p),)])


def _slope(a: Point, b: Point, lower: Point, upper: Point, share: float) -> float:
    """Return half of how fast the squared distance to the box grows at a share of the line."""
    slope = 0.0
    for p, q, low, high in zip(a, b, lower, upper, strict=True):
        x = p + share * (q - p)
        slope += (q - p) * (min(x - low, 0.0) + max(x - high, 0.0))
    return slope
