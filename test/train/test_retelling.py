"""Sentences said again: of other things with the operator's words, never of what is held out."""
import pytest

pytestmark = pytest.mark.train
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.grounding.asking import held_out  # noqa: E402
from lam_ws.train.aligning import Meaning  # noqa: E402
from lam_ws.train.retelling import canonical, exchange, Retelling  # noqa: E402
from lam_ws.types import Goal  # noqa: E402
import numpy as np  # noqa: E402

SAID = [('아까 마루 구로 하꼬에 여라', Goal('pick_place', 'cylinder', 'red', 'black', '')),
        ('아오 가꾸를 시로 하꼬에 여라', Goal('pick_place', 'cube', 'blue', 'white', ''))]
WORDS = {'아까': ('colour', 'red'), '아오': ('colour', 'blue'), '마루': ('kind', 'cylinder'),
         '가꾸': ('kind', 'cube'), '구로': ('destination', 'black'),
         '시로': ('destination', 'white'), '하꼬': ('place', 'bin')}
MEANINGS = [Meaning(word, *meant, 9, 9, '') for word, meant in WORDS.items()]


@pytest.fixture(scope='module')
def drawn():
    """Return many sentences with their goals."""
    rng, retelling = np.random.default_rng(0), Retelling(SAID, MEANINGS)
    return [retelling.draw(rng) for _ in range(800)]


def test_what_is_said_is_what_is_meant(drawn):
    """Pins that an exchanged word changes the goal with it: else a lie is taught."""
    seen = set()
    for text, goal in drawn:
        for word, (slot, value) in WORDS.items():
            if word in text and slot != 'place':
                assert getattr(goal, slot) == value, text
                seen.add((goal.kind, goal.colour, goal.destination))
    assert len(seen) > len(SAID)


def test_nothing_held_out_is_said(drawn):
    """Pins the leak that makes a held-out split worth nothing."""
    assert not any(held_out(goal) for _, goal in drawn)


def test_an_operators_words_stand_in_usual_sentences_too(drawn):
    """Pins that a word is learned, not the sentence it was heard in."""
    usual = [text for text, _ in drawn if '여라' not in text and any(
        word in text for word in WORDS)]
    assert len(usual) > 50


@pytest.mark.parametrize('text, word, other, wanted', [
    ('가꾸를 여라', '가꾸', '원통', '원통을 여라'), ('원통을 여라', '원통', '가꾸', '가꾸를 여라'),
    ('시로 하꼬로 치아라', '하꼬', '통', '시로 통으로 치아라'),
    ('하꼬에다 여라', '하꼬', '통', '통에다 여라'), ('마루 여라', '마루', '가꾸', '가꾸 여라')])
def test_a_particle_agrees_with_the_word_that_takes_it(text, word, other, wanted):
    """Pins sentences that no Korean would say."""
    assert exchange(text, word, other) == wanted


def test_a_sentence_is_to_mean_what_the_canonical_one_of_its_language_means():
    """Pins that Korean is taught by Korean."""
    assert canonical(*SAID[0]) == '빨간 원통을 검은 상자에 넣어 줘'
    assert canonical('ruddy tube', SAID[0][1]) == 'put the red cylinder in the black box'
