"""What stands in a cell: scene files, and one random scene drawn from them.

A scene YAML and a random generator enter; a frozen, JSON-serialisable `Scene` draw leaves,
from which a cell can be rebuilt exactly. Nothing here knows PyBullet.
"""
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.types import Array
import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True)
class TableSpec:
    """Table top: centre and size [2] m, colour."""

    centre: tuple[float, float]
    size: tuple[float, float]
    rgb: tuple[float, float, float]


@dataclass(frozen=True)
class KindSpec:
    """One kind of part: 'box' or 'cylinder', extent along its own axes [3] m."""

    shape: str
    size: tuple[float, float, float]


@dataclass(frozen=True)
class ZoneSpec:
    """A rectangle on the table, m."""

    lower: tuple[float, float]
    upper: tuple[float, float]


@dataclass(frozen=True)
class PartsSpec:
    """Which parts lie where, and how they vary."""

    kinds: Mapping[str, KindSpec]
    colours: Mapping[str, tuple[float, float, float]]
    count: tuple[int, int]
    zone: ZoneSpec
    spacing: float
    scale: Range
    mass: Range
    friction: Range


@dataclass(frozen=True)
class BinsSpec:
    """The bins: inner size, height and wall [m], colours, where their centres lie."""

    inner: tuple[float, float]
    height: float
    wall: float
    colours: Mapping[str, tuple[float, float, float]]
    x: Range
    y: Range
    yaw: float


@dataclass(frozen=True)
class ClutterSpec:
    """Things no instruction names: count, colour, half size range m."""

    count: tuple[int, int]
    rgb: tuple[float, float, float]
    size: Range


@dataclass(frozen=True)
class LightSpec:
    """Light direction spread rad, share of ambient light."""

    spread: float
    ambient: Range


@dataclass(frozen=True)
class SpreadSpec:
    """A uniform pose error: +-xyz m on each axis, +-angle rad about each axis."""

    xyz: float
    angle: float


@dataclass(frozen=True)
class CameraSpreadSpec:
    """How a camera's true pose differs from the drawing and from its calibration."""

    mount: SpreadSpec
    residual: SpreadSpec


@dataclass(frozen=True)
class SceneSpec:
    """A scene file, checked."""

    table: TableSpec
    parts: PartsSpec
    bins: BinsSpec
    clutter: ClutterSpec
    light: LightSpec
    colour_jitter: float
    camera: CameraSpreadSpec
    arm_start: float


@dataclass(frozen=True)
class Part:
    """A part as drawn: size [3] m, xy [2] m, yaw rad, rgb, mass kg, friction."""

    kind: str
    colour: str
    shape: str
    size: tuple[float, ...]
    xy: tuple[float, ...]
    yaw: float
    rgb: tuple[float, ...]
    mass: float
    friction: float


@dataclass(frozen=True)
class Bin:
    """A bin as drawn: centre xy [2] m, yaw rad, rgb."""

    colour: str
    xy: tuple[float, ...]
    yaw: float
    rgb: tuple[float, ...]


@dataclass(frozen=True)
class SceneDraw:
    """One random scene, complete: every number the cell needs besides the site."""

    seed: int
    parts: tuple[Part, ...]
    bins: tuple[Bin, ...]
    clutter: tuple[Part, ...]
    light: tuple[float, ...]      # [3] direction towards the light
    ambient: float
    table_rgb: tuple[float, ...]
    mount: Mapping[str, tuple[float, ...]]      # camera -> [6] m, rad from the drawing
    residual: Mapping[str, tuple[float, ...]]   # camera -> [6] m, rad from the calibration
    arm_offset: tuple[float, ...]               # [n] rad from home

    def to_dict(self) -> dict[str, object]:
        """Return plain lists and numbers for JSON."""
        return asdict(self)


def load_scene(name: str) -> SceneSpec:
    """Read sim/scenes/<name>.yaml.

    Raises:
        ConfigurationError: It is missing or wrong; names the line.
    """
    path = share() / 'sim' / 'scenes' / f'{name}.yaml'
    if not path.is_file():
        raise ConfigurationError(f"no scene '{name}'", path)
    return load(path, SceneSpec)


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
    parts = _draw_parts(spec, rng, amount)
    clutter = _draw_clutter(spec, rng, parts)
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
        arm_offset=_floats(rng.uniform(-1, 1, joints) * spec.arm_start * amount))


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
            _tint(rng, rgb, spec.colour_jitter * amount))
        for side, (colour, rgb) in zip(sides, spec.bins.colours.items(), strict=True))


def _free_spot(rng: np.random.Generator, zone: ZoneSpec, taken: list[Array],
               spacing: float) -> Array | None:
    for _ in range(200):
        xy = rng.uniform(zone.lower, zone.upper)
        if all(np.hypot(*(xy - other)) >= spacing for other in taken):
            return xy
    return None


def _draw_parts(spec: SceneSpec, rng: np.random.Generator, amount: float) -> tuple[Part, ...]:
    """Draw distinct (kind, colour) parts, so that every instruction has one meaning."""
    parts = spec.parts
    names = [(kind, colour) for kind in parts.kinds for colour in parts.colours]
    order = rng.permutation(len(names))[:rng.integers(parts.count[0], parts.count[1] + 1)]
    drawn: list[Part] = []
    taken: list[Array] = []
    for kind, colour in (names[i] for i in order):
        xy = _free_spot(rng, parts.zone, taken, parts.spacing)
        if xy is None:
            continue
        taken.append(xy)
        size = np.array(parts.kinds[kind].size) * rng.uniform(*parts.scale)
        drawn.append(Part(
            kind, colour, parts.kinds[kind].shape, _floats(size), _floats(xy),
            float(rng.uniform(-np.pi, np.pi)),
            _tint(rng, parts.colours[colour], spec.colour_jitter * amount),
            float(rng.uniform(*parts.mass)), float(rng.uniform(*parts.friction))))
    return tuple(drawn)


def _draw_clutter(spec: SceneSpec, rng: np.random.Generator,
                  parts: tuple[Part, ...]) -> tuple[Part, ...]:
    taken = [np.array(part.xy) for part in parts]
    drawn = []
    for _ in range(int(rng.integers(spec.clutter.count[0], spec.clutter.count[1] + 1))):
        xy = _free_spot(rng, spec.parts.zone, taken, spec.parts.spacing)
        if xy is None:
            break
        taken.append(xy)
        size = rng.uniform(*spec.clutter.size, 3) * [2, 2, 0.6]
        drawn.append(Part('clutter', 'grey', 'box', _floats(size), _floats(xy),
                          float(rng.uniform(-np.pi, np.pi)),
                          _tint(rng, spec.clutter.rgb, 0.1), 0.1, 0.7))
    return tuple(drawn)
