"""What a sentence may be about: what its words name enters, a few rows of the knowledge leave.

From what is named, and what it may be, the way goes along what the knowledge says: a part, the
steps and rules that name it, the places that those name. A model gets these rows and no others.
"""
from collections.abc import Iterable, Iterator, Sequence, Set

from lam_ws.grounding.factory.reading.spellings import SHORTEST
from lam_ws.grounding.factory.reading.text import line_of, sounds
from lam_ws.grounding.proposing.proposing import Candidate
from lam_ws.knowledge.knowledge import Knowledge, Known
from rapidfuzz import fuzz, process

TABLES = ('parts', 'places', 'tools', 'defects')   # that a step may name
MOST = 60       # rows
HOPS = 2        # from what is named
MOST_ALIKE = 5  # names that a word may be
ALIKE = 70.0    # likeness in per cent from which a word may be a name


class Retrieval:
    """Finds candidates in one company's knowledge.

    Args:
        knowledge: What the company knows.
    """

    def __init__(self, knowledge: Knowledge):
        self._known = knowledge.things
        subjects = {*knowledge.things, *knowledge.rules}
        self._beside: dict[str, dict[str, None]] = {one: {} for one in subjects}
        for fact in knowledge.facts():
            if fact.subject in subjects and fact.object in subjects:
                self._beside[fact.subject][fact.object] = None
                self._beside[fact.object][fact.subject] = None
        self._names = [(sounds(line_of(name).letters), thing.id)
                       for thing in knowledge.things.values() if thing.table in TABLES
                       for name, _ in thing.names()]
        self._sounds = [sound for sound, _ in self._names]

    def around(self, named: Iterable[str], words: Iterable[str] = (),
               seen: Set[str] | None = None) -> tuple[Candidate, ...]:
        """Return at most `MOST` candidates, the likeliest first; none where nothing is named.

        Args:
            named: Ids that the sentence names, or may name.
            words: Words that name nothing, of which some may be names with slips.
            seen: Ids that the scene shows, which are likely to be meant; None or empty where
                nobody looked.
        """
        begin = list(dict.fromkeys([*named, *(one for word in words for one in self._like(word))]))
        if not begin:
            return ()
        shown = [one for one in self._known if one in (seen or ())]
        found = dict.fromkeys([*begin, *shown, *self._reached(begin)])
        rows = [self._known[one] for one in found if one in self._known]
        return tuple(_candidate(row) for row in rows if row.table in TABLES)[:MOST]

    def _reached(self, begin: Sequence[str]) -> Iterator[str]:
        """Yield what is around some ids, the nearest first."""
        reached, front = dict.fromkeys(begin), list(begin)
        for _ in range(HOPS):
            front = list(dict.fromkeys(after for one in front
                                       for after in self._beside.get(one, ())
                                       if after not in reached))
            reached.update(dict.fromkeys(front))
            yield from front

    def _like(self, word: str) -> Iterator[str]:
        """Yield the ids of what sounds somewhat like a word."""
        typed = sounds(line_of(word).letters)
        alike = process.extract(typed, self._sounds, scorer=fuzz.ratio, limit=MOST_ALIKE,
                                score_cutoff=ALIKE) if len(typed) >= SHORTEST else []
        yield from (self._names[k][1] for _, _, k in alike)


def _candidate(thing: Known) -> Candidate:
    names = tuple(dict.fromkeys(name for name, _ in thing.names()))
    return Candidate(thing.id, thing.table, names, str(thing.value('appearance') or ''))
