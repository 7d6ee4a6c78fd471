"""Tokens as drafts of deeds: what is acted on, where to, from where, with what, by which verbs.

Tokens enter; drafts leave, one a deed, still with every id that a word may name. A name that
finds no room in a draft that is complete begins the next one; so does whatever follows a verb
that ends a Korean deed, and an English verb that begins one.
"""
from collections.abc import Sequence
from dataclasses import replace
import re

from lam_ws.grounding.factory.reading.draft import Draft, joined, Mention, shared
from lam_ws.grounding.factory.reading.placing import Placing
from lam_ws.grounding.factory.reading.text import script
from lam_ws.grounding.factory.reading.tokens import Token

_ACTED = ('press', 'open', 'close', 'wipe')
_LINKS = ('랑', '하고', '와', '과')   # '네 개랑'
_BOTH = ('both', '둘', '둘다')
_SAYS_HOW = ('is', 'are', 'was', 'looks', 'too', 'it', 'very', 's', 'being')


class Drafter(Placing):
    """Reads tokens into drafts; see `Placing` for its arguments."""

    def read(self, tokens: Sequence[Token]) -> list[Draft]:
        """Return the drafts of a sentence."""
        self._begin()
        for token in tokens:
            handler = getattr(self, f'_on_{token.sort}', None)
            if token.sort in ('into', 'upon', 'source'):
                self._hang(token, token.sort)
            elif handler is not None:
                handler(token)
            if token.sort != 'ignored':
                self._before = token
            if token.sort not in ('ignored', 'unknown', 'count'):
                self._run = []
            self._why = token.sort == 'because' or (
                self._why and token.sort not in ('comma', 'stop', 'deed'))
            self._told = token
            self._linked = self._links(token)
            self._parted = token.sort in ('link', 'comma', 'count', 'stop', 'then')
            self._counting = token.sort == 'count'
        if self._ranging and self._now.steps:
            self._now.onward = True
        self._close()
        drafts = joined([one for one in self._done if not one.blank])
        for k in range(len(drafts) - 1):
            if drafts[k].later:
                drafts[k], drafts[k + 1] = drafts[k + 1], drafts[k]
        return shared(drafts)

    def _links(self, token: Token) -> bool:
        """Return whether what follows is listed with what was named: 'A랑', 'A 네 개랑'."""
        passed = token.sort in ('count', 'ignored')
        counted = passed and self._counting and token.text.endswith(_LINKS)
        return counted or token.sort in ('link', 'then', 'comma') or token.role == 'link' or (
            self._linked and passed)

    def _on_deed(self, token: Token) -> None:
        korean, now = script(token.text[0]) == 'ko', self._now
        if token.means == 'search' and now.places:   # '상자 뒤져서'
            now.sources.append(now.places.pop())
        if self._all and now.objects and now.objects[-1].count is None:
            now.objects[-1] = replace(now.objects[-1], count=0)
        self._all = False
        if korean:
            if now.closed and token.means in _ACTED:
                self._close()   # '넣고, 닫아'
                self._now.deeds.append(token.means)
                self._now.closed = True
                return
            if now.closed:
                now.deeds.append(token.means)
                return
            now.deeds.append(token.means)
            now.closed = token.means not in ('take', 'search') and self._full(now)
            return
        spoken = now.deeds or now.steps or token.means in (*_ACTED, 'push')
        if (now.whole and spoken) or now.steps or (now.deeds and (
                (now.objects and now.deeds[-1] != 'take')
                or (now.places and now.deeds[-1] in _ACTED))):
            self._close()
        self._now.deeds.append(token.means)
        self._ahead = ''

    def _full(self, draft: Draft) -> bool:
        return bool(draft.objects or draft.steps or draft.places or draft.sources or draft.defects
                    or self._defects or draft.again)

    def _on_count(self, token: Token) -> None:
        now = self._now
        if token.text == '다':   # 'all', but only before the verb
            self._all = True
            return
        number = int(token.means)
        if self._corrected(number) or (token.text.lower() in _BOTH and len(now.objects) != 1):
            return   # one of each
        if token.text.endswith('씩') and now.objects and not now.closed:   # 'A랑 B 두 개씩'
            now.objects = [replace(one, count=number if one.count is None else one.count)
                           for one in now.objects]
            return
        korean_after = script(token.text[0]) != 'latin' and self._before is not None \
            and self._before.sort == 'name' and bool(now.objects) and not now.closed
        digits_after = token.text[:1].isdigit() or token.text.lower().startswith('x')
        if (korean_after or digits_after) and now.objects and now.objects[-1].count is None \
                and not now.closed and self._last is not None \
                and self._last.token is now.objects[-1].token or (
                    korean_after and now.objects[-1].count is None):
            now.objects[-1] = replace(now.objects[-1], count=number)
        elif now.objects and now.objects[-1].count is None and not now.closed \
                and script(token.text[0]) == 'ko' and now.whole:
            now.objects[-1] = replace(now.objects[-1], count=number)
        else:
            self._count = number

    def _corrected(self, number: int) -> bool:
        """Take a number for a correction, 'no, three', if there is something to correct."""
        objects = self._now.objects
        if not (self._correcting and objects):
            return False
        objects[-1] = replace(objects[-1], count=number)
        self._correcting = False
        return True

    def _on_with(self, token: Token) -> None:
        self._ahead = 'with'

    def _hang(self, token: Token, way: str) -> None:
        """Let a preposition hold for the next name, a Korean postposition for the last one."""
        if script(token.text[0]) != 'ko':
            self._ahead = 'not' if self._ahead == 'not' else way
            return
        now = self._now
        if way == 'upon' and now.objects and not now.closed and self._last is not None \
                and self._before is self._last.token and self._last.table == 'parts':
            now.bases.append(now.objects.pop())
        elif way == 'source' and now.places and self._before is not None \
                and self._before.sort == 'name' and self._last is not None \
                and self._last.table == 'places':
            now.sources.append(now.places.pop())

    def _on_not(self, token: Token) -> None:
        if script(token.text[0]) != 'ko':
            self._ahead = 'not'
        elif self._last is not None and self._before is self._last.token:   # 'A 말고'
            for row in (self._now.objects, self._now.places, self._now.bases):
                if row and row[-1].token is self._last.token:
                    self.left_out.append(row.pop().token)

    def _on_instead(self, token: Token) -> None:
        self._correcting = not self._now.blank

    def _on_located(self, token: Token) -> None:
        held = self._last is not None and self._before is self._last.token
        if script(token.text[0]) != 'ko' and not (held and self._now.places):
            self._ahead = 'source'
        elif self._now.places and not self._now.sources:
            self._now.sources.append(self._now.places.pop())

    def _on_either(self, token: Token) -> None:
        self._now.either = True

    def _on_it(self, token: Token) -> None:
        if self._ahead in ('into', 'upon'):   # 'stick a stud in it'
            self._now.there, self._ahead = True, ''
        else:
            self._now.again = True

    def _on_there(self, token: Token) -> None:
        self._begin_if(self._now.closed)
        self._now.there = True

    def _on_step(self, token: Token) -> None:
        if self._last is None or self._last.table not in ('steps', 'procedures'):
            return
        self._begin_if(self._now.closed)
        number = int(token.means)
        last = re.findall(r'\d+', self._last.token.text)
        first = int(last[-1]) + 1 if self._ranging and last else number
        first = min(first, number)   # '2단계부터 하고 1단계는' is no range
        for each in range(first, number + 1):
            self._last = Mention(self._numbers.get(str(each), ()), 'steps', token)
            self._now.steps.append(self._last)
        self._ranging = token.text.endswith('부터')

    def _on_through(self, token: Token) -> None:
        self._ranging = True

    def _on_before(self, token: Token) -> None:
        """'A 누르기 전에 B' and 'before A, B': B comes first."""
        if script(token.text[0]) != 'ko' and self._now.whole:
            self._close()   # 'B before A': as it stands
        elif script(token.text[0]) == 'ko' or not self._done:
            self._now.later = True
            self._now.closed = script(token.text[0]) == 'ko'

    def _on_comma(self, token: Token) -> None:
        if self._now.later and not (self._now.objects or self._now.places or self._now.steps):
            self._now = Draft()   # 'before I go, open the clamp'

    def _on_person(self, token: Token) -> None:
        self._now.person = True

    def _on_stop(self, token: Token) -> None:
        if token.means in ('→', '->', '=>'):
            if self._now.places and not self._now.sources:
                self._now.sources.append(self._now.places.pop())
            self._ahead = 'into'
        elif self._now.deeds or self._now.whole:
            self._now.closed = True

    def _on_then(self, token: Token) -> None:
        now = self._now
        spoken = now.deeds or script(token.text[0]) != 'ko'   # '클램프 다시 잠그고'
        if (spoken and now.whole) or (now.deeds and now.steps) or (
                now.places and (now.deeds or (spoken and self._done))):
            now.closed = True

    def _on_reason(self, token: Token) -> None:
        self._all = False
        for unknown in self._run:   # '화면이 뿌옇네요', '물량이 많아서' say why
            self._now.unknown.remove(unknown)
        self._run = []

    def _on_unknown(self, token: Token) -> None:
        if self._told is not None and self._told.text.lower() in _SAYS_HOW:
            return   # 'it is foggy'
        self._begin_if(self._now.closed and script(token.text[0]) == 'latin')
        if self._why:
            return
        self._now.unknown.append((token, self._ahead))
        self._run.append(self._now.unknown[-1])

    # Between drafts
