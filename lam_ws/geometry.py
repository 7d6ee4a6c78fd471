"""Rigid transforms and the kinematic chain of an arm.

`X_AB` is the pose of frame B in frame A as a [4, 4] homogeneous matrix, so that
`p_A = X_AB @ p_B` and `X_AC = X_AB @ X_BC`. Metres and radians, REP-103 axes.
"""
from collections.abc import Sequence

from lam_ws.robot import ArmSpec
from lam_ws.types import Array
import numpy as np

DAMPING = 0.02   # Levenberg damping of inverse kinematics
STEP = 0.5       # rad, the most that one of its iterations turns a joint
POSTURE = 0.03   # share of the way to the rest pose by which each iteration of `follow` pulls


def rotation_x(angle: float) -> Array:
    """Return the [4, 4] rotation by `angle` rad about x."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]])


def rotation_y(angle: float) -> Array:
    """Return the [4, 4] rotation by `angle` rad about y."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0], [0, 0, 0, 1]])


def rotation_z(angle: float) -> Array:
    """Return the [4, 4] rotation by `angle` rad about z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def translation(offset: Sequence[float] | Array) -> Array:
    """Return the [4, 4] translation by `offset` [3] m."""
    X = np.eye(4)
    X[:3, 3] = offset
    return X


def pose(xyz: Sequence[float] | Array, rpy: Sequence[float] | Array) -> Array:
    """Return the [4, 4] pose at `xyz` [3] m with URDF roll, pitch, yaw `rpy` [3] rad."""
    return (translation(xyz) @ rotation_z(rpy[2]) @ rotation_y(rpy[1]) @ rotation_x(rpy[0]))


def inverse(X_AB: Array) -> Array:
    """Return X_BA of a rigid [..., 4, 4] X_AB."""
    X_BA = np.zeros_like(X_AB)
    R = np.swapaxes(X_AB[..., :3, :3], -1, -2)
    X_BA[..., :3, :3] = R
    X_BA[..., :3, 3:] = -R @ X_AB[..., :3, 3:]
    X_BA[..., 3, 3] = 1.0
    return X_BA


def roll_pitch_yaw(X_AB: Array) -> Array:
    """Return the URDF [3] roll, pitch, yaw in rad of X_AB (pitch within +-pi/2)."""
    R = X_AB[:3, :3]
    return np.array([np.arctan2(R[2, 1], R[2, 2]),
                     np.arctan2(-R[2, 0], np.hypot(R[2, 1], R[2, 2])),
                     np.arctan2(R[1, 0], R[0, 0])])


def quaternion(X_AB: Array) -> Array:
    """Return the [4] unit quaternion (x, y, z, w) of X_AB's rotation (Shepperd's method)."""
    R = X_AB[:3, :3]
    scores = np.array([R[0, 0], R[1, 1], R[2, 2], np.trace(R)])
    i = int(np.argmax(scores))
    q = np.empty(4)
    if i == 3:
        q[:] = R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1], 1.0 + scores[3]
    else:
        j, k = (i + 1) % 3, (i + 2) % 3
        q[i] = 1.0 - scores[3] + 2.0 * R[i, i]
        q[j], q[k] = R[j, i] + R[i, j], R[k, i] + R[i, k]
        q[3] = R[k, j] - R[j, k]
    return q / np.linalg.norm(q)


def from_quaternion(q: Sequence[float] | Array) -> Array:
    """Return the [4, 4] rotation of a quaternion `q` [4] (x, y, z, w) of any length but zero."""
    x, y, z, w = np.asarray(q, float) / np.linalg.norm(q)
    X = np.eye(4)
    X[:3, :3] = [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                 [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                 [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]
    return X


def look_at(eye: Sequence[float] | Array, target: Sequence[float] | Array,
            roll: float = 0.0) -> Array:
    """Return the [4, 4] optical frame (x right, y down, z forward) at `eye` seeing `target`."""
    forward = np.asarray(target, float) - np.asarray(eye, float)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right)
    X = np.eye(4)
    X[:3, 0], X[:3, 1], X[:3, 2], X[:3, 3] = right, np.cross(forward, right), forward, eye
    return X @ rotation_z(roll)


def downward(xyz: Sequence[float] | Array, yaw: float | Sequence[float] | Array) -> Array:
    """Return tool poses: z down, x along `yaw`, fingers closing along y.

    Args:
        xyz: [3] or [B, 3] m.
        yaw: rad, or [B] rad.

    Returns:
        [4, 4] or [B, 4, 4].
    """
    xyz = np.asarray(xyz, float)
    X = np.zeros((*xyz.shape[:-1], 4, 4))
    X[..., 0, 0] = np.cos(yaw)
    X[..., 0, 1] = X[..., 1, 0] = np.sin(yaw)
    X[..., 1, 1] = -X[..., 0, 0]
    X[..., 2, 2] = -1.0
    X[..., :3, 3] = xyz
    X[..., 3, 3] = 1.0
    return X


def project(K: Array, X_CameraBase: Array, points: Array) -> Array:
    """Return pixels [..., 2] (u right, v down) of base-frame `points` [..., 3] m."""
    p = points @ X_CameraBase[:3, :3].T + X_CameraBase[:3, 3]
    uvw = p @ K.T
    return uvw[..., :2] / uvw[..., 2:]


def lift(K: Array, X_BaseCamera: Array, pixels: Array, height: Array | float) -> Array:
    """Return base-frame points [..., 3] m where the rays of `pixels` [..., 2] meet z = height."""
    pixels = np.asarray(pixels, float)
    right, down, forward, eye = X_BaseCamera[:3].T
    # Rays by substitution: K is upper triangular, its last row 0 0 1. For the few points that
    # are lifted at a time np.linalg.inv takes longer than all the rest.
    v = (pixels[..., 1, None] - K[1, 2]) / K[1, 1]
    u = (pixels[..., 0, None] - K[0, 2] - K[0, 1] * v) / K[0, 0]
    rays = u * right + v * down + forward
    reach = (np.asarray(height) - eye[2]) / rays[..., 2]
    return eye + rays * reach[..., None]


class Chain:
    """Forward and inverse kinematics of the arm joints of one ArmSpec (gripper excluded).

    Each joint is `before[i] @ rotation_z(q_i + offset_i) @ after[i]`, which covers Craig's
    modified DH (Craig, Introduction to Robotics, 3rd ed., eq. 3.6) and the standard form.
    """

    def __init__(self, spec: ArmSpec):
        self.joints = len(spec.dh)
        self.lower = spec.limits.lower[:self.joints]
        self.upper = spec.limits.upper[:self.joints]
        self.rest = spec.home[:self.joints]
        self.offset = np.array([row.offset for row in spec.dh])
        self.before, self.after = np.tile(np.eye(4), (2, self.joints, 1, 1))
        for i, row in enumerate(spec.dh):
            if spec.convention == 'craig':
                self.before[i] = rotation_x(row.alpha) @ translation([row.a, 0, 0])
                self.after[i] = translation([0, 0, row.d])
            else:
                self.after[i] = translation([row.a, 0, row.d]) @ rotation_x(row.alpha)
        self.X_FlangeTcp = spec.X_FlangeTcp
        # What follows each turn, up to the next joint's axis or the TCP, and its parts that
        # go with cosine, sine and neither: rotation_z(q) @ link = c cos + s sin + rest.
        links = self.after @ np.concatenate([self.before[1:], self.X_FlangeTcp[None]])
        parts = np.zeros((self.joints, 3, 4, 4))
        parts[:, 0, :2] = links[:, :2]
        parts[:, 1, 0], parts[:, 1, 1] = -links[:, 1], links[:, 0]
        parts[:, 2, 2:] = links[:, 2:]
        self._parts = parts.reshape(self.joints, 3, 16)

    def jacobian(self, q: Array) -> Array:
        """Return [B, 6, n] m/rad and rad/rad, what the joints `q` [B, n] rad do to the TCP."""
        return _jacobian(*self._frames(q))

    def _frames(self, q: Array) -> tuple[Array, Array]:
        """Return frames [B, n, 4, 4] and X_BaseTcp [B, 4, 4] for `q` [B, n] rad.

        The z axis of frame i is the axis of joint i; the frame does not turn with its joint.
        """
        angle = (q + self.offset).T
        turns = np.ones((*angle.shape, 3))
        np.cos(angle, out=turns[..., 0])
        np.sin(angle, out=turns[..., 1])
        steps = (turns @ self._parts).reshape(*angle.shape, 4, 4)
        X = np.empty((self.joints + 1, len(q), 4, 4))
        X[0] = self.before[0]
        for i in range(self.joints):
            np.matmul(X[i], steps[i], out=X[i + 1])
        return X[:-1].swapaxes(0, 1), X[-1]

    def forward(self, q: Array) -> Array:
        """Return X_BaseTcp [4, 4] (or [B, 4, 4]) for arm joints `q` [n] (or [B, n]) rad."""
        q = np.asarray(q, float)
        X = self._frames(np.atleast_2d(q))[1]
        return X[0] if q.ndim == 1 else X

    def tool(self, q: Array, velocity: Array) -> tuple[Array, float, Array]:
        """Return xyz [3] m, yaw rad and speed [3] m/s of a downward tool from joints [n]."""
        dt = 1e-4
        X, ahead = self.forward(np.stack([q, q + dt * velocity]))
        yaw = float(np.arctan2(X[1, 0], X[0, 0]))
        return X[:3, 3], yaw, (ahead[:3, 3] - X[:3, 3]) / dt

    def follow(self, seed: Array, xyz: Array, yaw: Sequence[float] | Array,
               iterations: int = 4) -> Array:
        """Return joints [H, n] rad for a downward tool path xyz [H, 3] m, yaw [H] rad.

        Four iterations are enough for the path of a second: they end within 0.2 mm and 0.5 mrad
        of it, and most of them ten times nearer.
        """
        return self._search(downward(xyz, yaw), seed, iterations, DAMPING, POSTURE)

    def origins(self, q: Array) -> Array:
        """Return the [n + 1, 3] m base-frame origins of the joint frames and of the TCP."""
        axes, X = self._frames(np.atleast_2d(q))
        return np.concatenate([axes[0, :, :3, 3], X[0, None, :3, 3]])

    def inverse(self, X_BaseTcp: Array, seed: Array, iterations: int = 12,
                damping: float = DAMPING, posture: float = 0.02) -> tuple[Array, Array]:
        """Solve a batch of poses by damped least squares with a pull to the rest pose.

        Args:
            X_BaseTcp: [B, 4, 4] wanted tool poses.
            seed: [n] or [B, n] rad, where the search starts; solutions stay near it.
            iterations: Gauss-Newton steps.
            damping: Levenberg damping, also what keeps steps small near singularities.
            posture: Gain of the null-space pull towards the rest pose (redundant arms only).

        Returns:
            [B, n] rad within the joint limits, and [B] m the position error that is left.
        """
        q = self._search(X_BaseTcp, seed, iterations, damping, posture)
        left = self._frames(q)[1][:, :3, 3] - X_BaseTcp[:, :3, 3]
        return q, np.linalg.norm(left, axis=-1)

    def _search(self, X_BaseTcp: Array, seed: Array, iterations: int, damping: float,
                posture: float) -> Array:
        """Return [B, n] rad as `inverse` does."""
        q = np.array(np.broadcast_to(seed, (len(X_BaseTcp), self.joints)), float)
        damped = damping ** 2 * np.eye(6)
        for _ in range(iterations):
            frames, X = self._frames(q)
            J = _jacobian(frames, X)
            JT = J.swapaxes(1, 2)
            pull = posture * (self.rest - q)[..., None]
            error = _error(X, X_BaseTcp)[..., None]
            if self.joints > 6:  # the pull, less what of it would move the tool
                step = JT @ np.linalg.solve(J @ JT + damped, error - J @ pull) + pull
            else:
                step = JT @ np.linalg.solve(J @ JT + damped, error)
            q = q + np.minimum(np.maximum(step[..., 0], -STEP), STEP)
            q = np.minimum(np.maximum(q, self.lower), self.upper)
        return q


def _jacobian(frames: Array, X_BaseTcp: Array) -> Array:
    """Return [B, 6, n] m/rad and rad/rad of the TCP from joint frames [B, n, 4, 4]."""
    z, origin = frames[..., :3, 2].transpose(2, 0, 1), frames[..., :3, 3].transpose(2, 0, 1)
    arm = X_BaseTcp[:, :3, 3].T[..., None] - origin  # [3, B, n] m
    J = np.empty((len(X_BaseTcp), 6, frames.shape[1]))
    # The cross product written out: np.cross takes three times as long on so few numbers.
    J[:, 0] = z[1] * arm[2] - z[2] * arm[1]
    J[:, 1] = z[2] * arm[0] - z[0] * arm[2]
    J[:, 2] = z[0] * arm[1] - z[1] * arm[0]
    J[:, 3:] = z.swapaxes(0, 1)
    return J


def _error(X: Array, wanted: Array) -> Array:
    """Return [B, 6] m and rad (small-angle) from poses X to the wanted poses."""
    turn = 0.5 * (wanted[:, :3, :3] @ X[:, :3, :3].swapaxes(1, 2))
    error = np.empty((len(X), 6))
    error[:, :3] = wanted[:, :3, 3] - X[:, :3, 3]
    error[:, 3] = turn[:, 2, 1] - turn[:, 1, 2]
    error[:, 4] = turn[:, 0, 2] - turn[:, 2, 0]
    error[:, 5] = turn[:, 1, 0] - turn[:, 0, 1]
    return error
