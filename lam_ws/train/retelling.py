"""What operators said, said again: a few sentences with what was done enter, many leave.

A few dozen sentences do not teach a reader of letters; it would learn them by heart. So each is
also said of other things, with the operator's words for them, and those words are put into the
sentences that the policy was taught with. Nothing is said with a word that was not heard, and
what is held out of the training stays out.
"""
from collections.abc import Mapping, Sequence

from lam_ws.grounding.asking import canonical_request, held_out, sample_request
from lam_ws.grounding.asking_words import TRAIN
from lam_ws.grounding.korean import is_syllable, with_particle
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.words import COLOURS
from lam_ws.train.aligning import Meaning
from lam_ws.types import Goal
import numpy as np

AS_SAID, RETOLD = 0.4, 0.35    # shares of the sentences; the rest are usual ones with new words
NOISY = 0.7                    # share with slips
NOISE = 0.9                    # largest level of them
TRIES = 20                     # goals drawn for one that is not held out
_PARTICLES = {'을': '을', '를': '을', '은': '은', '는': '은', '이': '이', '가': '이',
              '으로': '으로', '로': '으로', '과': '과', '와': '과'}


class Retelling:
    """Draws sentences about goals as the operators would say them.

    Args:
        said: What was said, each with what was then done.
        meanings: Of the words in it, from `lam_ws.train.aligning`.
    """

    def __init__(self, said: Sequence[tuple[str, Goal]], meanings: Sequence[Meaning]):
        self._said = [(text, goal) for text, goal in said]
        self.words: dict[tuple[str, str], list[str]] = {}
        for one in meanings:
            self.words.setdefault((one.slot, one.value), []).append(one.word)

    def draw(self, rng: np.random.Generator) -> tuple[str, Goal]:
        """Return one sentence, with slips now and then, and the goal it asks for."""
        text, goal = self._said[rng.integers(len(self._said))]
        share = rng.random()
        if share >= AS_SAID + RETOLD and self.words:
            text, goal = self._usual(goal, rng)
        elif share >= AS_SAID:
            text, goal = self._retold(text, goal, rng)
        level = NOISE * rng.random() if rng.random() < NOISY else 0.0
        return add_noise(text, rng, level), goal

    def _retold(self, text: str, goal: Goal, rng: np.random.Generator) -> tuple[str, Goal]:
        """Return a sentence that was said, said of something else where there are words for it."""
        for _ in range(TRIES):
            new, changed = text, dict[str, str]()
            for slot in ('kind', 'colour', 'destination', 'place'):
                value = getattr(goal, slot)
                here = next((word for word in self.words.get((slot, value), ())
                             if word in new), None)
                if here is None:
                    continue
                other = goal.place if slot == 'place' else self._value(slot, rng)
                words = self.words[slot, other]
                new = exchange(new, here, words[rng.integers(len(words))])
                changed[slot] = other
            told = _changed(goal, changed)
            if not held_out(told):
                return new, told
        return text, goal

    def _usual(self, goal: Goal, rng: np.random.Generator) -> tuple[str, Goal]:
        """Return a sentence of the policy's training with some of the operators' words in it."""
        language = language_of(self._said[rng.integers(len(self._said))][0])
        changed = {slot: self._value(slot, rng) for slot in ('kind', 'colour', 'destination')
                   if any(known == slot for known, _ in self.words)}
        told = _changed(goal, changed)
        if held_out(told):
            told = goal
        text = sample_request(told, language, rng)
        for slot, usual in _usual_words(told, language).items():
            words = self.words.get((slot, getattr(told, slot)), ())
            here = max((word for word in usual if word in text), key=len, default='')
            if here and words and rng.random() < 0.7:
                text = exchange(text, here, words[rng.integers(len(words))])
        return text, told

    def _value(self, slot: str, rng: np.random.Generator) -> str:
        values = [value for known, value in self.words if known == slot]
        return values[rng.integers(len(values))]


def language_of(text: str) -> str:
    """Return 'ko' as soon as there is Hangul, else 'en'."""
    return 'ko' if any(map(is_syllable, text)) else 'en'


def canonical(text: str, goal: Goal) -> str:
    """Return the canonical sentence of a goal, in the language of `text`."""
    return canonical_request(goal, language_of(text))


def exchange(text: str, word: str, other: str) -> str:
    """Return `text` with another word in a word's place, and with the particle that it takes."""
    before, _, behind = text.partition(word)
    for length in (2, 1):
        particle = _PARTICLES.get(behind[:length])
        if particle and not behind[length:length + 1].isalnum() and is_syllable(other[-1]):
            return before + with_particle(other, particle) + behind[length:]
    return before + other + behind


def _changed(goal: Goal, values: Mapping[str, str]) -> Goal:
    """Return a goal with other things."""
    return Goal(goal.skill, values.get('kind', goal.kind), values.get('colour', goal.colour),
                values.get('destination', goal.destination), goal.text, goal.place)


def _usual_words(goal: Goal, language: str) -> dict[str, tuple[str, ...]]:
    """Return by slot the words that the training has for what a goal is about.

    Part and place may share a colour word only where they share the colour, which is no matter.
    """
    return {'kind': TRAIN[language].get(goal.kind, ()),
            'colour': COLOURS[language].get(goal.colour, ()),
            'destination': COLOURS[language].get(goal.destination, ()),
            'place': TRAIN[language].get(goal.place, ())}
