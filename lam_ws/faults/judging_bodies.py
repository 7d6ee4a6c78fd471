"""An independent judge of how near the arm comes to itself and to boxes.

Kinematics are those of lam_ws.geometry, distances are searched for or put together from end
points: none of the guard's own arithmetic.
"""
from itertools import pairwise

from lam_ws.geometry import Chain
from lam_ws.robot import ArmSpec
from lam_ws.safety.meeting import SELF_MARGIN
from lam_ws.safety.safety import GuardConfig
import numpy as np

FIRST_MOVING = {'fr3': 3, 'ur5e': 2}  # joint frames before it do not move: FR3 and UR5e geometry
Capsule = tuple[np.ndarray, np.ndarray, float]   # [m, 3] m both ends, m radius


def capsules(spec: ArmSpec, q: np.ndarray) -> list[Capsule]:
    """Return links, tool and palm for arm joints [m, n - 1], links of no length left out."""
    axes, X = Chain(spec)._frames(q)
    ends = [*axes[:, :, :3, 3].swapaxes(0, 1), X[:, :3, 3]]
    radii = [*spec.link_radius[:-1], max(spec.link_radius[-1], spec.tool.radius)]
    found = [(a, b, radius) for (a, b), radius in zip(pairwise(ends), radii, strict=True)]
    left, right = (X[:, :3, 3] - spec.tool.palm_behind * X[:, :3, 2] + side * X[:, :3, 1]
                   for side in (spec.tool.palm_half, -spec.tool.palm_half))
    return [*found, (left, right, spec.tool.palm_radius)]


def to_lines(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return [m] m from points [m, 3] to the lines from a to b."""
    way = b - a
    share = ((points - a) * way).sum(1) / np.maximum((way ** 2).sum(1), 1e-30)
    return np.linalg.norm(a + np.clip(share, 0.0, 1.0)[:, None] * way - points, axis=1)


def between(one: Capsule, other: Capsule) -> np.ndarray:
    """Return [m] m between the surfaces of two capsules.

    The centre lines are nearest at an end of one of them, or where the straight line through
    both is at right angles to both, if that place lies on both.
    """
    (a, b, r), (c, d, s) = one, other
    least = np.min([to_lines(a, c, d), to_lines(b, c, d), to_lines(c, a, b), to_lines(d, a, b)], 0)
    normal = np.cross(b - a, d - c)
    size = np.linalg.norm(normal, axis=1)
    crossed = size > 1e-9
    normal, size = normal[crossed], size[crossed]
    across = (c - a)[crossed]
    on_one = (np.cross(across, (d - c)[crossed]) * normal).sum(1) / size ** 2
    on_other = (np.cross(across, (b - a)[crossed]) * normal).sum(1) / size ** 2
    both = (on_one >= 0) & (on_one <= 1) & (on_other >= 0) & (on_other <= 1)
    gap = np.where(both, np.abs((across * normal).sum(1)) / size, np.inf)
    least[crossed] = np.minimum(least[crossed], gap)
    return least - r - s


def to_box(one: Capsule, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return [m] m between capsules and a box, by thirds: the distance has one valley."""
    a, b, radius = one
    low, high = np.zeros(len(a)), np.ones(len(a))

    def distance(share: np.ndarray) -> np.ndarray:
        x = a + share[:, None] * (b - a)
        return np.linalg.norm(x - np.clip(x, lower, upper), axis=1)
    for _ in range(60):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        nearer = distance(left) <= distance(right)
        low, high = np.where(nearer, low, left), np.where(nearer, right, high)
    return distance(0.5 * (low + high)) - radius


def violations_of_bodies(config: GuardConfig, q: np.ndarray) -> list[str]:
    """Return which boxes are entered, and which links come too near, at joints [m, n - 1]."""
    spec, found = config.spec, []
    bodies = capsules(spec, q)
    for zone in config.keep_out:
        for i, body in enumerate(bodies):
            if i < FIRST_MOVING[spec.name] - 1:
                continue
            # What is far from the box by its ends alone needs no search.
            middle = 0.5 * (body[0] + body[1])
            rough = np.linalg.norm(middle - np.clip(middle, zone.lower, zone.upper), axis=1)
            near = rough <= 0.5 * np.linalg.norm(body[0] - body[1], axis=1) + body[2] + 1e-6
            if near.any() and to_box((body[0][near], body[1][near], body[2]), zone.lower,
                                     zone.upper).min() < -1e-9:
                found.append(f'keep out {zone.name}: {i}')
    for i, j in watched(bodies):
        if between(bodies[i], bodies[j]).min() < SELF_MARGIN - 1e-9:
            found.append(f'self distance {i} {j}')
    return found


def watched(bodies: list[Capsule]) -> list[tuple[int, int]]:
    """Return the pairs that the arm could fold together: all but those with little in between."""
    lengths = [np.linalg.norm(a[0] - b[0]) for a, b, _ in bodies[:-1]]
    order = [*range(len(lengths)), len(lengths) - 1]   # the palm belongs to the tool
    return [(i, j) for i, (a, b, r) in enumerate(bodies) for j in range(i + 1, len(bodies))
            if np.linalg.norm(a[0] - b[0]) > 1e-6
            and np.linalg.norm(bodies[j][0][0] - bodies[j][1][0]) > 1e-6
            and sum(lengths[order[i] + 1:order[j]]) > r + bodies[j][2] + SELF_MARGIN]
