"""The scripted expert: a policy that sees the simulator's true state.

It plans a tool path through the phases of a task's motion with jerk-limited motion (ruckig) and
hands out the next moments as joint chunks, exactly as a learned policy does. Demonstrations and
upper bounds come from here; it is never part of a deployed cell.
"""
from dataclasses import replace

from lam_ws.geometry import Chain
from lam_ws.policy.skills import SKILLS
from lam_ws.sim.cell import Cell
from lam_ws.sim.tasks.suite import by_skill
from lam_ws.sim.tasks.task import AWAY, SimTask, SQUEEZE, Waypoint
from lam_ws.sim.truth import key_points, KeyPoints
from lam_ws.types import ActionChunk, Array, Goal, Observation
import numpy as np
from ruckig import InputParameter, Ruckig, RuckigError, Trajectory

TICK = 0.02          # s between reference samples
POINT = 0.1          # s between chunk points
SPEED = [0.45, 0.45, 0.35, 1.5, 0.065]    # m/s x y z, rad/s yaw, m/s gripper
ACCELERATION = [1.3, 1.3, 1.3, 3.0, 0.6]   # what the joints can follow without being slowed
JERK = [12.0, 12.0, 12.0, 30.0, 20.0]
ASTRAY = 0.03        # m, an arm further off its plan starts it anew from where it is
ROOM = 0.020         # m, how much wider than a part the fingers open where there is little room
SLIP = 0.004         # m, fingers closer than this hold nothing
STILL = np.zeros((3, 5))   # the reference frame of what does not move


class Expert:
    """Scripted motion on a simulated cell, for any skill of the suite.

    Args:
        cell: The cell whose truth it reads.
        horizon: Points in a chunk.
    """

    def __init__(self, cell: Cell, horizon: int = 10):
        self._cell, self._horizon = cell, horizon
        self._chain = Chain(cell.spec)
        self._otg = Ruckig(5)
        home = cell.spec.home
        xyz, yaw, _ = self._chain.tool(home[:-1], 0 * home[:-1])
        self.home = np.array([*xyz, yaw, home[-1]])

    def reset(self, goal: Goal) -> None:
        """Pursue `goal` from the first phase."""
        self.goal, self.skill = goal, SKILLS[goal.skill]
        self.task: SimTask = by_skill(goal.skill)
        self.before = self._cell.truth()
        self.last = len(self.skill.phases) - 1
        self._held = self.skill.looks + self.skill.grips   # from this phase on it is in the hand
        self.phase, self.waited = 0, 0.0
        self.astray = 0.0   # m along the fingers' flat side, to show what a missed grasp is
        self._plan: list[tuple[int, float, Array]] = []
        self._begin_s = 0.0
        self.points: KeyPoints

    def grips(self, goal: Goal) -> bool:
        """Return whether a goal's skill takes a part between the fingers."""
        return SKILLS[goal.skill].grips

    def act(self, observation: Observation) -> ActionChunk:
        """Return the next second of motion from where the arm is."""
        joints = observation.joints
        path, done = self.plan(observation)
        q = self._chain.follow(joints.position[:-1], path[:, :3], path[:, 3])
        times = POINT * np.arange(1, self._horizon + 1, dtype=np.float64)
        return ActionChunk(observation.stamp_s, joints.names, times,
                           np.column_stack([q, path[:, 4]]), done, self.skill.phases[self.phase])

    def plan(self, observation: Observation) -> tuple[Array, float]:
        """Return the tool path [H, 5] (m, rad yaw, m gripper) and whether it is done (0 or 1)."""
        joints = observation.joints
        xyz, yaw, speed = self._chain.tool(joints.position[:-1], joints.velocity[:-1])
        measured = np.array([*xyz, yaw, joints.position[-1]])
        state = self._resume(observation.stamp_s, measured, speed)
        truth = self._cell.truth()
        at_home = float(np.abs(measured[:3] - self.home[:3]).max()) < 0.02
        achieved = self.task.done(self.before, truth, self.goal)
        failed = self.phase == self.last and at_home and not achieved
        slipped = self.skill.grips and self.phase in (3, 4) and joints.position[-1] < SLIP
        if failed or slipped:
            self.phase, self.waited = 0, 0.0
        if self._plan and self.phase < self._held:
            self.points = self._ahead(observation.stamp_s - self._begin_s)
        if self.phase < self.skill.looks:
            self.points = key_points(truth, self.goal)
            along = np.array([np.cos(self.points.yaw), np.sin(self.points.yaw), 0.0])
            self.points = replace(self.points, pick=self.points.pick + self.astray * along)
        self._plan = self._roll(state)
        self._begin_s = observation.stamp_s
        every = round(POINT / TICK)
        path = np.stack([row[2][0] for row in self._plan[every::every]][:self._horizon])
        return path, float(self.phase == self.last and at_home and achieved)

    def _resume(self, now_s: float, measured: Array, speed: Array) -> Array:
        """Return the reference [3, 5] (position, velocity, acceleration) to go on from."""
        tick = round((now_s - self._begin_s) / TICK)
        if self._plan and tick < len(self._plan):
            phase, waited, state = self._plan[tick]
            if np.abs(state[0, :3] - measured[:3]).max() < ASTRAY:
                self.phase, self.waited = phase, waited
                return state
        return np.stack([measured, [*speed, 0.0, 0.0], np.zeros(5)])

    def _ahead(self, elapsed: float) -> KeyPoints:
        """Return the key points `elapsed` s after they were read."""
        moved = np.array([*self.points.velocity, 0.0]) * elapsed
        return replace(self.points, pick=self.points.pick + moved)

    def _roll(self, state: Array) -> list[tuple[int, float, Array]]:
        """Return (phase, waited s, reference [3, 5]) at every tick of the horizon."""
        phase, waited = self.phase, self.waited
        rows = [(phase, waited, state)]
        drift = np.array([*self.points.velocity, 0.0, 0.0, 0.0])
        taken: float | None = None if phase < self._held else 0.0
        target, path, since = None, None, 0.0
        wants: dict[int, Array] = {}
        for tick in range(round(POINT / TICK) * self._horizon + 1):
            if taken is None and phase >= self._held:
                taken = tick * TICK   # from here on it moves with the fingers
            way = self.task.motion[phase]
            frame, ahead = _frames(drift, tick, taken)
            wanted = wants.get(phase)
            if wanted is None:
                wanted = self._target(way, phase, state)
                if phase < self.last:   # the way home depends on how high the arm is
                    wants[phase] = wanted
            if target is None or wanted is not target and not np.array_equal(wanted, target):
                target, path, since = wanted, self._path(state - frame, wanted, way.speed), 0.0
            since += TICK
            arrived = path is None or since >= path.duration
            state = (np.stack([target, 0 * target, 0 * target]) if path is None
                     else np.array(path.at_time(since))) + ahead
            if way.grips:
                arrived = bool(state[0, 4] < self.points.width - SQUEEZE)
            elif way.rounding > 0.003 and abs(state[0, 3] - target[3]) < 0.03 \
                    and np.abs(state[0, :3] - ahead[0, :3] - target[:3]).max() < way.rounding:
                arrived = True
            if arrived:
                waited += TICK
                if phase < self.last and waited >= way.dwell:
                    phase, waited = phase + 1, 0.0
            rows.append((phase, waited, state))
        return rows

    def _path(self, state: Array, target: Array, speed: float) -> Trajectory | None:
        """Return the jerk-limited way from `state` [3, 5] to rest at `target`, None if there."""
        if np.abs(state[0] - target).max() < 1e-6 and np.abs(state[1]).max() < 1e-6:
            return None
        given, path = InputParameter(5), Trajectory(5)
        given.target_position = target.tolist()
        given.max_velocity = [speed * v for v in SPEED]
        given.max_acceleration, given.max_jerk = ACCELERATION, JERK
        for grain in (1e-9, 1e-5, 1e-3):   # ruckig rejects some states by a rounding error
            velocity, acceleration = np.where(np.abs(state[1:]) < grain, 0.0, state[1:])
            given.current_position = np.round(state[0], 9).tolist()
            given.current_velocity = velocity.tolist()
            given.current_acceleration = acceleration.tolist()
            try:
                self._otg.calculate(given, path)
            except RuckigError:
                continue
            return path
        return None

    def _target(self, way: Waypoint, phase: int, state: Array) -> Array:
        """Return a phase's tool target [5]: x, y, z m, yaw rad, gripper m.

        The way home begins upwards: nothing is dragged along below AWAY.
        """
        pose = way.where(self.points, self.home)
        if phase == self.last and state[0, 2] < AWAY:
            pose = np.array([*state[0, :2], AWAY + 0.02, state[0, 3]])
        widest = float(self._cell.spec.limits.upper[-1])
        opening = widest if way.fingers is None else way.fingers
        if way.fit:
            opening = min(self.points.width + ROOM, widest)
        return np.array([*pose, opening])


def _frames(drift: Array, tick: int, taken: float | None) -> tuple[Array, Array]:
    """Return the reference [3, 5] of what the motion goes with, now and a tick later.

    Args:
        drift: [5] velocity of the thing that is pursued.
        tick: How many ticks from now.
        taken: s from now at which it was gripped, after which it moves with the fingers; None
            before.
    """
    if not drift.any():
        return STILL, STILL
    if taken is not None:
        frame = np.stack([drift * taken, 0 * drift, 0 * drift])
        return frame, frame
    return (np.stack([drift * tick * TICK, drift, 0 * drift]),
            np.stack([drift * tick * TICK + drift * TICK, drift, 0 * drift]))
