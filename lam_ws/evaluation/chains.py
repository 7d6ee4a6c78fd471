"""Chains of tasks in one run: how many of five sub-tasks a policy completes, one after another.

Seeds enter; for each the number of sub-tasks completed in a row leaves, as CALVIN counts them
(Mees et al. 2022). The stack itself decides when a sub-task is over and the next begins; the
first one that it reports wrongly, or does not reach, ends the chain.
"""
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from lam_ws.episode import Episode
from lam_ws.evaluation.stage import set_up
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.words import LANGUAGES
from lam_ws.pipeline import Pipeline
from lam_ws.sim.cell import Cell
from lam_ws.sim.tasks.suite import scenes, SHIFT, staged
from lam_ws.sim.tasks.task import SimTask
from lam_ws.sim.truth import find, Truth
from lam_ws.site import load_site
from lam_ws.types import Goal, Instruction, Plan
import numpy as np


@dataclass(frozen=True)
class Chain:
    """One chain, judged.

    Attributes:
        seed: Scene seed.
        tasks: Names of the sub-tasks begun.
        completed: How many were completed in a row.
        cause: Why it ended early, '' when it did not.
        seconds: Simulated s.
        false_done: Sub-tasks reported done that were not.
        missed_done: Sub-tasks done that were not reported.
    """

    seed: int
    tasks: tuple[str, ...]
    completed: int
    cause: str
    seconds: float
    false_done: int
    missed_done: int


def run_chains(site_name: str, seeds: Iterable[int], length: int,
               policy: str = 'site', raw: bool = False) -> Iterator[Chain]:
    """Run one chain of `length` sub-tasks for each seed in this process.

    Policy and `raw` are those of `lam_ws.evaluation.suite.Setting`.
    """
    raw = raw or policy != 'site'
    with closing(set_up(staged(load_site(site_name), SHIFT), policy)) as stage:
        for seed in seeds:
            stage.cell.reset(seed)
            stage.pipeline.restart()
            yield _run(stage.cell, stage.pipeline, seed, length, raw)


def _run(cell: Cell, pipeline: Pipeline, seed: int, length: int, raw: bool) -> Chain:
    rng = np.random.default_rng((seed, 31))
    episode, moved, names = Episode(cell, pipeline), set[tuple[str, str]](), []
    for number in range(length):
        before = cell.truth()
        task, goal = _next(before, moved, rng)
        names.append(task.name)
        moved.add((goal.kind, goal.colour))
        language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
        text = sample_request(goal, language, rng)
        asked = Instruction(text, language)
        outcome = episode.pursue(Plan(asked, language, (replace(goal, text=text),))) if raw \
            else episode.run(asked)
        truly, said = task.done(before, cell.truth(), goal), outcome.phase == 'succeeded'
        if not (truly and said):
            cause = outcome.reason or 'false_done'
            return Chain(seed, tuple(names), number, f'{task.name}: {cause}', cell.now_s,
                         int(said), int(truly))
    return Chain(seed, tuple(names), length, '', cell.now_s, 0, 0)


def _next(truth: Truth, moved: set[tuple[str, str]],
          rng: np.random.Generator) -> tuple[SimTask, Goal]:
    """Choose a sub-task at random among those that are left; each thing comes once, but clamps."""
    choices = []
    for task in scenes()[SHIFT]:
        goals = [goal for goal in task.goals(truth) if not held_out(goal)
                 and (goal.kind == 'lever' or (goal.kind, goal.colour) not in moved)
                 and _in_the_open(truth, goal)]
        if goals:
            choices.append((task, goals))
    task, goals = choices[int(rng.integers(len(choices)))]
    return task, goals[int(rng.integers(len(goals)))]


def _in_the_open(truth: Truth, goal: Goal) -> bool:
    """Return whether the first thing does not lie in a bin already."""
    where = find(truth, goal.kind, goal.colour).surface
    return all(np.hypot(*(where[:2] - bin_['position'][:2])) > 0.12 for bin_ in truth['bins'])


def summarise_chains(chains: Sequence[Chain], length: int) -> dict[str, object]:
    """Return the average length and how many chains got that far, as CALVIN tells it."""
    done = [chain.completed for chain in chains]
    begun = sum(len(chain.tasks) for chain in chains)
    causes: dict[str, int] = {}
    for chain in chains:
        if chain.cause:
            causes[chain.cause] = causes.get(chain.cause, 0) + 1
    return {'chains': len(chains), 'length': length,
            'average_length': round(float(np.mean(done)), 3),
            'completed': [sum(n >= k for n in done) for k in range(1, length + 1)],
            'false_done': round(sum(chain.false_done for chain in chains) / max(begun, 1), 4),
            'missed_done': round(sum(chain.missed_done for chain in chains) / max(begun, 1), 4),
            'failures': dict(sorted(causes.items(), key=lambda row: -row[1]))}
