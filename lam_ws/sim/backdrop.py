"""What stands still in a cell, as its cameras see it.

The client of what stands still enters; shots of it leave. The table is most of every picture and
PyBullet's renderer pays for each of its pixels, 2.5 of the 5.4 ms of a picture of 128 px. But it
is a plane under one light: its depth is arithmetic and its colour one. So a camera that moves is
shown the rest alone, and the table is painted in.
"""
from lam_ws.sim.camera import FAR, level_depth, Light, overlay, packed, render, Shot
from lam_ws.sim.scene import TableSpec
from lam_ws.types import Array, CameraModel
import numpy as np
import pybullet

AWAY = 10 * FAR   # m above the cell: out of every picture


class Backdrop:
    """The still client of one scene under one light.

    Args:
        client: Where it stands.
        body: The table in it.
        table: Its place and size; the top at z = 0.
        light: What it stands in.
    """

    def __init__(self, client: int, body: int, table: TableSpec, light: Light):
        self._client, self._body, self._table, self._light = client, body, table, light
        self._colour: np.uint32 | None = None   # as the light makes it; None until it was seen
        self._shown = True

    def shoot(self, camera: CameraModel, X_BaseCamera: Array) -> Shot:
        """Return everything as rendered from the optical frame `X_BaseCamera` [4, 4] m."""
        return self._render(camera, X_BaseCamera, True)

    def paint(self, camera: CameraModel, X_BaseCamera: Array) -> Shot:
        """Return the same but for single pixels at edges, at less than half the price.

        Where the table's sides could be seen, or its colour is not known yet because no picture
        had the table in it, everything is rendered.
        """
        if not self._above(X_BaseCamera[:3, 3]):
            return self.shoot(camera, X_BaseCamera)
        if self._colour is None:
            shot = self.shoot(camera, X_BaseCamera)
            seen = packed(shot.rgba)[shot.body == self._body]
            if not seen.size:
                return shot
            self._colour = seen[0]
        rest = self._render(camera, X_BaseCamera, False)
        depth = level_depth(camera, X_BaseCamera, self._table.centre, self._table.size)
        nearer = depth < rest.depth
        return Shot(overlay(rest, nearer, self._colour), np.where(nearer, depth, rest.depth),
                    np.where(nearer, np.int32(self._body), rest.body))

    def _above(self, eye: Array) -> bool:
        """Return whether of the table only its top can be seen from `eye` [3] m."""
        aside = np.abs(eye[:2] - self._table.centre) - np.divide(self._table.size, 2)
        return bool(eye[2] > 0.0 and (aside < 0.0).all())

    def _render(self, camera: CameraModel, X_BaseCamera: Array, table: bool) -> Shot:
        if table != self._shown:
            pybullet.resetBasePositionAndOrientation(
                self._body, [0.0, 0.0, 0.0 if table else AWAY], [0.0, 0.0, 0.0, 1.0],
                physicsClientId=self._client)
            self._shown = table
        return render(self._client, camera, X_BaseCamera, self._light)
