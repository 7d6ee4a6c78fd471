"""Demonstrations of the motion: what the head learns from.

The expert runs in physics with its true key points; at every tenth of a second what a policy
would know and what the expert does next are written down. Some runs are disturbed (the arm is
pushed off its path, a grasp is led astray, a part is dropped), so that recoveries are shown
as well; the disturbance itself is never taught. In a corrected run the policy moves, and what
the expert would do instead is written down (DAgger; Ross et al. 2011).
"""
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lam_ws.configuration import load
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.words import LANGUAGES
from lam_ws.models import ModelCard
from lam_ws.policy.belief import SEEN_ABOVE
from lam_ws.policy.native import NativePolicy, POINT, tool_state
from lam_ws.policy.passes import Passes
from lam_ws.policy.skills import NUMBER
from lam_ws.safety.guard import start, step
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardInputs, Request
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.tasks.task import SimTask
from lam_ws.sim.truth import key_points, KeyPoints
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


def draw_trouble(rng: np.random.Generator, grips: bool) -> Trouble:
    """Draw what goes wrong; most runs are only pushed about."""
    kind = rng.random()
    return Trouble(0.06 if rng.random() < 0.6 else 0.0, 0.045 if grips and kind < 0.08 else 0.0,
                   grips and kind > 0.92)


def make_demos(site: Site, path: Path, count: int, seed: int, task_name: str = 'pick_place',
               corrected: bool = False, draft: Path | None = None) -> Iterator[tuple[int, int]]:
    """Write demonstrations to `path` (.npz), yielding how many ran and succeeded.

    Args:
        site: Where; its policy moves in corrected runs.
        path: File to write.
        count: How many.
        seed: Of the first scene.
        task_name: Task of the suite.
        corrected: The policy moves and the expert says what it would do.
        draft: Folder of the policy's model, by default the one that the site names.
    """
    task = load_task(task_name)
    cell = Cell(staged(site, task.scene), seed)
    expert = Expert(cell)
    pupil = Pupil(cell, draft) if corrected else None
    rows: dict[str, list[Array]] = {}
    good = 0
    try:
        for i in range(count):
            rng = np.random.default_rng((seed, i))
            goal = _goal(cell, task, seed + i, rng)
            if pupil is None:
                trouble = draw_trouble(rng, expert.grips(goal))
            else:
                trouble = Trouble(0.0, 0.0, False)
                pupil.reset(goal, rng)
            samples, success = demonstrate(cell, expert, goal, trouble, rng, pupil)
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


def _goal(cell: Cell, task: SimTask, seed: int, rng: np.random.Generator) -> Goal:
    """Lay out a scene that has a goal of the task which may be shown, and return the goal."""
    while True:
        cell.reset(seed)
        goals = [goal for goal in task.goals(cell.truth()) if not held_out(goal)]
        if goals:
            return goals[rng.integers(len(goals))]
        seed += 1


class Draft(NativePolicy):
    """The learned policy with weights that are not among the models yet.

    Args:
        site: Its arm and how often it is asked.
        folder: The model.
    """

    def __init__(self, site: Site, folder: Path):
        self._folder = folder
        super().__init__(site)

    def open_passes(self, site: Site, card: ModelCard) -> Passes:
        """Return what computes the draft, instead of the model of the site."""
        from lam_ws.policy.network import TorchPasses
        return TorchPasses(self._folder, load(self._folder / 'model.yaml', ModelCard))


class Pupil:
    """The policy, that moves while the expert looks on.

    Args:
        cell: The cell it moves in; it sees through the cameras only.
        draft: Folder of its model, by default the one that the site names.
    """

    def __init__(self, cell: Cell, draft: Path | None = None):
        self._cell = cell
        self._policy = NativePolicy(cell.site) if draft is None else Draft(cell.site, draft)
        self._every = round(cell.site.policy.replan_s / POINT)
        self._samples = 0

    def reset(self, goal: Goal, rng: np.random.Generator) -> None:
        """Pursue a goal, told in one of the sentences that are trained on."""
        text = sample_request(goal, LANGUAGES[rng.integers(len(LANGUAGES))], rng, 'train')
        self._policy.reset(replace(goal, text=text))
        self._samples = 0

    def act(self) -> ActionChunk | None:
        """Return a new chunk as often as in a deployed cell, None in between."""
        self._samples += 1
        if (self._samples - 1) % self._every:
            return None
        camera = self._policy.camera
        return self._policy.act(Observation(self._cell.now_s, self._cell.read(),
                                            {camera: self._cell.render(camera)}))


def demonstrate(cell: Cell, expert: Expert, goal: Goal, trouble: Trouble,
                rng: np.random.Generator,
                pupil: Pupil | None = None) -> tuple[dict[str, list], bool]:
    """Run one demonstration; return its samples and whether it reached the goal.

    Args:
        cell: Where.
        expert: Says what to do.
        goal: What for.
        trouble: What goes wrong on purpose.
        rng: When and how it does.
        pupil: Who moves; by default the expert does.
    """
    expert.reset(goal)
    guard = Follower(cell)
    samples: dict[str, list] = {name: [] for name in (
        'state', 'points', 'chunk', 'skill', 'phase', 'elapsed', 'done', 'taught')}
    expert.astray, drop, push = trouble.astray, trouble.drop, np.zeros(3)
    led, finished, since = trouble.astray > 0, 0, 0.0
    free = (0, 1, 3, 4, 5) if expert.skill.grips else (0, 1)
    while cell.now_s < LONGEST_S and finished < 8:
        joints = cell.read()
        before = expert.phase
        path, done = expert.plan(Observation(cell.now_s, joints, {}))
        if led and (expert.phase == 0 and before > 1):
            led, expert.astray = False, 0.0   # from the empty lift on, the expert teaches again
        since = since + 0.1 if expert.phase == before else 0.0
        state, _ = tool_state(cell.chain, joints)
        row = {'state': state, 'points': believed(cell, expert, goal, state),
               'chunk': np.column_stack([path[:, :3] - state[:3], np.cos(2 * path[:, 3]),
                                         np.sin(2 * path[:, 3]), path[:, 4]]),
               'skill': NUMBER[goal.skill], 'phase': expert.phase, 'elapsed': since,
               'done': bool(done), 'taught': not led}
        for name, value in row.items():
            samples[name].append(value)
        finished += bool(done)
        if pupil is not None:
            guard.play(pupil.act())
            continue
        push = 0.7 * push
        if expert.phase in free and rng.random() < trouble.push:
            push = rng.uniform(-0.03, 0.03, 3)
        path[:, :3] += push
        path[:, 2] = np.maximum(path[:, 2], 0.013)
        if drop and expert.phase == 4:
            path[:, 4], drop = 0.08, joints.position[-1] < 0.06
        guard.follow(path)
    return samples, expert.task.done(expert.before, cell.truth(), goal)


class Follower:
    """Plays tool paths through the guard, as in a deployed cell.

    Args:
        cell: The cell to move.
    """

    def __init__(self, cell: Cell):
        self._cell, self._config = cell, guard_config(cell.site)
        self._memory, self._commander = start(self._config), Commander(POLICY, 'demos', 1)
        for request in (Request.RESET, Request.ARM):
            self._cycle(None, request)

    def follow(self, path: Array) -> None:
        """Drive along `path` [H, 5] for one sample time."""
        joints = self._cell.read()
        q = self._cell.chain.follow(joints.position[:-1], path[:, :3], path[:, 3], 4)
        times = POINT * np.arange(1, len(path) + 1, dtype=np.float64)
        self.play(ActionChunk(joints.stamp_s, joints.names, times,
                              np.column_stack([q, path[:, 4]])))

    def play(self, chunk: ActionChunk | None) -> None:
        """Follow `chunk`, or the last one, for one sample time."""
        for k in range(TICK_CYCLES):
            self._cycle(chunk if k == 0 else None)

    def _cycle(self, chunk: ActionChunk | None, request: Request = Request.NONE) -> None:
        cell = self._cell
        self._memory, decision = step(self._config, self._memory, GuardInputs(
            cell.now_s, cell.read(), chunk, request=request,
            claim=self._commander.claim(cell.now_s)))
        if decision.command is not None:
            cell.stream(decision.command)
        cell.advance()


def believed(cell: Cell, expert: Expert, goal: Goal, state: Array) -> Array:
    """Return the [12] key points as a policy would believe them.

    A part in or under the gripper cannot be seen: the belief stays where it was picked, until
    the tool has left.
    """
    points = expert.points
    if expert.phase == expert.last and state[2] > SEEN_ABOVE:
        points = key_points(cell.truth(), goal)
    return as_numbers(points, expert.points)


def as_numbers(first: KeyPoints, second: KeyPoints) -> Array:
    """Return the [12] numbers the head reads: the first thing of one, the second of another."""
    return np.array([*first.pick, np.cos(2 * first.yaw), np.sin(2 * first.yaw), *first.velocity,
                     *second.place, np.cos(2 * second.place_yaw),
                     np.sin(2 * second.place_yaw)])
