"""Which words of an operator mean what: sentences with what was done enter, meanings leave.

A word means a colour if it is said when, and nearly only when, a thing of that colour is acted
on. Counted over what was shown; chance is ruled out by the binomial distribution. Words that are
said every time mean nothing by this count; what follows the colour of the place in them is what
the place is called.
"""
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
import math
import re

from lam_ws.grounding.korean import is_syllable
from lam_ws.types import Goal

Slots = Mapping[str, Callable[[Goal], str]]
# What a word may mean: an attribute of the goal, as the policy knows it; or the whole of its first
# or second thing, as a company knows it.
SLOTS: Slots = {'kind': lambda goal: goal.kind, 'colour': lambda goal: goal.colour,
                'destination': lambda goal: goal.destination}
THINGS: Slots = {'part': lambda goal: f'{goal.colour} {goal.kind}',
                 'where': lambda goal: f'{goal.destination} {goal.place}'}
LEAST = 3         # times that a word is said at least
AGREED = 0.8      # share of them in which it means the same
CHANCE = 1e-3     # largest probability that so many agree by chance
LONGEST_ENDING = 3   # syllables of a Korean word that may be particles
_WORD = re.compile(r'[\w-]+')


@dataclass(frozen=True)
class Meaning:
    """What a word means.

    Attributes:
        word: As it was said, without particles.
        slot: 'kind', 'colour' or 'destination' of a goal, or 'place'; 'part' or 'where'.
        value: Of that slot.
        seen: Sentences in which the word was said.
        agreed: Those of them in which the slot had that value.
        example: The first of these.
    """

    word: str
    slot: str
    value: str
    seen: int
    agreed: int
    example: str

    @property
    def contradicted(self) -> int:
        """How often it was said and something else was meant."""
        return self.seen - self.agreed


def align(said: Sequence[tuple[str, Goal]], slots: Slots = SLOTS) -> list[Meaning]:
    """Return what words mean by what was done when they were said, surest first.

    Args:
        said: Sentences, each with the goal that was then reached.
        slots: What they may mean.
    """
    where = _occurrences(text for text, _ in said)
    values = {slot: [of(goal) for _, goal in said] for slot, of in slots.items()}
    found: dict[tuple[frozenset[int], str], tuple[float, Meaning]] = {}
    for word, rows in where.items():
        if len(rows) < LEAST:
            continue
        best = min((_tested(word, rows, slot, values[slot], said) for slot in slots),
                   key=lambda pair: pair[0])
        if best[0] < CHANCE and best[1].agreed >= AGREED * best[1].seen:
            key = frozenset(rows), best[1].slot
            # Of a word and its beginnings that are said in the same sentences the longest counts.
            if key not in found or len(word) > len(found[key][1].word):
                found[key] = best
    kept = _without_parts([meaning for _, meaning in sorted(found.values(),
                                                            key=lambda pair: pair[0])])
    return kept + _places(said, kept)


def _tested(word: str, rows: set[int], slot: str, values: Sequence[str],
            said: Sequence[tuple[str, Goal]]) -> tuple[float, Meaning]:
    """Return how likely chance alone agrees so often, and what the word would mean."""
    value, agreed = Counter(values[row] for row in rows).most_common(1)[0]
    share = values.count(value) / len(values)
    chance = sum(math.comb(len(rows), k) * share ** k * (1 - share) ** (len(rows) - k)
                 for k in range(agreed, len(rows) + 1))
    example = said[min(row for row in rows if values[row] == value)][0]
    return chance, Meaning(word, slot, value, len(rows), agreed, example)


def _occurrences(texts: Iterable[str]) -> dict[str, set[int]]:
    """Return for each word, and each beginning that may be all but its particles, where it is."""
    where: dict[str, set[int]] = {}
    for row, text in enumerate(texts):
        for word in _WORD.findall(text.lower()):
            for stem in stems(word):
                where.setdefault(stem, set()).add(row)
    return where


def stems(word: str) -> Iterator[str]:
    """Yield a word, and of a Korean one what it may be without particles."""
    yield word
    if all(map(is_syllable, word)):
        yield from (word[:end] for end in range(max(2, len(word) - LONGEST_ENDING), len(word)))


def _without_parts(meanings: Sequence[Meaning]) -> list[Meaning]:
    """Leave out what only says again, with a particle or cut short, what another word says."""
    kept: list[Meaning] = []
    for one in sorted(meanings, key=lambda each: -each.seen):
        again = any((one.slot, one.value) == (other.slot, other.value)
                    and (one.word.startswith(other.word) or other.word.startswith(one.word))
                    for other in kept)
        if not again:
            kept.append(one)
    return kept


def _places(said: Sequence[tuple[str, Goal]], known: Sequence[Meaning]) -> list[Meaning]:
    """Return what follows a word for the place's colour: what the place is called."""
    colours = [(one.word, one.value) for one in known if one.slot == 'destination']
    after: dict[str, list[int]] = {}
    for row, (text, goal) in enumerate(said):
        words = _WORD.findall(text.lower())
        for word, behind in zip(words, words[1:], strict=False):
            if any(word.startswith(colour) and value == goal.destination
                   for colour, value in colours):
                after.setdefault(behind, []).append(row)
    shortest = _shared_stems(after)
    found = []
    for stem, rows in shortest.items():
        kinds = Counter(said[row][1].place for row in rows)
        place, agreed = kinds.most_common(1)[0]
        if len(rows) >= LEAST and agreed >= AGREED * len(rows):
            found.append(Meaning(stem, 'place', place, len(rows), agreed, said[rows[0]][0]))
    return sorted(found, key=lambda one: -one.seen)


def _shared_stems(after: dict[str, list[int]]) -> dict[str, list[int]]:
    """Put words together that differ in their particles only: by the stem most of them share."""
    left, found = dict(after), dict[str, list[int]]()
    while left:
        counts: Counter[str] = Counter()
        for word, rows in left.items():
            counts.update({stem: len(rows) for stem in stems(word)})
        most = max(counts.values())
        stem = max((one for one, count in counts.items() if count == most), key=len)
        mine = [word for word in left if stem in stems(word)]
        found[stem] = sorted(row for word in mine for row in left.pop(word))
    return found
