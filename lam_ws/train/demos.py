"""Demonstrations of the motion: what the head learns from.

The expert runs in physics with its true key points; at every tenth of a second what a policy
would know and what the expert does next are written down. Some runs are disturbed (the arm is
pushed off its path, a grasp is led astray, a part is dropped), so that recoveries are shown
as well; the disturbance itself is never taught.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lam_ws.geometry import Chain
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert, in_bin, key_points, KeyPoints
from lam_ws.site import Site
from lam_ws.types import Array, Command, Goal, JointState, Observation

TICK_CYCLES = 10      # control cycles between two samples
LONGEST_S = 22.0      # s, a run that takes longer is given up
SEEN_ABOVE = 0.20     # m, tool height from which the camera sees past the gripper


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


def tool_state(chain: Chain, joints: JointState) -> Array:
    """Return the [10] tool state that LamModel's head reads."""
    xyz, yaw, speed = chain.tool(joints.position[:-1], joints.velocity[:-1])
    return np.array([*xyz, *speed, np.cos(2 * yaw), np.sin(2 * yaw), joints.position[-1],
                     joints.velocity[-1]])


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
                              0.035 if kind < 0.08 else 0.0, kind > 0.92)
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
    np.savez(part_path, **{name: np.concatenate(values) for name, values in rows.items()})
    part_path.rename(path)


def demonstrate(cell: Cell, expert: Expert, goal: Goal, trouble: Trouble,
                rng: np.random.Generator) -> tuple[dict[str, list], bool]:
    """Run one demonstration; return its samples and whether the part ended in its bin."""
    expert.reset(goal)
    samples: dict[str, list] = {name: [] for name in (
        'state', 'points', 'chunk', 'phase', 'elapsed', 'done', 'taught')}
    target = cell.read().position
    astray, drop, push = trouble.astray, trouble.drop, np.zeros(3)
    led, finished, since = astray > 0, 0, 0.0
    while cell.now_s < LONGEST_S and finished < 8:
        joints = cell.read()
        before = expert.phase
        if led and before == 3:
            led = False      # from the empty lift on, the expert teaches again
        _, path = expert.demonstrate(Observation(cell.now_s, joints, {}))
        since = since + 0.1 if expert.phase == before else 0.0
        state = tool_state(expert._chain, joints)
        samples['state'].append(state)
        samples['points'].append(believed(cell, expert, goal, state))
        samples['chunk'].append(np.column_stack([
            path[:, :3] - state[:3], np.cos(2 * path[:, 3]), np.sin(2 * path[:, 3]), path[:, 4]]))
        samples['phase'].append(expert.phase)
        samples['elapsed'].append(since)
        done = expert.phase == 7 and in_bin(cell.truth(), goal) and near_home(expert, state)
        samples['done'].append(done)
        samples['taught'].append(not led)
        finished += done
        aim = path[0].copy()
        push = 0.7 * push
        if expert.phase in (0, 1, 3, 4, 5) and rng.random() < trouble.push:
            push = rng.uniform(-0.03, 0.03, 3)
        aim[:3] += push + (np.array([0.0, astray, 0.0]) if led else 0.0)
        aim[2] = max(aim[2], 0.013)
        if drop and expert.phase == 4 and np.abs(state[1] - path[-1, 1]) < 0.1:
            aim[4], drop = 0.08, cell.read().position[-1] < 0.06
        q = expert._chain.follow(joints.position[:-1], aim[None, :3], aim[3:4])[0]
        target = play(cell, target, np.r_[q, aim[4]])
    return samples, bool(in_bin(cell.truth(), goal))


def near_home(expert: Expert, state: Array) -> bool:
    """Return whether the tool has come back to where it started from."""
    return bool(np.abs(state[:3] - expert._home[:3]).max() < 0.02)


def believed(cell: Cell, expert: Expert, goal: Goal, state: Array) -> Array:
    """Return the [8] key points as a policy would believe them.

    A part in or under the gripper cannot be seen: the belief stays where it was picked, until
    the tool has left.
    """
    points: KeyPoints = expert.points
    if expert.phase == 7 and state[2] > SEEN_ABOVE:
        points = key_points(cell.truth(), goal)
    return np.array([*points.pick, np.cos(2 * points.yaw), np.sin(2 * points.yaw),
                     *expert.points.place])


def play(cell: Cell, start: Array, end: Array) -> Array:
    """Drive the cell along a straight joint line for one sample time; return its end."""
    speed = (end - start) / (TICK_CYCLES * cell.cycle_s)
    for k in range(1, TICK_CYCLES + 1):
        cell.send(Command(cell.now_s, cell.spec.names,
                          start + (end - start) * k / TICK_CYCLES, speed))
        cell.advance()
    return end
