"""Which words mean what: counted over what was done, never guessed."""
from dataclasses import replace

from lam_ws.grounding.lesson import load_lesson, say
from lam_ws.train.aligning import align, SLOTS, stems, THINGS
from lam_ws.types import Goal
import numpy as np
import pytest

MEANT = {'가꾸': 'cube', '마루': 'cylinder', '히라': 'bar', '아까': 'red', '미도리': 'green',
         '아오': 'blue', '기이로': 'yellow', '구로': 'black', '시로': 'white', '바께쓰': 'bin',
         '하꼬': 'bin'}


def lessons(count, seed):
    """Return sentences of the lesson with what was done."""
    lesson, rng = load_lesson('changwon'), np.random.default_rng(seed)
    said = []
    for _ in range(count):
        goal = Goal('pick_place', str(rng.choice(list(lesson.kinds))),
                    str(rng.choice(list(lesson.colours))),
                    str(rng.choice(list(lesson.destinations))), '')
        said.append((say(lesson, goal, rng), goal))
    return said


@pytest.mark.parametrize('seed', range(4))
def test_the_words_of_a_lesson_are_found_with_what_they_mean_and_no_others(seed):
    """Pins that verbs, particles and chance mean nothing."""
    found = {one.word: one.value for one in align(lessons(45, seed))}
    assert {word: value for word, value in found.items() if MEANT.get(word) != value} == {}
    assert len(found) >= len(MEANT) - 1


def test_sentences_that_have_nothing_to_do_with_what_was_done_teach_nothing():
    """Pins chance: the same sentences with goals of other demonstrations."""
    said = lessons(45, 0)
    shuffled = [goal for _, goal in said]
    np.random.default_rng(1).shuffle(shuffled)
    mixed = [(text, goal) for (text, _), goal in zip(said, shuffled, strict=True)]
    assert len([one for one in align(mixed) if one.slot in SLOTS]) <= 1


def test_a_wrong_demonstration_is_counted_as_a_contradiction():
    """Pins that one slip does not unmake a word, and is told."""
    said = lessons(45, 2)
    row = next(i for i, (text, _) in enumerate(said) if '마루' in text)
    said[row] = said[row][0], replace(said[row][1], kind='bar')
    found = {one.word: one for one in align(said)}
    assert found['마루'].value == 'cylinder' and found['마루'].contradicted == 1


def test_few_demonstrations_mean_nothing():
    """Pins that a word is not believed after it was said twice."""
    said = [('아까 마루 여라', Goal('pick_place', 'cylinder', 'red', 'black', '')),
            ('아오 마루 여라', Goal('pick_place', 'cylinder', 'blue', 'white', ''))]
    assert align(said) == []


def test_a_whole_thing_may_be_what_a_word_means():
    """Pins the names of a company's parts, which are more than a colour or a kind."""
    said = [(f'{"붉은다마" if colour == "red" else "푸른다마"} 여라',
             Goal('pick_place', 'ball_joint', colour, 'black', ''))
            for colour in ('red', 'blue') * 12]
    assert {(one.word, one.value) for one in align(said, THINGS)} == {
        ('붉은다마', 'red ball_joint'), ('푸른다마', 'blue ball_joint')}


def test_stems_of_a_korean_word_leave_out_particles_and_an_english_word_stays_whole():
    """Pins that 'cart' is not read into 'carton'."""
    assert set(stems('바께쓰에다')) >= {'바께쓰', '바께쓰에다'}
    assert list(stems('carton')) == ['carton']
