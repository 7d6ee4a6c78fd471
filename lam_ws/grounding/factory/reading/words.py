"""The words that hold an order together: config/knowledge/orders.yaml enters, a lexicon leaves.

They belong to the languages, not to a company. A Korean verb stands there as endings are hung
on it, so a word is a verb if it begins as one; everything else must be the whole word.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
import re

from lam_ws.configuration import load
from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.resources import share

Texts = tuple[str, ...]
_NUMBER = re.compile(r'x?(\d{1,3})(\D*)')
# English words that stand alone, before or after a noun, and what they are then.
WAYS = ('into', 'upon', 'source', 'with', 'link', 'then', 'not', 'instead', 'either', 'it',
        'there', 'person', 'located', 'through', 'before',
        'because')


@dataclass(frozen=True)
class Both:
    """Words of both languages."""

    ko: Texts = ()
    en: Texts = ()


@dataclass(frozen=True)
class OrdersFile:
    """config/knowledge/orders.yaml."""

    particles: Mapping[str, Texts]
    deeds: Mapping[str, Both]
    unsupported: Both
    beside: Both
    widening: Both
    counts: Mapping[str, Both]
    counters: Both
    into: Both
    upon: Both
    source: Both
    with_: Both
    link: Both
    then: Both
    not_: Both
    instead: Both
    either: Both
    it: Both
    there: Both
    person: Both
    located: Both
    through: Both
    because: Both
    before: Both
    ignored: Both
    passing: Texts


@dataclass(frozen=True)
class Word:
    """What a word is: `sort`, and which deed or how many."""

    sort: str
    means: str = ''


class Lexicon:
    """All words of config/knowledge/orders.yaml."""

    def __init__(self, file: OrdersFile):
        self._whole: dict[str, Word] = {}
        self._longest = 1   # words of a phrase
        for row in (file.ignored.ko, file.ignored.en):
            self._add(row, Word('ignored'))
        for way in WAYS:
            both: Both = getattr(file, way if hasattr(file, way) else f'{way}_')
            self._add((*both.ko, *both.en), Word(way))
        for number, both in file.counts.items():
            self._add((*both.ko, *both.en), Word('count', number))
        for deed, both in file.deeds.items():
            self._add((*both.en, *_inflected(both.en)), Word('deed', deed))
        self._add((*file.unsupported.en, *(   # 'it breaks easily' asks for nothing
            form for form in _inflected(file.unsupported.en) if not form.endswith('s'))),
            Word('unsupported'))
        self._add(file.beside.en, Word('unsupported', 'beside'))
        self._add(file.widening.en, Word('widening'))
        stems = [(stem, Word('deed', deed)) for deed, both in file.deeds.items()
                 for stem in both.ko]
        stems += [(stem, Word('unsupported')) for stem in file.unsupported.ko]
        stems += [(stem, Word('unsupported', 'beside')) for stem in file.beside.ko]
        stems += [(stem, Word('widening')) for stem in file.widening.ko]
        self._stems = sorted(((line_of(stem).letters, word) for stem, word in stems),
                             key=lambda one: -len(one[0]))
        self._particles = sorted(((one, role) for role, ones in file.particles.items()
                                  for one in ones), key=lambda one: -len(one[0]))
        self._passing = file.passing
        self._counters = sorted((*file.counters.ko, *file.counters.en), key=len, reverse=True)

    def _add(self, phrases: Iterable[str], word: Word) -> None:
        for phrase in phrases:
            if word.sort != 'deed' or line_of(phrase).letters not in self._whole:
                self._whole[line_of(phrase).letters] = word
            self._longest = max(self._longest, len(phrase.split()))

    @property
    def longest(self) -> int:
        """Most words of a phrase."""
        return self._longest

    def common(self) -> list[str]:
        """Return all words that are none of a company's."""
        return [*self._whole, *(stem for stem, _ in self._stems)]

    def whole(self, letters: str) -> Word | None:
        """Return what a whole word or phrase is."""
        return self._whole.get(letters)

    def particle(self, letters: str) -> tuple[str, str] | None:
        """Return the role of what hangs on a noun and what is left after it, if it is one."""
        for particle, role in self._particles:
            if letters.startswith(particle):
                return role, letters[len(particle):]
        return None

    def word(self, letters: str) -> Word | None:
        """Return what a free word is, None where nobody knows it."""
        found = self._whole.get(letters) or self._count(letters) or self._verb(letters)
        if found is not None:
            return found
        for particle, role in self._particles:   # '개만', '그거를'
            stem = letters[:-len(particle)]
            if stem and letters.endswith(particle):
                found = self._whole.get(stem) or self._count(stem)
                if found is not None and (found.sort != 'count' or len(stem) > 1):
                    return Word('not') if role == 'not' else found
        if len(letters) > 1 and letters.endswith(self._passing):
            return Word('reason')
        return Word('ignored') if all('ㄱ' <= letter <= 'ㅣ' for letter in letters) else None

    def _verb(self, letters: str) -> Word | None:
        return next((word for stem, word in self._stems if letters.startswith(stem)), None)

    def _count(self, letters: str) -> Word | None:
        """Return a number with what is counted: '3개', '세개', 'x3', '4pcs'."""
        number = _NUMBER.fullmatch(letters)
        if number is not None and self._counter(number.group(2)):
            return Word('count', number.group(1))
        for counter in self._counters:
            stem = letters[:-len(counter)]
            if letters.endswith(counter) and stem:
                word = self._whole.get(stem)
                if word is not None and word.sort == 'count':
                    return word
        return Word('ignored') if letters in self._counters else None

    def _counter(self, letters: str) -> bool:
        if letters in ('', *self._counters):
            return True
        return any(letters.startswith(counter) and self.particle(letters[len(counter):])
                   for counter in self._counters)


def _inflected(verbs: Texts) -> Iterator[str]:
    """Yield the forms of English verbs: puts, putting, placed."""
    for phrase in verbs:
        verb, _, rest = phrase.partition(' ')
        tail = f' {rest}' if rest else ''
        if len(verb) < 3 or verb.endswith(('s', 'ing', 'ed')):
            continue
        stem = verb[:-1] if verb.endswith('e') else verb
        doubled = verb + verb[-1] if verb[-1] not in 'wxyaeiou' and verb[-2] in 'aeiou' else stem
        for form in (f'{verb}s', f'{verb}es', f'{stem}ing', f'{stem}ed', f'{doubled}ing',
                     f'{doubled}ed'):
            yield form + tail


@cache
def load_words() -> Lexicon:
    """Return the words of config/knowledge/orders.yaml."""
    return Lexicon(load(share() / 'config' / 'knowledge' / 'orders.yaml', OrdersFile))
