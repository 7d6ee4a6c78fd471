"""Where a camera is mounted, from pictures of the board and the joints at each of them.

Corners and tool poses enter; X_ParentCamera leaves with how well it is known. A camera on the
tool looks at a board that lies still; a fixed camera looks at a board on the tool. Both are one
equation, A X = X B of relative motions (Park and Martin, 1994, for its rotation), which begins a
least-squares fit of all corners in px, over the camera and where the board is.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from lam_ws.cameras.board import Corners
from lam_ws.errors import CameraError
from lam_ws.geometry import inverse
from lam_ws.types import Array
import numpy as np

LEAST_VIEWS = 10
LEAST_TURN = 0.2        # rad, of the tool about a second axis: about one alone nothing is known
LARGEST_RMS = 1.5        # px
LARGEST_OFF = 0.003      # m, median distance between where single pictures put the camera
LARGEST_SPREAD = 0.001   # m, standard deviation of the camera's position
_STEPS = 30
_SMALL = 1e-6
_FARTHEST = 2.8   # rad


@dataclass(frozen=True)
class Mount:
    """What was found, and how well it is known.

    Attributes:
        X_ParentCamera: [4, 4] m.
        X_OtherBoard: [4, 4] m, the board on the tool or in the base frame.
        rms: px, of the residuals.
        off: m, median distance between this position and that of each picture by itself.
        spread: m, standard deviation of the camera's position.
        turn: rad, by which the tool turned about the second of its main axes.
        residuals: By picture: [k, 4] px, where a corner was seen and by how much it is off.
    """

    X_ParentCamera: Array
    X_OtherBoard: Array
    rms: float
    off: float
    spread: float
    turn: float
    residuals: Mapping[str, Array]

    def faults(self) -> list[str]:
        """Return what is not good enough, with what is required."""
        worst = max(self.residuals, key=lambda name: float(
            np.linalg.norm(self.residuals[name][:, 2:], axis=1).mean()))
        wrong = [(not self.rms <= LARGEST_RMS, f'residuals are {self.rms:.2f} px, not '
                  f'{LARGEST_RMS:g} px, most of all in {worst}: the board moved, joints and '
                  "pictures do not belong together, or the optics are another camera's"),
                 (not self.off <= LARGEST_OFF, 'single pictures put the camera '
                  f'{1e3 * self.off:.1f} mm apart, not {1e3 * LARGEST_OFF:g} mm: look at the '
                  "board from nearer, and at the arm's own calibration"),
                 (not self.spread <= LARGEST_SPREAD, 'the position is known to '
                  f'{1e3 * self.spread:.2f} mm, not {1e3 * LARGEST_SPREAD:g} mm: take more '
                  'pictures from more sides')]
        return [text for bad, text in wrong if bad]


def mount(seen: Mapping[str, Corners], tools: Mapping[str, Array], K: Array, parent: str) -> Mount:
    """Return where the camera is mounted.

    Args:
        seen: Corners by picture, px of a pinhole camera: `straight` makes them so.
        tools: [4, 4] X_BaseTcp by picture, m.
        K: [3, 3] px.
        parent: 'tcp' for a camera on the tool, 'base' for a fixed one.

    Raises:
        CameraError: Too few pictures, or the tool did not turn about two axes.
    """
    names = [name for name in seen if name in tools]
    if len(names) < LEAST_VIEWS:
        raise CameraError(f'the board was found in {len(names)} pictures with joints, and '
                          f'{LEAST_VIEWS} are needed: 15 to 25 are good')
    views = [seen[name] for name in names]
    # M takes the board's side to the camera's: X_CameraBoard = inverse(X) M Z.
    M = np.array([inverse(tools[name]) if parent == 'tcp' else tools[name] for name in names])
    C = np.array([_pose(view, K) for view in views])
    X, turn = _begin(M, C)
    if turn < LEAST_TURN:
        raise CameraError(f'the tool turned by {turn:.2f} rad about a second axis, and '
                          f'{LEAST_TURN:g} are needed: tilt it to all sides, and turn it')
    Z = inverse(M[0]) @ X @ C[0]
    X, Z, J, off = _fit(X, Z, M, views, K)
    free = max(off.size - 12, 1)
    cov = np.linalg.pinv(J.T @ J) * float(off @ off) / free
    single = np.array([M_i @ Z @ inverse(C_i) for M_i, C_i in zip(M, C, strict=True)])
    rows = np.split(off.reshape(-1, 2), np.cumsum([len(view.ids) for view in views])[:-1])
    return Mount(X, Z, float(np.sqrt((off ** 2).sum() / (off.size / 2))),
                 float(np.median(np.linalg.norm((single - X)[:, :3, 3], axis=1))),
                 float(np.sqrt(np.trace(cov[3:6, 3:6]))), turn,
                 {name: np.hstack([view.pixels, row])
                  for name, view, row in zip(names, views, rows, strict=True)})


def straight(view: Corners, K: Array, distortion: tuple[float, ...]) -> Corners:
    """Return the corners as a pinhole camera of the same K sees them."""
    if not any(distortion):
        return view
    import cv2

    pixels = cv2.undistortPoints(view.pixels[:, None], K, np.array(distortion), P=K, criteria=(
        cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-9))   # its own 5 rounds are few
    return Corners(view.ids, np.asarray(pixels).reshape(-1, 2), view.points)


def _pose(view: Corners, K: Array) -> Array:
    """Return X_CameraBoard by the corners of one picture."""
    import cv2

    _, turn, place = cv2.solvePnP(view.points, view.pixels, K, None)
    return _moved(np.concatenate([np.ravel(turn), np.ravel(place)]))


def _moved(twist: Array) -> Array:
    """Return the [4, 4] transform of a rotation vector, rad, and a translation, m."""
    angle = float(np.linalg.norm(twist[:3]))
    x, y, z = twist[:3] / angle if angle > 1e-12 else np.zeros(3)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    X = np.eye(4)
    X[:3, :3] += np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    X[:3, 3] = twist[3:]
    return X


def _turned(R: Array) -> Array:
    """Return the rotation vector, rad, of a rotation by less than a half turn."""
    axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2.0
    sine = float(np.linalg.norm(axis))
    angle = float(np.arctan2(sine, (np.trace(R) - 1.0) / 2.0))
    return axis * (angle / sine if sine > 1e-9 else 1.0)


def _angle(X: Array) -> float:
    return float(np.arccos(np.clip((np.trace(X[:3, :3]) - 1.0) / 2.0, -1.0, 1.0)))


def _begin(M: Array, C: Array) -> tuple[Array, float]:
    """Return X of A X = X B, and by how many rad the tool turned about a second axis."""
    pairs = [(M[j] @ inverse(M[i]), C[j] @ inverse(C[i]))
             for i, j in combinations(range(len(M)), 2)]
    # Of a half turn nobody can say which way it went.
    A, B = zip(*[pair for pair in pairs if _angle(pair[0]) < _FARTHEST] or pairs, strict=True)
    a, b = (np.array([_turned(X[:3, :3]) for X in rows]) for rows in (A, B))
    turn = float(np.linalg.svd(a, compute_uv=False)[1] / np.sqrt(len(a)))
    U, _, Vt = np.linalg.svd(a.T @ b)
    X = np.eye(4)
    X[:3, :3] = U @ np.diag([1.0, 1.0, np.linalg.det(U @ Vt)]) @ Vt
    left = np.vstack([one[:3, :3] - np.eye(3) for one in A])
    right = np.concatenate([X[:3, :3] @ two[:3, 3] - one[:3, 3]
                            for one, two in zip(A, B, strict=True)])
    X[:3, 3] = np.linalg.lstsq(left, right, rcond=None)[0]
    return X, turn


def _off(X: Array, Z: Array, M: Array, views: list[Corners], K: Array) -> Array:
    """Return seen minus expected of all corners, [2 k] px."""
    found = []
    for M_i, view in zip(M, views, strict=True):
        X_CameraBoard = inverse(X) @ M_i @ Z
        points = view.points @ X_CameraBoard[:3, :3].T + X_CameraBoard[:3, 3]
        depth = np.where(np.abs(points[:, 2:]) < 1e-6, 1e-6, points[:, 2:])
        found.append(view.pixels - (points @ K.T)[:, :2] / depth)
    return np.concatenate(found).ravel()


def _fit(X: Array, Z: Array, M: Array, views: list[Corners], K: Array
         ) -> tuple[Array, Array, Array, Array]:
    """Return X, Z, Jacobian and residuals after Levenberg and Marquardt's least squares."""
    def at(step: Array) -> tuple[Array, Array]:
        return X @ _moved(step[:6]), Z @ _moved(step[6:])

    def slope(off: Array) -> Array:
        axes = np.asarray(_SMALL * np.eye(12), float)
        return np.array([(_off(*at(axis), M, views, K) - off) / _SMALL for axis in axes]).T
    off, damping = _off(X, Z, M, views, K), 1e-3
    for _ in range(_STEPS):
        J = slope(off)
        normal = J.T @ J + damping * np.diag((J ** 2).sum(0) + 1e-9)
        step = np.asarray(-np.linalg.solve(normal, J.T @ off), float)
        further = _off(*at(step), M, views, K)
        if further @ further < off @ off:
            small = bool(off @ off - further @ further < 1e-9 * (off @ off))
            (X, Z), off, damping = at(step), further, damping / 10.0
            if small:
                break
        else:
            damping *= 10.0
    return X, Z, slope(off), off
