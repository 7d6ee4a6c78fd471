"""Tokens as drafts of deeds: what is acted on, where to, from where, with what, by which verbs.

Tokens enter; drafts leave, one a deed, still with every id that a word may name. A name that
finds no room in a draft that is complete begins the next one; so does whatever follows a verb
that ends a Korean deed, and an English verb that begins one.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
import re

from lam_ws.grounding.factory.draft import Draft, joined, Mention, shared
from lam_ws.grounding.factory.reading import Token
from lam_ws.grounding.factory.text import script

# Of two tables that a name may be of, the earlier one; places and parts by what hangs on it.
_TABLES = ('steps', 'procedures', 'defects', 'tools')
_ACTED = ('press', 'open', 'close', 'wipe')
_SAYS_HOW = ('is', 'are', 'was', 'looks', 'too', 'it', 'very', 's', 'being')


class Drafter:
    """Reads tokens into drafts.

    Args:
        tables: Table of every id.
        numbers: Ids of the steps of every procedure by their number.
    """

    def __init__(self, tables: Mapping[str, str], numbers: Mapping[str, tuple[str, ...]]):
        self._tables, self._numbers = tables, numbers

    def read(self, tokens: Sequence[Token]) -> list[Draft]:
        """Return the drafts of a sentence."""
        self._done: list[Draft] = []
        self._now = Draft()
        self._ahead = ''             # what an English preposition says of the next name
        self._count: int | None = None
        self._defects: list[str] = []
        self._correcting = False
        self._last: Mention | None = None
        self._before: Token | None = None
        self._told: Token | None = None   # the word before, whatever it is
        self._all = False
        self._ranging = self._parted = self._why = self._linked = False
        self._run: list[tuple[Token, str]] = []   # unknown words in a row
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
            self._linked = token.sort in ('link', 'then', 'comma') or token.role == 'link' or (
                self._linked and token.sort in ('count', 'ignored'))
            self._parted = token.sort in ('link', 'comma', 'count', 'stop', 'then')
        self._close()
        drafts = joined([one for one in self._done if not one.blank])
        for k in range(len(drafts) - 1):
            if drafts[k].later:
                drafts[k], drafts[k + 1] = drafts[k + 1], drafts[k]
        return shared(drafts)

    def _close(self) -> None:
        if self._defects and self._now.objects and not self._now.objects[-1].defect:
            self._now.objects[-1] = replace(self._now.objects[-1], defect=self._defects[0])
        else:
            self._now.defects += self._defects
        if self._count is not None and self._now.objects and self._now.objects[-1].count is None:
            self._now.objects[-1] = replace(self._now.objects[-1], count=self._count)
        self._defects, self._count, self._ahead = [], None, ''
        self._done.append(self._now)
        self._now = Draft()

    # Names

    def _on_name(self, token: Token) -> None:
        assert token.named is not None
        role = token.role if token.role not in ('', 'plain', 'link') else self._ahead
        self._ahead = ''
        table = self._table(token.named.ids, role)
        ids = tuple(one for one in token.named.ids if self._tables[one] == table)
        mention = Mention(ids, table, token)
        if role == 'not':
            self._count = None
            return
        if self._correcting and self._replaced(mention):
            return
        if table == 'defects':
            self._begin_if(self._now.closed)
            self._defects.append(ids[0])
            return
        if table in ('steps', 'procedures'):
            self._begin_if(self._now.closed)
            self._now.steps.append(mention)
        elif table == 'tools':
            self._begin_if(self._now.closed)
            self._now.tools.append(mention)
        elif table == 'places':
            self._place(mention, role)
        else:
            self._part(mention, role)
        self._last = mention

    def _table(self, ids: Iterable[str], role: str) -> str:
        tables = {self._tables[one] for one in ids}
        for table in _TABLES:
            if tables == {table}:
                return table
        if 'places' in tables and ('parts' not in tables or role in ('into', 'source', 'upon')):
            return 'places'
        return 'parts' if 'parts' in tables else min(tables)

    def _place(self, mention: Mention, role: str) -> None:
        now = self._now
        for row in (now.places, now.sources):
            if row and row[-1] is self._last and not self._parted \
                    and set(row[-1].ids) <= set(mention.ids):
                if role == 'source' and row is now.places:   # 'A3 rack' is one place
                    now.sources.append(now.places.pop())
                return
        if role == 'source':
            self._begin_if(now.closed or (now.whole and bool(now.sources)))
            self._now.sources.append(mention)
            return
        self._begin_if(now.closed or (now.whole and not now.either))
        self._now.places.append(mention)

    def _part(self, mention: Mention, role: str) -> None:
        now = self._now
        if role in ('upon', 'into') and (now.objects or role == 'upon') and not now.closed:
            self._begin_if(now.whole)
            self._now.bases.append(mention)
            return
        if role == 'source' and len(mention.ids) > 1:
            return   # '휜 샤프트 중에': of those
        listed = self._linked and bool(now.objects and now.places) \
            and now.places[0].token.place < now.objects[0].token.place   # 'A3에 A랑 B'
        self._begin_if(now.closed or (now.whole and not listed))
        if self._now.objects and set(mention.ids) < set(self._now.objects[-1].ids):
            self._now.objects.pop()   # '신형, 신형 바디': said more exactly
        if self._now.objects and len(mention.ids) > 1 and not self._parted and (
                set(self._now.objects[-1].ids) < set(mention.ids)):
            return   # '6204 bearings'
        count, self._count = self._count, None
        defect = self._defects.pop(0) if self._defects else ''
        self._now.objects.append(replace(mention, count=count, defect=defect))

    def _begin_if(self, needed: bool) -> None:
        if needed:
            count, defects = self._count, self._defects
            if count is not None and self._now.objects and self._now.objects[-1].count is None \
                    and self._before is not None and self._before.sort != 'count':
                count = None
            else:
                self._count = None
            self._defects = []
            self._close()
            self._count, self._defects = count, defects

    def _replaced(self, mention: Mention) -> bool:
        """Put a name in the place of the one that was wrong."""
        self._correcting = False
        rows = {'parts': (self._now.objects, self._now.bases), 'places': (self._now.places,),
                'tools': (self._now.tools,)}.get(mention.table, ())
        for row in rows:
            if row:
                count = self._count if self._count is not None else row[-1].count
                row[-1] = replace(mention, count=count, defect=row[-1].defect)
                self._count = None
                return True
        return False

    # Words

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
        if (now.deeds or now.steps) and (now.whole or (now.objects and now.deeds != ['take'])
                          or now.steps or (now.places and now.deeds[-1] in _ACTED)):
            self._close()
        self._now.deeds.append(token.means)
        self._ahead = ''

    def _full(self, draft: Draft) -> bool:
        return bool(draft.objects or draft.steps or draft.places or draft.defects
                    or self._defects or draft.again)

    def _on_count(self, token: Token) -> None:
        now = self._now
        if token.text == '다':   # 'all', but only before the verb
            self._all = True
            return
        number = int(token.means)
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
                    row.pop()

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
        for each in range(first, number + 1):
            self._last = Mention(self._numbers.get(str(each), ()), 'steps', token)
            self._now.steps.append(self._last)
        self._ranging = False

    def _on_through(self, token: Token) -> None:
        self._ranging = True

    def _on_before(self, token: Token) -> None:
        """'A 누르기 전에 B' and 'before A, B': B comes first."""
        if script(token.text[0]) != 'ko' and self._now.whole:
            self._close()   # 'B before A': as it stands
        elif script(token.text[0]) == 'ko' or not self._done:
            self._now.later = True
            self._now.closed = script(token.text[0]) == 'ko'

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
        if self._now.deeds and (self._now.whole or self._now.steps or self._now.places):
            self._now.closed = True

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
