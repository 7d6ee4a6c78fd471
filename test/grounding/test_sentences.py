"""Sentences and typing errors: what text encoders are taught with."""
import itertools

from lam_ws.grounding import korean, wordings
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.sentences import canonical_sentence, sample_sentence, wording_count
from lam_ws.grounding.words import BIN_COLOURS, BINS, COLOURS, KINDS, LANGUAGES, PART_COLOURS
import numpy as np
import pytest

GOALS = list(itertools.product(KINDS['ko'], PART_COLOURS, BIN_COLOURS))


@pytest.mark.parametrize('language', LANGUAGES)
def test_there_are_enough_wordings_and_the_splits_share_none(language):
    """A held-out score means nothing once a wording slips into both lists."""
    assert wording_count(language, 'train') >= 20
    assert wording_count(language, 'heldout') >= 8
    assert not set(wordings.TRAIN[language]) & set(wordings.HELDOUT[language])


@pytest.mark.parametrize('language', LANGUAGES)
@pytest.mark.parametrize('split', ['train', 'heldout'])
def test_every_sentence_names_kind_colour_and_bin(language, split):
    """A wording that lost a slot would teach the policy to guess."""
    rng = np.random.default_rng(7)
    for kind, colour, destination in GOALS * 20:
        text = sample_sentence(kind, colour, destination, language, rng, split).lower()
        assert any(word in text for word in KINDS[language][kind]), text
        assert any(word in text for word in COLOURS[language][colour]), text
        assert any(word in text for word in COLOURS[language][destination]), text
        assert any(word in text for word in BINS[language]), text
        assert '{' not in text and '  ' not in text, text


def test_the_same_seed_gives_the_same_sentences():
    """Training data must be reproducible from its seed."""
    first, second = (
        [add_noise(sample_sentence('bar', 'blue', 'white', 'ko', rng), rng, 0.8)
         for _ in range(200)]
        for rng in (np.random.default_rng(3), np.random.default_rng(3)))
    assert first == second
    assert len(set(first)) > 150


@pytest.mark.parametrize(('word', 'particle', 'expected'), [
    ('원통', '을', '원통을'), ('큐브', '을', '큐브를'), ('통', '으로', '통으로'),
    ('바구니', '으로', '바구니로'), ('교실', '으로', '교실로'), ('상자', '과', '상자와'),
    ('box', '을', 'box를'), ('원통', '이', '원통이'), ('막대', '은', '막대는')])
def test_particles_agree_with_the_last_sound(word, particle, expected):
    """'상자을' and '교실으로' are not Korean; a closed syllable in ㄹ is the trap."""
    assert korean.with_particle(word, particle) == expected


def test_every_syllable_comes_apart_and_together():
    """A wrong table of finals shifts every letter after it."""
    for code in range(ord('가'), ord('힣') + 1):
        assert korean.join_syllable(*korean.split_syllable(chr(code))) == chr(code)


def test_noise_is_off_at_zero_bounded_at_one_and_checked():
    """Too much noise teaches the encoder that words do not matter."""
    rng = np.random.default_rng(5)
    text = canonical_sentence('cylinder', 'red', 'black', 'ko')
    assert add_noise(text, rng, 0.0) == text
    changed = [add_noise(text, rng, 1.0) for _ in range(500)]
    assert sum(sample != text for sample in changed) > 300
    assert all(abs(len(sample.replace(' ', '')) - len(text.replace(' ', ''))) <= 6
               for sample in changed)
    assert all(add_noise('', rng, 1.0) == '' for _ in range(20))
    with pytest.raises(ValueError, match='level'):
        add_noise(text, rng, 1.5)
