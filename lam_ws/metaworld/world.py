"""One task of Meta-World with pixels: seeds enter, images and numbers leave.

MuJoCo draws without a window. Goals and objects are drawn anew for each seed. The scripted
experts that the package ships see the true state; a policy sees the cameras and the hand.
"""
import os
from typing import Any

from lam_ws.metaworld.drawing import Drawer
from lam_ws.metaworld.metaworld import ENVIRONMENT, STRIDE, VIEWS
from lam_ws.types import Array, Pixels
import numpy as np

LONGEST = 500                # steps of an episode, as the package has it
CAMERAS = ('corner2', 'topview')   # of the package, moved to our views


class World:
    """A task.

    Args:
        task: One of `TASKS`.
    """

    def __init__(self, task: str):
        os.environ.setdefault('MUJOCO_GL', 'egl')
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE
        from metaworld.policies import ENV_POLICY_MAP

        # This class takes a seed; the others want their draw as a pickle.
        self._env = ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE[f'{task}-v3-goal-observable'](seed=0)
        self._env.seeded_rand_vec, self._env._freeze_rand_vec = True, False
        self._expert: Any = ENV_POLICY_MAP[f'{task}-v3']
        self._drawer: Drawer | None = None
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Lay the task out as `seed` has it."""
        self._env.seed(seed)
        self._seen, _ = self._env.reset()
        self._guide = self._expert()

    def state(self) -> Array:
        """Return [4] hand x, y, z m, and how far the gripper is open, 0..1."""
        return np.array(self._seen[:4], np.float64)

    def environment(self) -> Array:
        """Return the numbers of `ENVIRONMENT`: where the objects and the goal truly are."""
        found = np.concatenate([self._seen[4:18], self._seen[-3:]])
        assert found.shape == (len(ENVIRONMENT),)
        return np.nan_to_num(found)

    def look(self) -> dict[str, Pixels]:
        """Return the pictures, uint8 RGB [height, width, 3], by the camera's name."""
        if self._drawer is None:   # only who looks pays for it
            self._drawer = Drawer(self._env.model, CAMERAS, VIEWS)
        return self._drawer.draw(self._env.data)

    def guide(self) -> Array:
        """Return [4] what the scripted expert would do now, -1..1."""
        return np.clip(np.asarray(self._guide.get_action(self._seen), np.float64), -1.0, 1.0)

    def act(self, action: Array) -> bool:
        """Take one step; return whether the task is done."""
        given = np.clip(action, -1.0, 1.0).astype(np.float32)
        self._seen, _, _, _, told = self._env.step(given)
        return bool(told['success'])

    def play(self, actions: Array) -> bool:
        """Take the steps of [STRIDE * 4], until the task is done; return whether it is."""
        return any(self.act(action) for action in actions.reshape(STRIDE, -1))

    def close(self) -> None:
        """Give back what it draws with."""
        if self._drawer is not None:
            self._drawer.close()
        self._env.close()
