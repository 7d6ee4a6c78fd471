"""Simulated cameras: what moves is rendered each frame, what stands still is composited.

PyBullet's software renderer pays for mesh vertices and large background polygons. The table
and the bins therefore live in a second client; a fixed camera renders them once, and each
frame takes a moving pixel where its depth is nearer. The result is bit-identical to rendering
everything together. A camera that moves has the table painted by arithmetic instead
(backdrop.py), for which `level_depth` says how far it is in each pixel.
"""
from dataclasses import dataclass

from lam_ws.geometry import inverse
from lam_ws.types import Array, CameraModel, Pixels
import numpy as np
import numpy.typing as npt
import pybullet

Depth = npt.NDArray[np.float32]
NEAR, FAR = 0.02, 4.0   # m, clipping planes


@dataclass(frozen=True)
class Shot:
    """One rendering.

    Attributes:
        rgba: uint8 [h, w, 4], contiguous.
        depth: Depth buffer [h, w], 0 at NEAR, 1 at FAR, more where nothing is.
        body: Body id [h, w], -1 where nothing is.
    """

    rgba: Pixels
    depth: Depth
    body: npt.NDArray[np.int32]

    @property
    def rgb(self) -> Pixels:
        """Colours [h, w, 3]."""
        return self.rgba[:, :, :3]


@dataclass(frozen=True)
class Light:
    """Direction towards the light [3] and share of ambient light."""

    direction: tuple[float, ...]
    ambient: float


def render(client: int, camera: CameraModel, X_BaseCamera: Array, light: Light) -> Shot:
    """Render what `client` holds from the optical frame `X_BaseCamera` [4, 4] m."""
    X_GlBase = np.diag([1.0, -1.0, -1.0, 1.0]) @ inverse(X_BaseCamera)
    w, h, K = camera.width, camera.height, camera.K
    P = np.zeros((4, 4))
    P[0, 0], P[0, 2] = 2 * K[0, 0] / w, 1 - 2 * K[0, 2] / w
    P[1, 1], P[1, 2] = 2 * K[1, 1] / h, 2 * K[1, 2] / h - 1
    P[2, 2:] = -(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)
    P[3, 2] = -1.0
    _, _, rgba, depth, body = pybullet.getCameraImage(
        w, h, X_GlBase.T.ravel().tolist(), P.T.ravel().tolist(),
        lightDirection=list(light.direction), lightAmbientCoeff=light.ambient,
        lightDiffuseCoeff=1.0 - 0.5 * light.ambient, lightSpecularCoeff=0.05, shadow=0,
        renderer=pybullet.ER_TINY_RENDERER, physicsClientId=client)
    return Shot(np.asarray(rgba, np.uint8).reshape(h, w, 4),
                np.asarray(depth, np.float32).reshape(h, w),
                np.asarray(body, np.int32).reshape(h, w))


def overlay(still: Shot, nearer: npt.NDArray[np.bool_], over: Pixels | np.uint32) -> Pixels:
    """Return the RGBA image [h, w, 4] of `still` with `over` where it is nearer.

    Args:
        still: What is behind.
        nearer: [h, w].
        over: RGBA [h, w, 4], or one colour as `packed` gives it.
    """
    front = over if isinstance(over, np.uint32) else packed(over)
    return np.where(nearer, front, packed(still.rgba)).view(np.uint8).reshape(still.rgba.shape)


def packed(rgba: Pixels) -> npt.NDArray[np.uint32]:
    """Return contiguous RGBA [..., 4] as one number a pixel: a quarter of the work to choose."""
    return rgba.view(np.uint32)[..., 0]


def composite(still: Shot, moving: Shot) -> Pixels:
    """Return the RGB image [h, w, 3] of both; the nearer depth wins."""
    both = overlay(still, moving.depth < still.depth, moving.rgba)
    return np.ascontiguousarray(both[:, :, :3])


def level_depth(camera: CameraModel, X_BaseCamera: Array, centre: tuple[float, float],
                size: tuple[float, float]) -> Depth:
    """Return the depth buffer [h, w] of a rectangle at z = 0, infinite beside it.

    One over the distance of a plane along the optical axis is affine in the pixel, and so is
    the depth buffer; so is, times that, how far inside an edge the ray meets the plane. The
    renderer takes its sample of a pixel at its lower left corner.

    Args:
        camera: Its size and intrinsics are used.
        X_BaseCamera: [4, 4] m, optical frame; not at z = 0.
        centre: x, y of the rectangle, m.
        size: Along x and y, m.
    """
    w, h, K = camera.width, camera.height, camera.K
    x = (np.arange(w) - K[0, 2]) / K[0, 0]
    y = (np.arange(1, h + 1) - K[1, 2]) / K[1, 1]
    R, eye = X_BaseCamera[:3, :3], X_BaseCamera[:3, 3]
    nearness = -R[2] / eye[2]   # 1/m, of a ray through (x, y, 1)
    rows = [nearness - [0.0, 0.0, 1.0 / FAR], [0.0, 0.0, 1.0 / NEAR] - nearness]
    for axis in (0, 1):
        for side in (-1.0, 1.0):
            edge = centre[axis] + side * size[axis] / 2
            rows.append(side * ((edge - eye[axis]) * nearness - R[axis]))
    scale = FAR / (FAR - NEAR)
    across, down = nearness[0] * x + nearness[2], nearness[1] * y
    depth = (scale * (1.0 - NEAR * across) + (-scale * NEAR * down)[:, None]).astype(np.float32)
    for row in rows:
        across, down = row[0] * x + row[2], row[1] * y
        if across.min() + down.min() < 0.0:   # most edges are out of the picture
            depth[across + down[:, None] < 0.0] = np.inf
    return depth
