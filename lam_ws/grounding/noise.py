"""Typing errors as people make them, in Korean letters and in English.

A sentence, a random generator and a level enter; the sentence with slips leaves, still
readable by a person. A reader that never met a slip in training falls from near perfect to
seven in ten; this is what keeps it from doing so.
"""
from collections.abc import Iterator, Sequence
from typing import TypeVar

from lam_ws.grounding.keyboard import ENGLISH, KOREAN
from lam_ws.grounding.korean import FINALS, INITIALS, is_syllable, join_syllable, split_syllable
import numpy as np

T = TypeVar('T')
_ALIKE = {'ㅐ': 'ㅔ', 'ㅔ': 'ㅐ', 'ㅙ': 'ㅚ', 'ㅚ': 'ㅙ', 'ㅒ': 'ㅖ', 'ㅖ': 'ㅒ'}


def add_noise(text: str, rng: np.random.Generator, level: float) -> str:
    """Return `text` with slips of the keyboard.

    A word takes one slip at most and one-syllable Korean or three-letter English words only
    the mildest, so that no word turns into another of the vocabulary.

    Args:
        text: A clean sentence.
        rng: Source of every choice.
        level: 0 leaves the text alone; 1 puts a slip into about every third word, and
            loses or inserts spaces in every other sentence.

    Raises:
        ValueError: `level` is not within 0..1.
    """
    if not 0.0 <= level <= 1.0:
        raise ValueError(f'level {level} is not within 0..1')
    if level == 0.0:
        return text
    words = text.split(' ')
    numbers = iter(rng.random(6 * len(words) + 6).tolist())
    slipped = []
    for word in words:
        hit = next(numbers) < level / 3
        choice = [next(numbers) for _ in range(4)]
        slipped.append(_slip(word, choice) if hit and word else word)
    text = _spaces(slipped, level, numbers)
    case = next(numbers)
    if case < 0.1 * level:
        return text.upper()
    return text.lower() if case < 0.3 * level else text


def _pick(options: Sequence[T], number: float) -> T:
    return options[int(number * len(options))]


def _spaces(words: list[str], level: float, numbers: Iterator[float]) -> str:
    """Join words with spaces lost or doubled, or cut one Korean word in two."""
    chance, where, split = next(numbers) / level, next(numbers), next(numbers)
    korean = any(is_syllable(character) for word in words for character in word)
    if chance < 0.12 and korean:
        return ''.join(words)  # Koreans drop every space; in English nobody does.
    if chance < 0.32 and len(words) > 1:
        index = int(where * (len(words) - 1))
        return ' '.join([*words[:index], words[index] + words[index + 1], *words[index + 2:]])
    if chance < 0.42:
        index = int(where * len(words))
        word = words[index]
        cut = 1 + int(split * max(len(word) - 1, 1))
        if len(word) > 2 and is_syllable(word[0]):
            words = [*words[:index], word[:cut], word[cut:], *words[index + 1:]]
        return ' '.join(words)
    return ' '.join(words).replace(' ', '  ', 1) if chance < 0.5 else ' '.join(words)


def _slip(word: str, choice: list[float]) -> str:
    index = int(choice[0] * len(word))
    character = word[index]
    if is_syllable(character):
        syllables = sum(map(is_syllable, word))
        changed = _slip_syllable(character, choice[1:], mild=syllables < 2)
        return word[:index] + changed + word[index + 1:]
    if character.isascii() and character.isalpha():
        return _slip_latin(word, index, choice[1:])
    return word


def _slip_syllable(syllable: str, choice: list[float], mild: bool) -> str:
    """Return one syllable mistyped: a neighbouring, missing, doubled or shifted letter."""
    initial, vowel, final = split_syllable(syllable)
    if vowel in _ALIKE and choice[0] < 0.5:
        return join_syllable(initial, _ALIKE[vowel], final)
    if mild:
        return syllable + _pick((vowel, 'ㅇ', final or vowel), choice[1])
    kind = int(choice[0] * 6)
    if kind == 0 and final:  # a letter lost
        return join_syllable(initial, vowel)
    if kind == 1:  # a letter doubled stays behind on its own
        return syllable + (final or vowel)
    if kind == 2 and vowel in KOREAN:
        return join_syllable(initial, _pick(KOREAN[vowel], choice[1]), final)
    if kind == 3 and final in KOREAN:
        options = [letter for letter in KOREAN[final] if letter in FINALS]
        return join_syllable(initial, vowel, _pick(options, choice[1])) if options else syllable
    if kind == 4 and not final:  # a finger touches one key more
        return join_syllable(initial, vowel, _pick('ㅇㄴㄹㅁ', choice[1]))
    options = [letter for letter in KOREAN.get(initial, ()) if letter in INITIALS]
    return join_syllable(_pick(options, choice[1]), vowel, final) if options else syllable


def _slip_latin(word: str, index: int, choice: list[float]) -> str:
    """Return an English word mistyped at `index`."""
    character = word[index]
    if len(word) < 4 or choice[0] < 0.25:
        return word[:index] + character + word[index:]  # doubled
    if choice[0] < 0.5 and index:
        return word[:index] + word[index + 1:]  # lost, never the first letter
    if choice[0] < 0.75 and 0 < index < len(word) - 1:
        return word[:index] + word[index + 1] + character + word[index + 2:]  # swapped
    near = _pick(ENGLISH[character.lower()], choice[1])
    return word[:index] + near + word[index + 1:]
