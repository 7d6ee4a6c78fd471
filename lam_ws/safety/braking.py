"""The discrete braking law, and the last check on every command.

Two neighbouring samples of the commanded motion enter; the first hard limit that the step
between them breaks leaves, or None. Plain arithmetic without ruckig or the planner: whatever
those two get wrong must still be seen here.
"""
from collections.abc import Sequence
import math

from lam_ws.safety.bound import Bound
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import Array
import numpy as np

SLACK = 1e-9  # room for rounding: of a bound (relative) and of a position (rad, m)

Values = Sequence[float]  # [n] rad (gripper m) or their derivatives


def stopping_speed(distance: Array | float, acceleration: Array | float,
                   cycle_s: float) -> Array:
    """Return the largest mean speed of the next cycle from which a stop is still possible.

    The discrete braking law. Let v be the next step divided by the cycle, and let v change by
    at most a dt from step to step. Then the arm can stop within d if

        v <= a (-dt/2 + sqrt(dt^2/4 + 2 (d - a dt^2/8) / a))

    The last, partial step may need up to a dt^2/8 more than v^2/(2a) says; that much is set
    aside here. The continuous law sqrt(2 a d) crosses the bound by up to one step.

    Args:
        distance: m or rad to the bound, before the step.
        acceleration: Largest deceleration, same unit per s^2.
        cycle_s: Length of the cycle, s.

    Returns:
        Speed, same unit per s; never negative.
    """
    a, dt = np.asarray(acceleration, float), cycle_s
    inner = dt ** 2 / 4.0 + 2.0 * (np.asarray(distance, float) - a * dt ** 2 / 8.0) / a
    speed: Array = np.maximum(a * (-dt / 2.0 + np.sqrt(np.maximum(inner, 0.0))), 0.0)
    return speed


class LastCheck:
    """The limits of one configuration as plain numbers."""

    def __init__(self, config: GuardConfig):
        self.cycle_s = dt = config.cycle_s
        self.axes = tuple(zip(
            config.spec.names, config.spec.limits.lower.tolist(),
            config.spec.limits.upper.tolist(), (config.velocity * (1.0 + SLACK)).tolist(),
            config.acceleration.tolist(), (config.acceleration * dt + SLACK / dt).tolist(),
            strict=True))

    def __call__(self, before: tuple[Values, Values, Values],
                 after: tuple[Values, Values, Values]) -> Bound | None:
        """Return the first limit that is broken, None if all hold; NaN breaks every one.

        Args:
            before: [n] position, [n] velocity, [n] mean velocity of the cycle that led there.
            after: The same one cycle later.
        """
        dt = self.cycle_s
        for (name, lower, upper, top, a, most), p0, v0, w0, p, v, w in zip(
                self.axes, *before, *after, strict=True):
            if not lower <= p <= upper:
                return Bound('position', p, lower if p < lower else upper, name)
            if not (-top <= v <= top and -top <= w <= top):
                return Bound('velocity', max(abs(v), abs(w)), top, name)
            if not (-most <= v - v0 <= most and -most <= w - w0 <= most):
                return Bound('acceleration', max(abs(v - v0), abs(w - w0)) / dt, a, name)
            # stopping_speed() with the root squared out; a step within rounding is rest.
            if w > SLACK / dt:
                if (w + a * dt / 2.0) ** 2 / (2.0 * a) > upper - p0 + SLACK:
                    return Bound('position', p0 + (w + a * dt / 2.0) ** 2 / (2.0 * a), upper,
                                 name)
            elif w < -SLACK / dt:
                if (w - a * dt / 2.0) ** 2 / (2.0 * a) > p0 - lower + SLACK:
                    return Bound('position', p0 - (w - a * dt / 2.0) ** 2 / (2.0 * a), lower,
                                 name)
        return None

    def brake(self, position: Values, step: Values) -> tuple[list[float], list[float]]:
        """Return [n] position and [n] mean velocity one cycle into a brake without a plan.

        Takes at most the acceleration limit off the mean velocity, which the braking law
        promises is enough; jerk is not heeded. Used when a command fails the last check.
        """
        steps = []
        for w, (_, _, _, _, a, _) in zip(step, self.axes, strict=True):
            steps.append(math.copysign(max(abs(w) - a * self.cycle_s, 0.0), w))
        return [min(max(p + w * self.cycle_s, lower), upper) for p, w, (_, lower, upper, *_)
                in zip(position, steps, self.axes, strict=True)], steps
