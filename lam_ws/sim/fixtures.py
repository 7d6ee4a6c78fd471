"""What can be built into a cell besides bins: shapes, what moves, and the points that matter.

A fixture's kind enters; its primitives, its one joint if it has any, and the points that an
instruction can be about leave, all in the fixture's own frame (x along its heading, z up, the
table at z = 0). Plain geometry: `lam_ws.sim.building` makes PyBullet bodies of it.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import math
from typing import Literal

from lam_ws.geometry import rotation_y, rotation_z, translation
from lam_ws.types import Array
import numpy as np

CLEARANCE = 0.0025     # m, between a part and the walls of the nest or socket made for it
LEAD_IN = 0.012        # m, how much wider a nest or socket is at its upper rim, on each side
NEST = 0.044           # m, width of the part a nest is made for
SHAFT = 0.026          # m, diameter of the shaft a socket is made for
PRESS = 0.010          # m, travel of a button
PRESSED = 0.008        # m, from which it counts as pressed
LEVER = 0.110          # m, from a clamp's pivot to the tip of its lever
STRIPE = 0.15          # m, length of a stripe to be wiped
TURN = math.pi / 2     # rad, between a closed and an open clamp
CRATE_FLOOR = 0.004    # m, thickness of a crate's floor
BELT_SPEED = (0.05, 0.09)    # m/s
BELT = (0.12, 0.62, 0.020)   # m, across, along and height of a conveyor


@dataclass(frozen=True)
class Solid:
    """One primitive: box, or upright cylinder.

    Attributes:
        size: Extent along its own axes [3] m.
        X: [4, 4] its pose in the fixture's frame.
        paint: 'own', or a name of `lam_ws.sim.drawing.PAINTS`.
        hard: Whether it can be touched; paint on the table cannot.
        shape: 'box' or 'cylinder'.
    """

    size: tuple[float, float, float]
    X: Array
    paint: str = 'own'
    hard: bool = True
    shape: Literal['box', 'cylinder'] = 'box'


@dataclass(frozen=True)
class Hinge:
    """The one thing that moves: its primitives about a joint at X, and how it resists.

    Attributes:
        kind: 'slide' (along -z, m) or 'turn' (about z, rad).
        X: [4, 4] m, the joint's frame in the fixture's.
        solids: What moves, in the joint's frame.
        travel: Upper end of the joint, rad or m; the lower is 0.
        force: N or N m, of the spring that brings a slide back, of the friction of a turn.
        mass: kg.
    """

    kind: Literal['slide', 'turn']
    X: Array
    solids: tuple[Solid, ...]
    travel: float
    force: float
    mass: float


@dataclass(frozen=True)
class Point:
    """A point that an instruction may be about, in the fixture's frame.

    Attributes:
        kind: What people would call what is there, for example 'lever'.
        at: [3] m; the surface something is put on, or what is touched.
        turns: Headings in a full turn that are as good as its own; 0 for all.
        moves: Whether it moves with the hinge.
    """

    kind: str
    at: tuple[float, float, float]
    turns: int = 2
    moves: bool = False


@dataclass(frozen=True)
class FixtureKind:
    """A kind of fixture."""

    solids: tuple[Solid, ...]
    points: tuple[Point, ...]
    hinge: Hinge | None = None
    carries: bool = False   # its first solid moves, and what lies on it with it, along y


def _box(size: tuple[float, float, float], at: tuple[float, float, float], paint: str = 'own',
         hard: bool = True, tilt: Array | None = None) -> Solid:
    return Solid(size, translation(at) @ (np.eye(4) if tilt is None else tilt), paint, hard)


def _paint(size: tuple[float, float], at: tuple[float, float] = (0.0, 0.0),
           paint: str = 'own') -> Solid:
    """Return paint on the table."""
    return _box((*size, 0.001), (*at, 0.0005), paint, hard=False)


def _funnel(half: float, height: float, sides: int, paint: str) -> tuple[Solid, ...]:
    """Return walls around a hole `half` wide, with a lead-in above them.

    A wall stands at each side; a tilted plate on top of it leads a part in that comes up to
    LEAD_IN beside the hole.
    """
    rise = 0.012
    slope = math.hypot(LEAD_IN, rise)
    found = []
    for k in range(sides):
        turn = rotation_z(2 * math.pi * k / sides)
        width = 2 * (half + LEAD_IN + 0.004) * math.tan(math.pi / sides)
        wall = translation([half + 0.004, 0, height / 2])
        lean = translation([half + LEAD_IN / 2 + 0.002, 0, height + rise / 2 - 0.001]) \
            @ rotation_y(math.atan2(LEAD_IN, rise))
        found.append(Solid((0.008, 2 * (half + 0.004) * math.tan(math.pi / sides), height),
                           turn @ wall, paint))
        found.append(Solid((0.003, width, slope), turn @ lean, paint))
    return tuple(found)


def _slot() -> FixtureKind:
    inner, wall, height = 0.064, 0.005, 0.012
    reach = inner / 2 + wall / 2
    walls = [_box((wall, inner + 2 * wall, height), (s * reach, 0, height / 2), 'dark')
             for s in (-1, 1)]
    walls += [_box((inner, wall, height), (0, s * reach, height / 2), 'dark') for s in (-1, 1)]
    return FixtureKind((_box((inner, inner, 0.003), (0, 0, 0.0015)), *walls),
                       (Point('slot', (0, 0, 0.003), turns=4),))


def _nest() -> FixtureKind:
    half = NEST / 2 + CLEARANCE
    return FixtureKind((_box((0.09, 0.09, 0.003), (0, 0, 0.0015), 'dark'),
                        *_funnel(half, 0.010, 4, 'own')), (Point('nest', (0, 0, 0.003), turns=4),))


def _socket() -> FixtureKind:
    return FixtureKind((_box((0.07, 0.07, 0.003), (0, 0, 0.0015), 'dark'),
                        *_funnel(SHAFT / 2 + CLEARANCE, 0.014, 12, 'own')),
                       (Point('socket', (0, 0, 0.003), turns=0),))


def _button() -> FixtureKind:
    cap = Solid((0.036, 0.036, 0.020), translation([0, 0, 0.010]), 'own', True, 'cylinder')
    return FixtureKind(
        # What can be touched of the housing leaves the cap room to go down.
        (_box((0.066, 0.066, 0.018), (0, 0, 0.009), 'dark'),
         _box((0.066, 0.066, 0.030), (0, 0, 0.015), 'dark', hard=False)),
        (Point('button', (0, 0, 0.050), turns=0, moves=True),),
        Hinge('slide', translation([0, 0, 0.030]), (cap,), PRESS, 5.0, 0.03))


def _clamp() -> FixtureKind:
    lever = (_box((LEVER, 0.018, 0.016), (LEVER / 2, 0, 0.0)),
             _box((0.018, 0.018, 0.030), (LEVER - 0.009, 0, 0.007)))
    return FixtureKind(
        (_box((0.048, 0.048, 0.030), (0, 0, 0.015), 'dark'),
         _box((0.070, 0.026, 0.022), (0.075, 0, 0.011), 'steel')),
        (Point('lever', (LEVER - 0.009, 0, 0.055), turns=2, moves=True),
         Point('clamp', (0, 0, 0.048), turns=2)),
        Hinge('turn', translation([0, 0, 0.040]), lever, TURN, 0.10, 0.08))


def _belt() -> FixtureKind:
    width, length, height = BELT
    rails = [_box((0.008, length, height + 0.004), (s * (width / 2 + 0.004), 0,
                                                    (height + 0.004) / 2), 'steel')
             for s in (-1, 1)]
    return FixtureKind((_box((width, length, height), (0, 0, height / 2), 'dark'), *rails),
                       (), carries=True)


def _crate() -> FixtureKind:
    (x, y), wall, height = (0.24, 0.24), 0.006, 0.040
    walls = [_box((wall, y + 2 * wall, height), (s * (x + wall) / 2, 0, height / 2))
             for s in (-1, 1)]
    walls += [_box((x, wall, height), (0, s * (y + wall) / 2, height / 2)) for s in (-1, 1)]
    return FixtureKind((_box((x, y, CRATE_FLOOR), (0, 0, CRATE_FLOOR / 2)), *walls),
                       (Point('crate', (0, 0, CRATE_FLOOR), turns=4),))


def _stripe() -> FixtureKind:
    long = STRIPE
    return FixtureKind((_paint((long, 0.016)), _paint((0.032, 0.032), (-long / 2, 0))),
                       (Point('stripe', (-long / 2, 0, 0.0)),
                        Point('stripe_end', (long / 2, 0, 0.0))))


KINDS: Mapping[str, Callable[[], FixtureKind]] = {
    'slot': _slot,
    'nest': _nest,
    'socket': _socket,
    'button': _button,
    'clamp': _clamp,
    'belt': _belt,
    'stripe': _stripe,
    'crate': _crate,
    'line': lambda: FixtureKind((_paint((0.30, 0.014)),), (Point('line', (0, 0, 0.0)),)),
    'pad': lambda: FixtureKind((_paint((0.120, 0.066)),), (Point('pad', (0, 0, 0.0)),)),
}


def fixture_kind(name: str) -> FixtureKind:
    """Return the kind of that name; raises KeyError when there is none."""
    return KINDS[name]()


__all__ = ['FixtureKind', 'Hinge', 'Point', 'Solid', 'fixture_kind']
