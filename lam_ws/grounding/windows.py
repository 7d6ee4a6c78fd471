"""Words with a slip: stretches of a line that come close to a word of the lexicon.

A line, the lexicon and the doubtful letters enter; for each start the close words leave.
How close a word must come depends on its length and on what a mistake would cost. A short
word is offered all the same, marked `narrow`: only its place can excuse it.
"""
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from lam_ws.grounding.joining import LineLike, NAMING
from lam_ws.grounding.keyboard import distance, DOUBLED
from lam_ws.grounding.korean import is_syllable, keystrokes, split_syllable
from lam_ws.grounding.vocabulary import Entry, Lexicon

_LONGEST_LATIN = 24      # letters of an English stretch
_LONGEST_KOREAN = 9      # syllables of a Korean one
_MOST_SPACES = 3         # within a stretch
_CHECKED = frozenset({'kind', 'colour', 'bin', 'put', 'take', 'negation', 'unsupported',
                      'question', 'traits', 'foreign_things', 'foreign_colours',
                      'foreign_places', 'relation', 'variant', 'way'})

_STOPPING = frozenset({'negation', 'question'})
_EXCUSED = frozenset({'put', 'take', 'manner', 'way', 'kind'})

_MILDEST = 0.5          # two letters swapped or one doubled
_PER_WORD = 0.5          # slips that each further word of a phrase may have
_NAMES = NAMING | {'foreign_things', 'foreign_colours', 'foreign_places'}


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
        for end in _latin_ends(line, i) if latin else _korean_ends(line, i):
            parted = latin and not (_apart(line, i) and _apart(line, end))
            typed = line.letters[i:end]
            inner = end - i if parted else None
            words = _words(line, i, end)
            if not parted and _speaks_for_itself(words, latin, lexicon):
                continue
            close = near_phrases(words, lexicon) if latin and len(words) > 1 else ()
            for near in (*close, *near_words(typed, lexicon)):
                if len(words) - 1 > len(near.entry.gaps):
                    continue  # nobody cuts a word in two and misspells it as well
                if _offered(near, line.edges[i], line.edges[end], end - i == 1, inner):
                    found.setdefault(i, []).append(
                        Slip(end, typed, near.entry, near.slip, parted or _placed(near)))
    return found


def _placed(near: Near) -> bool:
    """Return whether only its place can excuse the slip: the scene checks nothing but names."""
    if near.entry.language == 'ko':
        return not near.wide or near.entry.sort == 'colour'
    mild = near.slip <= (_MILDEST if len(near.entry.strokes) > 2 else DOUBLED)
    return not near.wide or not (mild or near.entry.sort in _NAMES)


def _words(line: LineLike, i: int, end: int) -> tuple[str, ...]:
    """Return the words between letters i and end as they were set apart."""
    starts = [k for k in range(i, end) if k == i or line.edges[k]]
    return tuple(line.letters[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True))


def _speaks_for_itself(words: tuple[str, ...], latin: bool, lexicon: Lexicon) -> bool:
    """Return whether words are no mistyped word or phrase.

    Because all of them are known ('and the' is not 'and then'), or because one may be a
    negation ('put don the' is no 'put down').
    """
    unknown = [word for word in words if word not in lexicon.by_solid]
    if not unknown:
        return latin or len(words) > 1
    return latin and len(words) > 1 and any(
        near.entry.sort == 'negation' and near.slip <= 1.0
        for word in unknown for near in near_words(word, lexicon))


def _apart(line: LineLike, i: int) -> bool:
    return i in (0, len(line.letters)) or not line.glued(i)


def _offered(near: Near, apart: bool, edge: bool, lone: bool, parted: int | None) -> bool:
    """Return whether a close word may be read; `parted` is its length inside an English run."""
    if not near.wide and not near.narrow:
        return False
    if near.entry.sort == 'particle':
        return edge and not (apart and lone)
    return parted is None or parted >= (3 if near.slip < 1.0 else 4)


def _latin_ends(line: LineLike, i: int) -> list[int]:
    """Return where an English stretch may end: after words, or once within the first."""
    last, ends = min(len(line.letters), i + _LONGEST_LATIN), []
    run = next(j for j in range(i + 1, len(line.letters) + 1) if _apart(line, j))
    if not _apart(line, i):
        most, ends = 1, list[int]()
    else:
        most, ends = _MOST_SPACES, list(range(i + 3, run))
    spaces = 0
    for j in range(run, last + 1):
        if _apart(line, j):
            ends.append(j)
            spaces += 1
            if spaces > most or (j < last and not line.letters[j].isascii()):
                break
    return ends


def _korean_ends(line: LineLike, i: int) -> list[int]:
    """Return where a Korean stretch may end: with few spaces within."""
    last, ends, spaces = len(line.letters), [], 0
    for j in range(i + 1, min(last, i + _LONGEST_KOREAN) + 1):
        ends.append(j)
        if j == last or line.letters[j].isascii():
            break
        spaces += line.edges[j]
        if spaces > _MOST_SPACES:
            break
    return ends


@lru_cache(maxsize=4096)
def near_phrases(words: tuple[str, ...], lexicon: Lexicon) -> tuple[Near, ...]:
    """Return the English phrases close to `words` word by word: 'thst iis', 'i want yuo'."""
    near = []
    for word in _lists(lexicon).get(('phrase', len(words)), ()):
        slip, most = 0.0, word.anywhere + _PER_WORD * (len(words) - 1)
        for typed, known in zip(words, word.entry.form.split(), strict=True):
            own = distance(typed, known.replace("'", ''), 1.0)
            slip += own if own <= 1.0 else most + 1.0
            if slip > most:
                break
        else:
            near.append(Near(word.entry, slip, slip > 0.0, False))
    return tuple(near)


@lru_cache(maxsize=8192)
def near_words(typed: str, lexicon: Lexicon) -> tuple[Near, ...]:
    """Return the words close to `typed`, itself left out."""
    strokes = keystrokes(typed)
    keys, language = _keys(strokes), 'en' if typed.isascii() else 'ko'
    near = []
    for word in _lists(lexicon).get((language, len(strokes)), ()):
        if (keys ^ word.keys).bit_count() > word.reach:
            continue
        slip = distance(strokes, word.entry.strokes, word.most)
        if 0.0 < slip <= word.most:
            lost = _other_tense(typed, word.entry)
            near.append(Near(word.entry, slip, slip <= word.anywhere and not lost,
                             slip <= word.narrow and not lost))
    return tuple(near)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the lexicon with the slips it forgives: anywhere, and in its place.

    `most` is how far to look, for as a rival every word counts; `reach` how many keys may
    differ at that many slips.
    """

    entry: Entry
    keys: int
    anywhere: float
    narrow: float
    most: float
    reach: float


def _keys(strokes: str) -> int:
    """Return the set of keys as bits, for a quick look at how different two words are."""
    bits = 0
    for key in strokes:
        bits |= 1 << ord(key) % 61
    return bits


@lru_cache(maxsize=8)
def _lists(lexicon: Lexicon) -> dict[tuple[str, int], list[_Word]]:
    """Return the words that may be meant, by language and number of keys typed."""
    table: dict[tuple[str, int], list[_Word]] = {}
    stopping = {entry.solid for entry in lexicon.entries if entry.sort in _STOPPING}
    for entry in (*lexicon.entries, *lexicon.everyday):
        anywhere, narrow = _tolerance(entry)
        if entry.sort in _EXCUSED and not stopping.isdisjoint(entry.form.split()):
            anywhere = narrow = 0.0  # 'do not pick up' must be typed as it stands
        most = max(anywhere, narrow, 1.0)
        word = _Word(entry, _keys(entry.strokes), anywhere, narrow, most, 2 * most)
        for longer in range(-ceil(most), int(most / DOUBLED) + 1):
            table.setdefault((entry.language, len(entry.strokes) + longer), []).append(word)
        if entry.language == 'en' and anywhere and entry.gaps:
            table.setdefault(('phrase', len(entry.gaps) + 1), []).append(word)
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
    return final in ('ㅆ', 'ㅅ', 'ㄹ', 'ㄴ') and final != split_syllable(entry.solid[-1])[2]


def _tolerance(entry: Entry) -> tuple[float, float]:
    """Return how many slips a word forgives, anywhere and in its place, by its keystrokes.

    A noun is checked against the scene afterwards, so a short one may have a slip. Nothing
    checks a filler or an ending: '도' taken for '돼' would make an order of a question.
    """
    strokes = len(entry.strokes)
    checked = entry.sort in _CHECKED
    if entry.sort in ('everyday', 'statement'):
        return 0.0, 0.0
    if entry.sort == 'thing':  # a 'zone' is a thing, but no 'one'
        return _MILDEST, _MILDEST
    if entry.language == 'en':
        short = strokes <= (3 if checked else 4)
        own = _MILDEST if short else 1.0 if strokes < (7 if checked else 9) else 2.0
        return own, _MILDEST if strokes < 3 else 1.0
    if entry.sort == 'particle':  # only a noun lets it follow
        return 0.0, 0.0 if strokes < 2 else 1.0
    own = 0.0 if strokes < (4 if checked else 6) else 1.0 if strokes < 8 else 2.0
    return own, 0.0 if strokes < (3 if entry.sort in NAMING else 4) else 1.0
