"""Words with a slip: stretches of a line that come close to a word of the lexicon.

A line, the lexicon and the doubtful letters enter; for each start the close words leave.
Short words are left out, for one slip makes another word of them.
"""
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from lam_ws.grounding.keyboard import distance
from lam_ws.grounding.korean import is_syllable, keystrokes, split_syllable
from lam_ws.grounding.vocabulary import Entry, Lexicon

# A letter of a syllable typed twice and left over: '줘ㅝ'.
STRAY = Entry('', '', frozenset(), '', 'ignored', (), 'ko', '')


class LineLike(Protocol):
    """What is needed of `reading.Line`."""

    @property
    def letters(self) -> str:
        """The letters without spaces."""

    @property
    def edges(self) -> tuple[bool, ...]:
        """Whether a word is set off before each letter."""

    def glued(self, i: int) -> bool:
        """Return whether letters i - 1 and i stand together in one script."""


@dataclass(frozen=True)
class Slip:
    """A stretch that ends before letter `end`, the word it comes close to, and how close."""

    end: int
    typed: str
    entry: Entry
    slip: float


def slips(line: LineLike, lexicon: Lexicon, doubtful: set[int]) -> dict[int, list[Slip]]:
    """Return the close words at every doubtful letter."""
    found: dict[int, list[Slip]] = {}
    for i in sorted(doubtful):
        latin = line.letters[i].isascii()
        if latin and i and line.glued(i):
            continue  # English words are compared whole
        if _is_stray(line, i):
            found.setdefault(i, []).append(Slip(i + 1, line.letters[i], STRAY, 1.0))
        for end in _ends(line, i, latin):
            close = near_words(line.letters[i:end], lexicon)
            found.setdefault(i, []).extend(
                Slip(end, line.letters[i:end], entry, slip) for entry, slip in close
                if entry.sort != 'particle' or line.edges[end])
    return {i: row for i, row in found.items() if row}


def _is_stray(line: LineLike, i: int) -> bool:
    """Return whether a single Korean letter hangs on the syllable before it."""
    def lone(k: int) -> bool:
        return 0 <= k < len(line.letters) and 'ㄱ' <= line.letters[k] <= 'ㅣ'
    return not line.edges[i] and lone(i) and not lone(i - 1) and not lone(i + 1)


def _ends(line: LineLike, i: int, latin: bool) -> list[int]:
    """Return where a stretch from letter i may end: at most one space within."""
    last = len(line.letters)
    if latin:
        ends = [j for j in range(i + 1, min(last, i + 24) + 1) if j == last or not line.glued(j)]
        return ends[:3]
    ends = []
    for j in range(i + 1, min(last, i + 9) + 1):
        if sum(line.edges[i + 1:j]) > 1 or line.letters[j - 1].isascii():
            break
        ends.append(j)
    return ends


@lru_cache(maxsize=4096)
def near_words(typed: str, lexicon: Lexicon) -> tuple[tuple[Entry, float], ...]:
    """Return every word within its own tolerance of `typed`, exact matches left out."""
    strokes = keystrokes(typed)
    letters = frozenset(strokes)
    near = []
    for entry, most, own in _measured(lexicon):
        if abs(len(strokes) - len(entry.strokes)) > most or len(letters ^ own) > 2 * most:
            continue
        if entry.language == 'en' and len(entry.strokes) <= (
                3 if entry.sort in _CHECKED else 4):
            slip = 1.0 if _swapped_or_doubled(strokes, entry.strokes) else most + 1.0
        else:
            slip = distance(strokes, entry.strokes, most)
        if 0.0 < slip <= most and not _other_tense(typed, entry):
            near.append((entry, slip))
    return tuple(near)


def _other_tense(typed: str, entry: Entry) -> bool:
    """Return whether a verb would lose its past or future: '넣었' is no slip of '넣어'."""
    if entry.sort not in ('put', 'take'):
        return False
    if entry.language == 'en':
        return typed.endswith('ed') and not entry.solid.endswith('ed')
    if not is_syllable(typed[-1]):
        return False
    final = split_syllable(typed[-1])[2]
    return final in ('ㅆ', 'ㄹ', 'ㄴ') and final != split_syllable(entry.solid[-1])[2]


@lru_cache(maxsize=8)
def _measured(lexicon: Lexicon) -> tuple[tuple[Entry, float, frozenset[str]], ...]:
    return tuple((entry, most, frozenset(entry.strokes)) for entry in lexicon.entries
                 if (most := _tolerance(entry)) > 0.0)


def _tolerance(entry: Entry) -> float:
    """Return how many slips a word forgives, by its keystrokes.

    A noun is checked against the scene afterwards, so a short one may have a slip. Nothing
    checks a filler or an ending: '도' taken for '돼' would make an order of a question.
    """
    strokes = len(entry.strokes)
    checked = entry.sort in _CHECKED
    if entry.language == 'en':
        return 1.0 if strokes < 7 else 2.0
    if entry.sort == 'particle':  # only a noun lets it follow
        return 0.0 if strokes < 2 else 1.0
    return 0.0 if strokes < (4 if checked else 6) else 1.0 if strokes < 8 else 2.0


_CHECKED = frozenset({'count', 'kind', 'colour', 'bin', 'put', 'take', 'negation', 'unsupported',
                      'question', 'foreign_things', 'foreign_colours', 'foreign_places',
                      'relation'})


def _swapped_or_doubled(typed: str, known: str) -> bool:
    """Return whether a short English word has two letters swapped or one doubled."""
    if len(typed) == len(known):
        return typed[0] == known[0] and sorted(typed) == sorted(known)
    return len(typed) == len(known) + 1 and any(
        typed[:i] + typed[i + 1:] == known and typed[i] == typed[i - 1]
        for i in range(1, len(typed)))
