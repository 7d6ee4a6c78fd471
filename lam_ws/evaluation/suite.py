"""The factory suite, measured: a task, a split and seeds enter, judged episodes leave.

The policy hears one sentence and sees camera pixels; done and retry are the stack's own. What
truly happened is judged on the simulator's truth, and counts only when the stack reported it.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lam_ws.episode import Episode, Outcome
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.words import LANGUAGES
from lam_ws.pipeline import Pipeline
from lam_ws.policy.policy import Policy
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.scene import CameraSpreadSpec, LightSpec, load_scene, SceneSpec, SpreadSpec
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.tasks.task import SimTask
from lam_ws.sim.truth import Truth
from lam_ws.site import load_site, Site
from lam_ws.types import Goal, Instruction, Plan
import numpy as np

SPLITS = ('seen', 'heldout-pairs', 'heldout-wording', 'wrong-instruction', 'no-image',
          'perturbed')
PERTURBATIONS: Mapping[str, Callable[[SceneSpec], SceneSpec]] = {
    'camera': lambda spec: replace(spec, camera=CameraSpreadSpec(SpreadSpec(0.05, 0.09),
                                                                 SpreadSpec(0.003, 0.004))),
    'light': lambda spec: replace(spec, light=LightSpec(1.1, (0.25, 0.95))),
    'texture': lambda spec: replace(spec, colour_jitter=0.12),
    'scale': lambda spec: replace(spec, parts=replace(spec.parts, scale=(0.86, 1.14))),
    'distractors': lambda spec: replace(spec, clutter=replace(spec.clutter, count=(4, 6))),
    'friction': lambda spec: replace(spec, parts=replace(spec.parts, friction=(0.3, 0.5))),
}
TRIES = 60        # scenes looked at for one that has a goal of the split


@dataclass(frozen=True)
class SuiteCase:
    """One episode of the suite: the scene, the goal it is judged by, and what is said."""

    task: str
    seed: int
    goal: Goal
    said: Goal
    language: str
    text: str


def draw_suite_case(cell: Cell, task: SimTask, seed: int, split: str) -> SuiteCase:
    """Lay out the first scene from `seed` on that has a goal of the split; choose one.

    Raises:
        LookupError: None of many scenes has one.
    """
    for attempt in range(TRIES):
        cell.reset(seed + 10_000_019 * attempt)   # far from the seeds of other cases
        rng = np.random.default_rng((seed, 29))
        goals = [goal for goal in task.goals(cell.truth())
                 if held_out(goal) == (split == 'heldout-pairs')]
        if not goals:
            continue
        goal = goals[rng.integers(len(goals))]
        said = goal
        if split == 'wrong-instruction':
            others = [one for one in task.goals(cell.truth())
                      if (one.kind, one.colour) != (goal.kind, goal.colour)]
            if not others:
                continue
            said = others[rng.integers(len(others))]
        language = LANGUAGES[seed % 2]
        wording = 'heldout' if split == 'heldout-wording' else 'train'
        return SuiteCase(task.name, seed, goal, said, language,
                         sample_request(said, language, rng, wording))
    raise LookupError(f'no scene of {task.name} has a goal of {split}')


def evaluate_suite(site_name: str, task_name: str, seeds: Iterable[int], split: str,
                   policy: str = 'site', axis: str = '') -> Iterator[Verdict]:
    """Run one lock-step episode of a task for each seed in this process.

    Args:
        site_name: Site to run on.
        task_name: Task of the suite.
        seeds: Scene seeds.
        split: One of `SPLITS`.
        policy: 'site' for the site's own, 'expert' for the scripted one, 'oracle' for the
            site's own with true key points.
        axis: What is perturbed, a key of `PERTURBATIONS`, for the split of that name.
    """
    task = load_task(task_name)
    site = staged(load_site(site_name), task.scene)
    spec = load_scene(task.scene)
    cell = Cell(site, scene=PERTURBATIONS[axis](spec) if axis else spec)
    pipeline = Pipeline(site, policy=_policy(site, cell, policy))
    try:
        for seed in seeds:
            case = draw_suite_case(cell, task, seed, split)
            pipeline.restart()
            before = cell.truth()
            plan = Plan(Instruction(case.text, case.language), case.language,
                        (replace(case.said, text=case.text),))
            outcome = Episode(cell, pipeline, blind=split == 'no-image').pursue(plan)
            yield judge_suite(case, task, site, before, cell.truth(), outcome)
    finally:
        cell.close()


def _policy(site: Site, cell: Cell, name: str) -> Policy | None:
    """Return the policy to evaluate; None for the site's own."""
    if name == 'expert':
        return Expert(cell)
    if name == 'oracle':
        from lam_ws.evaluation.oracle import OraclePolicy
        return OraclePolicy(site, cell)
    return None


def judge_suite(case: SuiteCase, task: SimTask, site: Site, before: Truth, after: Truth,
                outcome: Outcome) -> Verdict:
    """Compare what the stack reported with the truth."""
    truly = task.done(before, after, case.goal)
    success = truly and outcome.phase == 'succeeded'
    cause = ''
    if not success:
        cause = outcome.reason or 'false_done'
        if truly and not outcome.reason.startswith('guard'):
            cause = 'missed_done'
    return Verdict(case.seed, site.arm.name, case.language, case.text, success, cause,
                   outcome.seconds, outcome.attempts, case.task)
