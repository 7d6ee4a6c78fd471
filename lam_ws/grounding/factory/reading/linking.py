"""Which words of a sentence name something that the factory knows.

A line enters; stretches of it leave, each with the ids of what it may name. A name is found as
it is spelt, however spaced; where a stretch is no name, the one that sounds most like it is
taken if no other comes near. Digits are never forgiven. A word that many names end with, 'cell'
or '랙', stands for all of them until the rest of the sentence decides.
"""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lam_ws.grounding.factory.reading.spellings import SHORTEST, singular, Spellings
from lam_ws.grounding.factory.reading.text import digits, Line, script, sounds
from lam_ws.grounding.factory.reading.words import Lexicon
from lam_ws.knowledge.knowledge import Knowledge
from rapidfuzz import fuzz, process

CLOSE = 86.0       # likeness in per cent from which a stretch is taken for a name
MARGIN = 6.0       # by which the next other name must be less like it
WIDEST = 4         # words of a stretch

@dataclass(frozen=True)
class Named:
    """A stretch that names something.

    Attributes:
        start, end: Letters of the line.
        ids: What it may name.
        sure: 0..1, 1 for a name as it is spelt.
        general: Whether it is a word for many things, not a name of one.
    """

    start: int
    end: int
    ids: tuple[str, ...]
    sure: float = 1.0
    general: bool = False


class Linker:
    """Finds the names of one company.

    Args:
        knowledge: What the company knows.
        lexicon: Words of the languages, which a slip must not turn into a name.
    """

    def __init__(self, knowledge: Knowledge, lexicon: Lexicon):
        self._lexicon = lexicon
        self._names = Spellings(knowledge, lexicon)

    def find(self, line: Line) -> list[Named]:
        """Return the names in a line, in their order, none over another."""
        spelt = list(self._spelt(line))
        found = self._settle((one for one in spelt if not self._tells(one, spelt)), [])
        found = self._settle(self._like(line, found), found)
        found = self._settle(self._scattered(line, found), found)
        found = self._settle(self._general(line, found), found)
        found = self._told_apart(line, found)
        return sorted(found, key=lambda one: one.start)

    def _settle(self, offered: Iterable[Named], taken: list[Named]) -> list[Named]:
        """Return what is taken with what is offered as far as there is room, the longest first."""
        taken = list(taken)
        for one in sorted(offered, key=lambda one: (-(one.end - one.start), -one.sure, one.start)):
            if all(one.end <= other.start or one.start >= other.end for other in taken):
                taken.append(one)
        return taken

    def _spelt(self, line: Line) -> Iterator[Named]:
        for start in range(len(line.letters)):
            if not _may_start(line, start):
                continue
            for end in range(start + 1, min(len(line.letters), start + self._names.longest) + 1):
                ids = self._names.exact.get(line.letters[start:end])
                if ids is None:
                    continue
                inside = not line.edges[start] and script(line.letters[start]) == script(
                    line.letters[start - 1])
                if inside and end - start < 3:
                    continue   # '셀' in another word
                if self._means_else(line, start, end):
                    continue   # 'all' is no 'AL-L'
                if self._may_end(line, start, end):
                    yield Named(start, end, tuple(ids))

    def _tells(self, one: Named, others: Iterable[Named]) -> bool:
        """Return whether a step's name only tells what is to be done to things that are named.

        'open the leak clamp' is a step of a procedure and says the same without it; so does
        'seat the end plate' before 'in the stacking jig'.
        """
        about = self._names.steps.get(one.ids[0]) if len(one.ids) == 1 else None
        if about is None:
            return False
        named = {thing for other in others if other.end - other.start < one.end - one.start
                 or other.end <= one.start or other.start >= one.end
                 for thing in other.ids} & self._names.nouns
        return about <= named

    def _may_end(self, line: Line, start: int, end: int) -> bool:
        """Return whether a name may end here: only what hangs on a noun may follow."""
        if line.edges[end]:
            return True
        last = script(line.letters[end - 1])
        if script(line.letters[end]) != 'ko':
            plural = line.letters[end] == 's' and line.edges[end + 1] and last != 'ko'
            return plural or (last == 'ko' and end - start > 1)
        if last != 'ko' and script(line.letters[end]) == 'ko':
            return True
        rest = line.letters[end:_after(line, end - 1)]
        return self._lexicon.particle(rest) is not None

    def _means_else(self, line: Line, start: int, end: int) -> bool:
        """Return whether a word of the language stands there, whatever is called so."""
        if any(line.edges[start + 1:end]):   # 'and on' is no andon
            starts = [i for i in range(start, end) if line.edges[i]]
            words = [self._lexicon.whole(line.letters[i:k])
                     for i, k in zip(starts, [*starts[1:], end], strict=True)]
            return all(word is not None and word.sort in ('link', 'into', 'source')
                       for word in words)
        stop = next(k for k in range(end, len(line.edges)) if line.edges[k])
        before = max((k for k in range(start) if line.edges[k]), default=start)
        if line.edges[start] and before < start \
                and self._lexicon.whole(line.letters[before:stop]) is not None:
            return True   # '그 자리에' is there, not a place so called
        word = self._lexicon.whole(line.letters[start:end])
        return word is not None and word.sort != 'ignored' \
            and not (word.sort == 'deed' and self._led_to(line, start))

    def _led_to(self, line: Line, start: int) -> bool:
        """Return whether a preposition leads to a letter: 'from scrap', 'to the rework'."""
        words = [k for k in range(start) if line.edges[k]][-2:]
        return any(word is not None and word.sort in ('into', 'source') for word in (
            self._lexicon.whole(line.letters[k:start]) or self._lexicon.whole(
                line.letters[k:next(i for i in range(k + 1, start + 1) if line.edges[i])])
            for k in words))

    def _like(self, line: Line, taken: list[Named]) -> Iterator[Named]:
        """Yield free stretches that sound like a name."""
        free = [all(not one.start <= i < one.end for one in taken)
                for i in range(len(line.letters))]
        starts = [i for i in range(len(line.letters)) if line.edges[i]]
        for number, start in enumerate(starts):
            for end in [*starts[number + 1:number + 1 + WIDEST], len(line.letters)]:
                if end - start > self._names.longest or not all(free[start:end]):
                    break
                last = max(k for k in range(start, end) if line.edges[k])
                first = next(k for k in range(start + 1, end + 1) if line.edges[k])
                begins = self._lexicon.word(line.letters[start:first])
                word = self._lexicon.word(line.letters[last:end])
                if (word is not None and not (
                        word.sort in ('deed', 'ignored') and last > start and any(
                            singular(line.letters[last:stop]) in self._names.words
                            for stop in self._stems(line, last, end)))) \
                        or (begins is not None
                            and singular(line.letters[start:first]) not in self._names.words):
                    continue   # '구리 부스바 하나' is no name with 'one' in it
                likely = [named for stop in self._stems(line, start, end)
                          if (named := self._nearest(line, start, stop)) is not None]
                if likely:   # what hangs on a name is no part of it
                    yield max(likely, key=lambda one: one.sure)

    def _stems(self, line: Line, start: int, end: int) -> Iterator[int]:
        """Yield where a stretch ends without what hangs on it."""
        yield end
        if end - start > 3 and line.letters[end - 1] == 's' and line.letters[end - 2] != 's' \
                and self._lexicon.word(line.letters[start:end]) is None:   # a plural
            yield end - 1
        for stop in range(end - 1, max(start, end - 5), -1):
            hung = self._lexicon.particle(line.letters[stop:end])
            if hung is not None and not hung[1]:
                yield stop

    def _nearest(self, line: Line, start: int, end: int) -> Named | None:
        letters = line.letters[start:end]
        typed = sounds(letters)
        if len(typed) < SHORTEST or self._lexicon.whole(letters) is not None:
            return None
        alike = process.extract(typed, self._names.sounds, scorer=fuzz.ratio, limit=6,
                                score_cutoff=CLOSE - MARGIN)
        close: list[tuple[float, list[str]]] = [
            (score, self._names.long[k][1]) for _, score, k in alike
            if digits(self._names.long[k][0]) == digits(letters)]
        if not close or close[0][0] < CLOSE:
            return None
        best, ids = close[0]
        rivals = {one for score, named in close if score > best - MARGIN for one in named}
        if rivals - set(ids):
            return Named(start, end, tuple(sorted(rivals)), best / 100.0, True)
        return Named(start, end, tuple(ids), best / 100.0)

    def _scattered(self, line: Line, taken: list[Named]) -> Iterator[Named]:
        """Yield free words that names have together: '볼조 RED', 'tie rod'."""
        free = [all(not one.start <= i < one.end for one in taken)
                for i in range(len(line.letters))]
        starts = [i for i in range(len(line.letters)) if line.edges[i] and free[i]]
        for number, start in enumerate(starts):
            both: frozenset[str] | None = None
            for k, one in enumerate(starts[number:number + WIDEST]):
                end = next(i for i in range(one + 1, len(line.edges)) if line.edges[i])
                if not all(free[start:end]):
                    break
                stops = [stop for stop in self._stems(line, one, end)
                         if singular(line.letters[one:stop]) in self._names.parts]
                if not stops:
                    break
                ids = self._names.parts[singular(line.letters[one:stops[0]])]
                both = ids if both is None else both & ids
                if k and both:
                    yield Named(start, stops[0], tuple(sorted(both)), 0.9, len(both) > 1)

    def _told_apart(self, line: Line, taken: list[Named]) -> list[Named]:
        """Let a free word beside a general one say which is meant: 'the new pump body'."""
        free = [all(not one.start <= i < one.end for one in taken)
                for i in range(len(line.letters))]
        found = []
        for one in taken:
            start = one.start
            while one.general and start and line.edges[start] and free[start - 1]:
                before = max(k for k in range(start) if line.edges[k])
                word = line.letters[before:start]
                ids = tuple(sorted(set(one.ids) & self._names.parts.get(singular(word),
                                                                        frozenset())))
                if not ids or not all(free[before:start]):
                    break
                start = before
                one = Named(start, one.end, ids, 0.9, len(ids) > 1)
            found.append(one)
        return found

    def _general(self, line: Line, taken: list[Named]) -> Iterator[Named]:
        """Yield free words that many names end with."""
        free = [all(not one.start <= i < one.end for one in taken)
                for i in range(len(line.letters))]
        starts = [i for i in range(len(line.letters)) if line.parted(i)]
        for number, start in enumerate(starts):
            if self._lexicon.whole(line.letters[start:_after(line, start)]) is not None:
                continue   # '우에' is on top, not the right one
            for end in [*starts[number + 1:number + 3], len(line.letters)]:
                if not all(free[start:end]):
                    break
                for stop in self._stems(line, start, end):
                    ids = self._names.heads.get(singular(line.letters[start:stop])) \
                        or self._names.beginning(line.letters[start:stop])
                    if ids:
                        yield Named(start, stop, ids, 1.0, True)


def _after(line: Line, i: int) -> int:
    """Return where the word that holds letter i ends."""
    return next(k for k in range(i + 1, len(line.edges)) if line.edges[k])


def _may_start(line: Line, i: int) -> bool:
    if line.edges[i] or script(line.letters[i]) == 'ko':
        return True
    return script(line.letters[i - 1]) == 'ko'
