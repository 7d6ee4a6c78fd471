"""Simulated cameras: what moves is rendered each frame, what stands still is composited.

PyBullet's software renderer pays for mesh vertices and large background polygons. The table
and the bins therefore live in a second client; a fixed camera renders them once, and each
frame takes a moving pixel where its depth is nearer. The result is bit-identical to rendering
everything together.
"""
from dataclasses import dataclass

from lam_ws.geometry import inverse
from lam_ws.types import Array, CameraModel, Pixels
import numpy as np
import pybullet

NEAR, FAR = 0.02, 4.0   # m, clipping planes


@dataclass(frozen=True)
class Shot:
    """One rendering: uint8 RGB [h, w, 3], depth buffer [h, w] 0..1, body id [h, w] (-1 none)."""

    rgb: Pixels
    depth: Array
    body: Array


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
    return Shot(np.reshape(rgba, (h, w, 4))[:, :, :3].astype(np.uint8),
                np.reshape(depth, (h, w)), np.reshape(body, (h, w)))


def composite(still: Shot, moving: Shot) -> Pixels:
    """Return the RGB image [h, w, 3] of both; the nearer depth wins."""
    nearer = moving.depth < still.depth
    return np.where(nearer[..., None], moving.rgb, still.rgb)
