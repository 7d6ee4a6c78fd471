"""Ways for some of the axes: to a moving target, and to rest.

A state (position, velocity, acceleration) and a target enter; the state one control cycle
later and the trajectory that would bring it to rest leave. The only file that knows ruckig
(Berscheid and Kroeger, "Jerk-limited Real-time Trajectory Generation with Arbitrary Target
States", RSS 2021).
"""
import math
from operator import mul
from typing import NamedTuple

from lam_ws.safety.bound import Bound
from lam_ws.safety.braking import SLACK
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import Array
from ruckig import (
    ControlInterface,
    InputParameter,
    Ruckig,
    RuckigError,
    Synchronization,
    Trajectory,
)

State = list[list[float]]  # position, velocity, acceleration of some axes


class Way(NamedTuple):
    """A way to rest: a trajectory, and how much of it has been gone.

    Attributes:
        trajectory: Of the arm joints together, or of the gripper.
        gone_s: Time spent on it, s.
    """

    trajectory: Trajectory
    gone_s: float = 0.0


class Axes:
    """Ruckig for some of the axes: all arm joints together, or the gripper.

    Args:
        config: The limits.
        axes: Which of its n axes.
        velocity: [n] rad/s (gripper m/s) to plan with.
        acceleration: [n] the same.
        jerk: [n] the same.
    """

    def __init__(self, config: GuardConfig, axes: slice, velocity: Array, acceleration: Array,
                 jerk: Array):
        self.axes, self.cycle_s = axes, config.cycle_s
        self.bounds = tuple(zip((config.lower[axes] - SLACK).tolist(),
                                (config.upper[axes] + SLACK).tolist(),
                                config.spec.names[axes], strict=True))
        self.count = count = len(self.bounds)
        self.top = velocity[axes].tolist()
        self.otg = Ruckig(count, self.cycle_s)
        self.to_reference, self.to_rest = InputParameter(count), InputParameter(count)
        for parameters in (self.to_reference, self.to_rest):
            parameters.max_velocity = self.top
            parameters.max_acceleration = acceleration[axes].tolist()
            parameters.max_jerk = jerk[axes].tolist()
            parameters.synchronization = Synchronization.Time
        self.to_reference.minimum_duration = self.cycle_s
        self.to_reference.target_position = [0.0] * count
        self.to_reference.target_velocity = [0.0] * count
        self.to_rest.control_interface = ControlInterface.Velocity
        self.to_rest.target_velocity = [0.0] * count
        self.to_rest.target_acceleration = [0.0] * count
        # A stop can only turn round while it takes its acceleration back. Looked at four times
        # a cycle, it cannot hide more than the room that GuardConfig.lower keeps for it.
        longest, look_s = float((acceleration / jerk)[axes].max()), \
            self.cycle_s / 4.0
        self.ramp = tuple(look_s * (i + 1) for i in range(math.ceil(longest / look_s)))

    def follow(self, here: State, way: Way, target: State, before: State | None) -> tuple[
            list[float], list[float], list[float], Way, Bound | None]:
        """Return position, velocity, acceleration and way to rest at the end of the cycle.

        Continues on `way`, and says which bound made it, if the target cannot be followed.

        Args:
            here: What was commanded last.
            way: Its way to rest.
            target: Where to be at the end of the cycle.
            before: From where constant jerk leads there, None if from nowhere known.
        """
        p, v, a = target
        try:
            if here != before:
                p, v, a = self._search(here, target)
            elif here == target and not any(v) and way.gone_s >= way.trajectory.duration:
                return p, v, a, way, None  # asked to stay where it stands
            rest = self.way(p, v, a)
            bound = self._outside(rest.trajectory, v, a)
        except RuckigError:
            bound = Bound('follower')
        return (p, v, a, rest, None) if bound is None else (*self.brake(way), bound)

    def _search(self, here: State, target: State) -> State:
        """Return where the fastest way to the target, at least a cycle long, has led by then.

        Seen from the target, which moves on with its velocity. A target that stood still would
        make an arm that is a hair ahead of it turn round and take a run-up.
        """
        parameters, dt = self.to_reference, self.cycle_s
        p, v, a = target
        parameters.current_position = [
            x - y + w * dt for x, y, w in zip(here[0], p, v, strict=True)]
        parameters.current_velocity = [x - w for x, w in zip(here[1], v, strict=True)]
        parameters.current_acceleration = here[2]
        parameters.target_acceleration = a
        parameters.max_velocity = [x - w for x, w in zip(self.top, v, strict=True)]
        parameters.min_velocity = [-x - w for x, w in zip(self.top, v, strict=True)]
        trajectory = Trajectory(self.count)
        self.otg.calculate(parameters, trajectory)
        if trajectory.duration <= dt * (1.0 + SLACK):
            return target
        e, u, a = trajectory.at_time(dt)
        return [[x + y for x, y in zip(p, e, strict=True)],
                [x + y for x, y in zip(v, u, strict=True)], a]

    def brake(self, way: Way) -> tuple[list[float], list[float], list[float], Way]:
        """Return position, velocity, acceleration one cycle further on a way to rest."""
        gone = way.gone_s + self.cycle_s
        p, v, a = way.trajectory.at_time(min(gone, way.trajectory.duration))
        if gone >= way.trajectory.duration:  # exactly zero, whatever rounding left
            v, a = [0.0] * self.count, [0.0] * self.count
        return p, v, a, Way(way.trajectory, gone)

    def way(self, p: list[float], v: list[float], a: list[float]) -> Way:
        """Return the fastest way to rest from position, velocity, acceleration."""
        parameters = self.to_rest
        parameters.current_position = p
        parameters.current_velocity = v
        parameters.current_acceleration = a
        trajectory = Trajectory(self.count)
        self.otg.calculate(parameters, trajectory)
        return Way(trajectory)

    def _outside(self, stop: Trajectory, v: list[float], a: list[float]) -> Bound | None:
        """Return the joint limit that a stop from velocity and acceleration would cross."""
        turning = min(map(mul, v, a)) < 0.0
        for time_s in (*self.ramp, stop.duration) if turning else (stop.duration,):
            for p, (low, high, name) in zip(stop.at_time(time_s)[0], self.bounds, strict=True):
                if not low <= p <= high:
                    return Bound('position', p, low if p < low else high, name)
        return None
