"""What late answers cost: success, task time and jumps, by delay and by what is done about it.

A task, a delay and a strategy of `lam_ws.policy.delay` enter; judged episodes leave, each with
the largest jump of its targets where chunks were switched and the number of commands that break
a limit. The delay is simulated time, so a seed gives the same figures on any machine.
"""
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lam_ws.episode import Episode, Outcome
from lam_ws.evaluation.evaluation import rate, Verdict
from lam_ws.evaluation.suite import draw_suite_case, judge_suite
from lam_ws.pipeline import Pipeline
from lam_ws.policy.delay import Delayed, ROUNDING_S, STRATEGIES, target
from lam_ws.policy.policy import LatePolicy, Policy
from lam_ws.sim.cell import Cell
from lam_ws.sim.late_expert import LateExpert
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.truth import things
from lam_ws.site import load_site, Site
from lam_ws.types import (
    ActionChunk,
    Command,
    Detection,
    Goal,
    Observation,
    Scene,
)
import numpy as np

TOLERANCE = 1e-6   # share of a limit that rounding may exceed it by


@dataclass(frozen=True)
class Lateness:
    """How late answers are, and what is done about it.

    Attributes:
        delay_s: s between an observation and the chunk computed from it.
        wrapper: A key of `STRATEGIES`.
        jitter_s: s, up to which time is added.
        drop: Share of the chunks that are lost.
    """

    delay_s: float
    wrapper: str
    jitter_s: float = 0.0
    drop: float = 0.0


@dataclass(frozen=True)
class LateRun:
    """One episode with late answers.

    Attributes:
        lateness: What it had to live with.
        verdict: How it ended.
        seam_rad: rad, largest jump of an arm joint's target where chunks were switched.
        seam_rad_s: rad/s, the same of its velocity.
        violations: Commands outside the limits of the site.
        chunks: Chunks that were handed out.
    """

    lateness: Lateness
    verdict: Verdict
    seam_rad: float
    seam_rad_s: float
    violations: int
    chunks: int


class Seams:
    """The outermost wrapper: notes the jump of the targets wherever chunks are switched.

    Compared is what both chunks, as handed out, ask for at the new one's first point that is
    still ahead: what the arm was going to do, and what it is told to do instead. Before the
    first chunk it was going to rest. What the guard makes of the jump is not in these figures
    but in the task time.

    Attributes:
        steps: (rad, rad/s) of each switch, of the arm joint that jumps most.
    """

    def __init__(self, policy: LatePolicy):
        self._policy = policy
        self._before: ActionChunk | None = None
        self.steps: list[tuple[float, float]] = []

    def reset(self, goal: Goal) -> None:
        """Pass the goal on."""
        self._policy.reset(goal)

    def act(self, observation: Observation) -> ActionChunk | None:
        """Pass the chunk on, noting how it meets the one before."""
        chunk = self._policy.act(observation)
        if chunk is None:
            return None
        stamps, joints = chunk.stamp_s + chunk.times, observation.joints
        ahead = stamps[stamps > observation.stamp_s + ROUNDING_S]
        first_s = float(ahead[0]) if len(ahead) else observation.stamp_s
        p0, v0 = (joints.position, 0.0 * joints.position) if self._before is None \
            else target(self._before, first_s)
        p, v = target(chunk, first_s)
        self.steps.append((float(np.abs(p - p0)[:-1].max()), float(np.abs(v - v0)[:-1].max())))
        self._before = chunk
        return chunk

    def largest(self) -> tuple[float, float]:
        """Return the largest jump in rad and in rad/s, 0 where nothing was switched."""
        steps = np.array([(0.0, 0.0), *self.steps]).max(axis=0)
        return float(steps[0]), float(steps[1])


class TrueScene:
    """A perception that is right: the simulator's truth, for runs of the scripted expert."""

    def __init__(self, cell: Cell):
        self._cell = cell

    def estimate(self, observation: Observation) -> Scene:
        """Return what is truly there."""
        return Scene(observation.stamp_s, tuple(
            Detection(thing.kind, thing.colour, thing.grip, 1.0)
            for thing in things(self._cell.truth())))

    def forget(self) -> None:
        """Remember nothing, as ever."""


def late_policy(policy: Policy, lateness: Lateness, site: Site, seed: int) -> LatePolicy:
    """Return `policy` as late as it shall be, with its strategy around it."""
    delayed = Delayed(policy, lateness.delay_s, lateness.jitter_s, lateness.drop,
                      np.random.default_rng((seed, 41)))
    return STRATEGIES[lateness.wrapper](delayed, site.policy.replan_s)


def count_violations(commands: Sequence[Command], site: Site) -> int:
    """Return how many commands break a limit of the site: position, velocity, acceleration.

    From the commands alone, by differences of their positions and stamps, as a drive would
    feel them; nothing of the guard is used. The arm stands before the first command.
    """
    if len(commands) < 2:
        return 0
    limits, scale = site.arm.limits, 1.0 + TOLERANCE
    stamps = np.array([command.stamp_s for command in commands])
    p = np.stack([command.position for command in commands])
    dt = np.diff(stamps)[:, None]
    v = np.vstack([0.0 * p[:1], np.diff(p, axis=0) / dt])
    a = np.vstack([0.0 * p[:1], np.diff(v, axis=0) / dt])
    told = np.stack([command.velocity for command in commands])
    fastest = limits.velocity * site.limits.velocity_scale * scale
    hardest = limits.acceleration * site.limits.acceleration_scale * scale
    wrong = (p < limits.lower - TOLERANCE) | (p > limits.upper + TOLERANCE) \
        | (np.abs(v) > fastest) | (np.abs(told) > fastest) | (np.abs(a) > hardest)
    return int(wrong.any(axis=1).sum())


class LateCell:
    """A cell with one task of the suite, in which answers may be late.

    Args:
        site_name: Site to run on.
        task_name: Task of the suite.
        policy: 'site' for the site's own stages, 'expert' for the scripted policy with the true
            scene in place of perception, so that lateness is all there is to go wrong.
    """

    def __init__(self, site_name: str, task_name: str, policy: str):
        self.task = load_task(task_name)
        self.site = staged(load_site(site_name), self.task.scene)
        self.cell = Cell(self.site)
        expert = policy == 'expert'
        self.pipeline = Pipeline(self.site, TrueScene(self.cell) if expert else None,
                                 policy=LateExpert(self.cell) if expert else None)
        self.policy: Any = self.pipeline.policy

    def run(self, seed: int, lateness: Lateness | None) -> tuple[LateRun, Outcome]:
        """Run one episode; without any wrapper for comparison when `lateness` is None."""
        case = draw_suite_case(self.cell, self.task, seed, 'seen')
        seams = Seams(self.policy if lateness is None
                      else late_policy(self.policy, lateness, self.site, seed))
        self.pipeline.policy = seams
        self.pipeline.restart()
        before = self.cell.truth()
        outcome = Episode(self.cell, self.pipeline, keep=True).pursue(case.plan())
        verdict = judge_suite(case, self.task, self.site, before, self.cell.truth(), outcome)
        return LateRun(lateness or Lateness(0.0, 'none'), verdict, *seams.largest(),
                       count_violations(outcome.commands, self.site), outcome.chunks), outcome

    def close(self) -> None:
        """Release the simulator."""
        self.cell.close()


def evaluate_late(site_name: str, task_name: str, seeds: Iterable[int],
                  latenesses: Iterable[Lateness], policy: str = 'site') -> Iterator[LateRun]:
    """Run one lock-step episode of a task for each lateness and seed in this process."""
    late = LateCell(site_name, task_name, policy)
    try:
        for lateness in latenesses:
            for seed in seeds:
                yield late.run(seed, lateness)[0]
    finally:
        late.close()


def summarise_late(runs: Sequence[LateRun]) -> list[dict[str, Any]]:
    """Return one JSON-ready row for each delay and wrapper, in the order of the runs.

    Seams are the mean of each episode's largest one. `seconds` is the mean task time of the
    episodes that succeeded, None where none did: a failure lasts as long as its time-out.
    """
    groups: dict[Lateness, list[LateRun]] = {}
    for run in runs:
        groups.setdefault(run.lateness, []).append(run)
    return [_row(lateness, found) for lateness, found in groups.items()]


def _row(lateness: Lateness, runs: Sequence[LateRun]) -> dict[str, Any]:
    verdicts = [run.verdict for run in runs]
    times = [verdict.seconds for verdict in verdicts if verdict.success]
    causes = Counter(verdict.cause for verdict in verdicts if not verdict.success)
    tasks = {task: rate([one for one in verdicts if one.task == task])
             for task in dict.fromkeys(verdict.task for verdict in verdicts)}
    return {'delay_ms': round(1000.0 * lateness.delay_s, 3), 'wrapper': lateness.wrapper,
            **rate(verdicts),
            'seam_rad': round(float(np.mean([run.seam_rad for run in runs])), 5),
            'seam_rad_s': round(float(np.mean([run.seam_rad_s for run in runs])), 4),
            'seconds': round(float(np.mean(times)), 2) if times else None,
            'violations': sum(run.violations for run in runs),
            'chunks': sum(run.chunks for run in runs),
            'failures': dict(causes.most_common()), 'tasks': tasks,
            'failed': [asdict(verdict) for verdict in verdicts if not verdict.success]}


def draw_delays(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a picture: success with its interval and task time over the delay, by wrapper."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.6), layout='constrained')
    success, time = figure.subplots(1, 2)
    wrappers = list(dict.fromkeys(row['wrapper'] for row in rows))
    for number, wrapper in enumerate(wrappers):
        mine = [row for row in rows if row['wrapper'] == wrapper]
        # Moved apart a little, or equal rates would hide one another.
        delays = np.array([row['delay_ms'] for row in mine]) + 4.0 * (
            number - (len(wrappers) - 1) / 2)
        rates = np.array([row['rate'] for row in mine])
        low, high = np.array([row['wilson95'] for row in mine]).T
        errors = np.maximum([rates - low, high - rates], 0.0)
        success.errorbar(delays, rates, yerr=errors, marker='o', markersize=4, capsize=2,
                         linewidth=1.2, label=wrapper)
        time.plot(delays, [np.nan if row['seconds'] is None else row['seconds'] for row in mine],
                  marker='o', markersize=4, linewidth=1.2, label=wrapper)
    success.set(xlabel='delay, ms', ylabel='success, with 95 % interval', ylim=(-0.02, 1.02))
    time.set(xlabel='delay, ms', ylabel='task time of successes, simulated s', ylim=(0.0, None))
    for axes in (success, time):
        axes.grid(alpha=0.3)
    time.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
