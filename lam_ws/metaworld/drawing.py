"""Pictures of a MuJoCo model, without a window and cheaply: views enter, pixels leave.

One context of OpenGL draws all views: to change between two costs several times an image.
"""
from collections.abc import Sequence
import os
from typing import Any

from lam_ws.metaworld.metaworld import View
from lam_ws.types import Array, Pixels
import numpy as np

MOST = 1000      # geometries in a picture


class Drawer:
    """Draws one model.

    Args:
        model: Its cameras `names` are moved to the views.
        names: Cameras, one for each view.
        views: What is drawn.
    """

    def __init__(self, model: Any, names: Sequence[str], views: Sequence[View]):
        os.environ.setdefault('MUJOCO_GL', 'egl')
        os.environ.setdefault('LP_NUM_THREADS', '1')   # Mesa's software renderer on one core
        import mujoco

        self._views, self._model, self._cameras = views, model, list[Any]()
        for name, view in zip(names, views, strict=True):
            number = model.camera(name).id
            model.cam_pos[number], model.cam_fovy[number] = view.place, view.height_deg
            model.cam_quat[number] = looking(np.subtract(view.at, view.place))
            self._cameras.append(mujoco.MjvCamera())
            self._cameras[-1].type = mujoco.mjtCamera.mjCAMERA_FIXED
            self._cameras[-1].fixedcamid = number
        width = max(view.picture.width for view in views)
        height = max(view.picture.height for view in views)
        model.vis.global_.offwidth, model.vis.global_.offheight = width, height
        model.vis.quality.offsamples = 0   # pictures are made smaller by means anyway
        self._window = mujoco.GLContext(width, height)
        self._window.make_current()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)
        self._scene, self._option = mujoco.MjvScene(model, MOST), mujoco.MjvOption()
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self._scene.flags[flag] = 0   # half the time of an image, little to see

    def draw(self, data: Any) -> dict[str, Pixels]:
        """Return what all views show, uint8 RGB [height, width, 3], by their names."""
        import mujoco

        self._window.make_current()
        mujoco.mj_camlight(self._model, data)   # where cameras are, also before the first step
        found = {}
        for camera, view in zip(self._cameras, self._views, strict=True):
            size = view.picture.width, view.picture.height
            mujoco.mjv_updateScene(self._model, data, self._option, None, camera,
                                   mujoco.mjtCatBit.mjCAT_ALL.value, self._scene)
            rectangle, pixels = mujoco.MjrRect(0, 0, *size), np.empty((*size[::-1], 3), np.uint8)
            mujoco.mjr_render(rectangle, self._scene, self._context)
            mujoco.mjr_readPixels(pixels, None, rectangle, self._context)
            found[view.picture.name] = np.ascontiguousarray(pixels[::-1])
        return found

    def close(self) -> None:
        """Give the context back."""
        self._context.free()
        self._window.free()


def looking(ahead: Array) -> Array:
    """Return the quaternion (w, x, y, z) of a camera that looks along `ahead`, its top upwards.

    MuJoCo's cameras look along their -z, with x to the right.
    """
    import mujoco

    back = -ahead / np.linalg.norm(ahead)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(back, right), back], 1)
    found = np.zeros(4)
    mujoco.mju_mat2Quat(found, rotation.ravel())
    return found
