"""An operator's sentence, understood by what the factory knows, or asked about, or refused.

Text enters; an `Answer` leaves. Words that name something are linked to the company's tables, the
words between them make deeds of them, and what no word explains is never passed over.
"""
from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise
import re
import unicodedata

from lam_ws.grounding.factory.asking import told
from lam_ws.grounding.factory.checking import Checker
from lam_ws.grounding.factory.draft import Draft
from lam_ws.grounding.factory.drafting import Drafter
from lam_ws.grounding.factory.linking import Linker
from lam_ws.grounding.factory.meaning import Open
from lam_ws.grounding.factory.order import Answer, Link, Step
from lam_ws.grounding.factory.ordering import Orderer
from lam_ws.grounding.factory.reading import Token, tokens_of
from lam_ws.grounding.factory.text import Line, line_of, script
from lam_ws.grounding.factory.words import load_words
from lam_ws.knowledge.knowledge import Knowledge

_NEGATED = re.compile(r"지는?\s*(마|말)(?!고)|\b(don'?t|never|do not|must not|shouldn'?t|"
                      r'should not|(any|every)thing but)\b', re.IGNORECASE)
# What a Korean word that is a verb may end with.
_VERBAL = ('줘', '주세요', '줘요', '해라', '라', '십시오', '세요', '해', '봐', '이소', '자',
           '한다', '된다', '이다')


class Understanding:
    """Understands the sentences of one cell.

    Args:
        knowledge: What the cell knows.
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
        self._checker = Checker(knowledge)

    def check(self, steps: Sequence[Step], seen: Set[str] | None = None) -> Answer:
        """Return whether an order that was read may be carried out; see `Checker.check`."""
        return self._checker.check(steps, seen)

    def answer(self, text: str, seen: Set[str] | None = None) -> Answer:
        """Return what may be done, checked against all that is known, or a question or refusal.

        Args:
            text: What the operator says.
            seen: Ids that the scene shows now; None where nobody looked.
        """
        read = self.understand(text, seen)
        if read.verdict != 'ok':
            return read
        checked = self._checker.check(read.steps, seen)
        return replace(checked, links=read.links)

    def understand(self, text: str, seen: Set[str] | None = None) -> Answer:
        """Return what is to be done, or a question, or a refusal; nothing is checked yet."""
        if any(unicodedata.category(letter)[0] == 'C' for letter in text.strip()):
            return told(Open('refuse', 'hidden_letters'), self.knowledge.things)
        line = line_of(text)
        tokens = tokens_of(line, self._linker.find(line), self._words)
        links = tuple(_links(tokens))
        try:
            self._refuse_talk(line, tokens)
            if (found := _NEGATED.search(line.text)) is not None:
                raise Open('clarify', 'negated', found.group())
            drafts = self._drafter.read(tokens)
            self._refuse_unknown(line, tokens, drafts)
            steps = self._orderer.steps(drafts, seen)
            self._refuse_lost(tokens, steps)
            return Answer('ok', steps=tuple(steps), links=links)
        except Open as found:
            return replace(told(self._named(tokens, found), self.knowledge.things), links=links)

    def _named(self, tokens: Sequence[Token], found: Open) -> Open:
        """Return what is missing as what nobody knows, where a word may be its name."""
        missing = {'missing_object': 'unknown_object',
                   'missing_destination': 'unknown_destination'}.get(found.reason)
        unknown = [token.text for token in tokens if token.sort == 'unknown']
        return Open('refuse', missing, unknown[0]) if missing and unknown else found

    def _refuse_talk(self, line: Line, tokens: Sequence[Token]) -> None:
        """Refuse what talks about limits, and deeds that nobody can do."""
        for token in tokens:
            amount = token.sort == 'amount' and not self._within(line, token)
            if token.sort == 'widening' or amount:
                raise Open('refuse', 'widens_limit', token.text)
        for token, after in pairwise([*tokens, tokens[-1]] if tokens else []):
            if token.text.lower() == 'not' and after.sort in ('deed', 'unsupported'):
                raise Open('clarify', 'negated', token.text)
        for token in tokens:
            if token.sort == 'unsupported':
                raise Open('refuse', 'unsupported', token.text)

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
        used = {one for step in steps for one in (step.object, step.destination, step.source,
                                                  step.tool, step.defect)}
        for token in tokens:
            if token.named is None or token in self._drafter.left_out:
                continue
            kinds = {self.knowledge.things[one].table for one in token.named.ids}
            if not used & set(token.named.ids) and not kinds & {'steps', 'procedures'}:
                raise Open('clarify', 'read_back', token.text)
        counts = [step.count for step in steps]
        for token in tokens:
            said = int(token.means) if token.sort == 'count' else 1
            if said not in (0, 1, len(steps), *counts) and not any(
                    one.sort == 'instead' for one in tokens):
                raise Open('clarify', 'read_back', token.text)

    def _refuse_unknown(self, line: Line, tokens: Sequence[Token],
                        drafts: Sequence[Draft]) -> None:
        """Refuse or ask about words that nothing explains."""
        for draft in drafts:
            for token, way in draft.unknown:
                if self._in_passing(tokens, token):
                    continue
                raise Open('refuse', self._unknown(tokens, token, way, draft), token.text)

    def _in_passing(self, tokens: Sequence[Token], token: Token) -> bool:
        """Return whether a word that nobody knows can be none of the order.

        It stands before no name, nothing that marks a noun of the order hangs on it, no
        preposition leads to it, and it is no verb.
        """
        place = tokens.index(token)
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        before = tokens[place - 1] if place else None
        if after is not None and after.sort in ('name', 'count', 'unknown', 'into', 'upon',
                                                'source'):
            return False
        if any(letter.isdigit() for letter in token.text) or token.text.isupper():
            return False   # a code that nobody knows
        if script(token.text[0]) == 'ko':
            return not (token.text.endswith(_VERBAL) or token.text[-1] in '을를'
                        or self._hung(token.text) in ('into', 'source', 'upon', 'link', 'not'))
        return before is not None and before.sort in ('name', 'deed', 'count') \
            and (after is None or after.sort in ('comma', 'stop', 'into', 'then', 'link'))

    def _unknown(self, tokens: Sequence[Token], token: Token, way: str, draft: Draft) -> str:
        """Return the reason for which a word that nobody knows is refused."""
        follows = next((one for one in tokens if one.place > token.place
                        and one.sort != 'ignored'), None)
        korean = script(token.text[0]) == 'ko'
        role = self._hung(token.text) if korean else ''
        if role == 'into':
            return 'unknown_destination'
        if role == 'plain' and token.text[-1] in '을를':
            return 'unknown_object'
        if follows is not None and follows.sort == 'name':
            place = any(one.token is follows for one in draft.places)
            return 'unknown_destination' if place else 'unknown_object'
        if way in ('into', 'upon'):
            return 'unknown_destination'
        if korean and token.text.endswith(_VERBAL) and not draft.deeds:
            return 'unsupported'
        if draft.objects and not (draft.places or draft.bases):
            return 'unknown_destination'
        return 'unknown_object'

    def _hung(self, word: str) -> str:
        """Return the role of what hangs on a word that nobody knows, '' where nothing does."""
        for cut in range(min(3, len(word) - 1), 0, -1):
            hung = self._words.particle(word[-cut:])
            if hung is not None and not hung[1]:
                return hung[0]
        return ''


def _links(tokens: Sequence[Token]) -> list[Link]:
    return [Link(token.text, token.place, token.named.ids[0], token.named.sure)
            for token in tokens if token.named is not None and len(token.named.ids) == 1]
