"""How a scripted operator talks: with its own words only, about what it has words for."""
from dataclasses import replace

from lam_ws.errors import ConfigurationError
from lam_ws.grounding.lesson import load_lesson, say
from lam_ws.types import Goal
import numpy as np
import pytest

GOAL = Goal('pick_place', 'bar', 'yellow', 'white', '')


def test_a_sentence_has_the_words_of_the_goal_and_of_no_other():
    """Pins that what is said is what is meant: a wrong word would teach a wrong meaning."""
    lesson, rng = load_lesson('changwon'), np.random.default_rng(0)
    others = {word for table in (lesson.kinds, lesson.colours, lesson.destinations)
              for value, words in table.items() if value not in ('bar', 'yellow', 'white')
              for word in words}
    for wordings in ('taught', 'other'):
        for _ in range(40):
            text = say(lesson, GOAL, rng, wordings)
            assert all(word in text for word in ('히라', '기이로', '시로'))
            assert not any(word in text for word in others)


def test_the_two_sorts_of_wordings_share_none():
    """Pins that what is tested as never demonstrated was never demonstrated."""
    lesson = load_lesson('changwon')
    assert lesson.other and not set(lesson.taught) & set(lesson.other)


def test_a_lesson_covers_only_what_it_has_words_for():
    """Pins that an operator is not asked to name what it has no name for."""
    lesson = load_lesson('changwon')
    assert lesson.covers(GOAL)
    assert not lesson.covers(replace(GOAL, kind='shaft'))
    assert not lesson.covers(replace(GOAL, skill='kit', place='slot'))
    assert not lesson.covers(replace(GOAL, destination='red'))


def test_a_lesson_that_is_not_there_is_named():
    """Pins the file in the message."""
    with pytest.raises(ConfigurationError, match='gimhae.yaml'):
        load_lesson('gimhae')
