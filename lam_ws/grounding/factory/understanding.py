"""An operator's sentence, understood by what the factory knows, or asked about, or refused.

Text enters; an `Answer` leaves. Words that name something are linked to the company's tables, the
words between them make deeds of them, and what no word explains is never passed over.
"""
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from itertools import pairwise

from lam_ws.grounding.factory.asking import doubtful, told
from lam_ws.grounding.factory.checking.checker import Checker
from lam_ws.grounding.factory.meaning import Open
from lam_ws.grounding.factory.order import Answer, Link, Step
from lam_ws.grounding.factory.ordering import Orderer
from lam_ws.grounding.factory.reading.conditions import Fork, fork_of, hangs
from lam_ws.grounding.factory.reading.draft import Draft
from lam_ws.grounding.factory.reading.drafting import Drafter
from lam_ws.grounding.factory.reading.linking import Linker
from lam_ws.grounding.factory.reading.plain import hides, is_plain, negation
from lam_ws.grounding.factory.reading.text import Line, line_of
from lam_ws.grounding.factory.reading.tokens import Token, tokens_of
from lam_ws.grounding.factory.reading.words import load_words
from lam_ws.grounding.factory.residue import dropped, lost, Residue
from lam_ws.grounding.roles.witnesses import Witnesses
from lam_ws.knowledge.knowledge import Knowledge

# Reasons for which the rules read nothing, which others may have read.
_NOT_READ = ('unknown_object', 'unknown_destination', 'unsupported', 'missing_object',
             'missing_destination', 'missing_deed', 'read_back')


class Understanding:
    """Understands the sentences of one cell.

    Args:
        knowledge: What the cell knows.

    Raises:
        CheckpointError: The weights of the learned readers are missing or altered.
    """

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self._words = load_words()
        self._linker = Linker(knowledge, self._words)
        things = knowledge.things.values()
        numbers: dict[str, tuple[str, ...]] = {}
        for one in things:
            if one.table == 'steps':
                number = str(one.value('number'))
                numbers[number] = (*numbers.get(number, ()), one.id)
        self._drafter = Drafter({thing.id: thing.table for thing in things}, numbers)
        self._orderer = Orderer(knowledge)
        self._residue = Residue(self._words)
        self._witnesses = Witnesses(knowledge)
        self._checker = Checker(knowledge)

    def check(self, steps: Sequence[Step], seen: Set[str] | None = None,
              granted: Set[str] = frozenset()) -> Answer:
        """Return whether an order that was read may be carried out; see `Checker.check`."""
        return self._checker.check(steps, seen, granted)

    def answer(self, text: str, seen: Set[str] | None = None, recent: Step | None = None,
               granted: Set[str] = frozenset()) -> Answer:
        """Return what may be done, checked against all that is known, or a question or refusal.

        Args:
            text: What the operator says.
            seen: Ids that the scene shows now; None where nobody looked.
            recent: What was done last, which 'it' and 'there' may mean.
            granted: Ids of rules whose question the operator has answered with yes.
        """
        fork = self.fork(text)
        if fork is not None:
            # No branch leaves behind what the whole sentence says.
            barred = self._barred(line_of(text), self.tokens(text))
            if barred is not None or seen is None or not fork.parts:
                return told(barred or Open('clarify', 'condition', fork.when),
                            self.knowledge.things)
            text = fork.then if set(fork.parts) <= seen else fork.other
        elif unless := hangs(text):   # what is not understood as a condition is no order
            return told(Open('clarify', 'condition_unclear', unless), self.knowledge.things)
        read = self.understand(text, seen, recent)
        steps = read.steps or read.proposed
        if not steps:
            return read
        checked = replace(self.check(steps, seen, granted), links=read.links)
        return read if read.verdict != 'ok' and checked.verdict != 'refuse' else checked

    def fork(self, text: str) -> Fork | None:
        """Return what an order depends on, None of one that depends on nothing."""
        return fork_of(text, self.tokens, lambda one: self.knowledge.things[one].table)

    def tokens(self, text: str) -> list[Token]:
        """Return the words of a sentence, each with what it is."""
        line = line_of(text)
        return tokens_of(line, self._linker.find(line), self._words)

    def understand(self, text: str, seen: Set[str] | None = None, recent: Step | None = None
                   ) -> Answer:
        """Return what is to be done, or a question, or a refusal; nothing is checked yet.

        What the rules read must be borne out by a learned reader; where they read nothing, and
        the sentence is plain, the learned readers may be sure of it together.
        """
        line, tokens = line_of(text), self.tokens(text)
        plain = is_plain(line.text, tokens)
        links = tuple(_links(tokens))
        if (barred := self._barred(line, tokens)) is not None:
            return replace(told(barred, self.knowledge.things), links=links)
        heard = self._witnesses.hear(line.text, tokens)
        drafts = self._drafter.read(tokens)

        def nameless(token: Token) -> bool:
            return plain and self._witnesses.nameless(token, tokens, heard)

        def order(read: Sequence[Draft]) -> list[Step]:
            return self._orderer.steps(read, seen, recent)
        try:
            for token in tokens:
                if token.sort == 'unsupported' and not nameless(token):
                    raise Open('refuse', 'unsupported', token.text)
            self._residue.refuse(tokens, drafts, nameless, lambda token: plain
                                 and self._witnesses.doubted(token, heard))
            steps = order(drafts)
            self._refuse_lost(tokens, steps)
        except Open as found:
            steps = self._witnesses.agreed(drafts, heard, tokens, order) \
                if plain and found.reason in _NOT_READ else []
            if not steps or dropped(tokens, drafts, steps, self.knowledge.things):
                return replace(told(self._named(tokens, found, nameless), self.knowledge.things),
                               links=links)
        else:
            if not self._witnesses.bear_out(steps, drafts, heard, tokens, order):
                return replace(doubtful(steps, self.knowledge.things), links=links)
        return Answer('ok', steps=tuple(steps), links=links)

    def _named(self, tokens: Sequence[Token], found: Open,
               nameless: Callable[[Token], bool]) -> Open:
        """Return what is missing as what nobody knows, where a word may be its name."""
        missing = {'missing_object': 'unknown_object',
                   'missing_destination': 'unknown_destination'}.get(found.reason)
        unknown = [token.text for token in tokens if token.sort == 'unknown'
                   and not nameless(token)]
        return Open('refuse', missing, unknown[0]) if missing and unknown else found

    def _barred(self, line: Line, tokens: Sequence[Token]) -> Open | None:
        """Return what keeps a text from being read at all: hidden letters, limits, a ban."""
        if hides(line.text):
            return Open('refuse', 'hidden_letters')
        for token in tokens:
            if token.sort == 'widening' or (token.sort == 'amount'
                                            and not self._within(line, token)):
                return Open('refuse', 'widens_limit', token.text)
        if said := negation(line.text):
            return Open('clarify', 'negated', said)
        for token, after in pairwise(tokens):
            if token.text.lower() == 'not' and after.sort in ('deed', 'unsupported'):
                return Open('clarify', 'negated', token.text)
        return None

    def _within(self, line: Line, token: Token) -> bool:
        """Return whether an amount is below every limit of its kind that there is."""
        number, unit = token.means.split()
        scale = {'m/s': ('max_speed_m_s', 1.0), 'mm/s': ('max_speed_m_s', 0.001),
                 'cm/s': ('max_speed_m_s', 0.01), 'n': ('max_force_n', 1.0),
                 '뉴턴': ('max_force_n', 1.0), 'newton': ('max_force_n', 1.0),
                 'newtons': ('max_force_n', 1.0)}.get(unit)
        if scale is None or ',' in number or '^' in line.text or float(number) == 0.0:
            return False
        limits = [thing.number(scale[0]) for thing in self.knowledge.things.values()]
        return float(number) * scale[1] <= min(
            (limit for limit in limits if limit is not None), default=0.0)

    def _refuse_lost(self, tokens: Sequence[Token], steps: Sequence[Step]) -> None:
        """Ask where a name or a number of the sentence is nowhere in the plan."""
        meant = [token for token in tokens if token not in self._drafter.left_out]
        if (gone := lost(meant, steps, self.knowledge.things)) is not None:
            raise Open('clarify', 'read_back', gone.text)


def _links(tokens: Sequence[Token]) -> list[Link]:
    return [Link(token.text, token.place, token.named.ids[0], token.named.sure)
            for token in tokens if token.named is not None and len(token.named.ids) == 1]
