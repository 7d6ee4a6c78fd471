"""A sentence as the two networks see it: as letters that are typed, or as words of a lexicon.

Tokens of a line enter; bags of symbols leave, with where the things and the other words stand.
What a thing is called is never seen, only of what sort it is, so what is learnt in one factory
holds in another.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
import zlib

from lam_ws.grounding.factory.reading.text import script, sounds
from lam_ws.grounding.factory.reading.tokens import Token

SORTS = ('part', 'place', 'giver', 'button', 'clamp', 'stripe', 'tool', 'defect', 'procedure',
         'several', 'number', 'all')
_LETTERS = ' ,.?!:;->/~()"\'+…_abcdefghijklmnopqrstuvwxyz0123456789' \
           + ''.join(chr(code) for code in range(ord('ㄱ'), ord('ㅣ') + 1))
_NUMBER = {letter: 1 + number for number, letter in enumerate(_LETTERS)}   # 0 fills up
_SORT = {sort: 1 + len(_LETTERS) + number for number, sort in enumerate(SORTS)}
_BUCKETS = 4096    # of what is said of words
SYMBOLS = {'letters': 1 + len(_LETTERS) + len(SORTS), 'words': 1 + _BUCKETS}
LONGEST = 480   # places that are read


@dataclass(frozen=True)
class Seen:
    """A sentence as a network reads it.

    Attributes:
        bags: [L] symbols at each place; what they say is added up.
        things: [M] place of each name and number, in the order of the sentence.
        words: [W] place of every other word.
        spans: [W] where in the text each of those words stands.
    """

    bags: tuple[tuple[int, ...], ...]
    things: tuple[int, ...]
    words: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


Sorts = Mapping[Token, str]   # of names and numbers, one of SORTS
See = Callable[[str, Sequence[Token], Sorts], Seen]


def letters_of(text: str, tokens: Sequence[Token], sorts: Sorts) -> Seen:
    """Return a text as the letters that were typed, a name or number as one symbol.

    Args:
        text: Composed.
        tokens: Of its line.
        sorts: Of the names and numbers among them.
    """
    bags: list[tuple[int, ...]] = []
    things, words, spans = [], [], []
    at = 0
    for token in (*(one for one in tokens if one in sorts), Token('end', '', '', len(text))):
        for start, end in _words(text, at, token.place):
            if text[start].isalnum():
                bags += ((_NUMBER.get(letter, _NUMBER['_']),)
                         for letter in sounds(text[start:end].lower()))
                words.append(len(bags) - 1)
                spans.append((start, end))
            else:
                bags += ((_NUMBER.get(' ' if sign.isspace() else sign, _NUMBER['_']),)
                         for sign in text[start:end])
        if token in sorts:
            things.append(len(bags))
            bags.append((_SORT[sorts[token]],))
        at = token.end
    return Seen(tuple(bags), tuple(things), tuple(words), tuple(spans))


def _words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield words, and the signs between them, of a stretch of text."""
    first = start
    for place in range(start + 1, end + 1):
        if place == end or text[place].isalnum() != text[first].isalnum():
            yield first, place
            first = place


def words_of(text: str, tokens: Sequence[Token], sorts: Sorts) -> Seen:
    """Return a text as its words: what the lexicon says of each, how it begins and ends.

    Args:
        text: Composed.
        tokens: Of its line.
        sorts: Of the names and numbers among them.
    """
    bags, things, words, spans = [], [], [], []
    for place, token in enumerate(tokens):
        said = [f'sort {sorts.get(token, token.sort)}', f'role {token.role}']
        if token in sorts:
            things.append(place)
        else:
            words.append(place)
            spans.append((token.place, token.end))
            said += (f'means {token.means}', f'{token.sort} {token.means}',
                     f'script {script(token.text[0])}' if token.text[:1].isalnum() else 'sign')
            typed = f'^{sounds(token.text.lower())}$'
            said += (f'part {typed[k:k + 4]}' for k in range(max(1, len(typed) - 3)))
            said.append(f'whole {typed}')
        bags.append(tuple(1 + zlib.crc32(one.encode()) % _BUCKETS for one in said))
    return Seen(tuple(bags), tuple(things), tuple(words), tuple(spans))


SEES: Mapping[str, See] = {'letters': letters_of, 'words': words_of}
