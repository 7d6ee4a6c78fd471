"""A tiny real policy for tests of serving: it stays, and shows what it remembers."""
import os
import time

from lam_ws.errors import ObservationError
from lam_ws.types import ActionChunk
import numpy as np


class Hold:
    """Stays where the arm is; `done` counts the answers since the last reset, in hundredths."""

    def __init__(self, site):
        self._site = site

    def reset(self, goal):
        self.answers, self.goal = 0, goal

    def act(self, seen):
        if 'crash' in self.goal.text:
            raise KeyError(f"{__file__} is nobody else's business")
        if 'refuse' in self.goal.text:
            raise ObservationError('bad_light', 'too dark\nto see')
        if 'slow' in self.goal.text:
            time.sleep(float(os.environ.get('HOLD_SLOW_S', '1.0')))
        self.answers += 1
        bright = float(np.mean([frame.pixels.mean() for frame in seen.frames.values()]))
        settings = self._site.policy
        times = settings.point_s * np.arange(1, settings.horizon + 1)
        targets = np.tile(seen.joints.position, (len(times), 1))
        targets[:, 0] += 0.1 * seen.joints.velocity[0] + bright / 1e4
        for frame in seen.frames.values():
            targets[:, 1] += 0.01 * frame.camera.X_ParentCamera[2, 3]
        return ActionChunk(seen.stamp_s, seen.joints.names, times, targets,
                           self.answers / 100.0, 'approach')
