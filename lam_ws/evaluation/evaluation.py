"""Closed-loop success, measured: seeded scenes, sentences, outcomes, intervals, causes.

A site, a number of episodes and a seed enter; a report leaves that says how often the part
really ended where the sentence said, with a Wilson interval, and why not otherwise. Success is
judged on the simulator's truth and only counts when the stack itself reported it.
"""
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
import math
from typing import Any

from lam_ws.evaluation.quality import medians, Quality
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.sentences import sample_sentence
from lam_ws.grounding.words import BIN_COLOURS, LANGUAGES
from lam_ws.sim.truth import in_bin
from lam_ws.types import Goal, Instruction
import numpy as np

MOVED = 0.05    # m, a part displaced this far was handled
Truth = dict[str, Any]   # as `Cell.truth` returns it


@dataclass(frozen=True)
class Conditions:
    """How an evaluation asks.

    Attributes:
        wording: 'train' wordings of the text encoder, or 'heldout'.
        noise: 0..1, level of typing errors and missing spaces.
        instruction: 'right', or 'wrong': that of another part and bin in the same scene.
    """

    wording: str = 'train'
    noise: float = 0.0
    instruction: str = 'right'


@dataclass(frozen=True)
class Case:
    """One episode to run: the goal it is judged by, and what is said."""

    seed: int
    goal: Goal
    language: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """One episode, judged.

    Attributes:
        seed: Scene seed.
        arm: Its name.
        language: Of the sentence.
        text: What was said.
        success: By the truth and by the stack's own report.
        cause: Why not, '' on success.
        seconds: Simulated s.
        attempts: At the last step.
        task: Task of the suite.
        axis: What was perturbed, '' for nothing.
        quality: How the arm moved, None where that was not measured.
    """

    seed: int
    arm: str
    language: str
    text: str
    success: bool
    cause: str
    seconds: float
    attempts: int
    task: str = 'pick_place'
    axis: str = ''
    quality: Quality | None = None


def draw_case(parts: Iterable[tuple[str, str]], seed: int, conditions: Conditions) -> Case:
    """Choose a goal among the scene's (kind, colour) parts, and a sentence for it."""
    rng = np.random.default_rng((seed, 17))
    there = list(parts)
    language = LANGUAGES[seed % 2]
    choice = int(rng.integers(len(there)))
    side = int(rng.integers(2))
    kind, colour = there[choice]
    goal = Goal('pick_place', kind, colour, BIN_COLOURS[side], '')
    if conditions.instruction == 'wrong':
        other = (choice + int(rng.integers(1, len(there)))) % len(there)
        kind, colour = there[other]
        side = int(rng.integers(2))
    text = sample_sentence(kind, colour, BIN_COLOURS[side], language, rng, conditions.wording)
    if conditions.noise > 0:
        text = add_noise(text, rng, conditions.noise)
    return Case(seed, goal, language, text)


def judge(case: Case, arm: str, before: Truth, after: Truth, phase: str, reason: str,
          seconds: float, attempts: int) -> Verdict:
    """Compare what the stack reported with the truth before and after."""
    truly = in_bin(after, case.goal)
    success = truly and phase == 'succeeded'
    cause = '' if success else _cause(case.goal, before, after, phase, reason, truly)
    return Verdict(case.seed, arm, case.language, case.text, success, cause, seconds, attempts)


def _cause(goal: Goal, before: Truth, after: Truth, phase: str, reason: str,
           truly: bool) -> str:
    if phase == 'refused' or reason.startswith('guard'):
        return f'{phase}:{reason}' if phase == 'refused' else reason
    if truly:
        return 'missed_done'
    moved = [(part['kind'], part['colour']) for part, was in zip(
        after['parts'], before['parts'], strict=True)
        if math.dist(part['position'][:2], was['position'][:2]) > MOVED]
    wanted = (goal.kind, goal.colour)
    if any(name != wanted for name in moved):
        return 'wrong_part'
    if wanted in moved:
        other = [colour for colour in BIN_COLOURS if colour != goal.destination]
        wrong = any(in_bin(after, Goal(goal.skill, goal.kind, goal.colour, colour, ''))
                    for colour in other)
        return 'wrong_bin' if wrong else 'dropped'
    return 'false_done' if phase == 'succeeded' else f'not_grasped:{reason}'


def evaluate(site_name: str, seeds: Iterable[int], conditions: Conditions,
             policy: str = 'site') -> Iterator[Verdict]:
    """Run one lock-step episode for each seed in this process.

    Args:
        site_name: Site to run on; its clock does not matter here.
        seeds: Scene seeds.
        conditions: How to ask.
        policy: 'site' for the site's own, 'expert' for the scripted one.
    """
    from lam_ws.evaluation.stage import set_up
    from lam_ws.site import load_site

    with closing(set_up(load_site(site_name), policy)) as stage:
        for seed in seeds:
            stage.cell.reset(seed)
            case = draw_case([(part.kind, part.colour) for part in stage.cell.draw.parts], seed,
                             conditions)
            run = stage.run(Instruction(case.text, case.language))
            outcome = run.outcome
            verdict = judge(case, stage.site.arm.name, run.before, run.after, outcome.phase,
                            outcome.reason, outcome.seconds, outcome.attempts)
            yield replace(verdict, quality=run.quality)


def wilson(successes: int, episodes: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a rate (Wilson 1927)."""
    if episodes == 0:
        return 0.0, 1.0
    p = successes / episodes
    scale = 1 + z * z / episodes
    middle = (p + z * z / (2 * episodes)) / scale
    half = z * math.sqrt(p * (1 - p) / episodes + z * z / (4 * episodes ** 2)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def rate(verdicts: list[Verdict]) -> dict[str, object]:
    """Return episodes, successes, rate and interval of some verdicts."""
    successes = sum(verdict.success for verdict in verdicts)
    low, high = wilson(successes, len(verdicts))
    return {'episodes': len(verdicts), 'successes': successes,
            'rate': round(successes / max(len(verdicts), 1), 4),
            'wilson95': [round(low, 4), round(high, 4)]}


def report(verdicts: list[Verdict], seed: int, policy: str, conditions: Conditions,
           versions: dict[str, str]) -> dict[str, object]:
    """Return the whole evaluation as one JSON-ready object."""
    groups: dict[str, Callable[[Verdict], str]] = {
        'language': lambda verdict: verdict.language, 'arm': lambda verdict: verdict.arm,
        'task': lambda verdict: verdict.task, 'split': lambda verdict: conditions.wording}
    by = {name: {value: rate([verdict for verdict in verdicts if key(verdict) == value])
                 for value in sorted({key(verdict) for verdict in verdicts})}
          for name, key in groups.items()}
    causes = Counter(verdict.cause for verdict in verdicts if not verdict.success)
    return {**rate(verdicts), 'by': by, 'failures': dict(causes.most_common()), 'seed': seed,
            'policy': policy, 'conditions': asdict(conditions), 'versions': versions,
            'quality': medians([verdict.quality for verdict in verdicts if verdict.success]),
            'seconds_mean': round(float(np.mean([v.seconds for v in verdicts])), 2),
            'failed': [asdict(verdict) for verdict in verdicts if not verdict.success]}
