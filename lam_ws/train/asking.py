"""Sentences to learn from: a noisy bank of them, and which of them fit a still.

Goals of the suite and labels of stills enter; token ids with what they ask for, and sentences
with the places they point to, leave. What is held out is never among them.
"""
from lam_ws.grounding.asking import held_out, sample_request
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.words import LANGUAGES
from lam_ws.policy.model import KINDS
from lam_ws.policy.skills import NUMBER, SKILLS
from lam_ws.policy.tokens import tokens
from lam_ws.policy.vocabulary import COLOURS
from lam_ws.sim.tasks.suite import all_goals, scenes
from lam_ws.types import Goal
import numpy as np
import torch
from torch import Tensor


class Sentences:
    """A bank of noisy sentences with what they ask for.

    Args:
        count: How many.
        seed: Seed of goals, wordings and slips.
        split: 'train' or 'heldout' wordings.
        level: Largest noise level; each sentence draws its own below it.

    Attributes:
        goals: Every goal of the suite that may be shown.
        goal: [count] index of each sentence's goal.
        attributes: [count, 5] what text is taught to tell apart.
    """

    def __init__(self, count: int, seed: int, split: str = 'train', level: float = 0.9):
        rng = np.random.default_rng(seed)
        self.goals = [goal for goal in all_goals() if not held_out(goal)]
        # Every skill is asked for equally often, however many goals it has.
        skills = sorted({goal.skill for goal in self.goals}, key=list(SKILLS).index)
        of_skill = [[i for i, goal in enumerate(self.goals) if goal.skill == skill]
                    for skill in skills]
        self.goal = np.array([rng.choice(of_skill[rng.integers(len(skills))])
                              for _ in range(count)])
        self.texts = []
        for number in self.goal:
            language = LANGUAGES[rng.integers(len(LANGUAGES))]
            text = sample_request(self.goals[number], language, rng, split)
            noise = level * rng.random() if rng.random() < 0.7 else 0.0
            self.texts.append(add_noise(text, rng, noise))
        self.ids = torch.tensor([tokens(text) for text in self.texts])
        self.attributes = torch.tensor([attributes_of(goal) for goal in self.goals])[self.goal]
        self.by_goal = {_key(goal): np.flatnonzero(self.goal == i)
                        for i, goal in enumerate(self.goals)}


def attributes_of(goal: Goal) -> tuple[int, ...]:
    """Return the classes of a goal's attributes, in the order of ATTRIBUTES."""
    place = KINDS.index(goal.place) if goal.place else len(KINDS)
    destination = COLOURS.index(goal.destination) if goal.destination else len(COLOURS)
    return (NUMBER[goal.skill], KINDS.index(goal.kind), COLOURS.index(goal.colour), place,
            destination)


def _key(goal: Goal) -> tuple[str, ...]:
    return goal.skill, goal.kind, goal.colour, goal.place, goal.destination


class Asking:
    """Draws sentences about stills.

    Args:
        labels: Labels of the stills.
        sentences: The bank to draw from.
    """

    def __init__(self, labels: dict[str, np.ndarray], sentences: Sentences):
        self._labels, self._bank = labels, sentences
        self._tasks = tuple(scenes().values())

    def ask(self, rows: np.ndarray, rng: np.random.Generator, each: int) -> dict[str, Tensor]:
        """Draw `each` sentences about each of the stills `rows`; most name what is there.

        Returns row [N] into `rows`, sentence [N], and for the first and the second thing
        (column 0 and 1) pixel [N, 2, 2] and state [N, 2] (1 seen, 0 absent, -1 hidden).
        """
        drawn: dict[str, list] = {name: [] for name in ('row', 'sentence', 'pick')}
        for row, still in enumerate(rows):
            for _ in range(each):
                goal, pick = self._goal(still, rng)
                if goal is None:
                    continue
                drawn['row'].append(row)
                drawn['sentence'].append(int(rng.choice(self._bank.by_goal[_key(goal)])))
                drawn['pick'].append(pick)
        labels, still = self._labels, rows[drawn['row']]
        picks: np.ndarray = np.array(drawn['pick'])
        at = (still[:, None], np.maximum(picks, 0))
        state = np.where(labels['visible'][at], 1, -1)
        state[picks < 0] = 0
        pixel = np.stack([labels['grip_pixel'][at][:, 0], labels['surface_pixel'][at][:, 1]], 1)
        return {'row': torch.tensor(drawn['row']), 'sentence': torch.tensor(drawn['sentence']),
                'pixel': torch.from_numpy(pixel), 'state': torch.from_numpy(state)}

    def _goal(self, still: int, rng: np.random.Generator) -> tuple[Goal | None, list[int]]:
        """Return a goal about a still and the label rows of its two things, -1 for absent."""
        kinds, colours = self._labels['kind'][still], self._labels['colour'][still]
        names = [(KINDS[kind], COLOURS[colour]) if kind >= 0 else ('', '')
                 for kind, colour in zip(kinds, colours, strict=True)]
        tasks = self._tasks[self._labels['scene'][still]]
        for _ in range(8):
            task = tasks[rng.integers(len(tasks))]
            if rng.random() < 0.1:
                goal = self._bank.goals[rng.integers(len(self._bank.goals))]
                if goal.kind not in task.kinds or goal.skill != task.skill:
                    continue
            else:
                first = [name for name in names if name[0] in task.kinds]
                if not first:
                    continue
                kind, colour = first[rng.integers(len(first))]
                second = [name for name in names if name[0] in task.places
                          and name != (kind, colour) and (not task.same or name[1] == colour)]
                if task.places and not second:
                    continue
                place, other = second[rng.integers(len(second))] if second else ('', '')
                goal = Goal(task.skill, kind, colour, other, '', place)
            if _key(goal) in self._bank.by_goal:
                return goal, [_index(names, (goal.kind, goal.colour)),
                              _index(names, (goal.place, goal.destination))]
        return None, []


def _index(names: list[tuple[str, str]], name: tuple[str, str]) -> int:
    return names.index(name) if name[0] and name in names else -1
