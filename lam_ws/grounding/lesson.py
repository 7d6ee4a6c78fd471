"""How one operator talks: a YAML file and a goal enter, a sentence leaves.

It stands in for a person whose words nobody wrote down: a scripted operator says such sentences
while it demonstrates, and an evaluation says them to see what was learned. Neither the policy nor
the grounding reads the file.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lam_ws.configuration import load
from lam_ws.grounding.sentences import fill
from lam_ws.resources import share
from lam_ws.types import Goal
import numpy as np

Words = Mapping[str, tuple[str, ...]]
WORDINGS = ('taught', 'other')


@dataclass(frozen=True)
class Lesson:
    """What config/lessons/<name>.yaml holds.

    Attributes:
        language: 'ko' or 'en'.
        skill: What is asked for.
        place: Kind of the second thing.
        kinds, colours, destinations: Words by what they mean.
        places: Words for the second thing's kind.
        taught: Wordings that the operator uses while it demonstrates.
        other: Wordings that it never used then.
    """

    language: Literal['ko', 'en']
    skill: str
    place: str
    kinds: Words
    colours: Words
    destinations: Words
    places: tuple[str, ...]
    taught: tuple[str, ...]
    other: tuple[str, ...] = ()

    def covers(self, goal: Goal) -> bool:
        """Return whether there are words for a goal."""
        return (goal.skill == self.skill and goal.place == self.place
                and goal.kind in self.kinds and goal.colour in self.colours
                and goal.destination in self.destinations)


def load_lesson(name: str | Path) -> Lesson:
    """Return a lesson, a name below config/lessons or a path to a .yaml file.

    Raises:
        ConfigurationError: The file is missing or wrong.
    """
    path = Path(name)
    if path.suffix != '.yaml':
        path = share() / 'config' / 'lessons' / f'{name}.yaml'
    return load(path, Lesson)


def say(lesson: Lesson, goal: Goal, rng: np.random.Generator, wordings: str = 'taught') -> str:
    """Return one sentence that asks for a goal as the operator of a lesson would.

    Args:
        lesson: How it talks.
        goal: One that the lesson covers.
        rng: Source of every choice.
        wordings: 'taught' or 'other'.

    Raises:
        KeyError: The lesson has no word for something of the goal.
    """
    def one(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    wording = one(lesson.taught if wordings == 'taught' else lesson.other)
    return fill(wording, {'c': one(lesson.colours[goal.colour]), 'k': one(lesson.kinds[goal.kind]),
                          'd': one(lesson.destinations[goal.destination]),
                          'p': one(lesson.places)})
