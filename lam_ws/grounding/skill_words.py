"""The words of every skill: two more YAML files enter, a wider lexicon and a table leave.

config/knowledge/<company>/skills.yaml names the things of the suite and says which skill acts on
which; config/knowledge/deeds.yaml holds verbs, words of manner and places. The lexicon that
leaves has the words of pick and place as well; where a word stands in both, these files decide.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from lam_ws.grounding.vocabulary import (
    entries_of,
    Entry,
    Lexicon,
    lexicon_of,
    Lines,
    read_words,
    Texts,
    Vague,
    Words,
)
from lam_ws.resources import share

CARRY, ANY = 'carry', 'any'   # stand for all skills that carry, and for all
_NOUNS = ('kind', 'bin')
_STAY = ('kind', 'bin', 'colour', 'particle')   # sorts that no verb of the same form replaces


@dataclass(frozen=True)
class SkillRow:
    """What one skill is about; see config/knowledge/base/skills.yaml."""

    on: Texts
    to: Texts = ()
    out_of: str = ''
    second: str = ''
    carries: bool = False


@dataclass(frozen=True)
class Things:
    """What config/knowledge/<company>/skills.yaml holds."""

    things: Mapping[str, Words]
    skills: Mapping[str, SkillRow]
    named_bins: tuple[Vague, ...] = ()
    variants: tuple[Vague, ...] = ()

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what a skill is about that the file does not name."""
        for name, row in self.skills.items():
            for thing in (*row.on, *row.to, row.out_of):
                if thing and thing not in self.things:
                    yield f'skills.{name}', f'{thing!r} is not defined in this file'


@dataclass(frozen=True)
class Ways:
    """Where: the words that say what a noun is to the deed."""

    upon: Words
    under: Words
    beyond: Words
    along: Words
    source: Words
    within: Words


@dataclass(frozen=True)
class Deeds:
    """What config/knowledge/deeds.yaml holds."""

    deeds: tuple[Vague, ...]
    takes: tuple[Vague, ...]
    done: tuple[Vague, ...]
    manners: tuple[Vague, ...]
    found: tuple[Vague, ...]
    as_it_comes: Words
    ways: Ways
    wanted_by: Texts = ()


@dataclass(frozen=True, eq=False)
class SkillLexicon:
    """All words of all skills, and which skill acts on which thing.

    Attributes:
        lexicon: Every word.
        rows: The skills.
        things: Names of the things.
        own: Solid forms of the words that pick and place alone does not know.
        as_it_comes: Forms of 'when' that a belt excuses.
        wanted_by: Forms that make a wish of a past participle.
    """

    lexicon: Lexicon
    rows: Mapping[str, SkillRow]
    things: Mapping[str, Words]
    own: frozenset[str]
    as_it_comes: frozenset[str]
    wanted_by: frozenset[str]
    places: frozenset[str] = field(init=False)
    sources: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = {thing for row in self.rows.values() for thing in row.on}
        places = {thing for row in self.rows.values() for thing in row.to} - parts
        object.__setattr__(self, 'places', frozenset(places))
        object.__setattr__(self, 'sources', frozenset(
            row.out_of for row in self.rows.values() if row.out_of))

    def name(self, kind: str, colour: str, language: str) -> str:
        """Return 'red button' or '빨간 버튼'."""
        vocabulary = self.lexicon.vocabulary
        colours = {**vocabulary.bin_colours, **vocabulary.part_colours}
        words = [(row.ko if language == 'ko' else row.en)[0]
                 for row in (colours.get(colour), self.things.get(kind)) if row is not None]
        return ' '.join(words)

    def skills_meant(self, means: Texts) -> frozenset[str]:
        """Return the skills that words for `means` fit; no word at all fits those that move."""
        if ANY in means:
            return frozenset(self.rows)
        carrying = {name for name, row in self.rows.items() if row.carries}
        if not means:
            return frozenset(carrying | {name for name, row in self.rows.items() if row.to})
        return frozenset(means) - {CARRY} | (carrying if CARRY in means else set())


def load_skill_lexicon(folder: Path | str, core: Lexicon) -> SkillLexicon | None:
    """Return the lexicon of every skill, None where a company names no skills.

    Args:
        folder: Knowledge folder, a name below config/knowledge or a path.
        core: The lexicon of pick and place.

    Raises:
        ConfigurationError: A file says something it must not.
    """
    knowledge = share() / 'config' / 'knowledge'
    place = Path(folder) if Path(folder).is_absolute() else knowledge / folder
    if not (place / 'skills.yaml').is_file():
        return None
    things, lines = read_words(place / 'skills.yaml', Things)
    deeds, deed_lines = read_words(knowledge / 'deeds.yaml', Deeds)
    own = [*_things(things, lines), *_deeds(deeds, deed_lines)]
    same = {(entry.solid, entry.sort) for entry in core.entries}
    new = frozenset(entry.solid for entry in own if (entry.solid, entry.sort) not in same)
    verbs = {entry.solid for entry in own if entry.sort not in _NOUNS}
    nouns = {entry.solid for entry in own if entry.sort in _NOUNS}
    kept = [_both(entry, own) for entry in core.entries
            if entry.solid not in verbs | nouns or entry.sort in _STAY]
    own = [entry for entry in own if not (entry.sort == 'kind' and any(
        entry.solid == other.solid and other.sort == 'bin' for other in kept))]
    known = {entry.solid for entry in (*own, *kept)}
    everyday = tuple(entry for entry in core.everyday if entry.solid not in known)
    lexicon = lexicon_of([*own, *kept], core.vocabulary, everyday)
    return SkillLexicon(lexicon, things.skills, things.things, new,
                        frozenset(deeds.as_it_comes.en), frozenset(deeds.wanted_by))


def _both(entry: Entry, own: list[Entry]) -> Entry:
    """Return a word for a bin, marked where it may name a place to take from as well."""
    if entry.sort != 'bin':
        return entry
    means = next((other.means for other in own
                  if other.sort == 'kind' and other.solid == entry.solid), ())
    return Entry(entry.form, entry.solid, entry.gaps, entry.strokes, 'bin', means,
                 entry.language, entry.source)


def _things(things: Things, lines: Lines) -> Iterator[Entry]:
    for name, words in things.things.items():
        sort, means = ('bin', ()) if name == 'bin' else ('kind', (name,))
        yield from entries_of(words, sort, means, lines, f'things.{name}', plural=True)
    for i, vague in enumerate(things.named_bins):
        yield from entries_of(vague, 'bin', vague.means, lines, f'named_bins[{i}]',
                              plural=True)
    for i, vague in enumerate(things.variants):
        yield from entries_of(vague, 'variant', vague.means, lines, f'variants[{i}]')


def _deeds(deeds: Deeds, lines: Lines) -> Iterator[Entry]:
    for group, sort in (('deeds', 'put'), ('takes', 'take'), ('done', 'done'),
                        ('manners', 'manner'), ('found', 'found')):
        for i, vague in enumerate(getattr(deeds, group)):
            yield from entries_of(vague, sort, vague.means, lines, f'{group}[{i}]')
    yield from entries_of(deeds.as_it_comes, 'question', (), lines, 'as_it_comes')
    for item in fields(Ways):
        yield from entries_of(getattr(deeds.ways, item.name), 'way', (item.name,), lines,
                              f'ways.{item.name}')
