"""The words of a cell and of its languages: three YAML files enter, a lexicon leaves.

config/knowledge/<company>/vocabulary.yaml names the things, config/knowledge/language.yaml
holds the words that bind a request together, config/knowledge/everyday.yaml words that are
never read. An entry of the lexicon knows what it means
and the line it stands in, so that a plan can cite its sources.
"""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar
import unicodedata

from lam_ws.configuration import read
from lam_ws.errors import ConfigurationError
from lam_ws.grounding.korean import keystrokes
from lam_ws.resources import share

Texts = tuple[str, ...]
T = TypeVar('T')


@dataclass(frozen=True)
class Words:
    """The words for one meaning, by language."""

    ko: Texts = ()
    en: Texts = ()


@dataclass(frozen=True)
class Vague:
    """Words that fit several meanings."""

    means: Texts
    ko: Texts = ()
    en: Texts = ()


@dataclass(frozen=True)
class Foreign:
    """Known words for what the cell does not have."""

    things: Words
    colours: Words
    places: Words


@dataclass(frozen=True)
class Vocabulary:
    """What config/knowledge/<company>/vocabulary.yaml holds."""

    kinds: Mapping[str, Words]
    bins: Words
    part_colours: Mapping[str, Words]
    bin_colours: Mapping[str, Words]
    flat: Texts = ()
    vague_kinds: tuple[Vague, ...] = ()
    shapes: tuple[Vague, ...] = ()
    vague_colours: tuple[Vague, ...] = ()
    foreign: Foreign = field(default_factory=lambda: Foreign(Words(), Words(), Words()))

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what a vague word means that the file does not define."""
        for group, known in (('vague_kinds', self.kinds), ('shapes', self.kinds),
                             ('vague_colours', self.part_colours)):
            for vague in getattr(self, group):
                for name in vague.means:
                    if name not in known:
                        yield group, f'{name!r} is not defined in this file'
        for table in (self.kinds, self.part_colours, self.bin_colours):
            for name, words in table.items():
                if not words.ko or not words.en:
                    yield name, 'needs at least one word in ko and in en'


@dataclass(frozen=True)
class Particles:
    """Korean particles by what they tell the reader."""

    object: Texts
    into: Texts
    plain: Texts
    either: Texts
    of: Texts
    link: Texts
    also: Texts
    source: Texts


@dataclass(frozen=True)
class Language:
    """What config/knowledge/language.yaml holds; every field is one sort of word."""

    take: Words
    put: Words
    endings: Words
    hanging: Words
    particles: Particles
    link: Words
    then: Words
    then_after_verb: Words
    also: Words
    there: Words
    into: Words
    thing: Words
    place: Words
    it: Words
    all: Words
    both: Words
    count: Words
    which: Words
    negation: Words
    question: Words
    done: Words
    want: Words
    state: Words
    unsupported: Words
    traits: Words
    relation: Words
    upon: Words
    located: Words
    opening: Words
    ignored: Words


@dataclass(frozen=True)
class Everyday:
    """What config/knowledge/everyday.yaml holds: real words that no slip may be taken for."""

    everyday: Words
    statement: Words


@dataclass(frozen=True)
class Entry:
    """One word of the lexicon.

    Attributes:
        form: As written in the file.
        solid: The form without spaces, lower case.
        gaps: Offsets in `solid` at which the form has a space.
        strokes: Its keystrokes, for comparing with mistyped words.
        sort: 'kind', 'colour', 'bin', 'put', 'particle' and so on.
        means: The kinds or colours it may stand for, or what sort of particle it is.
        language: 'ko' or 'en'.
        source: 'config/...yaml:12', the line it stands in.
    """

    form: str
    solid: str
    gaps: frozenset[int]
    strokes: str
    sort: str
    means: Texts
    language: str
    source: str


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All words, by their solid form, and the names the cell calls its things by.

    `everyday` are words that are never read, only known to be something else.
    """

    entries: tuple[Entry, ...]
    by_solid: Mapping[str, tuple[Entry, ...]]
    vocabulary: Vocabulary
    longest: int
    everyday: tuple[Entry, ...]
    real_words: frozenset[str]

    def name(self, group: str, key: str, language: str) -> str:
        """Return the first word for `key` of 'kinds', 'part_colours' or 'bin_colours'."""
        words = getattr(self.vocabulary, group)[key]
        return (words.ko if language == 'ko' else words.en)[0]


def load_lexicon(folder: Path | str) -> Lexicon:
    """Return the lexicon of a knowledge folder: a name below config/knowledge, or a path.

    Raises:
        ConfigurationError: A file is missing or says something it must not.
    """
    knowledge = share() / 'config' / 'knowledge'
    place = Path(folder) if Path(folder).is_absolute() else knowledge / folder
    vocabulary, lines = read_words(place / 'vocabulary.yaml', Vocabulary)
    language, language_lines = read_words(knowledge / 'language.yaml', Language)
    entries = [*_vocabulary_entries(vocabulary, lines), *_language_entries(language,
                                                                           language_lines)]
    words, word_lines = read_words(knowledge / 'everyday.yaml', Everyday)
    everyday = tuple(entry for item in fields(Everyday) for entry in entries_of(
        getattr(words, item.name), item.name, (), word_lines, item.name))
    return lexicon_of(entries, vocabulary, everyday)


def lexicon_of(entries: Iterable[Entry], vocabulary: Vocabulary,
               everyday: tuple[Entry, ...]) -> Lexicon:
    """Return the lexicon of some entries.

    Raises:
        ConfigurationError: One word is to name two things.
    """
    by_solid: dict[str, list[Entry]] = {}
    for entry in entries:
        same = by_solid.setdefault(entry.solid, [])
        if any(_clash(entry, other) for other in same):
            path, line = entry.source.rsplit(':', 1)
            raise ConfigurationError(f'{entry.form!r} already means something else, see '
                                     f'{same[0].source}', path, int(line))
        same.append(entry)
    return Lexicon(tuple(entries), {solid: tuple(same) for solid, same in by_solid.items()},
                   vocabulary, max(map(len, by_solid)), everyday,
                   frozenset(entry.solid for entry in everyday))


def _clash(one: Entry, other: Entry) -> bool:
    """Return whether two entries of one form would make the vocabulary itself ambiguous."""
    naming = {'kind', 'colour', 'bin'}
    return one.sort in naming and other.sort in naming and (one.sort, one.means) != (
        other.sort, other.means)


@dataclass(frozen=True)
class Lines:
    """Says where the n-th word of a key stands."""

    path: str
    lines: Mapping[str, int]

    def of(self, key: str, index: int) -> str:
        """Return file and line of a word."""
        return f'{self.path}:{self.lines[f"{key}[{index}]"]}'


def read_words(path: Path, kind: type[T]) -> tuple[T, Lines]:
    """Return a file of words and where they stand; raises its first fault."""
    value, source = read(path, kind)
    if value is None:
        raise source.faults[0]
    place = path.resolve()
    inside = place.is_relative_to(share().resolve())
    return value, Lines(str(place.relative_to(share().resolve()) if inside else place),
                         source.lines)


def _vocabulary_entries(words: Vocabulary, lines: Lines) -> Iterator[Entry]:
    for name, row in words.kinds.items():
        yield from entries_of(row, 'kind', (name,), lines, f'kinds.{name}', plural=True)
    yield from entries_of(words.bins, 'bin', (), lines, 'bins', plural=True)
    for group in ('part_colours', 'bin_colours'):
        for name, row in getattr(words, group).items():
            yield from entries_of(row, 'colour', (name,), lines, f'{group}.{name}')
    for group, sort in (('vague_kinds', 'kind'), ('shapes', 'shape'), ('vague_colours', 'colour')):
        for i, vague in enumerate(getattr(words, group)):
            yield from entries_of(vague, sort, vague.means, lines, f'{group}[{i}]',
                             plural=sort == 'kind')
    for item in fields(Foreign):
        yield from entries_of(getattr(words.foreign, item.name), f'foreign_{item.name}', (), lines,
                         f'foreign.{item.name}', plural=item.name != 'colours')


def _language_entries(language: Language, lines: Lines) -> Iterator[Entry]:
    for item in fields(Language):
        row = getattr(language, item.name)
        if item.name != 'particles':
            yield from entries_of(row, item.name, (), lines, item.name,
                             plural=item.name == 'thing')
            continue
        for role in fields(Particles):
            yield from entries_of(Words(ko=getattr(row, role.name)), 'particle', (role.name,),
                             lines, f'particles.{role.name}', flat=True)


def entries_of(row: Words | Vague, sort: str, means: Texts, lines: Lines, key: str,
               plural: bool = False, flat: bool = False) -> Iterator[Entry]:
    """Yield the entries of the words for one meaning, English plurals included."""
    for language in ('ko', 'en'):
        for i, form in enumerate(getattr(row, language)):
            source = lines.of(key if flat else f'{key}.{language}', i)
            yield _entry(form, sort, means, language, source)
            if plural and language == 'en' and not form.endswith('s'):
                ending = 'es' if form.endswith(('x', 'sh', 'ch')) else 's'
                yield _entry(form + ending, sort, means, language, source)


def _entry(form: str, sort: str, means: Texts, language: str, source: str) -> Entry:
    written = unicodedata.normalize('NFC', form).lower().replace("'", '')
    gaps, solid = set(), ''
    for word in written.split():
        if solid:
            gaps.add(len(solid))
        solid += word
    return Entry(form, solid, frozenset(gaps), keystrokes(solid), sort, means, language, source)
