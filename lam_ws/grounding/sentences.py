"""Sentences an operator might say for one goal, for teaching and judging text encoders.

A goal and a random generator enter, one sentence leaves, sound in its particles and
endings. The wordings lie in `wordings.py`, the words in `words.py`; typing errors are
added by `noise.py`, so that a reader of the clean sentence stays possible.
"""
from functools import cache
import re
from typing import TypeVar

from lam_ws.grounding import wordings
from lam_ws.grounding.korean import with_particle
from lam_ws.grounding.words import BINS, COLOURS, KINDS, LANGUAGES
import numpy as np

T = TypeVar('T')
SPLITS = ('train', 'heldout')
_SLOT = re.compile(r'\{(\w*)(?::(\w+))?\}')


def canonical_sentence(kind: str, colour: str, destination: str, language: str) -> str:
    """Return the one sentence that stands for a goal wherever the operator's own does not.

    Args:
        kind: Kind of the part.
        colour: Its colour.
        destination: Colour of the bin.
        language: 'ko' or 'en'.
    """
    part = f'{COLOURS[language][colour][0]} {KINDS[language][kind][0]}'
    target = f'{COLOURS[language][destination][0]} {BINS[language][0]}'
    if language == 'ko':
        return f'{with_particle(part, "을")} {target}에 넣어 줘'
    return f'put the {part} in the {target}'


def sample_sentence(kind: str, colour: str, destination: str, language: str,
                    rng: np.random.Generator, split: str = 'train') -> str:
    """Return one sentence that asks for the goal.

    Args:
        kind: Kind of the part, a key of `words.KINDS`.
        colour: Its colour.
        destination: Colour of the bin.
        language: 'ko' or 'en'.
        rng: Source of every choice.
        split: 'train' or 'heldout', which wordings to draw from.

    Raises:
        KeyError: A kind, colour, language or split that does not exist.
    """
    source = {'train': wordings.TRAIN, 'heldout': wordings.HELDOUT}[split]
    draw = Draw(rng)
    wording = draw.one(source[language])
    colour_word = draw.one(COLOURS[language][colour])
    kind_word = draw.one(KINDS[language][kind])
    bin_words = draw.one(COLOURS[language][destination]), draw.one(BINS[language])
    if language == 'ko':
        return _korean(draw, wording, (colour_word, kind_word), bin_words)
    return _english(draw, wording, (colour_word, kind_word), bin_words)


def wording_count(language: str, split: str) -> int:
    """Return how many different wordings a split has in one language."""
    source = {'train': wordings.TRAIN, 'heldout': wordings.HELDOUT}[split]
    return len(set(source[language]))


class Draw:
    """Choices from one block of random numbers: a tenth of the cost of single draws."""

    def __init__(self, rng: np.random.Generator, most: int = 20):
        self._numbers = iter(rng.random(most).tolist())

    def one(self, options: tuple[T, ...]) -> T:
        """Return one of the options, all alike likely."""
        return options[int(next(self._numbers) * len(options))]

    def chance(self, probability: float) -> bool:
        """Return True with that probability."""
        return next(self._numbers) < probability


def _korean(draw: Draw, wording: str, part: tuple[str, str], target: tuple[str, str]) -> str:
    joint = '' if draw.chance(0.12) else ' '
    bin_phrase = f'{target[0]}{joint}{target[1]}'
    object_phrase = fill(draw.one(wordings.KO_OBJECTS), {'c': part[0], 'k': part[1]})
    slots = {'o': object_phrase, 'd': bin_phrase,
             'in': fill(draw.one(wordings.KO_IN), {'': bin_phrase}),
             'to': fill(draw.one(wordings.KO_TO), {'': bin_phrase})}
    connective, stem = draw.one(wordings.KO_PUT if '{put}' in wording else wordings.KO_MOVE)
    ending = draw.one(wordings.KO_ENDINGS)
    slots['put'] = slots['move'] = fill(ending, {'a': connective, 'e': stem})
    text = fill(wording, slots)
    if draw.chance(0.25):
        text = draw.one(wordings.PREFIXES['ko']) + text
    if draw.chance(0.25) and not text.endswith('?'):
        text += draw.one(wordings.SUFFIXES['ko'])
    return text


def _english(draw: Draw, wording: str, part: tuple[str, str], target: tuple[str, str]) -> str:
    slots = {'o': fill(draw.one(wordings.EN_OBJECTS), {'c': part[0], 'k': part[1]}),
             'd': fill(draw.one(wordings.EN_BINS), {'c': target[0], 'k': target[1]}),
             'in': draw.one(wordings.EN_IN)}
    text = fill(wording, slots)
    # A request fits before an imperative only; '{o} to {d}' and questions stay as they are.
    imperative = not wording.startswith('{') and not wording.startswith(_NO_REQUEST)
    if imperative and draw.chance(0.3):
        text = draw.one(wordings.PREFIXES['en']) + text
    if draw.chance(0.25):
        text += draw.one(wordings.SUFFIXES['en'])
    if draw.chance(0.4):
        text = text[0].upper() + text[1:]
    return text


_NO_REQUEST = ('the ', 'i ', 'let ', 'there ')


@cache
def _segments(template: str) -> tuple[tuple[str, str, str], ...]:
    """Split a template into (text before, slot, particle); the last slot is '|'."""
    parts, end = [], 0
    for match in _SLOT.finditer(template):
        parts.append((template[end:match.start()], match[1], match[2] or ''))
        end = match.end()
    return (*parts, (template[end:], '|', ''))


def fill(template: str, slots: dict[str, str]) -> str:
    """Return `template` with its slots filled and particles agreed with what fills them."""
    text = ''
    for before, slot, particle in _segments(template):
        text += before
        if slot == '|':
            continue
        text += with_particle(slots[slot], particle) if particle else slots[slot]
    return text


__all__ = ['LANGUAGES', 'SPLITS', 'canonical_sentence', 'sample_sentence', 'wording_count']
