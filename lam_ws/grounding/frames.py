"""What a row of words asks for, whatever the skill: tokens enter, frames leave.

A frame is one deed: what is acted on, where to or over what, what it is taken from, and the
skills that every verb and word of manner leaves possible. A noun that finds no room in a frame
that is complete begins the next one, if a verb, an 'and' or a full stop stands between. Nothing
is looked up in the scene here.
"""
from lam_ws.grounding.frame import fitting, Frame, Noun, Unclear
from lam_ws.grounding.naming import Naming
from lam_ws.grounding.skill_words import SkillLexicon
from lam_ws.grounding.tokens import Token

LINKING = frozenset({'link', 'then', 'then_after_verb', 'stop'})
_POINTING = frozenset({'colour', 'shape', 'variant', 'kind', 'bin', 'thing'})
_NO_VERB_AFTER = frozenset({'opening', 'colour', 'into', 'way', 'upon', 'variant', 'shape',
                            'kind'})


def to_frames(tokens: list[Token], words: SkillLexicon) -> list[Frame]:
    """Return the frames of a sentence without negations, questions or unknown words.

    Raises:
        Unclear: A noun has two colours, or a deed two places.
    """
    builder = _Builder(words)
    settled = [_settled(tokens, i, words) for i in range(len(tokens))]
    for i, token in enumerate(settled):
        pointing = i + 1 < len(settled) and settled[i + 1].sort in _POINTING
        if token.sort != 'it' or not pointing:   # 'that' before a noun only points at it
            builder.take(token, settled[i - 1] if i else None)
    builder.close()
    return [frame for frame in builder.done if not frame.blank]


def _settled(tokens: list[Token], i: int, words: SkillLexicon) -> Token:
    """Return a token as noun or verb where its word is both: 'line up', 'the line'."""
    token = tokens[i]
    if token.entry is None or token.entry.language != 'en' or token.sort not in ('kind', 'put'):
        return token
    before = tokens[i - 1] if i else None
    named = before is not None and before.sort in _NO_VERB_AFTER and before.means != ('under',)
    wanted = 'kind' if named else 'put'
    for entry in words.lexicon.by_solid.get(token.entry.solid, ()):
        if entry.sort == wanted:
            return Token(entry.sort, entry.means, token.surface, entry, token.slip, token.apart)
    return token


class _Builder(Naming):
    """The state of the reading."""

    def __init__(self, words: SkillLexicon):
        super().__init__(words)
        self.done: list[Frame] = []
        self._now = self._fresh()
        self._waiting: list[Token] = []    # verbs that may belong to the next frame
        self._parted = False               # an 'and', a 'then' or a full stop since the last noun
        self._joining = False              # an 'and' after a part, and no verb since

    def _fresh(self) -> Frame:
        return Frame(frozenset(self._words.rows))

    def take(self, token: Token, before: Token | None) -> None:
        """Take the next word."""
        self._count += 1
        if token.sort in LINKING or token.sort in ('particle', 'take', 'put', 'manner'):
            self._check_colours(token)
        handler = getattr(self, f'_on_{token.sort}', None)
        if handler is not None:
            handler(token, before)
        if token.sort in ('put', 'take', 'manner'):
            self._joining = False

    def close(self) -> None:
        """End the frame at hand, whatever it lacks."""
        self._end_line()
        for verb in self._waiting:
            self._deed(verb, None)
        self._waiting = []
        self.done.append(self._now)
        self._now = self._fresh()

    # Nouns

    def _placed(self, noun: Noun) -> Noun:
        now = self._now
        for known in (*now.parts, now.place, now.source):
            if known is not None and known.same(noun):
                known.marks |= noun.marks
                return known
        complete = bool(fitting(now, self._words))
        room = self._room(noun)
        if complete and self._parted:
            self._next()
        elif not room:
            if not complete or not (self._parted or now.verbs and self._korean(now)):
                raise Unclear('not_understood.crowded', noun.tokens[-1])
            self._next()
        self._put_in(noun)
        return noun

    def _korean(self, frame: Frame) -> bool:
        """Return whether a Korean verb has closed the frame."""
        entry = frame.verbs[-1].entry
        return entry is not None and entry.language == 'ko'

    def _room(self, noun: Noun) -> bool:
        now, kind = self._now, noun.kinds[0] if noun.kinds else ''
        if kind in self._words.sources:
            return now.source is None
        if kind == 'bin' or kind in self._words.places:
            return now.base is None
        if not now.parts:
            return True
        return self._joining or (len(now.parts) == 1 and now.place is None
                              and not fitting(now, self._words))

    def _put_in(self, noun: Noun) -> None:
        now, kind = self._now, noun.kinds[0] if noun.kinds else ''
        if kind in self._words.sources:
            now.source = noun
        elif kind == 'bin' or kind in self._words.places:
            now.place = noun
        else:
            now.linked |= self._joining and bool(now.parts)
            now.parts.append(noun)
        self._parted = self._joining = False
        for verb in self._waiting:
            self._deed(verb, None)
        self._waiting = []

    def _next(self) -> None:
        """Begin another frame; without a verb of its own it takes that of the one before."""
        self.done.append(self._now)
        self._now, self._parted = self._fresh(), False

    # What the words around a noun say

    def _on_particle(self, token: Token, before: Token | None) -> None:
        role = token.means[0]
        if role == 'link' and self._noun is not None:
            self._on_link(token, before)
        elif self._noun is not None and role not in ('of', 'also', 'plain'):
            self._noun.marks.add(role)

    def _on_into(self, token: Token, before: Token | None) -> None:
        self._ahead.append(token)

    def _on_way(self, token: Token, before: Token | None) -> None:
        self._now.words.append(token)
        korean = token.entry is not None and token.entry.language == 'ko'
        if token.means == ('under',):
            if self._noun is not None:
                self._noun.marks.add('upon')
        elif not korean:
            self._ahead.append(token)
        elif self._noun is not None and not self._settled_part(self._noun):
            self._noun.marks.add(token.means[0])

    def _settled_part(self, noun: Noun) -> bool:
        """Return whether a noun is acted on beside a place: '카톤을 받침으로 해서 큐브를 위에'."""
        base = self._now.base
        return 'object' in noun.marks and base is not None and noun is not base

    def _on_upon(self, token: Token, before: Token | None) -> None:
        self._ahead.append(token)   # of pick and place; Korean ones are ways

    def _on_located(self, token: Token, before: Token | None) -> None:
        self._now.words.append(token)

    def _on_it(self, token: Token, before: Token | None) -> None:
        if self._ahead and self._now.base is None and not self._now.place:
            raise Unclear('unsupported.again', token)
        self._ahead = []
        if not self._now.parts:
            self._now.dangling = self._now.dangling or token
            return
        for verb in self._waiting:     # 'find the button and press it'
            self._deed(verb, None)
        self._waiting, self._parted = [], False

    def _on_there(self, token: Token, before: Token | None) -> None:
        if self._now.place is None:
            raise Unclear('not_understood', token)

    def _on_place(self, token: Token, before: Token | None) -> None:
        raise Unclear('not_understood', token)

    def _on_all(self, token: Token, before: Token | None) -> None:
        raise Unclear('unsupported', token)

    _on_both = _on_all

    # Deeds

    def _on_put(self, token: Token, before: Token | None) -> None:
        english = token.entry is None or token.entry.language == 'en'
        self._ahead = []
        if english and self._parted and fitting(self._now, self._words):
            self._waiting.append(token)
        else:
            self._deed(token, before)

    def _on_take(self, token: Token, before: Token | None) -> None:
        looked_for = 'any' in token.means and before is not None and before.means == ('object',)
        if looked_for and self._noun is not None:   # '구멍을 찾아' acts on nothing
            self._noun.marks.discard('object')
        self._on_put(token, before)

    def _on_done(self, token: Token, before: Token | None) -> None:
        self._deed(token, before)

    def _on_manner(self, token: Token, before: Token | None) -> None:
        self._ahead = []
        self._now.words.append(token)
        self._narrow(token)

    def _on_found(self, token: Token, before: Token | None) -> None:
        self._ahead = []
        self._now.found.append(token)

    def _deed(self, token: Token, before: Token | None) -> None:
        """Let a verb narrow the skills, unless it only helps the verb before it."""
        now = self._now
        korean = token.entry is not None and token.entry.language == 'ko'
        helps = korean and not token.means and before is not None and (
            before.sort == 'put' or before.surface == '서') and bool(now.verbs)
        now.verbs.append(token)
        if not helps:
            self._narrow(token)

    def _narrow(self, token: Token) -> None:
        solid = token.entry.solid if token.entry else ''
        means = [meant for entry in self._words.lexicon.by_solid.get(solid, ())
                 if entry.sort == token.sort for meant in entry.means]
        skills = self._words.skills_meant(tuple(means))
        if token.sort == 'take' and not means:
            skills = self._words.skills_meant(('carry',))
        self._now.skills &= skills
        if means and len(skills) < len(self._words.rows):
            self._now.told |= skills

    # Between deeds

    def _on_link(self, token: Token, before: Token | None) -> None:
        now = self._now
        self._joining = bool(now.parts) and now.place is None
        self._parted = True

    def _on_then(self, token: Token, before: Token | None) -> None:
        self._parted = True

    _on_then_after_verb = _on_then

    def _on_stop(self, token: Token, before: Token | None) -> None:
        self._end_line()
        self._parted = True

    def _end_line(self) -> None:
        if self._colours:
            raise Unclear('not_understood.colour', self._colours[0])
        if self._ahead:
            self._now.dangling = self._ahead[0]
        self._ahead = []
