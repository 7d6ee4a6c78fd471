"""One task of Meta-World with pixels: seeds enter, images and numbers leave.

MuJoCo draws without a window. Goals and objects are drawn anew for each seed. The scripted
experts that the package ships see the true state; a policy sees one camera and the hand.
"""
import os
from typing import Any

from lam_ws.metaworld.metaworld import PIXELS, VIEW
from lam_ws.types import Array, Pixels
import numpy as np

CAMERA = 'corner2'
PLACE = (0.75, 0.075, 0.7)   # m, where others put this camera (Seo et al. 2022)
LONGEST = 500                # steps of an episode, as the package has it


class World:
    """A task.

    Args:
        task: One of `TASKS`.
    """

    def __init__(self, task: str):
        os.environ.setdefault('MUJOCO_GL', 'egl')
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE
        from metaworld.policies import ENV_POLICY_MAP
        import mujoco

        # This class takes a seed; the others want their draw as a pickle.
        self._env = ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE[f'{task}-v3-goal-observable'](seed=0)
        self._env.seeded_rand_vec, self._env._freeze_rand_vec = True, False
        self._expert: Any = ENV_POLICY_MAP[f'{task}-v3']
        self._env.model.cam_pos[self._env.model.camera(CAMERA).id] = PLACE
        self._renderer = mujoco.Renderer(self._env.model, PIXELS, PIXELS)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self._renderer.scene.flags[flag] = 0   # most of the time of an image, nothing to see
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Lay the task out as `seed` has it."""
        self._env.seed(seed)
        self._seen, _ = self._env.reset()
        self._guide = self._expert()

    def state(self) -> Array:
        """Return [4] hand x, y, z m, and how far the gripper is open, 0..1."""
        return np.array(self._seen[:4], np.float64)

    def look(self) -> dict[str, Pixels]:
        """Return the picture, uint8 RGB [PIXELS, PIXELS, 3], by the camera's name."""
        self._renderer.update_scene(self._env.data, camera=CAMERA)
        # This camera of the package stands on its head.
        return {VIEW: np.ascontiguousarray(self._renderer.render()[::-1, ::-1])}

    def guide(self) -> Array:
        """Return [4] what the scripted expert would do now, -1..1."""
        return np.clip(np.asarray(self._guide.get_action(self._seen), np.float64), -1.0, 1.0)

    def act(self, action: Array) -> bool:
        """Take one step; return whether the task is done."""
        given = np.clip(action, -1.0, 1.0).astype(np.float32)
        self._seen, _, _, _, told = self._env.step(given)
        return bool(told['success'])

    def close(self) -> None:
        """Give the renderer back."""
        self._renderer.close()
        self._env.close()
