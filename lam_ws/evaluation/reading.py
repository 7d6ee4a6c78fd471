"""How well instructions are read: tasks, wordings and seeds enter, shares leave; nothing moves.

For each seed a scene of the task is drawn, a goal chosen in it and a sentence made up; the
grounder is told what is in the scene, as a perfect inventory would say it. A sentence is read
right when the plan is exactly that goal, refused, or read wrongly, which must not happen.
"""
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lam_ws.errors import InstructionError
from lam_ws.grounding.asking import sample_request
from lam_ws.grounding.grounding import Grounder
from lam_ws.grounding.lesson import Lesson, say
from lam_ws.grounding.noise import add_noise
from lam_ws.sim.drawing import draw_scene
from lam_ws.sim.fixtures import fixture_kind
from lam_ws.sim.scene import load_scene, SceneDraw
from lam_ws.sim.tasks.suite import load_task
from lam_ws.sim.tasks.task import SimTask
from lam_ws.types import Detection, Goal, Instruction, Scene
import numpy as np

OUTCOMES = ('right', 'refused', 'wrong')


@dataclass(frozen=True)
class Reading:
    """One sentence, and what became of it: one of `OUTCOMES`."""

    task: str
    seed: int
    language: str
    text: str
    outcome: str
    found: str


def read_task(grounder: Grounder, task_name: str, language: str, seeds: Iterable[int],
              wording: str = 'train', noise: float = 0.0,
              lesson: Lesson | None = None) -> Iterator[Reading]:
    """Read one sentence for each seed whose scene has a goal of the task.

    Args:
        grounder: What reads.
        task_name: Task of the suite.
        language: 'ko' or 'en'.
        seeds: Scene seeds.
        wording: 'train' or 'heldout', wordings and nouns; of a lesson 'taught' or 'other'.
        noise: 0..1, level of typing errors.
        lesson: How the operator talks, None for as usual.
    """
    task = load_task(task_name)
    spec = load_scene(task.scene)
    for seed in seeds:
        scene = inventory(draw_scene(spec, seed, ('front',), 7, True))
        goals = [goal for goal in goals_in(task, scene)
                 if lesson is None or lesson.covers(goal)]
        if not goals:
            continue
        rng = np.random.default_rng((seed, 41))
        goal = goals[int(rng.integers(len(goals)))]
        said = sample_request(goal, language, rng, wording) if lesson is None \
            else say(lesson, goal, rng, wording)
        text = add_noise(said, rng, noise)
        yield _read(grounder, goal, Reading(task_name, seed, language, text, 'refused', ''), scene)


def _read(grounder: Grounder, goal: Goal, reading: Reading, scene: Scene) -> Reading:
    try:
        plan = grounder.ground(Instruction(reading.text, reading.language), scene)
    except InstructionError as refusal:
        return replace(reading, found=str(refusal))
    steps = tuple(replace(step, text='') for step in plan.steps)
    told = '; '.join(f'{one.skill} {one.colour} {one.kind} -> {one.destination} {one.place}'
                     for one in steps)
    return replace(reading, outcome='right' if steps == (goal,) else 'wrong', found=told)


def inventory(draw: SceneDraw) -> Scene:
    """Return what is where in a drawn scene, as perception would say it without a fault."""
    seen = [Detection(one.kind, one.colour, np.array([*one.xy, 0.0]), 1.0) for one in draw.parts]
    seen += [Detection('bin', one.colour, np.array([*one.xy, 0.0]), 1.0) for one in draw.bins]
    seen += [Detection(point.kind, one.colour, np.array([*one.xy, 0.0]), 1.0)
             for one in draw.fixtures for point in fixture_kind(one.kind).points]
    return Scene(0.0, tuple(seen))


def goals_in(task: SimTask, scene: Scene) -> list[Goal]:
    """Return every goal that the names in a scene allow."""
    names = list(dict.fromkeys((one.kind, one.colour) for one in scene.detections))
    first = [name for name in names if name[0] in task.kinds]
    if not task.places:
        return [Goal(task.skill, *name, '', '', '') for name in first]
    return [Goal(task.skill, kind, colour, other, '', place) for kind, colour in first
            for place, other in names if place in task.places
            and (place, other) != (kind, colour) and (not task.same or other == colour)]


def summarise_reading(readings: Iterable[Reading]) -> dict[str, object]:
    """Return counts and the sentences that were read wrongly."""
    rows = list(readings)
    counts = Counter(row.outcome for row in rows)
    return {'sentences': len(rows), **{name: counts[name] for name in OUTCOMES},
            'misread': [{'text': row.text, 'found': row.found, 'seed': row.seed}
                        for row in rows if row.outcome == 'wrong']}
