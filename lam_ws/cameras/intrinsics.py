"""The optics of a camera from pictures of the board, or why these pictures are not enough.

Corners in pictures enter; K and distortion leave with how well they are known: the residuals, the
residuals in pictures that were left out, what of the image was seen, how much the board was
tilted, and the uncertainty of the focal length. What is poor is refused by the numbers, all of
them named at once. Tilt is judged by itself: of boards seen from the front alone the focal length
came out wrong by half, with small residuals and a small uncertainty (test/cameras).
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lam_ws.cameras.board import Corners
from lam_ws.errors import CameraError
from lam_ws.types import Array
import numpy as np

LEAST_VIEWS = 12
LARGEST_RMS = 0.8        # px
LARGEST_HELD_OUT = 1.0   # px
LEAST_COVERED = 0.7      # share of the image's cells in which a corner was seen
CELLS = (8, 6)
LEAST_LEAN = 0.06        # share by which a board seems larger at one edge, about a second axis
LARGEST_SPREAD = 0.005   # standard deviation of the focal length, as a share of it
_FOLDS = 5
_OUTLIER = 3.0           # times the median residual: a picture that was moved, or a false corner


@dataclass(frozen=True)
class Optics:
    """What was found, and how well it is known.

    Attributes:
        K: [3, 3] px.
        distortion: k1, k2, p1, p2, k3.
        rms: px, of the residuals.
        held_out: px, of the residuals in pictures that took no part.
        spread: Standard deviation of the focal length, as a share of it.
        covered: Share of the image's cells in which a corner was seen.
        lean: Share by which the board seems larger at one edge than in its middle, root mean
            square about the axis about which it was tilted less.
        residuals: By picture: [k, 4] px, where a corner was seen and by how much it is off.
        dropped: Pictures that were left out because they disagree with all others.
    """

    K: Array
    distortion: tuple[float, ...]
    rms: float
    held_out: float
    spread: float
    covered: float
    lean: float
    residuals: Mapping[str, Array]
    dropped: tuple[str, ...]

    def faults(self) -> list[str]:
        """Return what is not good enough, with what is required."""
        wrong = [(self.covered < LEAST_COVERED, 'corners were seen in '
                  f'{100 * self.covered:.0f} % of the image, not {100 * LEAST_COVERED:.0f} %: '
                  'show the board in the corners and at the edges'),
                 (not self.lean >= LEAST_LEAN, 'the board was too little tilted '
                  f'({self.lean:.3f}, not {LEAST_LEAN:g}): tilt it by 30 to 45 degrees to all '
                  'sides, and come near'),
                 (not self.spread <= LARGEST_SPREAD, f'the focal length is known to '
                  f'{100 * self.spread:.2f} %, not {100 * LARGEST_SPREAD:g} %: take more '
                  'pictures, tilted to all sides'),
                 (not self.rms <= LARGEST_RMS, f'residuals are {self.rms:.2f} px, not '
                  f'{LARGEST_RMS:g} px: hold the board still, keep it flat, measure its squares'),
                 (not self.held_out <= LARGEST_HELD_OUT, 'residuals in pictures left out are '
                  f'{self.held_out:.2f} px, not {LARGEST_HELD_OUT:g} px: take more pictures')]
        return [text for bad, text in wrong if bad]


def optics(seen: Mapping[str, Corners], width: int, height: int) -> Optics:
    """Return the optics of a camera.

    Args:
        seen: Corners by the name of the picture; where none were found the picture is not in it.
        width: px.
        height: px.

    Raises:
        CameraError: There are too few pictures to say anything.
    """
    if len(seen) < LEAST_VIEWS:
        raise CameraError(f'the board was found in {len(seen)} pictures, and {LEAST_VIEWS} are '
                          'needed: 20 to 30 from all sides are good')
    names, size = list(seen), (width, height)
    per_view = _solve([seen[name] for name in names], size)[3]
    kept = [name for name, rms in zip(names, per_view, strict=True)
            if rms <= max(_OUTLIER * float(np.median(per_view)), 0.3)]
    if len(kept) < LEAST_VIEWS:
        raise CameraError(f'only {len(kept)} of {len(names)} pictures agree with each other')
    views = [seen[name] for name in kept]
    rms, K, D, per_view, spread, poses = _solve(views, size)
    residuals = {name: np.hstack([view.pixels, view.pixels - _seen_at(view, K, D, *pose)])
                 for name, view, pose in zip(kept, views, poses, strict=True)}
    return Optics(K, tuple(float(value) for value in D), rms, _held_out(views, size), spread,
                  covered(views, width, height), _lean(views), residuals,
                  tuple(name for name in names if name not in kept))


def covered(views: Sequence[Corners], width: int, height: int) -> float:
    """Return the share of the image's cells in which a corner was seen."""
    pixels = np.vstack([view.pixels for view in views])
    cells = np.clip((pixels / [width, height] * CELLS).astype(int), 0, np.array(CELLS) - 1)
    return len({(int(x), int(y)) for x, y in cells}) / (CELLS[0] * CELLS[1])


def _lean(views: Sequence[Corners]) -> float:
    """Return how much the board was tilted, by the edges that seem larger, without any optics."""
    import cv2

    found = []
    for view in views:
        points = view.points[:, :2]
        H = cv2.findHomography(points, view.pixels)[0]
        found.append(H[2, :2] * np.ptp(points, axis=0) / (H[2] @ [*points.mean(0), 1.0]))
    return float(np.linalg.svd(np.array(found), compute_uv=False)[1] / np.sqrt(len(found)))


def _solve(views: Sequence[Corners], size: tuple[int, int]
           ) -> tuple[float, Array, Array, Array, float, list[tuple[Array, Array]]]:
    """Return rms, K, distortion, rms of each view, spread of the focal length, and poses."""
    import cv2

    points = [view.points.astype(np.float32) for view in views]
    pixels = [view.pixels.astype(np.float32) for view in views]
    try:
        rms, K, D, turns, places, spread, _, per_view = cv2.calibrateCameraExtended(
            points, pixels, size, None, None)
    except cv2.error as error:
        raise CameraError('the pictures do not determine a camera') from error
    relative = float(max(spread[0, 0] / K[0, 0], spread[1, 0] / K[1, 1]))
    return (float(rms), np.asarray(K), np.asarray(D).ravel()[:5], np.asarray(per_view).ravel(),
            relative, list(zip(turns, places, strict=True)))


def _seen_at(view: Corners, K: Array, D: Array, turn: Array, place: Array) -> Array:
    import cv2

    return np.asarray(cv2.projectPoints(view.points, turn, place, K, D)[0]).reshape(-1, 2)


def _held_out(views: Sequence[Corners], size: tuple[int, int]) -> float:
    """Return the rms of residuals, px, in pictures that took no part, each once."""
    import cv2

    squares: list[Array] = []
    for fold in range(_FOLDS):
        _, K, D, *_ = _solve([view for i, view in enumerate(views) if i % _FOLDS != fold], size)
        for view in views[fold::_FOLDS]:
            found, turn, place = cv2.solvePnP(view.points, view.pixels, K, D)
            if found:
                off = view.pixels - _seen_at(view, K, D, turn, place)
                squares.append((off ** 2).sum(1))
    return float(np.sqrt(np.concatenate(squares).mean()))
