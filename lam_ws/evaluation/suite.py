"""The factory suite, measured: a task, a split and seeds enter, judged episodes leave.

The stack or its policy alone hears one sentence; the policy sees camera pixels; done and retry
are the stack's own. What truly happened is judged on the simulator's truth, and counts only when
the stack reported it.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from lam_ws.episode import Outcome
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.stage import set_up, Stage, WatchedCell
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.lesson import Lesson, load_lesson, say
from lam_ws.grounding.words import LANGUAGES
from lam_ws.pipeline import Pipeline
from lam_ws.sim.cell import Cell
from lam_ws.sim.scene import CameraSpreadSpec, LightSpec, load_scene, SceneSpec, SpreadSpec
from lam_ws.sim.tasks.suite import load_task, staged
from lam_ws.sim.tasks.task import SimTask
from lam_ws.sim.truth import Truth
from lam_ws.site import load_site, Site
from lam_ws.types import Goal, Instruction, Plan
import numpy as np

SPLITS = ('seen', 'heldout-pairs', 'heldout-wording', 'wrong-instruction', 'no-image',
          'perturbed')
RARE = ('heldout-pairs', 'wrong-instruction')   # splits that not every task has goals for
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

    def plan(self) -> Plan:
        """Return what the stack is told to do."""
        return Plan(Instruction(self.text, self.language), self.language,
                    (replace(self.said, text=self.text),))


@dataclass(frozen=True)
class Setting:
    """What the episodes of one task have in common.

    Attributes:
        site: Site to run on.
        task: Task of the suite.
        split: One of `SPLITS`.
        policy: 'site' for the site's own, 'expert' for the scripted one, 'oracle' for the
            site's own with true key points.
        axis: What is perturbed, a key of `PERTURBATIONS`, for the split of that name.
        raw: The policy hears the sentence as it is. Otherwise the stack's grounding reads it, as
            for an operator, and may refuse it; but for 'expert' and 'oracle', which measure what
            comes after.
        lesson: How the operator talks, a name below config/lessons or a file; '' for as usual.
        wordings: Of the lesson, 'taught' or 'other'.
        model: Of the site's policy, a name below models/; '' for the site's own.
    """

    site: str
    task: str
    split: str = 'seen'
    policy: str = 'site'
    axis: str = ''
    raw: bool = False
    lesson: str = ''
    wordings: str = 'taught'
    model: str = ''


def draw_suite_case(cell: Cell, task: SimTask, seed: int, split: str,
                    lesson: Lesson | None = None, wordings: str = 'taught') -> SuiteCase:
    """Lay out the first scene from `seed` on that has a goal of the split; choose one.

    With a lesson it is a goal that the lesson has words for, and its operator says the sentence.

    Raises:
        LookupError: None of many scenes has one.
    """
    for attempt in range(TRIES):
        cell.reset(seed + 10_000_019 * attempt)   # far from the seeds of other cases
        rng = np.random.default_rng((seed, 29))
        goals = [goal for goal in task.goals(cell.truth())
                 if held_out(goal) == (split == 'heldout-pairs')
                 and (lesson is None or lesson.covers(goal))]
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
        if lesson is not None:
            return SuiteCase(task.name, seed, goal, said, lesson.language,
                             say(lesson, said, rng, wordings))
        language = LANGUAGES[seed % 2]
        wording = 'heldout' if split == 'heldout-wording' else 'train'
        return SuiteCase(task.name, seed, goal, said, language,
                         sample_request(said, language, rng, wording))
    raise LookupError(f'no scene of {task.name} has a goal of {split}')


def unasked(site_name: str, tasks: Iterable[str], split: str, seed: int) -> tuple[str, ...]:
    """Return the tasks whose scenes from `seed` on have no goal of the split."""
    site, found = load_site(site_name), []
    for task in map(load_task, tasks):
        with closing(Cell(staged(site, task.scene), seed)) as cell:
            try:
                draw_suite_case(cell, task, seed, split)
            except LookupError:
                found.append(task.name)
    return tuple(found)


def run_case(stage: Stage, setting: Setting, seed: int) -> Verdict:
    """Run the episode of one seed on a stage that was set up for `setting`."""
    task = load_task(setting.task)
    lesson = load_lesson(setting.lesson) if setting.lesson else None
    case = draw_suite_case(stage.cell, task, seed, setting.split, lesson, setting.wordings)
    raw = setting.raw or setting.policy != 'site'
    asked = case.plan() if raw else Instruction(case.text, case.language)
    run = stage.run(asked, blind=setting.split == 'no-image')
    verdict = judge_suite(case, task, stage.site, run.before, run.after, run.outcome)
    return replace(verdict, axis=setting.axis, quality=run.quality)


def set_up_task(setting: Setting, cell_kind: type[WatchedCell] = WatchedCell,
                pipeline_kind: type[Pipeline] = Pipeline) -> Stage:
    """Return a stage for the episodes of `setting`; the kinds are those of `set_up`."""
    task = load_task(setting.task)
    spec = load_scene(task.scene)
    site = load_site(setting.site)
    if setting.model:
        site = replace(site, policy=replace(site.policy, model=setting.model))
    return set_up(staged(site, task.scene), setting.policy,
                  PERTURBATIONS[setting.axis](spec) if setting.axis else spec,
                  cell_kind, pipeline_kind)


def evaluate_suite(site_name: str, task_name: str, seeds: Iterable[int], split: str,
                   policy: str = 'site', axis: str = '', raw: bool = False) -> Iterator[Verdict]:
    """Run one lock-step episode of a task for each seed in this process.

    The arguments are those of `Setting`.
    """
    setting = Setting(site_name, task_name, split, policy, axis, raw)
    with closing(set_up_task(setting)) as stage:
        for seed in seeds:
            yield run_case(stage, setting, seed)


class Kept:
    """The stage of a process: set up anew only when an episode needs another than the last."""

    def __init__(self) -> None:
        self._setting: Setting | None = None
        self._stage: Stage | None = None

    def run(self, setting: Setting, seed: int) -> Verdict:
        """Run the episode of one seed."""
        if self._stage is None or setting != self._setting:
            self.close()
            self._stage, self._setting = set_up_task(setting), setting
        return run_case(self._stage, setting, seed)

    def close(self) -> None:
        """Close the stage, if there is one."""
        if self._stage is not None:
            self._stage.close()
        self._stage = self._setting = None


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
