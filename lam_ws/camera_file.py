"""What may stand under `cameras` in config/sites/*.yaml: optics, mount, and where images are from.

One camera enters as checked data. Its optics are an angle of view, or what `lam calibrate` found;
its optical frame stands by eye and target or by xyz and rpy in the parent's frame.
"""
from collections.abc import Iterator
from dataclasses import dataclass
import math
from typing import Annotated, Literal

from lam_ws import rules
from lam_ws.geometry import look_at, pose
from lam_ws.rules import Identifier, Length, Pattern, Range
from lam_ws.types import Array
import numpy as np

Pixel = Annotated[int, Range(8, 4096)]
Where = Annotated[str, Pattern(r'|[0-9]{1,2}|topic:[A-Za-z/~][A-Za-z0-9_/]*|[^\s\0][^\n\r\0]*',
                               'topic:NAME, the number or path of a device, a film or a folder')]
TOPIC = 'topic:'
_DISTORTION = 5   # k1, k2, p1, p2, k3


@dataclass(frozen=True)
class CameraFile:
    """One camera of a site.

    Attributes:
        name: Also its topic namespace.
        parent: Frame it is mounted on.
        width, height: px.
        rate_hz: Images a second.
        fov_deg: Vertical field of view, deg, of square pixels around a centred axis.
        focal, centre: px, (x, y) of calibrated optics, in place of fov_deg.
        distortion: k1, k2, p1, p2, k3 of calibrated optics (Brown-Conrady, as in OpenCV); images
            are made straight when they come in. Empty for optics that are straight.
        source: 'topic:NAME' of a foreign driver, number or path of a device, a film or a folder
            of pictures; '' where the simulator sends the images, or somebody under our names.
        eye, target: m, of the optical frame.
        xyz, rpy: m, rad, of the optical frame.
    """

    name: Identifier
    parent: Literal['base', 'tcp']
    width: Pixel
    height: Pixel
    rate_hz: Annotated[float, Range(above=0.0, upper=120.0)]
    fov_deg: Annotated[float, Range(above=1.0, upper=170.0)] | None = None
    focal: Annotated[tuple[float, float], Range(above=0.0, upper=1e5)] | None = None
    centre: Annotated[tuple[float, float], Range(-1e4, 1e4)] | None = None
    distortion: Annotated[tuple[float, ...], Length(0, _DISTORTION), Range(-100.0, 100.0)] = ()
    source: Where = ''
    eye: rules.Place | None = None     # m
    target: rules.Place | None = None  # m
    xyz: rules.Place | None = None     # m
    rpy: rules.Turns | None = None     # rad

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield a pose or optics that are given twice, by halves, or not at all."""
        given = [key for key in ('eye', 'target', 'xyz', 'rpy') if getattr(self, key) is not None]
        if given not in (['eye', 'target'], ['xyz', 'rpy']):
            yield '', 'needs either eye and target or xyz and rpy, found ' \
                      + (', '.join(given) or 'neither')
        elif self.eye is not None and self.target is not None:
            if math.dist(self.eye[:2], self.target[:2]) < 1e-6:
                yield 'target', 'lies on a vertical line with eye; use xyz and rpy instead'
        optics = [key for key in ('fov_deg', 'focal', 'centre') if getattr(self, key) is not None]
        if optics not in (['fov_deg'], ['focal', 'centre']):
            yield '', 'needs either fov_deg or focal and centre, found ' \
                      + (', '.join(optics) or 'neither')
        if self.distortion and len(self.distortion) != _DISTORTION:
            yield 'distortion', f'must have {_DISTORTION} entries, found {len(self.distortion)}'
        if self.distortion and self.focal is None:
            yield 'distortion', 'goes with focal and centre, as lam calibrate writes them'

    def X_ParentCamera(self) -> Array:
        """Return the [4, 4] pose of the optical frame in the parent frame, m."""
        if self.eye is not None and self.target is not None:
            return look_at(self.eye, self.target)
        assert self.xyz is not None and self.rpy is not None
        return pose(self.xyz, self.rpy)

    def K(self) -> Array:
        """Return the [3, 3] intrinsics, px."""
        if self.focal is not None and self.centre is not None:
            (fx, fy), (cx, cy) = self.focal, self.centre
            return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
        assert self.fov_deg is not None
        return pinhole(self.width, self.height, self.fov_deg)


def pinhole(width: int, height: int, fov_deg: float) -> Array:
    """Return the [3, 3] intrinsics, px, of square pixels and a centred axis.

    Args:
        width: px.
        height: px.
        fov_deg: Vertical field of view, deg.
    """
    focal = 0.5 * height / math.tan(math.radians(fov_deg) / 2.0)
    return np.array([[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]])
