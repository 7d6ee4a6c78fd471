"""New names for things, proposed for review: sentences enter, rows for a person to judge leave.

A slip that was forgiven often is how people call a thing. It never becomes a name by itself: a
row says what was written, what it was taken for and how often, and somebody puts yes beside it.
"""
from collections import Counter
from collections.abc import Iterable, Iterator

from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.grounding.factory.understanding import Understanding
from lam_ws.knowledge.accepting import Alias


def proposed(understanding: Understanding, texts: Iterable[str]) -> Iterator[Alias]:
    """Yield what things were called otherwise than they are, the most frequent first.

    Args:
        understanding: Of the cell.
        texts: What operators said; only orders that would be carried out count.
    """
    times: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[str, float]] = {}
    for text in texts:
        answer = understanding.answer(text)
        for link in answer.links if answer.verdict == 'ok' else ():
            if link.sure < 1.0:
                key = link.id, line_of(link.words).letters
                times[key] += 1
                first.setdefault(key, (f'{link.words}\n{text}', link.sure))
    for key, count in times.most_common():
        words, _, example = first[key][0].partition('\n')
        yield Alias(understanding.knowledge.things[key[0]].table, key[0], words,
                    round(first[key][1], 2), count, example)
