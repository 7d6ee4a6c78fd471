"""Jogs that lead the tool to a place: what a person with a key under each finger would press.

The arm's joints as the console shows them and a wanted place enter; a jog as the console takes it
leaves. What is seen is a tenth of a second old or more, so the tool slows down as it comes near,
and the earlier the older the picture is.
"""
from typing import Any, NamedTuple

from lam_ws.geometry import Chain
from lam_ws.robot import ArmSpec
from lam_ws.types import Array
import numpy as np

TOOL_SPEED, TURN_SPEED = 0.25, 0.6   # m/s and rad/s of a full jog
GAIN = 1.8            # 1/s, how the tool closes in
DELAY_S = 0.1         # from a jog to the joints that show it, beside the age of the state
CAREFUL = 0.35        # gain times delay, from which the tool would overshoot
CRAWL = 0.004         # m/s that is left of it at the least
LEVEL = 0.02          # rad, of the tool off the vertical that is not mended
TURNED = 0.03         # rad, of a heading that is good enough
OPEN = 0.97           # share of the full opening at which the fingers are open


class Wanted(NamedTuple):
    """Where the tool shall be.

    Attributes:
        xyz: [3] m in the base frame.
        yaw: Heading rad; half a turn is no difference.
        within: m that may be left.
        fingers: 'open', 'close' or 'stay'.
    """

    xyz: Array
    yaw: float
    within: float
    fingers: str = 'stay'


class Steering:
    """Steers one arm.

    Args:
        arm: Its kinematics and its gripper.
    """

    def __init__(self, arm: ArmSpec):
        self._chain, self._opening = Chain(arm), float(arm.limits.upper[-1])

    def tool(self, position: Array) -> Array:
        """Return where [3] m the tool is."""
        return np.asarray(self._chain.forward(position[:-1])[:3, 3])

    def left(self, position: Array, wanted: Wanted) -> tuple[Array, float]:
        """Return the way [3] m and the turn rad that are left."""
        X = self._chain.forward(position[:-1])
        turn = wanted.yaw - float(np.arctan2(X[1, 0], X[0, 0]))
        return wanted.xyz - X[:3, 3], turn - np.pi * round(turn / np.pi)

    def there(self, position: Array, wanted: Wanted) -> bool:
        """Return whether the tool is where it shall be."""
        way, turn = self.left(position, wanted)
        return bool(np.linalg.norm(way) < wanted.within and abs(turn) < TURNED)

    def open(self, position: Array) -> bool:
        """Return whether the fingers are open."""
        return bool(position[-1] > OPEN * self._opening)

    def jog(self, position: Array, wanted: Wanted, age_s: float = 0.0) -> dict[str, Any]:
        """Return the jog that leads on from joints `position` [n] rad (gripper m), seen then."""
        gain = min(GAIN, CAREFUL / (DELAY_S + age_s))
        way, turn = self.left(position, wanted)
        distance = float(np.linalg.norm(way))
        speed = min(max(gain * distance, CRAWL), TOOL_SPEED)
        linear = way / max(distance, 1e-9) * (speed / TOOL_SPEED if distance > 5e-4 else 0.0)
        X = self._chain.forward(position[:-1])
        # The axis that turns the tool's z to point straight down, times the sine of the angle.
        level = np.cross(X[:3, 2], [0.0, 0.0, -1.0])
        tilt = level if np.linalg.norm(level) > LEVEL else np.zeros(3)
        angular = gain * np.array([tilt[0], tilt[1], turn]) / TURN_SPEED
        size = float(np.abs(angular).max())
        vector = np.concatenate([linear, angular / max(1.0, size)])
        gripper = {'open': 1.0, 'close': -1.0}.get(wanted.fingers, 0.0)
        return {'type': 'jog', 'mode': 'base', 'vector': [round(float(v), 4) for v in vector],
                'gripper': gripper, 'speed': 1.0}
