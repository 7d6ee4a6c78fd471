"""One random scene, drawn from a scene file.

A `SceneSpec` and a seed enter; a `SceneDraw` leaves, the same for the same seed.
"""
from dataclasses import replace

from lam_ws.sim.fixtures import BELT, BELT_SPEED, CRATE_FLOOR, TURN
from lam_ws.sim.scene import (
    Bin,
    catalogue,
    Fixture,
    FixtureSpec,
    GripSpec,
    KindSpec,
    Part,
    SceneDraw,
    SceneSpec,
    ZoneSpec,
)
from lam_ws.types import Array
import numpy as np

APART, APART_CLAMPS = 0.16, 0.25   # m between fixtures; levers must not reach each other
PAINTS = {   # what bins, fixtures and parts are painted with
    'red': (0.82, 0.10, 0.10), 'green': (0.10, 0.58, 0.20), 'blue': (0.10, 0.22, 0.80),
    'yellow': (0.92, 0.80, 0.10), 'black': (0.06, 0.06, 0.07), 'white': (0.95, 0.95, 0.95),
    'steel': (0.62, 0.64, 0.67), 'dark': (0.20, 0.21, 0.23), 'copper': (0.72, 0.42, 0.20),
    'brass': (0.78, 0.66, 0.32), 'none': (0.45, 0.47, 0.50)}


def draw_scene(spec: SceneSpec, seed: int, cameras: tuple[str, ...], joints: int,
               randomise: bool = True) -> SceneDraw:
    """Draw one scene; the same arguments give the same scene.

    Args:
        spec: Ranges to draw from.
        seed: Seed of the draw.
        cameras: Camera names that get a mount and a calibration residual.
        joints: Number of arm joints that get a start offset.
        randomise: False keeps colours, light, cameras and the arm as drawn on paper.
    """
    rng = np.random.default_rng(seed)
    amount = 1.0 if randomise else 0.0
    bins = _draw_bins(spec, rng, amount)
    fixtures = _draw_fixtures(spec, rng, amount)
    parts = _draw_parts(spec, rng, amount, [np.array(one.xy) for one in fixtures])
    clutter = _draw_clutter(spec, rng, [*(np.array(one.xy) for one in parts),
                                        *(np.array(one.xy) for one in fixtures)])
    tilt = rng.uniform(-1, 1, 2) * spec.light.spread * amount
    pose_error = {
        which: {name: _floats(np.r_[rng.uniform(-1, 1, 3) * spread.xyz,
                                    rng.uniform(-1, 1, 3) * spread.angle] * amount)
                for name in cameras}
        for which, spread in (('mount', spec.camera.mount), ('residual', spec.camera.residual))}
    return SceneDraw(
        seed=seed, parts=parts, bins=bins, clutter=clutter,
        light=_floats(np.array([np.sin(tilt[0]), np.sin(tilt[1]), 1.0])),
        ambient=float(rng.uniform(*spec.light.ambient)),
        table_rgb=_tint(rng, spec.table.rgb, 2 * spec.colour_jitter * amount),
        mount=pose_error['mount'], residual=pose_error['residual'],
        arm_offset=_floats(rng.uniform(-1, 1, joints) * spec.arm_start * amount),
        fixtures=fixtures)


def _floats(values: Array) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _tint(rng: np.random.Generator, rgb: tuple[float, ...], amount: float) -> tuple[float, ...]:
    """Return a colour near `rgb`: one brightness change and a small one for each channel."""
    change = rng.uniform(-amount, amount) + rng.uniform(-0.4, 0.4, 3) * amount
    return _floats(np.clip(np.array(rgb) + change, 0.02, 1.0))


def _draw_bins(spec: SceneSpec, rng: np.random.Generator, amount: float) -> tuple[Bin, ...]:
    sides = rng.permutation([-1.0, 1.0])
    return tuple(
        Bin(colour, (float(rng.uniform(*spec.bins.x)), float(side * rng.uniform(*spec.bins.y))),
            float(rng.uniform(-1, 1) * spec.bins.yaw),
            _tint(rng, PAINTS[colour], spec.colour_jitter * amount))
        for side, colour in zip(sides, spec.bins.colours, strict=False))


def _free_spot(rng: np.random.Generator, zone: ZoneSpec, taken: list[Array],
               spacing: float) -> Array | None:
    for _ in range(200):
        xy = rng.uniform(zone.lower, zone.upper)
        if all(np.hypot(*(xy - other)) >= spacing for other in taken):
            return xy
    return None


def _draw_fixtures(spec: SceneSpec, rng: np.random.Generator,
                   amount: float) -> tuple[Fixture, ...]:
    """Draw the fixtures apart from each other; the later ones make room for the earlier."""
    drawn: list[Fixture] = []
    for row in spec.fixtures:
        count = int(rng.integers(row.count[0], row.count[1] + 1))
        for colour in [row.colours[i] for i in rng.permutation(len(row.colours))[:count]]:
            xy = _free_place(rng, row, [np.array(one.xy) for one in drawn])
            drawn.append(Fixture(row.kind, colour, _floats(xy), float(rng.uniform(*row.heading)),
                                 _tint(rng, PAINTS[colour], spec.colour_jitter * amount),
                                 _state(rng, row.kind, drawn)))
    return tuple(drawn)


def _state(rng: np.random.Generator, kind: str, drawn: list[Fixture]) -> float:
    """Return how a fixture begins: of two clamps one is open; belts differ in speed."""
    if kind == 'belt':
        return float(rng.uniform(*BELT_SPEED))
    if kind != 'clamp':
        return 0.0
    before = [one.value for one in drawn if one.kind == 'clamp']
    return (TURN if rng.random() < 0.5 else 0.0) if not before else TURN - before[-1]


def _free_place(rng: np.random.Generator, row: FixtureSpec, taken: list[Array]) -> Array:
    """Return a place in the zone as far from the others as a few tries give."""
    tries = rng.uniform(row.lower, row.upper, (24, 2))
    if not taken:
        return np.asarray(tries[0])
    room = np.min([np.hypot(*(tries - other).T) for other in taken], axis=0)
    roomy = tries[room > (APART_CLAMPS if row.kind == 'clamp' else APART)]
    return np.asarray(roomy[0] if len(roomy) else tries[room.argmax()])


def _draw_parts(spec: SceneSpec, rng: np.random.Generator, amount: float,
                taken: list[Array]) -> tuple[Part, ...]:
    """Draw distinct (kind, colour) parts, so that every instruction has one meaning."""
    parts = spec.parts
    names = [(kind, colour) for kind in parts.kinds for colour in parts.colours]
    order = rng.permutation(len(names))[:rng.integers(parts.count[0], parts.count[1] + 1)]
    drawn: list[Part] = []
    # On a belt parts lie above it, in a crate in it: neither is in their way.
    taken = [] if parts.heap or any(row.kind == 'belt' for row in spec.fixtures) else list(taken)
    for kind, colour in (names[i] for i in order):
        xy = _free_spot(rng, parts.zone, taken, parts.spacing)
        if xy is None:
            continue
        taken.append(xy)
        drawn.append(_draw_part(spec, rng, (kind, colour), xy, amount))
    return tuple(drawn)


def _draw_part(spec: SceneSpec, rng: np.random.Generator, name: tuple[str, str], xy: Array,
               amount: float) -> Part:
    """Draw one part of a kind and colour at `xy` [2] m."""
    parts, (kind, colour) = spec.parts, name
    drawing, scale = catalogue()[kind], float(rng.uniform(*parts.scale))
    yaw = float(rng.uniform(-np.pi, np.pi))
    rgb = _tint(rng, PAINTS[colour], spec.colour_jitter * amount)
    paints = {**PAINTS, 'own': rgb}
    return Part(
        kind, colour, drawing.shape, _triple(drawing.size, scale), _floats(xy), yaw,
        paints[drawing.paint], float(rng.uniform(*parts.mass)),
        float(rng.uniform(*parts.friction)), _fittings(drawing, scale, paints),
        _scaled(drawing.taken(), scale), _ground(spec))


def _ground(spec: SceneSpec) -> float:
    """Return the height m on which the parts of a scene are laid."""
    if any(row.kind == 'belt' for row in spec.fixtures):
        return BELT[2]
    return CRATE_FLOOR if spec.parts.heap else 0.0


def _fittings(drawing: KindSpec, scale: float, paints: dict[str, tuple[float, ...]]) -> tuple:
    """Return the primitives besides the body, scaled, each with its colour."""
    return tuple((replace(one, size=_triple(one.size, scale), at=_triple(one.at, scale)),
                  paints[one.paint]) for one in drawing.more)


def _triple(lengths: tuple[float, float, float], scale: float) -> tuple[float, float, float]:
    x, y, z = lengths
    return x * scale, y * scale, z * scale


def _scaled(grip: GripSpec, scale: float) -> GripSpec:
    return replace(grip, z=grip.z * scale, width=grip.width * scale)


def _draw_clutter(spec: SceneSpec, rng: np.random.Generator,
                  taken: list[Array]) -> tuple[Part, ...]:
    taken = list(taken)
    drawn = []
    for _ in range(int(rng.integers(spec.clutter.count[0], spec.clutter.count[1] + 1))):
        xy = _free_spot(rng, spec.parts.zone, taken, spec.parts.spacing)
        if xy is None:
            break
        taken.append(xy)
        x, y, z = _floats(rng.uniform(*spec.clutter.size, 3) * [2, 2, 0.6])
        drawn.append(Part('clutter', 'grey', 'box', (x, y, z), _floats(xy),
                          float(rng.uniform(-np.pi, np.pi)),
                          _tint(rng, spec.clutter.rgb, 0.1), 0.1, 0.7))
    return tuple(drawn)
