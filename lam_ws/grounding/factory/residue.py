"""What an order leaves over: words that nobody knows, and what was said and is nowhere in it.

Tokens, drafts and steps enter; the first word that must not be passed over leaves, and why.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence

from lam_ws.grounding.factory.meaning import Open
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.factory.reading.draft import Draft
from lam_ws.grounding.factory.reading.text import script
from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.factory.reading.words import Lexicon
from lam_ws.knowledge.knowledge import Known

# What a Korean word that is a verb may end with.
_VERBAL = ('줘', '주세요', '줘요', '해라', '라', '십시오', '세요', '해', '봐', '이소', '자',
           '한다', '된다', '이다')

# What comes of verbs that act on a place.
_SKILLS = {'press': ('press',), 'open': ('open_clamp',), 'close': ('close_clamp',),
           'wipe': ('wipe',)}


class Residue:
    """Finds words that nobody knows and that may matter.

    Args:
        lexicon: What may hang on a word.
    """

    def __init__(self, lexicon: Lexicon):
        self._words = lexicon

    def refuse(self, tokens: Sequence[Token], drafts: Sequence[Draft],
               nameless: Callable[[Token], bool], talk: Callable[[Token], bool]) -> None:
        """Refuse an order with a word that nobody knows and that may be of it.

        Args:
            tokens: Of the sentence.
            drafts: What they were read as.
            nameless: Tells of a word whether it surely names nothing.
            talk: Tells of a word that stands in a sentence of its own, without any name or verb,
                whether it may be passed over.

        Raises:
            Open: There is such a word.
        """
        beside = {id(token) for token in _chatter(tokens) if talk(token)}
        for draft in drafts:
            for token, way in draft.unknown:
                if not (id(token) in beside or self._in_passing(tokens, token)
                        or nameless(token)):
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


def lost(tokens: Sequence[Token], steps: Sequence[Step],
         known: Mapping[str, Known]) -> Token | None:
    """Return a name or a number of a sentence that is nowhere in a plan, None if there is none."""
    used = {one for step in steps for one in (step.object, step.destination, step.source,
                                              step.tool, step.defect)}
    for token in tokens:
        kinds = {known[one].table for one in token.ids}
        if token.ids and not used & set(token.ids) and not kinds & {'steps', 'procedures'}:
            return token
    counts = [step.count for step in steps]
    for token in tokens:
        said = int(token.means) if token.sort == 'count' else 1
        if said not in (0, 1, len(steps), *counts) and not any(
                one.sort == 'instead' for one in tokens):
            return token
    return None


def dropped(tokens: Sequence[Token], drafts: Sequence[Draft], steps: Sequence[Step],
            known: Mapping[str, Known]) -> bool:
    """Return whether a number, a verb or a preposition has no place in a plan."""
    taken = {one for draft in drafts for mention in draft.sources for one in mention.ids}
    numbers = [token for token in tokens if token.sort == 'count']
    said = {token.means for token in tokens if token.sort == 'deed'} & set(_SKILLS)
    done = {step.skill for step in steps}
    return lost(numbers, steps, known) is not None or any(one.dangling for one in drafts) \
        or any(step.destination in taken for step in steps) \
        or any(done.isdisjoint(_SKILLS[deed]) for deed in said)


def _chatter(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the words of sentences that name nothing and ask for nothing: '궁금해서요.'"""
    part: list[Token] = []
    for token in (*tokens, Token('stop', '', '', -1)):
        if token.sort == 'stop':
            if part and not _asks(part) and all(
                    one.sort not in ('name', 'deed', 'unsupported', 'count', 'step', 'amount')
                    and not any(letter.isdigit() for letter in one.text) for one in part):
                yield from part
            part = []
        else:
            part.append(token)


def _asks(part: Sequence[Token]) -> bool:
    """Return whether a sentence asks for what nobody knows: 'frob it', '뱅뱅해라'."""
    first, last = part[0], part[-1]
    return (first.sort == 'unknown' and script(first.text[0]) != 'ko') \
        or (last.sort == 'unknown' and last.text.endswith(_VERBAL))
