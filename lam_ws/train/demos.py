"""Demonstrations of the motion: what the head learns from.

The expert runs in physics with its true key points; at every tenth of a second what a policy
would know and what the expert does next are written down. Some runs are disturbed (the arm is
pushed off its path, a grasp is led astray, a part is dropped), so that recoveries are shown
as well; the disturbance itself is never taught.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lam_ws.policy.native import POINT, SEEN_ABOVE, tool_state
from lam_ws.safety.guard import start, step
from lam_ws.safety.safety import guard_config, GuardInputs, Request
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.truth import in_bin, key_points
from lam_ws.site import Site
from lam_ws.types import ActionChunk, Array, Goal, Observation
import numpy as np

TICK_CYCLES = 10      # control cycles between two samples
LONGEST_S = 22.0      # s, a run that takes longer is given up


@dataclass
class Trouble:
    """What goes wrong on purpose in one run.

    Attributes:
        push: Probability of a push at each sample.
        astray: m, how far the first grasp is led off its part; 0 for a good one.
        drop: Whether the part is let go on its way.
    """

    push: float
    astray: float
    drop: bool


def make_demos(site: Site, path: Path, count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Write `count` demonstrations to `path` (.npz), yielding how many ran and succeeded."""
    cell = Cell(site, seed)
    expert = Expert(cell)
    rows: dict[str, list[Array]] = {}
    good = 0
    try:
        for i in range(count):
            rng = np.random.default_rng((seed, i))
            cell.reset(seed + i)
            part = cell.draw.parts[rng.integers(len(cell.draw.parts))]
            goal = Goal('pick_place', part.kind, part.colour, ('black', 'white')[rng.integers(2)],
                        '')
            kind = rng.random()
            trouble = Trouble(0.06 if rng.random() < 0.6 else 0.0,
                              0.045 if kind < 0.08 else 0.0, kind > 0.92)
            samples, success = demonstrate(cell, expert, goal, trouble, rng)
            good += success
            for name, values in samples.items():
                rows.setdefault(name, []).append(np.array(values))
            rows.setdefault('episode', []).append(np.full(len(samples['phase']), i))
            yield i + 1, good
    finally:
        cell.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    part_path = path.with_suffix('.part.npz')
    arrays: dict[str, Any] = {name: np.concatenate(values) for name, values in rows.items()}
    np.savez(part_path, **arrays)
    part_path.rename(path)


def demonstrate(cell: Cell, expert: Expert, goal: Goal, trouble: Trouble,
                rng: np.random.Generator) -> tuple[dict[str, list], bool]:
    """Run one demonstration; return its samples and whether the part ended in its bin."""
    expert.reset(goal)
    guard = Follower(cell)
    samples: dict[str, list] = {name: [] for name in (
        'state', 'points', 'chunk', 'phase', 'elapsed', 'done', 'taught')}
    expert.astray, drop, push = trouble.astray, trouble.drop, np.zeros(3)
    led, finished, since = trouble.astray > 0, 0, 0.0
    while cell.now_s < LONGEST_S and finished < 8:
        joints = cell.read()
        before = expert.phase
        path, _ = expert.plan(Observation(cell.now_s, joints, {}))
        if led and (expert.phase == 0 and before > 1):
            led, expert.astray = False, 0.0   # from the empty lift on, the expert teaches again
        since = since + 0.1 if expert.phase == before else 0.0
        state, _ = tool_state(cell.chain, joints)
        done = expert.phase == 7 and in_bin(cell.truth(), goal) and near_home(expert, state)
        row = {'state': state, 'points': believed(cell, expert, goal, state),
               'chunk': np.column_stack([path[:, :3] - state[:3], np.cos(2 * path[:, 3]),
                                         np.sin(2 * path[:, 3]), path[:, 4]]),
               'phase': expert.phase, 'elapsed': since, 'done': done, 'taught': not led}
        for name, value in row.items():
            samples[name].append(value)
        finished += done
        push = 0.7 * push
        if expert.phase in (0, 1, 3, 4, 5) and rng.random() < trouble.push:
            push = rng.uniform(-0.03, 0.03, 3)
        path[:, :3] += push
        path[:, 2] = np.maximum(path[:, 2], 0.013)
        if drop and expert.phase == 4:
            path[:, 4], drop = 0.08, joints.position[-1] < 0.06
        guard.follow(path)
    return samples, bool(in_bin(cell.truth(), goal))


class Follower:
    """Plays tool paths through the guard, as in a deployed cell.

    Args:
        cell: The cell to move.
    """

    def __init__(self, cell: Cell):
        self._cell, self._config = cell, guard_config(cell.site)
        self._memory = start(self._config)
        for request in (Request.RESET, Request.ARM):
            self._cycle(None, request)

    def follow(self, path: Array) -> None:
        """Drive along `path` [H, 5] for one sample time."""
        joints = self._cell.read()
        q = self._cell.chain.follow(joints.position[:-1], path[:, :3], path[:, 3], 4)
        times = POINT * np.arange(1, len(path) + 1, dtype=np.float64)
        chunk = ActionChunk(joints.stamp_s, joints.names, times,
                            np.column_stack([q, path[:, 4]]))
        for k in range(TICK_CYCLES):
            self._cycle(chunk if k == 0 else None)

    def _cycle(self, chunk: ActionChunk | None, request: Request = Request.NONE) -> None:
        cell = self._cell
        self._memory, decision = step(self._config, self._memory, GuardInputs(
            cell.now_s, cell.read(), chunk, request=request))
        if decision.command is not None:
            cell.send(decision.command)
        cell.advance()


def near_home(expert: Expert, state: Array) -> bool:
    """Return whether the tool has come back to where it started from."""
    return bool(np.abs(state[:3] - expert.home[:3]).max() < 0.02)


def believed(cell: Cell, expert: Expert, goal: Goal, state: Array) -> Array:
    """Return the [8] key points as a policy would believe them.

    A part in or under the gripper cannot be seen: the belief stays where it was picked, until
    the tool has left.
    """
    points = expert.points
    if expert.phase == 7 and state[2] > SEEN_ABOVE:
        points = key_points(cell.truth(), goal)
    return np.array([*points.pick, np.cos(2 * points.yaw), np.sin(2 * points.yaw),
                     *expert.points.place])
