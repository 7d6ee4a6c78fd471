"""Learned readers as witnesses: what the rules made of a sentence is borne out, or not.

They are asked two things: whether a word that nobody knows names something, and what order they
read themselves. One of them bears the rules out; where the rules read nothing, all must be sure
of the same order.
"""
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from lam_ws.grounding.factory.meaning import Open
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.factory.reading.draft import Draft
from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.korean import is_syllable, split_syllable
from lam_ws.grounding.roles.grouping import Grouping
from lam_ws.grounding.roles.network import Weights
from lam_ws.grounding.roles.reader import Reading, RoleReader
from lam_ws.knowledge.knowledge import Knowledge
import numpy as np

# Probability of naming something below which a word is passed over; of one that stands beside a
# name and may say which is meant, or is a deed that nobody can do.
NAMELESS, SURELY = 0.2, 0.03
SURE, PARTED = 0.9, 0.8   # how sure all must be of everything where the rules read nothing
LIKELY = 0.6
_ADVERBIAL = '게히서고며면도요다까지니자라레로써데와해'
_CLAMPS = ('open_clamp', 'close_clamp')


class Witnesses:
    """Reads a sentence a second and a third time.

    Args:
        knowledge: What the cell knows.
        weights: See `RoleReader`.
    """

    def __init__(self, knowledge: Knowledge, weights: Mapping[str, Weights] | None = None):
        self._reader = RoleReader(knowledge, weights)
        self._grouping = Grouping({one.id: one.table for one in knowledge.things.values()})

    def hear(self, text: str, tokens: Sequence[Token]) -> tuple[Reading, ...]:
        """Return what each makes of a sentence; nothing of one that is too long."""
        return tuple(self._reader.read(text, tokens))

    def nameless(self, token: Token, tokens: Sequence[Token], readings: Sequence[Reading]) -> bool:
        """Return whether all are sure that a word names nothing; a code always may."""
        if any(letter.isdigit() for letter in token.text) or token.text.isupper() \
                or token.means == 'beside':
            return False
        place = tokens.index(token)
        if place + 1 < len(tokens) and tokens[place + 1].sort == 'name' \
                and not _leads_on(token.text):
            return False   # 'turbo bracket', '터보 브라켓'
        beside = [*tokens[max(place - 1, 0):place], *tokens[place + 1:place + 2]]
        if place and len(tokens[place - 1].ids) > 1:
            return False   # it may say which of them is meant
        close = token.sort == 'unsupported' or any(one.sort == 'name' for one in beside)
        return bool(readings) and all(one.names(token) < (SURELY if close else NAMELESS)
                                      for one in readings)

    def doubted(self, token: Token, readings: Sequence[Reading]) -> bool:
        """Return whether none holds it likely that a word names something."""
        return bool(readings) and all(one.names(token) < LIKELY for one in readings)

    def agreed(self, ruled: Sequence[Draft], readings: Sequence[Reading],
               tokens: Sequence[Token], order: Callable[[list[Draft]], list[Step]]
               ) -> list[Step]:
        """Return the order that all are sure of, whatever the rules read; see `bear_out`."""
        unknown = [token for token in tokens if token.sort in ('unknown', 'unsupported')]
        if len(readings) < 2 or not all(_sure(one) for one in readings) \
                or not all(self.nameless(token, tokens, readings) for token in unknown):
            return []
        with suppress(Open):
            first, *rest = [order(self._grouping.drafts(one, tokens, ruled)) for one in readings]
            if all(first == other for other in rest):
                return first
        return []

    def bear_out(self, steps: Sequence[Step], ruled: Sequence[Draft],
                 readings: Sequence[Reading], tokens: Sequence[Token],
                 order: Callable[[list[Draft]], list[Step]]) -> bool:
        """Return whether one of them reads the very same order.

        Args:
            steps: What the rules read.
            ruled: The drafts that these were made of.
            readings: What the witnesses heard.
            tokens: Of the sentence.
            order: Makes steps of drafts, the same for every reader.
        """
        swapped = any(token.sort == 'before' for token in tokens)   # the rules know what is first
        for reading in readings:
            with suppress(Open):
                said = order(self._grouping.drafts(reading, tokens, ruled))
                if _same(list(steps), said, swapped):
                    return True
        return False


def _leads_on(word: str) -> bool:
    """Return whether a Korean word says how, or is an adjective: '낡은', '조심스레'."""
    last = word[-1]
    return is_syllable(last) and (split_syllable(last)[2] == 'ㄴ' or last in _ADVERBIAL)


def _sure(reading: Reading) -> bool:
    output = reading.output
    apart = abs(output.together - 0.5)[~np.eye(len(output.together), dtype=bool)]
    return bool(reading.tokens) and output.order >= SURE \
        and bool((output.roles.max(axis=1) >= SURE).all()) \
        and bool((apart >= PARTED - 0.5).all())


def _same(steps: list[Step], said: list[Step], swapped: bool) -> bool:
    """Return whether two orders are one; a clamp is closed again though it is named but once."""
    if swapped:
        return sorted(steps, key=str) == sorted(said, key=str)
    again = [k for k, step in enumerate(steps) if step not in said and step.skill in _CLAMPS
             and any(step.object == one.object for one in steps[:k])]
    return [step for k, step in enumerate(steps) if k not in again] == said
