"""The scripted expert: a policy that sees the simulator's true state.

It plans a tool path through eight phases with jerk-limited motion (ruckig) and hands out the
next moments as joint chunks, exactly as a learned policy does. Demonstrations and upper bounds
come from here; it is never part of a deployed cell.
"""
from dataclasses import replace

from lam_ws.geometry import Chain
from lam_ws.policy.policy import PHASES
from lam_ws.sim.cell import Cell
from lam_ws.sim.truth import in_bin, key_points
from lam_ws.types import ActionChunk, Array, Goal, Observation
import numpy as np
from ruckig import InputParameter, Ruckig, RuckigError, Trajectory

TICK = 0.02          # s between reference samples
POINT = 0.1          # s between chunk points
DWELL = {'close': 0.25, 'open': 0.15}   # s at rest after the fingers arrive
HOVER, LIFT = 0.10, 0.17   # m above the part, of travel above the table
CLEAR = 0.11         # m, tool height from which the way home is free of bin walls
SPEED = [0.45, 0.45, 0.35, 1.5, 0.065]    # m/s x y z, rad/s yaw, m/s gripper
ACCELERATION = [1.3, 1.3, 1.3, 3.0, 0.6]   # what the joints can follow without being slowed
JERK = [12.0, 12.0, 12.0, 30.0, 20.0]
SQUEEZE = 0.008      # m, fingers this much closer than the part is wide have gripped it
# m that are left of the way when the next phase may begin
ROUNDING = {'approach': 0.004, 'lift': 0.05, 'carry': 0.012}
ASTRAY = 0.03        # m, an arm further off its plan starts it anew from where it is
SLIP = 0.004         # m, fingers closer than this hold nothing


class Expert:
    """Scripted pick and place on a simulated cell.

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
        """Pursue `goal` from the approach phase."""
        self.goal = goal
        self.phase, self.waited = 0, 0.0
        self.astray = 0.0   # m along the fingers' flat side, to show what a missed grasp is
        self._plan: list[tuple[int, float, Array]] = []
        self._begin_s = 0.0

    def act(self, observation: Observation) -> ActionChunk:
        """Return the next second of motion from where the arm is."""
        joints = observation.joints
        path, done = self.plan(observation)
        q = self._chain.follow(joints.position[:-1], path[:, :3], path[:, 3])
        times = POINT * np.arange(1, self._horizon + 1, dtype=np.float64)
        return ActionChunk(observation.stamp_s, joints.names, times,
                           np.column_stack([q, path[:, 4]]), done, PHASES[self.phase])

    def plan(self, observation: Observation) -> tuple[Array, float]:
        """Return the tool path [H, 5] (m, rad yaw, m gripper) and whether it is done (0 or 1)."""
        joints = observation.joints
        xyz, yaw, speed = self._chain.tool(joints.position[:-1], joints.velocity[:-1])
        measured = np.array([*xyz, yaw, joints.position[-1]])
        state = self._resume(observation.stamp_s, measured, speed)
        truth = self._cell.truth()
        at_home = float(np.abs(measured[:3] - self.home[:3]).max()) < 0.02
        dropped = self.phase == 7 and at_home and not in_bin(truth, self.goal)
        if dropped or (self.phase in (3, 4) and joints.position[-1] < SLIP):
            self.phase, self.waited = 0, 0.0
        if self.phase < 2:
            self.points = key_points(truth, self.goal)
            along = np.array([np.cos(self.points.yaw), np.sin(self.points.yaw), 0.0])
            self.points = replace(self.points, pick=self.points.pick + self.astray * along)
        self._plan = self._roll(state)
        self._begin_s = observation.stamp_s
        every = round(POINT / TICK)
        path = np.stack([row[2][0] for row in self._plan[every::every]][:self._horizon])
        return path, float(self.phase == 7 and at_home)

    def _resume(self, now_s: float, measured: Array, speed: Array) -> Array:
        """Return the reference [3, 5] (position, velocity, acceleration) to go on from."""
        tick = round((now_s - self._begin_s) / TICK)
        if self._plan and tick < len(self._plan):
            phase, waited, state = self._plan[tick]
            if np.abs(state[0, :3] - measured[:3]).max() < ASTRAY:
                self.phase, self.waited = phase, waited
                return state
        return np.stack([measured, [*speed, 0.0, 0.0], np.zeros(5)])

    def _roll(self, state: Array) -> list[tuple[int, float, Array]]:
        """Return (phase, waited s, reference [3, 5]) at every tick of the horizon."""
        phase, waited = self.phase, self.waited
        rows = [(phase, waited, state)]
        target, path, elapsed = None, None, 0.0
        for _ in range(round(POINT / TICK) * self._horizon + 1):
            wanted = self._target(phase, state[0, 2])
            if target is None or not np.array_equal(wanted, target):
                target, path, elapsed = wanted, self._path(state, wanted), 0.0
            elapsed += TICK
            arrived = path is None or elapsed >= path.duration
            state = state if path is None else np.array(path.at_time(elapsed))
            left = float(np.abs(state[0, :3] - target[:3]).max())
            name = PHASES[phase]
            if name == 'close':
                arrived = bool(state[0, 4] < self.points.width - SQUEEZE)
            if arrived or (left < ROUNDING.get(name, 0.0) and abs(state[0, 3] - target[3]) < 0.03):
                waited += TICK
                if phase < 7 and waited >= DWELL.get(name, 0.0):
                    phase, waited = phase + 1, 0.0
            rows.append((phase, waited, state))
        return rows

    def _path(self, state: Array, target: Array) -> Trajectory | None:
        """Return the jerk-limited way from `state` [3, 5] to rest at `target`, None if there."""
        if np.abs(state[0] - target).max() < 1e-6 and np.abs(state[1]).max() < 1e-6:
            return None
        given, path = InputParameter(5), Trajectory(5)
        given.target_position = target.tolist()
        given.max_velocity, given.max_acceleration, given.max_jerk = SPEED, ACCELERATION, JERK
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

    def _target(self, phase: int, height: float) -> Array:
        """Return a phase's tool target [5] at a tool height: x, y, z m, yaw rad, gripper m."""
        pick, place, yaw = self.points.pick, self.points.place, self.points.yaw
        opening = float(self._cell.spec.limits.upper[-1]) if phase in (0, 1, 6, 7) else 0.0
        if phase == 7 and height >= CLEAR:
            return np.array([*self.home[:4], opening])
        xyz = (pick + [0, 0, HOVER], pick, pick, [*pick[:2], LIFT], [*place[:2], LIFT], place,
               place, [*place[:2], LIFT])[phase]
        return np.array([*xyz, yaw, opening])
