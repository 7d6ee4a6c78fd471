"""What may stand in a cell: the schema of a scene file, and of one scene drawn from it.

A scene YAML enters, a checked `SceneSpec` leaves; `lam_ws.sim.drawing` draws frozen,
JSON-serialisable `SceneDraw`s from it, from which a cell can be rebuilt exactly. Nothing here
knows PyBullet.
"""
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Annotated, Literal

from lam_ws import rules
from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.sim import scene_rules as within
from lam_ws.sim.fixtures import KINDS
from lam_ws.source import nearest


@dataclass(frozen=True)
class TableSpec:
    """Table top: centre and size [2] m, colour."""

    centre: within.Spot = (0.45, 0.0)
    size: within.Sides = (1.10, 1.30)
    rgb: within.Colour = (0.62, 0.60, 0.56)


@dataclass(frozen=True)
class ShapeSpec:
    """One primitive of a part.

    Attributes:
        shape: 'box', 'cylinder' (along z) or 'sphere'.
        size: Extent along its own axes [3] m.
        at: Its centre from the part's centre [3] m.
        paint: 'own' for the part's colour, or 'steel', 'dark', 'copper', 'brass'.
    """

    shape: Literal['box', 'cylinder', 'sphere']
    size: within.Size
    at: within.Place = (0.0, 0.0, 0.0)
    paint: Literal['own', 'steel', 'dark', 'copper', 'brass'] = 'own'


@dataclass(frozen=True)
class GripSpec:
    """How a part is taken from above: z m above its underside, width m, headings in a full turn.

    `turns` is 0 where every heading is as good (a shaft), 2 for a bar, 4 for a cube.
    """

    z: Annotated[float, rules.Range(0.0, 2.0)]
    width: within.Length
    turns: Annotated[int, rules.Range(0, 36)]


@dataclass(frozen=True)
class KindSpec:
    """One kind of part: its body, of extent [3] m along its own axes, and what is fixed to it.

    `more` are primitives besides the body; `grip` is needed where the body alone does not say
    how the part is taken: by its middle, across y.
    """

    shape: Literal['box', 'cylinder']
    size: within.Size
    paint: Literal['own', 'steel', 'dark', 'copper', 'brass'] = 'own'
    more: Annotated[tuple[ShapeSpec, ...], within.Few] = ()
    grip: GripSpec | None = None

    def taken(self) -> GripSpec:
        """Return how it is taken."""
        x, y, z = self.size
        turns: int = 0 if self.shape == 'cylinder' else 4 if x == y else 2
        return self.grip or GripSpec(z / 2, y, turns)


@dataclass(frozen=True)
class ZoneSpec:
    """A rectangle on the table, m."""

    lower: within.Spot
    upper: within.Spot

    def contradictions(self) -> Iterator[within.Fault]:
        """Yield a corner on the wrong side of the other."""
        yield from within.corners(self.lower, self.upper)


@dataclass(frozen=True)
class PartsSpec:
    """Which parts lie where, and how they vary."""

    kinds: tuple[str, ...]
    count: within.Count
    zone: ZoneSpec
    colours: tuple[within.Paint, ...] = ('red', 'green', 'blue', 'yellow')
    spacing: within.Length = 0.088   # m between centres, so that open fingers fit beside each part
    scale: within.Scale = (0.92, 1.08)
    mass: within.Mass = (0.04, 0.12)   # kg
    friction: within.Scale = (0.5, 1.0)
    heap: bool = False       # dropped into the first crate instead of laid out


@dataclass(frozen=True)
class BinsSpec:
    """The bins: inner size, height and wall [m], colours, where their centres lie."""

    colours: Annotated[tuple[within.Paint, ...], rules.Length(0, 2)] = ()
    inner: within.Sides = (0.15, 0.15)   # m
    height: within.Length = 0.045   # m
    wall: within.Length = 0.006     # m
    x: within.Interval = (0.42, 0.58)   # m, centre
    y: within.Interval = (0.27, 0.31)   # m, centre of one bin; the other lies at -y
    yaw: Annotated[float, rules.Range(0.0, 4.0)] = 0.25        # rad, either way


@dataclass(frozen=True)
class FixtureSpec:
    """One thing that is built into the cell; `lam_ws.sim.fixtures` has the kinds.

    Attributes:
        kind: What it is, for example 'button'.
        colours: One is built in each of these colours, from `PAINTS`; 'none' leaves it steel.
        count: How many of the colours, drawn anew for each scene.
        lower, upper: [2] m, zone of its place on the table.
        heading: [2] rad, lower and upper bound of its heading.
    """

    kind: str
    colours: tuple[within.Paint, ...]
    count: within.Count
    lower: within.Spot
    upper: within.Spot
    heading: within.Heading = (0.0, 0.0)

    def contradictions(self) -> Iterator[within.Fault]:
        """Yield a corner on the wrong side of the other."""
        yield from within.corners(self.lower, self.upper)


@dataclass(frozen=True)
class ClutterSpec:
    """Things no instruction names: count, colour, half size range m."""

    count: within.Count = (0, 2)
    rgb: within.Colour = (0.50, 0.48, 0.52)
    size: within.Lengths = (0.018, 0.030)


@dataclass(frozen=True)
class LightSpec:
    """Light: spread around the vertical rad, share of ambient light."""

    spread: Annotated[float, rules.Range(0.0, 10.0)] = 0.6
    ambient: Annotated[within.Range, rules.Range(0.0, 1.0), rules.Rising()] = (0.45, 0.70)


@dataclass(frozen=True)
class SpreadSpec:
    """A uniform pose error: +-xyz m on each axis, +-angle rad about each axis."""

    xyz: within.Portion
    angle: within.Portion


@dataclass(frozen=True)
class CameraSpreadSpec:
    """How a camera's true pose differs from the drawing and from its calibration.

    `mount` is how cells differ, and known by calibration; `residual` what that leaves unknown.
    """

    mount: SpreadSpec = SpreadSpec(0.020, 0.035)
    residual: SpreadSpec = SpreadSpec(0.0015, 0.002)


@dataclass(frozen=True)
class SceneSpec:
    """A scene file, checked."""

    parts: PartsSpec
    table: TableSpec = TableSpec()
    bins: BinsSpec = BinsSpec()
    fixtures: tuple[FixtureSpec, ...] = ()
    clutter: ClutterSpec = ClutterSpec()
    light: LightSpec = LightSpec()
    camera: CameraSpreadSpec = CameraSpreadSpec()
    colour_jitter: within.Portion = 0.05
    arm_start: within.Portion = 0.05     # rad around the home pose


@dataclass(frozen=True)
class Part:
    """A part as drawn: size [3] m, xy [2] m, z of its underside m, yaw rad, rgb, mass kg."""

    kind: str
    colour: str
    shape: Literal['box', 'cylinder']
    size: tuple[float, float, float]
    xy: tuple[float, ...]
    yaw: float
    rgb: tuple[float, ...]
    mass: float
    friction: float
    more: tuple[tuple[ShapeSpec, tuple[float, ...]], ...] = ()   # primitive and its rgb
    grip: GripSpec = GripSpec(0.02, 0.04, 4)
    z: float = 0.0


@dataclass(frozen=True)
class Bin:
    """A bin as drawn: centre xy [2] m, yaw rad, rgb."""

    colour: str
    xy: tuple[float, ...]
    yaw: float
    rgb: tuple[float, ...]


@dataclass(frozen=True)
class Fixture:
    """A fixture as drawn: place xy [2] m and heading rad of its own frame, rgb.

    `value` is where its hinge stands (rad, m), or how fast it carries parts along (m/s).
    """

    kind: str
    colour: str
    xy: tuple[float, ...]
    yaw: float
    rgb: tuple[float, ...]
    value: float = 0.0


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
    fixtures: tuple[Fixture, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return plain lists and numbers for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Catalogue:
    """sim/parts.yaml: what parts look like."""

    parts: Mapping[str, KindSpec]


@cache
def catalogue() -> Mapping[str, KindSpec]:
    """Return the parts of sim/parts.yaml by name.

    Raises:
        ConfigurationError: It is missing or wrong; names the line.
    """
    return load(share() / 'sim' / 'parts.yaml', Catalogue).parts


def load_scene(name: str) -> SceneSpec:
    """Read sim/scenes/<name>.yaml.

    Raises:
        ConfigurationError: It is missing or wrong; names the line.
    """
    path = share() / 'sim' / 'scenes' / f'{name}.yaml'
    if not path.is_file():
        raise ConfigurationError(f"no scene '{name}'", path)
    spec = load(path, SceneSpec)
    for what, names, known in (
            ('part', spec.parts.kinds, list(catalogue())),
            ('fixture', [one.kind for one in spec.fixtures], list(KINDS))):
        for name in names:
            if name not in known:
                raise ConfigurationError(f'there is no {what} {rules.quoted(name)}', path,
                                         nearest=nearest(name, known))
    return spec
