"""A line as tokens: names, deeds, counts and the words between them, each with what it is.

A line and the names in it enter; tokens leave, in their order. What hangs on a Korean name says
what the name is to the deed.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import re

from lam_ws.grounding.factory.reading.linking import Named
from lam_ws.grounding.factory.reading.text import Line, script
from lam_ws.grounding.factory.reading.words import Lexicon, Word

# A number with a unit of what is limited: speed, force, mass, temperature, a share.
_AMOUNT = re.compile(
    r'(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>mm/s(?:ec)?|cm/s|m/s|m/min|km/h|inch/s|in/s|ips|fps|'
    r'뉴턴|뉴톤|newtons?|kN|N(?![a-zA-Z])|kgf|lbf|kg|킬로그램|킬로|톤|tonnes?|tons?|도씨|℃|°C|percent|%|퍼센트|프로|배|'
    r'초속|미터|times)|(?P<bare>\d+\.\d+)', re.IGNORECASE)
_STEP = re.compile(r'(\d{1,2})\s*단계(?:\s*부터)?|step\s*(\d{1,2})', re.IGNORECASE)
_PAUSE = re.compile(r'[,.;:!?、，]')   # no phrase goes on beyond
_STOP = re.compile(r'[.!?;\n]+(?=\s|$)|→|->|=>')


@dataclass(frozen=True)
class Token:
    """One word.

    Attributes:
        sort: 'name', 'deed', 'count', 'amount', 'stop', 'comma', 'unknown', or a sort of
            `lam_ws.grounding.factory.reading.words`.
        means: Deed, number, or number and unit.
        text: As typed.
        named: Of a name.
        role: What hangs on a name: 'plain', 'into', 'upon', 'source', 'link', 'not' or ''.
        place: Letter of the text at which it begins.
    """

    sort: str
    means: str
    text: str
    place: int
    named: Named | None = None
    role: str = ''

    @property
    def ids(self) -> tuple[str, ...]:
        """Return what a name may name, nothing of any other word."""
        return self.named.ids if self.named is not None else ()

    @property
    def end(self) -> int:
        """Return the letter of the text at which what follows begins."""
        return self.place + len(self.text)


def tokens_of(line: Line, names: Sequence[Named], lexicon: Lexicon) -> list[Token]:
    """Return the tokens of a line."""
    found = [*_words(line, names, lexicon), *_signs(line)]
    return sorted(found, key=lambda token: (token.place, token.sort != 'name'))


def _signs(line: Line) -> Iterator[Token]:
    for sign in _STOP.finditer(line.text):
        yield Token('stop', sign.group(), sign.group(), sign.start())
    for place, letter in enumerate(line.text):
        if letter in ',、，/':
            yield Token('comma', '', letter, place)


def _words(line: Line, names: Sequence[Named], lexicon: Lexicon) -> Iterator[Token]:
    starts = {one.start: one for one in names}
    amounts = {}
    for pattern in (_STEP, _AMOUNT):
        for amount in pattern.finditer(line.text):
            first = next((i for i, place in enumerate(line.places) if place >= amount.start()),
                         None)
            if first is not None:
                amounts[first] = amount
    i = 0
    while i < len(line.letters):
        if i in starts:
            named = starts[i]
            token, i = _name(line, named, lexicon)
            yield token
        elif i in amounts:
            amount = amounts[i]
            yield _numbered(amount, line.places[i])
            while i < len(line.letters) and line.places[i] < amount.end():
                i += 1
        else:
            end = min([k for k in (*starts, *amounts, len(line.letters)) if k > i])
            token, i = _word(line, i, end, lexicon)
            yield token


def _numbered(found: re.Match[str], place: int) -> Token:
    if found.re is _STEP:
        return Token('step', found.group(1) or found.group(2), found.group(), place)
    said = f'{found["number"]} {found["unit"].lower()}' if found['unit'] else f'{found.group()} ?'
    return Token('amount', said, found.group(), place)


def _name(line: Line, named: Named, lexicon: Lexicon) -> tuple[Token, int]:
    """Return a name with what hangs on it, and where the next word begins."""
    end = named.end
    stop = next(k for k in range(end, len(line.edges)) if line.edges[k])
    role = ''
    if stop > end and script(line.letters[end]) == 'ko':
        hung = lexicon.particle(line.letters[end:stop])
        if hung is not None and (not hung[1] or lexicon.word(hung[1]) is not None):
            role, end = hung[0], stop - len(hung[1])
    elif line.letters[end:stop] == 's':   # a plural
        end = stop
    text = line.words(named.start, named.end)
    return Token('name', '', text, line.places[named.start], named, role), end


def _word(line: Line, start: int, end: int, lexicon: Lexicon) -> tuple[Token, int]:
    """Return the word or phrase at a letter that is no name, and where the next begins."""
    stops = [k for k in range(start + 1, end + 1) if line.edges[k] or k == end]
    for stop in reversed(stops[:lexicon.longest]):
        word = lexicon.whole(line.letters[start:stop])
        if word is not None and not _PAUSE.search(line.words(start, stop)):
            return _token(line, start, stop, word), stop
    first = stops[0]
    if not line.edges[start] and start:   # hangs on a name, and is no particle of ours
        hung = lexicon.particle(line.letters[start:first])
        if hung is not None and hung[1] == '':
            return _token(line, start, first, Word('ignored')), first
    return _token(line, start, first, lexicon.word(line.letters[start:first])
                  or Word('unknown')), first


def _token(line: Line, start: int, end: int, word: Word) -> Token:
    return Token(word.sort, word.means, line.words(start, end), line.places[start])
