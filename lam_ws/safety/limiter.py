"""One cycle of motion, and the way to rest that goes with it.

The motion commanded last and the reference for the end of this cycle enter; the next motion
leaves. The idea of the guard is here: a motion may only be commanded if its own stop stays
inside every bound. If it does not, the stop of the motion before, already found good, is
continued. So there is a way to stand still from every command ever sent, and it never has to
be found in a hurry.

Ruckig finds the ways (axes.py); braking.LastCheck sees to it that this is not a matter of trust.
"""
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import NamedTuple

from lam_ws.safety.axes import Axes, State, Way
from lam_ws.safety.bound import Bound
from lam_ws.safety.braking import LastCheck, SLACK, stopping_speed
from lam_ws.safety.safety import GuardConfig
from lam_ws.safety.singularity import Conditioning
from lam_ws.safety.workspace import Moves, Place, Workspace
from lam_ws.types import Array
import numpy as np
import numpy.typing as npt
from ruckig import Trajectory

HEADROOM = 0.999  # of the limits that ruckig plans with, so that rounding cannot break them
SHARE = 0.95      # of a limit that a path uses; the rest is for catching up
AIM = 0.1         # of the margin of a joint's end that is kept in addition
NEAR = 0.8        # of the tool speed above which a whole stop is looked at
SPLITS = 4        # parts in which a stop near a bound in space is examined


class Motion(NamedTuple):
    """What was commanded last.

    Attributes:
        position: [n] rad (gripper m).
        velocity: [n] rad/s (gripper m/s).
        acceleration: [n] rad/s^2 (gripper m/s^2).
        step: [n] rad/s (gripper m/s), mean velocity of the cycle that led here.
        ways: The way to rest of the arm and of the gripper.
        place: The arm in space.
    """

    position: list[float]
    velocity: list[float]
    acceleration: list[float]
    step: list[float]
    ways: tuple[Way, Way]
    place: Place

    @property
    def resting(self) -> bool:
        """Whether the arm is commanded to stand still."""
        return not any(self.velocity) and not any(self.step) and all(
            way.gone_s >= way.trajectory.duration for way in self.ways)


class Reference(NamedTuple):
    """Where the motion should be at the end of a cycle.

    Attributes:
        arm: Position, velocity, acceleration of the arm joints.
        gripper: The same of the gripper.
        arm_before: From where constant jerk within the limit leads there in one cycle, which
            spares the search for a way; None if from nowhere known.
        gripper_before: The same for the gripper.
    """

    arm: State
    gripper: State
    arm_before: State | None = None
    gripper_before: State | None = None


@dataclass(frozen=True, eq=False)
class References:
    """The references of a path, each made when its cycle has come: most never are.

    Attributes:
        arm: [m, 3, n - 1] position, velocity, acceleration of the arm joints, cycle by cycle.
        gripper: [m, 3, 1] the same of the gripper.
        arm_smooth: [m - 1] whether constant jerk leads the arm from each to the next.
        gripper_smooth: [m - 1] whether it does the gripper.
    """

    arm: Array
    gripper: Array
    arm_smooth: npt.NDArray[np.bool_]
    gripper_smooth: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.arm)

    def __getitem__(self, i: int) -> Reference:
        if not 0 <= i < len(self.arm):
            raise IndexError(f'no cycle {i} of {len(self.arm)}')
        if i == 0:
            return Reference(self.arm[0].tolist(), self.gripper[0].tolist())
        arm_before, arm = self.arm[i - 1:i + 1].tolist()
        gripper_before, gripper = self.gripper[i - 1:i + 1].tolist()
        return Reference(arm, gripper, arm_before if self.arm_smooth[i - 1] else None,
                         gripper_before if self.gripper_smooth[i - 1] else None)


class Limiter:
    """The limits of one configuration at work. Holds scratch memory of ruckig, no state."""

    def __init__(self, config: GuardConfig):
        self.config, self.cycle_s = config, config.cycle_s
        self.workspace, self.last_check = Workspace(config), LastCheck(config)
        self.conditioning = Conditioning(config.spec)
        self.split = config.spec.axes - 1
        # A joint whose jerk cannot build up its acceleration within its speed gets less.
        reachable = np.minimum(config.acceleration, np.sqrt(config.jerk * config.velocity))
        self.velocity = HEADROOM * config.velocity
        self.acceleration, self.jerk = HEADROOM * reachable, HEADROOM * config.jerk
        # A reference may be no faster than leaves room to take its acceleration back.
        self.cruise = self.velocity - self.acceleration ** 2 / (2.0 * self.jerk)
        # What a path may ask of the arm: speed, change of speed, and speed of the tool.
        self.top, self.most = SHARE * self.cruise[:-1], SHARE * self.acceleration[:-1]
        self.fastest = SHARE * config.tool_speed
        # Aimed at is a little less than a stop may use, so that rounding does not decide.
        self.lower = config.lower + AIM * (config.lower - config.spec.limits.lower)
        self.upper = config.upper - AIM * (config.spec.limits.upper - config.upper)
        self._low = np.array([self.lower, -self.cruise, -self.acceleration])
        self._high = np.array([self.upper, self.cruise, self.acceleration])
        self._gains = tuple(r / (2.0 * j) for r, j in zip(
            self.workspace.reach, self.jerk.tolist(), strict=False))
        # Rows: position and velocity that are left over, and the jerk, when the acceleration
        # goes in a straight line from that of a state [3, n] to that of the reference [3, n].
        dt = self.cycle_s
        self._from = np.array([[-1.0, -dt, -dt * dt / 3.0], [0.0, -1.0, -dt / 2.0],
                               [0.0, 0.0, -1.0 / dt]])
        self._to = np.array([[1.0, 0.0, -dt * dt / 6.0], [0.0, 1.0, -dt / 2.0],
                             [0.0, 0.0, 1.0 / dt]])
        self._straight = np.array([np.full(config.spec.axes, SLACK),
                                   np.full(config.spec.axes, SLACK / dt), self.jerk])
        plan = self.velocity, self.acceleration, self.jerk
        self._arm = Axes(config, slice(0, self.split), *plan)
        self._gripper = Axes(config, slice(self.split, None), *plan)

    def rest(self, position: Sequence[float] | Array) -> Motion:
        """Return the motion that stands still at `position`, drawn into the limits."""
        inside = np.clip(position, self.lower, self.upper).tolist()
        zeros = [0.0] * len(inside)
        ways = (self._arm.way(inside[:self.split], zeros[:self.split], zeros[:self.split]),
                self._gripper.way(inside[self.split:], [0.0], [0.0]))
        return Motion(inside, zeros, zeros, zeros, ways, self.workspace.place(inside))

    def passing(self, position: Array, velocity: Array) -> Motion:
        """Return the motion that passes `position` at an even `velocity`, both within limits.

        No axis is faster than half of its acceleration could stop before its end. For whoever
        judges what a guard would do in mid-motion; the guard itself begins at rest.
        """
        room, a = np.clip(position, self.lower, self.upper), 0.5 * self.acceleration
        down, up = (np.minimum(self.cruise, stopping_speed(distance, a, self.cycle_s))
                    for distance in (room - self.lower, self.upper - room))
        inside, speed = room.tolist(), np.clip(velocity, -down, up).tolist()
        zeros = [0.0] * len(inside)
        ways = (self._arm.way(inside[:self.split], speed[:self.split], zeros[:self.split]),
                self._gripper.way(inside[self.split:], speed[self.split:], [0.0]))
        return Motion(inside, speed, zeros, speed, ways, self.workspace.place(inside))

    def references(self, samples: Array) -> References:
        """Return the references of a sampled path, drawn into the limits.

        Args:
            samples: [m, 3, n] position, velocity, acceleration, one cycle apart.
        """
        wanted = np.minimum(np.maximum(samples, self._low), self._high)
        left = np.abs(self._from @ wanted[:-1] + self._to @ wanted[1:])
        smooth = (left <= self._straight).all(1)
        split = self.split
        return References(wanted[:, :, :split], wanted[:, :, split:],
                          smooth[:, :split].all(1), smooth[:, split])

    def follow(self, motion: Motion, reference: Reference) -> tuple[Motion, Bound | None]:
        """Return the next motion towards a reference for the end of this cycle.

        Where the reference can be reached within the cycle it is met exactly; else the arm
        catches up as fast as the limits allow, its joints together, the gripper by itself.

        Args:
            motion: What was commanded last.
            reference: Where it should be at the end of this cycle.

        Returns:
            The motion, and the bound that made it brake instead, None if none did.
        """
        # A gripper that runs up to its end does what it is for: no bound worth telling.
        here, split = (motion.position, motion.velocity, motion.acceleration), self.split
        p1, v1, a1, way1, _ = self._gripper.follow(
            [x[split:] for x in here], motion.ways[1], reference.gripper,
            reference.gripper_before)
        p, v, a, way, bound = self._arm.follow(
            [x[:split] for x in here], motion.ways[0], reference.arm, reference.arm_before)
        last = way.trajectory.at_time(way.trajectory.duration)[0]
        moves = self.workspace.moves(p, last)
        place = self.workspace.place(p, motion.place, moves.gaps)
        if bound is None:
            bound = (self._too_fast(motion.place, place, a, way.trajectory)
                     or self._space(place, way.trajectory, last, moves))
            if bound is not None:
                p, v, a, way = self._arm.brake(motion.ways[0])
                place = self.workspace.place(p, motion.place)
        return self._sent(motion, p + p1, v + v1, a + a1, (way, way1), place, bound)

    def brake(self, motion: Motion) -> tuple[Motion, Bound | None]:
        """Return the next motion on the way to rest that was found good before."""
        if motion.resting:
            zeros = [0.0] * len(motion.position)
            return Motion(motion.position, zeros, zeros, zeros, motion.ways, motion.place), None
        p, v, a, way = self._arm.brake(motion.ways[0])
        p1, v1, a1, way1 = self._gripper.brake(motion.ways[1])
        place = self.workspace.place(p, motion.place)
        return self._sent(motion, p + p1, v + v1, a + a1, (way, way1), place, None)

    def _sent(self, motion: Motion, p: list[float], v: list[float], a: list[float],
              ways: tuple[Way, Way], place: Place,
              bound: Bound | None) -> tuple[Motion, Bound | None]:
        """Return the motion if it passes the last check, else the first cycle of a plain brake.

        The plain brake is reported as 'limiter': it means that ruckig or this file is wrong.
        """
        step = [(x - y) / self.cycle_s for x, y in zip(p, motion.position, strict=True)]
        broken = self.last_check((motion.position, motion.velocity, motion.step), (p, v, step))
        if broken is None:
            return Motion(p, v, a, step, ways, place), bound
        p, step = self.last_check.brake(motion.position, motion.step)
        still, split = [0.0] * len(p), self.split
        ways = (self._arm.way(p[:split], step[:split], still[:split]),
                self._gripper.way(p[split:], step[split:], still[split:]))
        return (Motion(p, step, still, step, ways, self.workspace.place(p)),
                Bound('limiter', broken.measured, broken.allowed, broken.where))

    def _too_fast(self, before: Place, place: Place, acceleration: list[float],
                  stop: Trajectory) -> Bound | None:
        """Return the tool speed that a motion or its stop would exceed.

        A stop may still gain speed while it takes the acceleration back, a^2 / (2 jerk) in
        each joint, and while joints that worked against each other slow down. Near the limit
        every sample that would be sent is therefore looked at.
        """
        limit, dt = self.workspace.tool_speed, self.cycle_s
        speed = math.dist(place.tcp, before.tcp) / dt
        if speed > limit:
            return Bound('tool_speed', speed, limit, 'tcp')
        if speed + self._gain(acceleration) <= NEAR * limit:
            return None
        previous = place.tcp
        for i in range(1, math.ceil(stop.duration / dt) + 1):
            tcp = self.workspace.points(stop.at_time(min(i * dt, stop.duration))[0])[
                self.split]
            if (speed := math.dist(tcp, previous) / dt) > limit:
                return Bound('tool_speed', speed, limit, 'tcp')
            previous = tcp
        return None

    def _gain(self, acceleration: Sequence[float]) -> float:
        """Return m/s, at most what the TCP gains while an acceleration is taken back."""
        return sum([a * a * share for a, share in zip(acceleration, self._gains, strict=False)])

    def _space(self, place: Place, stop: Trajectory, last: list[float],
               moves: Moves) -> Bound | None:
        """Return the bound in space that a motion or its stop, which is so long, would cross."""
        space = self.workspace
        if place.clearance < 0.0:
            return place.bound
        if space.holds(place, moves):
            return None
        end = space.place(last, place, moves.gaps)
        if end.clearance < 0.0:
            return end.bound
        if space.touched(place, end) is None:
            return None
        previous = place
        for i in range(1, SPLITS + 1):
            q = stop.at_time(stop.duration * i / SPLITS)[0]
            here = end if i == SPLITS else space.place(
                q, previous, space.moves(previous.joints, q).gaps)
            if here.clearance < 0.0:
                return here.bound
            if (touched := space.touched(previous, here)) is not None:
                return touched
            previous = here
        return None
