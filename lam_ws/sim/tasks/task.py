"""The room's contract: what a task of the suite is.

A scene and the simulator's truth enter; the goals that make sense in it, the motion that an
expert would choose, and the verdict on what was done leave. Each task is one small class in a
file of its own with a scene in sim/scenes/<scene>.yaml; `lam_ws.sim.tasks.suite` is the table.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lam_ws.sim.truth import find, KeyPoints, things, Truth
from lam_ws.types import Array, Goal
import numpy as np

HOVER, LIFT = 0.10, 0.17   # m above the part, of travel above the table
AWAY = 0.11                # m, tool height from which the way home is free
SQUEEZE = 0.006            # m, fingers this much closer than the part is wide have gripped it


@dataclass(frozen=True)
class Waypoint:
    """One phase of a scripted motion.

    Attributes:
        where: Key points and home [5] to the tool's [4] xyz m and yaw rad.
        fingers: m of opening, None for as wide as they go.
        rounding: m that may be left of the way when the next phase begins.
        dwell: s to stay there.
        grips: Whether the fingers have to close on something before it goes on.
        speed: Share of the usual speed.
        fit: The opening is not `fingers` but a little more than the part is wide.
    """

    where: Callable[[KeyPoints, Array], Array]
    fingers: float | None
    rounding: float = 0.003
    dwell: float = 0.0
    grips: bool = False
    speed: float = 1.0
    fit: bool = False


def over_part(height: float) -> Callable[[KeyPoints, Array], Array]:
    """Return the place `height` m above where a part is taken."""
    return lambda points, home: np.array([*points.pick[:2], points.pick[2] + height, points.yaw])


def above(height: float, placed: bool = False) -> Callable[[KeyPoints, Array], Array]:
    """Return the place at tool height `height` m above the part, or above where it goes."""
    def where(points: KeyPoints, home: Array) -> Array:
        xy, yaw = (points.place, points.place_yaw) if placed else (points.pick, points.yaw)
        return np.array([*xy[:2], max(height, points.place[2] + 0.06), yaw])
    return where


def at_place(height: float) -> Callable[[KeyPoints, Array], Array]:
    """Return the place where the part stands `height` m above where it shall be."""
    return lambda points, home: np.array([*points.place[:2], points.place[2] + height,
                                          points.place_yaw])


def home_pose(points: KeyPoints, home: Array) -> Array:
    """Return the tool's place at home."""
    return home[:4]


def pick_and_place(drop: float, slow: float = 1.0, fit: bool = False) -> tuple[Waypoint, ...]:
    """Return the motion that takes a part and lets it go `drop` m above its place.

    Args:
        drop: m.
        slow: Share of the usual speed on the last of the way.
        fit: Open the fingers no wider than the part needs, where others lie close by.
    """
    exact = slow < 1.0
    return (Waypoint(over_part(HOVER), None, rounding=0.004, fit=fit),
            Waypoint(over_part(0.0), None, rounding=0.002, fit=fit),
            Waypoint(over_part(0.0), 0.0, dwell=0.25, grips=True),
            Waypoint(above(LIFT), 0.0, rounding=0.05),
            Waypoint(above(LIFT, placed=True), 0.0, rounding=0.003 if exact else 0.012),
            Waypoint(at_place(drop), 0.0, dwell=0.1 if exact else 0.0, speed=slow),
            Waypoint(at_place(drop), None, dwell=0.15, fit=exact),
            Waypoint(above(LIFT, placed=True), None, rounding=0.05, fit=exact),
            Waypoint(home_pose, None, rounding=0.01))


class SimTask:
    """A task of the suite.

    Attributes:
        name: Its name, also that of its module.
        skill: The skill it needs, a key of `SKILLS`.
        scene: Scene file it happens in.
        kinds: What it acts on.
        places: Kinds of the second thing, empty where there is none.
        motion: One waypoint for each phase of the skill.
        same: Whether the two things are parts of one, and so of one colour.
    """

    name: str
    skill: str
    scene: str
    kinds: tuple[str, ...]
    places: tuple[str, ...] = ('bin',)
    motion: tuple[Waypoint, ...]
    same: bool = False

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return every goal of this task that the scene allows and does not fulfil yet."""
        there = list(things(truth))
        first = [thing for thing in there if thing.kind in self.kinds]
        if not self.places:
            return [Goal(self.skill, one.kind, one.colour, '', '', '') for one in first]
        return [Goal(self.skill, one.kind, one.colour, other.colour, '', other.kind)
                for one in first for other in there
                if other.kind in self.places and other is not one
                and (not self.same or one.colour == other.colour)]

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the goal is reached, and nothing else was spoilt, by the truth."""
        raise NotImplementedError


def stands_at(truth: Truth, goal: Goal, within_m: float, within_rad: float = np.pi,
              lowest: float = -0.004, highest: float = 0.012) -> bool:
    """Return whether the goal's part stands in its place.

    Args:
        truth: The simulator's truth.
        goal: Which part, which place.
        within_m: Largest distance of the two centres on the table.
        within_rad: Largest difference of headings, where both have one.
        lowest: m, of the part's underside above the place's surface at least.
        highest: m, of it at most.
    """
    part, place = find(truth, goal.kind, goal.colour), find(truth, goal.place, goal.destination)
    body = next(p for p in truth['parts'] if (p['kind'], p['colour']) == (goal.kind, goal.colour))
    apart = float(np.hypot(*(part.surface - place.surface)[:2]))
    under = part.surface[2] - body['size'][2] - place.surface[2]
    upright = abs(1 - 2 * (body['quaternion'][0] ** 2 + body['quaternion'][1] ** 2)) > 0.97
    turned = 0.0
    if part.yaw is not None and place.yaw is not None:
        period = 2 * np.pi / max(part.turns, place.turns)
        turned = abs((part.yaw - place.yaw + period / 2) % period - period / 2)
    return bool(apart <= within_m and turned <= within_rad and upright
                and lowest <= under <= highest and still(body))


def still(body: dict) -> bool:
    """Return whether a part has come to rest."""
    return float(np.linalg.norm(body['velocity'])) < 0.02


def untouched(before: Truth, now: Truth, goal: Goal, slack_m: float = 0.05) -> bool:
    """Return whether no other part was carried away."""
    return all(np.hypot(*(np.array(p['position']) - q['position'])[:2]) < slack_m
               for p, q in zip(before['parts'], now['parts'], strict=True)
               if (p['kind'], p['colour']) != (goal.kind, goal.colour))


