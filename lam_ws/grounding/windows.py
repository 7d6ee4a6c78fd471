"""Words with a slip: stretches of a line that come close to a word of the lexicon.

A line, the lexicon and the doubtful letters enter; for each start the close words leave.
How close a word must come depends on its length and on what a mistake would cost. A short
word is offered all the same, marked `narrow`: only its place can excuse it.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lam_ws.grounding.joining import LineLike
from lam_ws.grounding.keyboard import distance
from lam_ws.grounding.korean import is_syllable, keystrokes, split_syllable
from lam_ws.grounding.vocabulary import Entry, Lexicon

_FARTHEST = 2.0          # slips between a typed word and any word it may stand for
_LONGEST_LATIN = 24      # letters of an English stretch
_LONGEST_KOREAN = 9      # syllables of a Korean one
_CHECKED = frozenset({'count', 'kind', 'colour', 'bin', 'put', 'take', 'negation', 'unsupported',
                      'question', 'foreign_things', 'foreign_colours', 'foreign_places',
                      'relation'})


@dataclass(frozen=True)
class Near:
    """A word close to what was typed.

    Attributes:
        entry: The word.
        slip: Slips between the two, see `keyboard.distance`.
        wide: It may be read so anywhere.
        narrow: It may be read so where its place leaves no doubt.
    """

    entry: Entry
    slip: float
    wide: bool
    narrow: bool


@dataclass(frozen=True)
class Slip:
    """A stretch that ends before letter `end`, the word it is read as, and how close it is."""

    end: int
    typed: str
    entry: Entry
    slip: float
    narrow: bool


def slips(line: LineLike, lexicon: Lexicon, doubtful: set[int]) -> dict[int, list[Slip]]:
    """Return the close words at every doubtful letter."""
    found: dict[int, list[Slip]] = {}
    for i in sorted(doubtful):
        latin = line.letters[i].isascii()
        cut = latin and i > 0 and line.glued(i)
        for end in _ends(line, i, latin):
            parted = cut or (latin and end < len(line.letters) and line.glued(end))
            for near in near_words(line.letters[i:end], lexicon):
                if not _offered(near, line.edges[end], end - i if parted else None):
                    continue
                found.setdefault(i, []).append(Slip(end, line.letters[i:end], near.entry,
                                                    near.slip, parted or not near.wide))
    return found


def _offered(near: Near, edge: bool, parted: int | None) -> bool:
    """Return whether a close word may be read; `parted` is its length inside an English run."""
    if not near.wide and not near.narrow:
        return False
    if near.entry.sort == 'particle':
        return edge
    return parted is None or parted >= (3 if near.slip < 1.0 else 4)


def _ends(line: LineLike, i: int, latin: bool) -> list[int]:
    """Return where a stretch from letter i may end: at most two spaces within."""
    last, ends, spaces = len(line.letters), [], 0
    for j in range(i + 1, min(last, i + (_LONGEST_LATIN if latin else _LONGEST_KOREAN)) + 1):
        ends.append(j)
        if j == last or line.letters[j].isascii() != latin:
            break
        spaces += line.edges[j]
        if spaces > 2:
            break
    return ends


@lru_cache(maxsize=8192)
def near_words(typed: str, lexicon: Lexicon) -> tuple[Near, ...]:
    """Return the words close to `typed`, itself left out."""
    strokes = keystrokes(typed)
    keys = _keys(strokes)
    near = []
    for word in _of_length(len(strokes), lexicon):
        if (keys ^ word.keys).bit_count() > 2 * word.most:
            continue
        slip = distance(strokes, word.entry.strokes, word.most)
        if 0.0 < slip <= word.most:
            lost = _other_tense(typed, word.entry)
            near.append(Near(word.entry, slip, slip <= word.anywhere and not lost,
                             slip <= word.narrow and not lost))
    return tuple(near)


@dataclass(frozen=True)
class _Word:
    """A word of the lexicon with the slips it forgives: anywhere, and in its place."""

    entry: Entry
    keys: int
    anywhere: float
    narrow: float

    @property
    def most(self) -> float:
        """How far to look: as a rival every word counts."""
        return max(self.anywhere, self.narrow, 1.0)


def _keys(strokes: str) -> int:
    """Return the set of keys as bits, for a quick look at how different two words are."""
    bits = 0
    for key in strokes:
        bits |= 1 << ord(key) % 61
    return bits


def _of_length(strokes: int, lexicon: Lexicon) -> Iterator[_Word]:
    table = _by_length(lexicon)
    for length in range(strokes - int(_FARTHEST), strokes + int(_FARTHEST) + 1):
        yield from table.get(length, ())


@lru_cache(maxsize=8)
def _by_length(lexicon: Lexicon) -> dict[int, list[_Word]]:
    table: dict[int, list[_Word]] = {}
    for entry in (*lexicon.entries, *lexicon.everyday):
        word = _Word(entry, _keys(entry.strokes), *_tolerance(entry))
        table.setdefault(len(entry.strokes), []).append(word)
    return table


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


def _tolerance(entry: Entry) -> tuple[float, float]:
    """Return how many slips a word forgives, anywhere and in its place, by its keystrokes.

    A noun is checked against the scene afterwards, so a short one may have a slip. Nothing
    checks a filler or an ending: '도' taken for '돼' would make an order of a question.
    """
    strokes = len(entry.strokes)
    checked = entry.sort in _CHECKED
    if entry.sort in ('everyday', 'statement'):
        return 0.0, 0.0
    if entry.language == 'en':
        short = strokes <= (3 if checked else 4)
        return (0.5 if short else 1.0 if strokes < 7 else 2.0), 0.5 if strokes < 3 else 1.0
    if entry.sort == 'particle':  # only a noun lets it follow
        return (0.0 if strokes < 2 else 1.0), 0.0
    own = 0.0 if strokes < (4 if checked else 6) else 1.0 if strokes < 8 else 2.0
    return own, 0.0 if strokes < (3 if checked else 4) else 1.0
