"""Pictures of the real board as a known camera takes them: lens, blur and noise included.

The board's own printed picture is looked up along the ray of each pixel, at twice the size, and
scaled down; so what the calibration reads is an image, not points.
"""
from functools import cache

import cv2
from lam_ws.geometry import inverse, look_at
import numpy as np

WIDTH, HEIGHT = 640, 480
K = np.array([[520.0, 0.0, 327.0], [0.0, 517.0, 236.5], [0.0, 0.0, 1.0]])
DISTORTION = (-0.24, 0.09, 0.0008, -0.0006, 0.0)
_SQUARE = 80   # px of what is printed


def undistorted(pixels, K=K, distortion=DISTORTION):
    """Return [..., 2] x / z, y / z of the rays of [..., 2] px (Brown-Conrady, by iteration)."""
    k1, k2, p1, p2, k3 = distortion
    seen = (pixels - K[:2, 2]) / [K[0, 0], K[1, 1]]
    x, y = seen[..., 0], seen[..., 1]
    for _ in range(80):
        r2 = x * x + y * y
        bent = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
        x, y = ((seen[..., 0] - 2.0 * p1 * x * y - p2 * (r2 + 2.0 * x * x)) / bent,
                (seen[..., 1] - p1 * (r2 + 2.0 * y * y) - 2.0 * p2 * x * y) / bent)
    return np.stack([x, y], -1)


@cache
def rays(fine=2):
    """Return [h, w, 2] x / z, y / z of the rays of an image `fine` times as large."""
    v, u = np.mgrid[0:HEIGHT * fine, 0:WIDTH * fine]
    return undistorted(np.stack([(u + 0.5) / fine, (v + 0.5) / fine], -1))


def take(board, X_CameraBoard, rng, ways=None, noise=3.0, blur=0.7):
    """Return the [h, w, 3] RGB picture of the board in front of a grey wall."""
    ways = rays() if ways is None else ways
    normal, origin = X_CameraBoard[:3, 2], X_CameraBoard[:3, 3]
    ray = np.concatenate([ways, np.ones((*ways.shape[:2], 1))], -1)
    depth = normal @ origin / (ray @ normal)
    points = (ray * depth[..., None] - origin) @ X_CameraBoard[:3, :2]
    print_px = board.picture(_SQUARE)[:, :, 0]
    # The centre of the first pixel of what is printed lies half a pixel inside of the board.
    at = (points / board.square_m * _SQUARE - 0.5).astype(np.float32)
    fine = cv2.remap(print_px, at[..., 0], at[..., 1], cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_CONSTANT, borderValue=150)
    fine = np.where(depth > 0.0, fine, 150).astype(np.uint8)
    grey = cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(grey, (0, 0), blur).astype(float) * 0.8 + 20.0
    grey += rng.normal(0.0, noise, grey.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, 2)


def poses(board, rng, count, tilt=0.6, spread=0.85, near=0.28, far=0.5):
    """Return X_CameraBoard of `count` views: tilted up to `tilt` rad, all over the image."""
    width, height = board.size_m
    found = []
    for i in range(count):
        depth = rng.uniform(near, far)
        corner = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1], [0, 0]][i % 5], float)
        x, y = corner * spread * rng.uniform(0.6, 1.0, 2) * [
            max(0.5 * WIDTH / K[0, 0] * depth - 0.3 * width, 0.0),
            max(0.5 * HEIGHT / K[1, 1] * depth - 0.3 * height, 0.0)]
        way = rng.uniform(0.0, 2.0 * np.pi)
        lean = tilt * rng.uniform(0.5, 1.0)
        turn = cv2.Rodrigues(lean * np.array([np.cos(way), np.sin(way), 0.0]))[0] @ cv2.Rodrigues(
            np.array([0.0, 0.0, rng.uniform(-0.6, 0.6)]))[0]
        X = np.eye(4)
        X[:3, :3] = turn
        X[:3, 3] = np.array([x, y, depth]) - turn @ np.array([width / 2.0, height / 2.0, 0.0])
        found.append(X)
    return found


def mounted(board, arm_chain, home, rng, count, parent, turn=0.5):
    """Return truth and views of a camera at an arm: (X_ParentCamera, joints [count, n], X_CB).

    On the tool it looks at a board on the table; fixed, at a board that the tool holds.
    """
    width, height = board.size_m
    reach = arm_chain.forward(home)
    centre = np.eye(4)
    centre[:3, 3] = [-width / 2.0, -height / 2.0, 0.0]
    if parent == 'tcp':
        X_ParentCamera = np.eye(4)
        X_ParentCamera[:3, :3] = cv2.Rodrigues(np.array([0.03, -0.05, 0.8]))[0]
        X_ParentCamera[:3, 3] = [0.05, -0.02, -0.10]
        eye = reach @ X_ParentCamera
        X_OtherBoard = look_at(eye[:3, 3], eye[:3, 3] + 0.38 * eye[:3, 2] + [1e-4, 0, 0])
        X_OtherBoard[:3, 3] = eye[:3, 3] + 0.38 * eye[:3, 2]
        X_OtherBoard = X_OtherBoard @ centre
    else:
        X_OtherBoard = np.eye(4)
        X_OtherBoard[:3, :3] = cv2.Rodrigues(np.array([np.pi - 0.1, 0.05, 0.0]))[0]
        X_OtherBoard[:3, 3] = [0.01, -0.02, 0.04]
        X_OtherBoard = X_OtherBoard @ centre
        middle = (reach @ X_OtherBoard @ inverse(centre))
        eye = middle[:3, 3] - 0.45 * middle[:3, 2]
        X_ParentCamera = look_at(eye, middle[:3, 3] + [1e-4, 0, 0])
    joints, views = [], []
    while len(views) < count:
        q = home + rng.uniform(-turn, turn, home.shape) * np.linspace(0.25, 1.0, len(home))
        T = arm_chain.forward(q)
        X = inverse(X_ParentCamera) @ (inverse(T) if parent == 'tcp' else T) @ X_OtherBoard
        corners = np.array([[0, 0, 0, 1], [width, 0, 0, 1], [0, height, 0, 1],
                            [width, height, 0, 1]]) @ X.T
        if (corners[:, 2] < 0.1).any() or X[2, 2] < 0.5:
            continue
        seen = (corners[:, :3] @ K.T)[:, :2] / corners[:, 2:3]
        if ((seen > 0) & (seen < [WIDTH, HEIGHT])).all(1).sum() >= 3:
            joints.append(q)
            views.append(X)
    return X_ParentCamera, np.array(joints), views
