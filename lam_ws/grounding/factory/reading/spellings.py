"""What a company calls its things: its knowledge enters, the letters of its names leave.

Every name as it may be spelt, and what is left of a name when people shorten it: the word that it
ends with, any word that it has, its beginning.
"""
from collections.abc import Iterator, Mapping
from functools import cache
import re

from lam_ws.grounding.factory.reading.text import digits, line_of, sounds
from lam_ws.grounding.factory.reading.words import Lexicon
from lam_ws.grounding.vocabulary import load_lexicon
from lam_ws.knowledge.knowledge import Knowledge, Known

ACTED = ('press', 'open_clamp', 'close_clamp', 'wipe')   # skills that are about a place alone
SHORTEST = 7       # keys of a name that a slip is forgiven in
LONGEST = 48       # letters of a name
_NOUNS = ('parts', 'places', 'tools')   # tables whose names are told by parts of them


class Spellings:
    """The names of one company.

    Args:
        knowledge: What the company knows.
        lexicon: Words of the languages, which stand for themselves.

    Attributes:
        exact: Ids by the letters of a name.
        heads: Ids by a word, or words, that names end with.
        parts: Ids by a word that names have and no language.
        words: All words that names have.
        steps: Place and part that a step of a procedure is about, by its id.
        nouns: Ids of parts, places and tools.
        long: Letters and ids of names that a slip is forgiven in.
        sounds: What those are when they are typed.
        longest: Letters of the longest name.
    """

    def __init__(self, knowledge: Knowledge, lexicon: Lexicon):
        self._lexicon = lexicon
        self.exact: dict[str, list[str]] = {}
        self.words: set[str] = set()
        self.steps = {thing.id: frozenset(_about(thing)) for thing in knowledge.things.values()
                       if thing.table == 'steps' and thing.value('skill') is not None}
        self.nouns = {thing.id for thing in knowledge.things.values() if thing.table in _NOUNS}
        heads: dict[str, set[str]] = {}
        parts: dict[str, set[str]] = {}
        for thing in knowledge.things.values():
            for name, _ in thing.names():
                for letters in _spellings(name):
                    ids = self.exact.setdefault(letters, [])
                    if thing.id not in ids:
                        ids.append(thing.id)
                if thing.table in _NOUNS:
                    for head in _heads(name):
                        heads.setdefault(head, set()).add(thing.id)
                    self.words |= {singular(line_of(word).letters)
                                   for word in re.split(r'[\s-]+', name)}
                    for word in name.split():
                        parts.setdefault(singular(line_of(word).letters), set()).add(thing.id)
            look = thing.value('appearance')
            for word in () if look is None else colours().get(str(look).split()[0], ()):
                parts.setdefault(line_of(word).letters, set()).add(thing.id)   # as it looks
            if '_' in thing.id or digits(thing.id):
                self.exact.setdefault(line_of(thing.id).letters, [thing.id])
        for head in heads:
            if re.fullmatch(r'\d+번', head):   # '3번' may be 'slot 3번' or '3번 공정'
                heads[head] |= parts[head]
        self.heads = {head: tuple(sorted(ids)) for head, ids in heads.items()
                       if head not in self.exact and lexicon.word(head) is None}
        self.parts = {part: frozenset(ids) for part, ids in parts.items()
                       if lexicon.word(part) is None}
        self.long = [(letters, ids) for letters, ids in self.exact.items()
                       if len(sounds(letters)) >= SHORTEST]
        self.sounds = [sounds(letters) for letters, _ in self.long]
        self.longest = min(max(map(len, self.exact), default=0), LONGEST)

    def beginning(self, letters: str) -> tuple[str, ...]:
        """Return the things whose names begin so: 'BJ-20' of BJ-20R and BJ-20B."""
        if len(letters) < 3 or self._lexicon.word(letters) is not None:
            return ()
        ids = {one for name, ids in self.exact.items() if name.startswith(letters)
               for one in ids if one in self.nouns}
        return tuple(sorted(ids)) if len(ids) > 1 else ()


@cache
def colours() -> Mapping[str, tuple[str, ...]]:
    """Return what people call the colours that a camera tells."""
    words = load_lexicon('base').vocabulary
    return {colour: (*said.ko, *said.en) for row in (words.part_colours, words.bin_colours)
            for colour, said in row.items()}


def _about(step: Known) -> Iterator[str]:
    """Yield the place and the part that a step of a procedure is about."""
    yield str(step.value('place'))
    parts = step.value('parts')
    if isinstance(parts, tuple) and step.value('skill') not in ACTED:
        yield parts[0]


_ENGLISH = ('zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten',
            'eleven', 'twelve')
_KOREAN = ('영', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구', '십', '십일', '십이')


def _spellings(name: str) -> Iterator[str]:
    """Yield the letters of a name, and those of one whose number is said in words."""
    letters = line_of(name).letters
    yield letters
    numbers = re.findall(r'\d+', letters)
    if len(numbers) == 1 and len(letters) > 3 and int(numbers[0]) < len(_ENGLISH):
        latin = any(letter.isascii() and letter.isalpha() for letter in letters)
        words = _ENGLISH if latin else _KOREAN
        yield letters.replace(numbers[0], words[int(numbers[0])])


def _heads(name: str) -> Iterator[str]:
    """Yield the words that a name ends with, but the whole of it."""
    words = [line_of(word).letters for word in name.split()]
    words = [word for word in words if word]
    while len(words) > 1 and words[-1].isascii() and (words[-1].isdigit() or len(words[-1]) < 2):
        words.pop()   # 'pallet 2' ends with 'pallet'
    for count in range(1, len(words) + (len(words) < len(name.split()))):
        yield singular(''.join(words[-count:]))


def singular(word: str) -> str:
    """Return an English word without the s of its plural."""
    return word[:-1] if len(word) > 3 and word.isascii() and word.endswith('s') \
        and not word.endswith('ss') else word
