"""Marked sentences as what the second reader learns from, anew in every pass.

A `Marked` and chance enter; a `Sample` leaves: symbols and what is right at each of them. Chance
takes the name of a thing for a word that the factory does not know, joins two sentences, drops
letters and spaces, as people do, and says of no thing what it is not.
"""
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lam_ws.grounding.factory.reading.linking import Named
from lam_ws.grounding.factory.reading.text import line_of
from lam_ws.grounding.factory.reading.tokens import Token, tokens_of
from lam_ws.grounding.factory.reading.words import load_words
from lam_ws.grounding.roles.network import ROLES
from lam_ws.grounding.roles.reader import number_sort
from lam_ws.grounding.roles.symbols import Seen, SEES
from lam_ws.train.marked import Mark, Marked
import numpy as np

_SORT = {'object': 'part', 'base': 'part', 'destination': 'place', 'source': 'place',
         'tool': 'tool', 'defect': 'defect', 'procedure': 'procedure', 'press': 'button',
         'open': 'clamp', 'close': 'clamp', 'wipe': 'stripe'}
_GIVES = {'source': 0.7, 'destination': 0.1, 'none': 0.1}   # how often a place is such a one
_WIPED = 0.04
_UNKNOWN, _JOINED, _SEVERAL, _SLIP, _UNSPACED = 0.15, 0.12, 0.06, 0.012, 0.02


@dataclass(frozen=True)
class Sample:
    """What one sentence teaches.

    Attributes:
        seen: The sentence.
        roles: [M] index in ROLES of each thing.
        together: [M, M] 1 where two things belong to one deed, 0 where not, -1 of no matter.
        names: [W] 1 of words that name what the factory does not know.
        order: Whether it is an order.
    """

    seen: Seen
    roles: np.ndarray
    together: np.ndarray
    names: np.ndarray
    order: bool


def sample_of(sentence: Marked, sees: str, draw: np.random.Generator,
              other: Marked | None = None) -> Sample:
    """Return what a sentence teaches this time.

    Args:
        sentence: As it was written.
        sees: What the network sees, a name of `SEES`.
        draw: Chance.
        other: A sentence that may be said right after it.
    """
    if other is not None and sentence.order and other.order and draw.random() < _JOINED:
        sentence = _joined(sentence, other, draw)
    marks = list(sentence.marks)
    named = [k for k, mark in enumerate(marks) if mark.role not in ('none', 'count', 'unknown')]
    if named and draw.random() < _UNKNOWN:
        k = named[draw.integers(len(named))]
        marks[k] = replace(marks[k], role='unknown')
    text, marks = _slipped(sentence.text, marks, draw)
    return exact(Marked(text, tuple(marks), sentence.order), sees, draw)


def exact(sentence: Marked, sees: str, draw: np.random.Generator) -> Sample:
    """Return what a sentence teaches, as it stands."""
    shown = [mark for mark in sentence.marks if mark.role not in ('unknown', 'count')]
    counts = [mark for mark in sentence.marks if mark.role == 'count']
    tokens = _tokens(sentence.text, shown)
    sorts: dict[Token, str] = {}
    marks: list[Mark | None] = []
    for token in tokens:
        among = shown if token.named is not None else counts
        mark = next((one for one in among if one.start < token.end
                     and token.place < one.end), None)
        if token.named is not None and mark is not None:
            sort: str | None = _sort(mark, draw)
        else:
            sort = number_sort(token)
        if sort is not None:
            sorts[token] = sort
            marks.append(mark)
    seen = SEES[sees](sentence.text, tokens, sorts)
    unknown = [mark for mark in sentence.marks if mark.role == 'unknown']
    names = [any(one.start < end and start < one.end for one in unknown)
             for start, end in seen.spans]
    return Sample(seen, np.array([ROLES.index(mark.role if mark is not None else 'none')
                                  for mark in marks], np.int64),
                  _together(marks), np.array(names, np.float32), sentence.order)


def _together(marks: list[Mark | None]) -> np.ndarray:
    both = -np.ones((len(marks), len(marks)), np.int64)
    for i, one in enumerate(marks):
        for k, two in enumerate(marks):
            if i != k and one is not None and two is not None \
                    and 0 not in one.deeds and 0 not in two.deeds:
                both[i, k] = bool(set(one.deeds) & set(two.deeds))
    return both


def _sort(mark: Mark, draw: np.random.Generator) -> str:
    if mark.role == 'none':
        return str(draw.choice(('part', 'place', 'clamp', 'defect'), p=(0.45, 0.35, 0.1, 0.1)))
    if mark.role in _GIVES and draw.random() < _GIVES[mark.role]:
        return 'giver'
    if mark.role == 'destination' and draw.random() < _WIPED:
        return 'stripe'   # a plate that is wiped at other times
    if mark.role == 'push':   # a button or a lever
        return str(draw.choice(('button', 'clamp'), p=(0.3, 0.7)))
    if mark.role in ('object', 'destination', 'source') and draw.random() < _SEVERAL:
        return 'several'
    return _SORT[mark.role]


def _tokens(text: str, shown: Sequence[Mark]) -> list[Token]:
    """Return the tokens of a text whose names are known."""
    line = line_of(text)
    names = []
    for mark in shown:
        inside = [i for i, place in enumerate(line.places) if mark.start <= place < mark.end]
        if inside:
            names.append(Named(inside[0], inside[-1] + 1, ('?',)))
    return tokens_of(line, names, load_words())


def _joined(one: Marked, two: Marked, draw: np.random.Generator) -> Marked:
    between = str(draw.choice((' ', '. ', ', ', '; ')))
    shift = len(one.text) + len(between)
    last = max((deed for mark in one.marks for deed in mark.deeds), default=0)
    moved = [replace(mark, start=mark.start + shift, end=mark.end + shift,
                     deeds=tuple(deed + last if deed else 0 for deed in mark.deeds))
             for mark in two.marks]
    return Marked(one.text + between + two.text, (*one.marks, *moved), True)


def _slipped(text: str, marks: list[Mark], draw: np.random.Generator) -> tuple[str, list[Mark]]:
    """Drop letters and spaces outside of what is named."""
    kept: list[str] = []
    moved_to = []
    for place, sign in enumerate(text):
        moved_to.append(len(kept))
        inside = any(mark.start <= place < mark.end for mark in marks)
        chance = _UNSPACED if sign == ' ' else _SLIP
        if inside or draw.random() >= chance:
            kept.append(sign)
    moved_to.append(len(kept))
    return ''.join(kept), [replace(mark, start=moved_to[mark.start], end=moved_to[mark.end])
                           for mark in marks]
