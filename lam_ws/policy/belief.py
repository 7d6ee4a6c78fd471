"""What the policy believes about the two things its sentence is about.

Sights (what one image shows) enter with the phase the policy is in; the key points that the
motion head reads leave. What the gripper hides is not looked for: the belief stays as it was
last seen, or moves on with the belt that carries it.
"""
from dataclasses import dataclass

from lam_ws.geometry import lift
from lam_ws.policy.model import best_cells, Grounding, HEIGHT_SCALE, STRIDE
from lam_ws.policy.skills import Skill
from lam_ws.types import Array, CameraModel
import numpy as np

SURE = 0.25          # probability from which a key point is believed
SEEN_ABOVE = 0.20    # m, tool height from which the camera sees past the gripper
LOWEST = 0.014       # m, tool height from which the fingers clear the table
SAME = 0.03          # m, a thing seen this close to where it was is still that thing
MOVING = 0.02        # m/s, a thing that is faster is carried by a belt
SLOWEST_S = 0.3      # s between two sights that tell a speed


@dataclass(frozen=True)
class Sight:
    """What one image shows of the two things.

    Attributes:
        sure: [2] probability that each is there.
        xyz: [2, 3] m in the base frame.
        yaw: [2, yaws] shares of the headings over half a turn.
    """

    sure: Array
    xyz: Array
    yaw: Array


def see(maps: Grounding, camera: CameraModel) -> Sight:
    """Return what the grounder's maps of one image show."""
    row, column, sure = (value[0].numpy() for value in best_cells(maps.heat))
    both = [0, 1]
    shape = maps.geometry[0].unflatten(0, (2, 3)).numpy()[both, :, row, column]
    yaw = maps.yaw[0].unflatten(0, (2, -1))[both, :, row, column].softmax(-1).numpy()
    pixels = np.column_stack([column + 0.5, row + 0.5]) * STRIDE + shape[:, :2]
    return Sight(sure, lift(camera.K, camera.X_ParentCamera, pixels, shape[:, 2] * HEIGHT_SCALE),
                 yaw)


class Belief:
    """Where the two things are thought to be.

    Args:
        skill: What is being done with them.
    """

    def __init__(self, skill: Skill):
        self._skill = skill
        self._first: Array | None = None     # [3] m
        self._heading = 0.0                  # rad
        self._velocity = np.zeros(2)         # m/s
        self._second: Array | None = None    # [3] m
        self._turned = 0.0                   # rad
        self._seen: tuple[float, Array] | None = None   # when and where it was seen before
        self._now_s: float | None = None

    def update(self, sight: Sight, now_s: float, phase: int, height: float) -> None:
        """Take in one sight.

        Args:
            sight: What the image shows.
            now_s: Its time, s.
            phase: What the policy was doing.
            height: m of the tool.
        """
        elapsed = 0.0 if self._now_s is None else now_s - self._now_s
        self._now_s = now_s
        skill, last = self._skill, len(self._skill.phases) - 1
        if self._first is not None and phase < skill.looks + skill.grips:
            self._first[:2] += self._velocity * elapsed
        in_sight = phase < skill.looks or (phase == last and height > SEEN_ABOVE)
        if 0 < phase < last and self._first is not None:   # half hidden: no other thing counts
            in_sight &= float(np.hypot(*(sight.xyz[0] - self._first)[:2])) < SAME
        if in_sight and sight.sure[0] > SURE:
            self._see_first(sight, now_s)
        if skill.place and sight.sure[1] > SURE and (self._second is None or phase < skill.looks):
            self._second = sight.xyz[1].copy()
            self._turned = likely_yaw(sight.yaw[1], self._heading)

    def _see_first(self, sight: Sight, now_s: float) -> None:
        """Believe the first thing to be where the image shows it."""
        xyz = sight.xyz[0].copy()
        xyz[2] = max(xyz[2], LOWEST)
        self._heading = likely_yaw(sight.yaw[0], 0.0)
        if not self._skill.carried:
            self._first = xyz
            return
        if self._seen is None:
            self._seen = (now_s, xyz.copy())
        elif now_s - self._seen[0] >= SLOWEST_S:
            speed = (xyz - self._seen[1])[:2] / (now_s - self._seen[0])
            self._velocity = speed if np.hypot(*speed) > MOVING else np.zeros(2)
        self._first = xyz

    def points(self) -> Array | None:
        """Return the [12] key points as the head reads them, None while one is not known."""
        if self._first is None or (self._skill.place and self._second is None):
            return None
        first = self._first
        if self._second is None:
            second, turned = first, self._heading
        else:
            second, turned = self._second.copy(), self._turned
            second[2] += first[2] if self._skill.grips else 0.0
        return np.array([*first, np.cos(2 * self._heading), np.sin(2 * self._heading),
                         *self._velocity, *second, np.cos(2 * turned), np.sin(2 * turned)])


def likely_yaw(shares: Array, near: float) -> float:
    """Return the heading rad nearest to `near` among the likely ones, half turns being equal.

    Args:
        shares: [yaws] probability of each heading bin over half a turn.
        near: rad.
    """
    count = len(shares)
    pair = shares + np.roll(shares, -1)
    low = np.flatnonzero(pair > 0.6 * pair.max())
    high = (low + 1) % count
    part = shares[high] / np.maximum(shares[low] + shares[high], 1e-9)
    away = ((low + part) * np.pi / count - near + np.pi / 2) % np.pi - np.pi / 2
    return float(near + away[np.abs(away).argmin()])
