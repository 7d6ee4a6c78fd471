"""A sentence as a row of known words: text and lexicon enter, tokens leave.

The cheapest way to cover every letter with words of the lexicon wins (dynamic programming
over positions). Spaces may be missing or superfluous, Korean particles may follow only
nouns and endings only verbs, and what nothing covers becomes an 'unknown' token, so that no
word of the operator is ever dropped. Only when something stays unknown, words with a slip
are tried; one that could as well be another word stays unknown.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
import re
import unicodedata

from lam_ws.grounding.vocabulary import Entry, Lexicon
from lam_ws.grounding.windows import Slip, slips, STRAY

NAMING = frozenset({'kind', 'colour', 'bin'})
NOUNS = NAMING | {'thing', 'place', 'it', 'there', 'all', 'both', 'count', 'foreign_things',
                  'foreign_places', 'foreign_colours'}
VERBS = frozenset({'put', 'take', 'endings', 'hanging'})
_STOPS = re.compile(r'[.;!?…。\n]+')
_UNKNOWN = Entry('', '', frozenset(), '', 'unknown', (), '', '')


@dataclass(frozen=True)
class Token:
    """One word of the sentence.

    Attributes:
        sort: Sort of the lexicon entry, 'unknown', or 'stop' at the end of a sentence.
        means: What it may stand for.
        surface: As the operator typed it, without spaces.
        entry: Its lexicon entry, None for 'unknown' and 'stop'.
        slip: Number of slips it was read through; 0 when it stands in the lexicon.
    """

    sort: str
    means: tuple[str, ...]
    surface: str
    entry: Entry | None = None
    slip: float = 0.0


@dataclass(frozen=True)
class Line:
    """A sentence without spaces; `edges[i]` says that a word was set off before letter i."""

    letters: str
    edges: tuple[bool, ...]

    def glued(self, i: int) -> bool:
        """Return whether letters i - 1 and i stand together in one script."""
        return not self.edges[i] and is_latin(self.letters[i - 1]) == is_latin(self.letters[i])

    def run_end(self, i: int) -> int:
        """Return where the letters of one script that hold letter i end."""
        return self._run_ends[i]

    @cached_property
    def _run_ends(self) -> tuple[int, ...]:
        ends, end = [], len(self.letters)
        for i in reversed(range(len(self.letters))):
            if i + 1 < len(self.letters) and not self.glued(i + 1):
                end = i + 1
            ends.append(end)
        return tuple(reversed(ends))


def is_latin(character: str) -> bool:
    """Return whether `character` is a letter or digit of ASCII."""
    return character.isascii()


def to_line(text: str) -> Line:
    """Return `text` without spaces and punctuation, composed and in lower case."""
    letters: list[str] = []
    edges = [True]
    plain = unicodedata.normalize('NFC', text).lower().replace("'", '').replace('’', '')
    for character in plain:
        if character.isspace() or unicodedata.category(character)[0] in 'PSZ':
            edges[-1] = True
            continue
        letters.append(character)
        edges.append(False)
    edges[-1] = True
    return Line(''.join(letters), tuple(edges))


def read_tokens(text: str, lexicon: Lexicon) -> list[Token]:
    """Return the words of `text`, every letter accounted for."""
    tokens: list[Token] = []
    for sentence in _STOPS.split(text):
        line = to_line(sentence)
        if not line.letters:
            continue
        found = _cover(line, lexicon, {})
        if any(token.sort == 'unknown' for token in found):
            windows = slips(line, lexicon, _doubtful(line, found))
            if windows:
                found = [_settle(token, windows) for token in _cover(line, lexicon, windows)]
        tokens += [*found, Token('stop', (), '')]
    return tokens


def _doubtful(line: Line, found: list[Token]) -> set[int]:
    """Return the letters of words with something unknown in them, and of their neighbours."""
    starts = [i for i, edge in enumerate(line.edges) if edge]
    spans = list(zip(starts, starts[1:], strict=False))
    touched, position = set(), 0
    for token in found:
        end = position + len(token.surface)
        if token.sort == 'unknown':
            touched |= {n for n, (a, b) in enumerate(spans) if a < end and b > position}
        position = end
    near = touched | {n - 1 for n in touched} | {n + 1 for n in touched}
    return {i for n in near if 0 <= n < len(spans) for i in range(*spans[n])}


def _settle(token: Token, windows: dict[int, list[Slip]]) -> Token:
    """Return a mistyped word as unknown when another word is as likely."""
    if not token.slip or token.entry is None:
        return token
    for rivals in windows.values():
        for rival in rivals:
            if (rival.typed == token.surface and rival.slip < token.slip + 0.5
                    and (rival.entry.sort, rival.entry.means) != (token.sort, token.means)
                    and _matters(rival.entry, token)):
                return Token('unknown', (), token.surface)
    return token


def _matters(rival: Entry, token: Token) -> bool:
    """Return whether taking one word for the other would change what is done."""
    if rival.sort == token.sort:
        return rival.sort in NAMING or rival.means in (('source',), ('either',))
    if {rival.sort, token.sort} <= {'put', 'take'}:
        return False
    return rival.sort in _WEIGHTY or token.sort in _WEIGHTY


_WEIGHTY = NAMING | {'negation', 'unsupported', 'relation', 'question', 'foreign_things',
                     'foreign_places', 'foreign_colours', 'put', 'take'}

# Best way to reach a position with a last word of some sort: cost, token, way before it.
_Way = tuple[float, Token | None, tuple[int, str] | None]


def _cover(line: Line, lexicon: Lexicon, windows: dict[int, list[Slip]]) -> list[Token]:
    """Return the cheapest row of tokens that covers the line."""
    end = len(line.letters)
    ways: list[dict[str, _Way]] = [{} for _ in range(end + 1)]
    ways[0]['start'] = (0.0, None, None)
    for i in range(end):
        if not ways[i]:
            continue
        for entry, j, slip in _candidates(line, lexicon, windows, i):
            own = _own_cost(line, entry, i, j, slip)
            for state, (cost, _, _) in list(ways[i].items()):
                step = _joining(line, entry, i, j, state)
                if step is None:
                    continue
                total = cost + own + step
                reached = state if entry is STRAY else _state(entry, line.letters[i:j])
                if reached not in ways[j] or total < ways[j][reached][0]:
                    known = None if entry is _UNKNOWN else entry
                    token = Token(entry.sort, entry.means, line.letters[i:j], known, slip)
                    ways[j][reached] = (total, token, (i, state))
    return _trace(ways, end)


def _trace(ways: list[dict[str, _Way]], end: int) -> list[Token]:
    place: tuple[int, str] | None = (end, min(ways[end], key=lambda state: ways[end][state][0]))
    tokens = []
    while place is not None:
        _, token, place = ways[place[0]][place[1]]
        if token is not None:
            tokens.append(token)
    return tokens[::-1]


def _candidates(line: Line, lexicon: Lexicon, windows: dict[int, list[Slip]], i: int
                ) -> Iterator[tuple[Entry, int, float]]:
    """Yield (entry, end, slips) of every word that may start at letter i."""
    end = len(line.letters)
    for j in range(i + 1, min(end, i + lexicon.longest) + 1):
        for entry in lexicon.by_solid.get(line.letters[i:j], ()):
            yield entry, j, 0.0
    for slip in windows.get(i, ()):
        yield slip.entry, slip.end, slip.slip
    run = line.run_end(i)
    yield _UNKNOWN, run, 0.0
    if not is_latin(line.letters[i]):  # an unknown Korean noun may have a particle
        for j in range(max(i + 1, run - 4), run):
            yield _UNKNOWN, j, 0.0
        for j in range(i + 1, min(i + 12, run - 4)):
            yield _UNKNOWN, j, 0.0


def _own_cost(line: Line, entry: Entry, i: int, j: int, slip: float) -> float:
    """Return what a word costs by itself: being there, slips, spaces in the wrong place."""
    if entry is _UNKNOWN:
        return 3.0 + 0.8 * (j - i)
    latin = entry.language == 'en'
    inner = sum(line.edges[k] and (k - i) not in entry.gaps for k in range(i + 1, j))
    missing = sum(not line.edges[i + gap] for gap in entry.gaps if i + gap < j) if latin else 0
    cost = 0.1 + inner * (1.2 if latin else 0.7) + 0.3 * missing
    return cost + (0.9 + 0.8 * slip if slip else 0.0)


def _state(entry: Entry, surface: str) -> str:
    """Return what matters of a word for the next one."""
    if entry.sort in VERBS:
        return 'verb'
    if entry.solid in ('the', 'and', 'into', 'that'):
        return 'article'
    if entry.sort == 'colour':
        return 'colour'
    if entry.sort in ('particle', 'unknown'):
        return entry.sort
    if entry.sort == 'unsupported' and len(surface) > 1:
        return 'deed'
    if entry.sort in NOUNS:
        return 'noun' if entry.sort in NAMING or len(surface) > 1 else 'small noun'
    return 'small' if len(surface) == 1 else 'other'


def _run_together(entry: Entry, length: int, state: str) -> bool:
    """Return whether an English word may follow another without a space.

    Only around names and articles: 'blackbox', 'tothe', 'putit'; never 'for' + 'get'.
    """
    if state in ('noun', 'colour'):
        return length > 2 or entry.sort == 'into'
    if entry.sort in NAMING or entry.solid in ('the', 'that'):
        return length > 2
    return state == 'article' or (state == 'verb' and entry.solid == 'it')


_LIKE_NOUNS = frozenset({'noun', 'small noun', 'colour', 'unknown', 'particle', 'deed'})


def _joining(line: Line, entry: Entry, i: int, j: int, state: str) -> float | None:
    """Return the cost of `entry` after a word of sort `state`, or None where it cannot be."""
    apart = line.edges[i]
    if entry is STRAY:
        return 0.0
    if entry.sort == 'particle':
        return (0.6 if apart else 0.0) if state in _LIKE_NOUNS else None
    if entry.sort in ('endings', 'hanging'):
        return 0.05 if state in ('verb', 'deed') else None
    if entry.sort == 'then_after_verb':
        return 0.0 if state == 'verb' else None
    if entry.sort in ('relation', 'upon') and entry.language == 'ko' and state == 'verb':
        return None
    if apart or not line.glued(i):
        return 0.0
    if state in ('small', 'small noun', 'unknown'):
        return None
    if entry is _UNKNOWN:
        if is_latin(line.letters[i]):
            return None
        return 1.8 if state == 'noun' else 0.4  # 통나무 is one word, not a 통 and a 나무
    if is_latin(line.letters[i]):
        return 0.9 if _run_together(entry, j - i, state) else None
    if j - i == 1:
        if entry.sort in NAMING:
            return 0.3 if state in ('colour', 'particle') else None
        if entry.sort in ('thing', 'place') and state == 'colour':  # '빨간거', '검은데'
            return 0.3
        return 0.4 if entry.sort == 'put' and state in ('particle', 'verb') else None
    return 0.3
