"""What the policy believes about the two things its sentence is about.

Sights (what one image shows) enter with the phase the policy is in; the key points that the
motion head reads leave. What the gripper hides is not looked for: the belief stays as it was
last seen, or moves on with the belt that carries it.
"""
from collections.abc import Sequence
import math

from lam_ws.policy.sight import Hint, Sight
from lam_ws.policy.skills import Skill
from lam_ws.types import Array, Point
import numpy as np

SURE = 0.25          # probability from which a key point is believed
SEEN_ABOVE = 0.20    # m, tool height from which the camera sees past the gripper
PUT = 0.025          # m, a thing seen this close to where it was put, if as high, is there
LOWEST = 0.014       # m, tool height from which the fingers clear the table
SAME = 0.03          # m, a thing seen this close to where it was is still that thing
MOVING = 0.02        # m/s, a thing that is faster is carried by a belt
SLOWEST_S = 0.3      # s between two sights that tell a speed
TOLD = 4.0           # logits in favour of where somebody else saw a thing
PUT_THERE = 1.5      # logits in favour of where it was put
ROUND = 0.35         # what is likely from every side to this share of its likeliest has none


class Belief:
    """Where the two things are thought to be.

    Args:
        skill: What is being done with them.
        seen_at: [3] m, where somebody else saw the first thing when it began, if anybody did.
        place_at: [3] m, the same of the second.
    """

    def __init__(self, skill: Skill, seen_at: Point | None = None,
                 place_at: Point | None = None):
        self._skill = skill
        self._told: list[Point | None] = [seen_at, place_at]
        self._first: Array | None = None     # [3] m
        self._taken = LOWEST                 # m, how high it was before it was taken
        self._heading = 0.0                  # rad
        self._velocity = np.zeros(2)         # m/s
        self._second: Array | None = None    # [3] m
        self._turned = 0.0                   # rad
        self._seen: tuple[float, Array] | None = None   # when and where it was seen before
        self._sights = [0, 0]                # of each thing since it came to where it is
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
        if skill.looks <= phase < last:
            self._sights[0] = 0   # it is being moved: from now on it lies elsewhere
            self._told[0] = None
        if self._first is not None and phase < skill.looks + skill.grips:
            self._first[:2] += self._velocity * elapsed
        # A gripper that comes near hides a part of what it goes for, and drags the sight along.
        clear = height > SEEN_ABOVE
        in_sight = (phase < skill.looks and (clear or skill.carried or self._first is None)
                    ) or (phase == last and clear)
        if 0 < phase < last and self._first is not None:   # half hidden: no other thing counts
            in_sight &= float(np.hypot(*(sight.xyz[0] - self._first)[:2])) < SAME
        if in_sight and sight.sure[0] > SURE:
            self._see_first(sight, now_s, phase == last)
        if skill.place and sight.sure[1] > SURE and (
                self._second is None or (phase < skill.looks and clear)):
            self._second = self._mean(1, self._second, sight.xyz[1])
            self._turned = likely_yaw(sight.yaw[1], self._heading)

    def _mean(self, which: int, before: Array | None, seen: Array) -> Array:
        """Return the mean of the sights of a thing since it came to where it is."""
        if before is None or np.hypot(*(seen - before)[:2]) > SAME:
            self._sights[which] = 0
        self._sights[which] += 1
        return seen.copy() if before is None else before + (seen - before) / self._sights[which]

    def _see_first(self, sight: Sight, now_s: float, put: bool) -> None:
        """Believe the first thing to be where the image shows it; `put` says that it was put."""
        xyz = sight.xyz[0].copy()
        if put and self._skill.grips and self._first is not None and self._second is not None:
            # On top of another thing it looks like one that lies further away.
            there = sight.first_at(float(self._second[2] + self._taken))
            if np.hypot(*(there - self._second)[:2]) < PUT:
                xyz = there
        xyz[2] = max(xyz[2], LOWEST)
        self._heading = likely_yaw(sight.yaw[0], 0.0)
        if not self._skill.carried:
            self._first = self._mean(0, self._first, xyz)
            self._taken = self._taken if put else float(self._first[2])
            return
        if self._seen is None:
            self._seen = (now_s, xyz.copy())
        elif now_s - self._seen[0] >= SLOWEST_S:
            speed = (xyz - self._seen[1])[:2] / (now_s - self._seen[0])
            self._velocity = speed if np.hypot(*speed) > MOVING else np.zeros(2)
        self._first = xyz
        self._taken = self._taken if put else float(xyz[2])

    def hints(self, phase: int) -> tuple[Hint | None, Hint | None]:
        """Return where the two things should be by now, None where nothing says so.

        Args:
            phase: What the policy is doing.
        """
        skill = self._skill
        first, second = (None if point is None else Hint(point, TOLD, True)
                         for point in self._told)
        if skill.carried or phase >= skill.looks:
            first = None
        if phase == len(skill.phases) - 1 and skill.grips and self._second is not None:
            first = Hint(self._second + [0.0, 0.0, self._taken], PUT_THERE)
        return first, second

    def points(self) -> Array | None:
        """Return the [12] key points as the head reads them, None while one is not known."""
        if self._first is None or (self._skill.place and self._second is None):
            return None
        first = self._first
        if self._second is None:
            second, turned = first, self._heading
        else:
            second, turned = self._second.copy(), self._turned
            second[2] += self._taken if self._skill.grips else 0.0
        return np.array([*first, math.cos(2 * self._heading), math.sin(2 * self._heading),
                         *self._velocity, *second, math.cos(2 * turned), math.sin(2 * turned)])


def likely_yaw(logits: Sequence[float], near: float) -> float:
    """Return the heading rad nearest to `near` among the likely ones, half turns being equal.

    What is round looks the same from every side: any heading is as good, so `near` itself is.

    Args:
        logits: [yaws] of the heading bins over half a turn.
        near: rad.
    """
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    pairs = list(zip(shares, shares[1:] + shares[:1], strict=True))
    sums = [share + after for share, after in pairs]
    if min(sums) > ROUND * max(sums):
        return near
    likely = 0.6 * max(sums)
    away = []
    for low, (share, after) in enumerate(pairs):
        beside = max(sums[low - 1], sums[(low + 1) % len(sums)])
        if sums[low] > likely and sums[low] >= beside:   # the top of a hill, not its side
            angle = (low + after / (share + after)) * math.pi / len(pairs)
            away.append((angle - near + math.pi / 2) % math.pi - math.pi / 2)
    return near + min(away, key=abs)
