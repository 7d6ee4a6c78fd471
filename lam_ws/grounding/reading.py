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

from lam_ws.grounding.joining import joining, may_end, NAMING, state_after, STOPPING, UNKNOWN
from lam_ws.grounding.korean import is_syllable, keystrokes
from lam_ws.grounding.rivals import doubt_pairs, settle
from lam_ws.grounding.tokens import Token
from lam_ws.grounding.vocabulary import Entry, Lexicon
from lam_ws.grounding.windows import Slip, slips

_STOPS = re.compile(r'[.;!?…。\n]+')
# A letter of a syllable that was typed once more and stands alone: '줘ㅝ'.
STRAY = Entry('', '', frozenset(), '', 'ignored', (), 'ko', '')
# A real word that the grammar has no use for.
_REAL = Entry('', 'real', frozenset(), '', 'unknown', (), '', '')


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
        if line.letters:
            tokens += [*_read_line(line, lexicon), Token('stop', (), '')]
    return tokens


def _read_line(line: Line, lexicon: Lexicon) -> list[Token]:
    """Return the words of a sentence, slips considered only when something stays unknown."""
    found = _cover(line, lexicon, {})
    if not _unknown(found):
        return doubt_pairs(found, lexicon)
    line, strays = _without_strays(line)
    if strays:
        found = _cover(line, lexicon, {})
    if _unknown(found):
        windows = slips(line, lexicon, _doubtful(line, found))
        found = settle(_cover(line, lexicon, windows), lexicon)
    return [*doubt_pairs(found, lexicon),
            *(Token('ignored', (), stray, STRAY, 1.0) for stray in strays)]


def _unknown(found: list[Token]) -> bool:
    return any(token.sort == 'unknown' for token in found)


def _without_strays(line: Line) -> tuple[Line, list[str]]:
    """Return the line without single Korean letters that hang on a syllable, and those.

    Such a letter repeats one of the syllables beside it, or ends a word.
    """
    letters, edges, strays = '', [True], []
    for i, letter in enumerate(line.letters):
        if _is_stray(line, i):
            strays.append(letter)
            edges[-1] = line.edges[i + 1]
            continue
        letters += letter
        edges.append(line.edges[i + 1])
    return Line(letters, tuple(edges)), strays


def _is_stray(line: Line, i: int) -> bool:
    def lone(k: int) -> bool:
        return 0 <= k < len(line.letters) and 'ㄱ' <= line.letters[k] <= 'ㅣ'
    if line.edges[i] or not lone(i) or lone(i - 1) or lone(i + 1):
        return False
    beside = keystrokes(line.letters[i - 1:i + 2].replace(line.letters[i], '', 1))
    return is_syllable(line.letters[i - 1]) and (
        line.edges[i + 1] or keystrokes(line.letters[i])[0] in beside)


def _doubtful(line: Line, found: list[Token]) -> set[int]:
    """Return the letters of words with something unknown in them, and around them."""
    starts = [i for i, edge in enumerate(line.edges) if edge]
    spans = list(zip(starts, starts[1:], strict=False))
    touched, position = set(), 0
    for token in found:
        end = position + len(token.surface)
        if token.sort == 'unknown':
            touched |= {n for n, (a, b) in enumerate(spans) if a < end and b > position}
        position = end
    near = {n + step for n in touched for step in (-3, -2, -1, 0, 1)}
    return {i for n in near if 0 <= n < len(spans) for i in range(*spans[n])}


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
        for entry, j, slip, narrow in _candidates(line, lexicon, windows, i):
            own = _own_cost(line, entry, i, j, slip)
            for state, (cost, _, _) in list(ways[i].items()):
                step = joining(line, entry, i, j, state, narrow)
                if step is None:
                    continue
                total = cost + own + step
                reached = state_after(entry, line.letters[i:j], state, narrow)
                if j == end and not may_end(reached):
                    continue
                if reached not in ways[j] or total < ways[j][reached][0]:
                    known = None if entry.sort == 'unknown' else entry
                    token = Token(entry.sort, entry.means, line.letters[i:j], known, slip,
                                  line.edges[i])
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
                ) -> Iterator[tuple[Entry, int, float, bool]]:
    """Yield (entry, end, slips, narrow) of every word that may start at letter i."""
    end = len(line.letters)
    for j in range(i + 1, min(end, i + lexicon.longest) + 1):
        for entry in lexicon.by_solid.get(line.letters[i:j], ()):
            if is_latin(line.letters[i]) and not _whole(line, entry, i, j):
                continue
            if not windows and entry.sort in STOPPING and i and line.glued(i):
                continue  # 'itno' may be 'into': seen when words with a slip are
            yield entry, j, 0.0, False
        if windows and _stands_alone(line, i, j) and line.letters[i:j] in lexicon.real_words:
            yield _REAL, j, 0.0, False
    for slip in windows.get(i, ()):
        yield slip.entry, slip.end, slip.slip, slip.narrow
    run = line.run_end(i)
    yield UNKNOWN, run, 0.0, False
    if not is_latin(line.letters[i]):  # an unknown Korean noun may have a particle
        for j in range(max(i + 1, run - 4), run):
            yield UNKNOWN, j, 0.0, False
        for j in range(i + 1, min(i + 12, run - 4)):
            yield UNKNOWN, j, 0.0, False


def _whole(line: Line, entry: Entry, i: int, j: int) -> bool:
    """Return whether an English word holds no space but its own: 'the se' is not 'these'.

    A name may be cut in two, as long as it begins and ends with a word: 'cyl inder'.
    """
    cut = any(line.edges[k] and k - i not in entry.gaps for k in range(i + 1, j))
    return not cut or (line.edges[i] and line.edges[j] and entry.sort in NAMING)


def _stands_alone(line: Line, i: int, j: int) -> bool:
    """Return whether letters i to j are a word, in Korean perhaps with a particle after it."""
    if is_latin(line.letters[i]):  # an English one may have lost the space before it
        return line.edges[j] and (line.edges[i] or j - i > 3)
    return line.edges[i]


def _own_cost(line: Line, entry: Entry, i: int, j: int, slip: float) -> float:
    """Return what a word costs by itself: being there, slips, spaces in the wrong place."""
    if entry is UNKNOWN:
        return 3.0 + 0.8 * (j - i)
    latin = entry.language == 'en'
    inner = sum(line.edges[k] and (k - i) not in entry.gaps for k in range(i + 1, j))
    missing = sum(not line.edges[i + gap] for gap in entry.gaps if i + gap < j) if latin else 0
    if slip and latin:  # a slip moves the spaces of its word along
        inner, missing = max(sum(line.edges[i + 1:j]) - len(entry.gaps), 0), 0
    cost = 0.1 + inner * (1.2 if latin else 0.7) + 0.3 * missing
    return cost + (0.8 + 0.9 * slip if slip else 0.0)
