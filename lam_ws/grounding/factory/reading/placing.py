"""Where a name goes: to the draft at hand, as what it is to the deed, or to the next one.

The state of the reading of one sentence and the half of it that is about names;
`lam_ws.grounding.factory.reading.drafting` is the half about the words between them.
"""
from collections.abc import Iterable, Mapping
from dataclasses import replace

from lam_ws.grounding.factory.reading.draft import Draft, Mention
from lam_ws.grounding.factory.reading.tokens import Token

# Of two tables that a name may be of, the earlier one; places and parts by what hangs on it.
_TABLES = ('steps', 'procedures', 'defects', 'tools')


class Placing:
    """The state of the reading, and what becomes of names.

    Args:
        tables: Table of every id.
        numbers: Ids of the steps of every procedure by their number.
    """

    def __init__(self, tables: Mapping[str, str], numbers: Mapping[str, tuple[str, ...]]):
        self._tables, self._numbers = tables, numbers
        self._begin()

    def _begin(self) -> None:
        """Forget everything about the sentence before."""
        self.left_out: list[Token] = []   # names that were said not to be meant
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
        self._ranging = self._parted = self._why = self._linked = self._counting = False
        self._run: list[tuple[Token, str]] = []   # unknown words in a row

    def _close(self) -> None:
        if self._defects and self._now.objects and not self._now.objects[-1].defect:
            self._now.objects[-1] = replace(self._now.objects[-1], defect=self._defects[0])
        else:
            self._now.defects += self._defects
        if self._count is not None and self._now.objects and self._now.objects[-1].count is None:
            self._now.objects[-1] = replace(self._now.objects[-1], count=self._count)
        self._now.dangling = self._ahead in ('into', 'upon')
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
            self.left_out.append(token)
            self._count = None
            return
        if self._correcting and self._replaced(mention):
            return
        if table == 'defects':
            self._begin_if(self._now.closed)
            objects = self._now.objects
            if objects and self._before is objects[-1].token and not self._parted \
                    and self._before.role == '' and not objects[-1].defect:   # 'X 덜 조여진 거'
                objects[-1] = replace(objects[-1], defect=ids[0])
                return
            self._defects.append(ids[0])
            return
        if table in ('steps', 'procedures'):
            self._begin_if(self._now.closed)
            self._now.steps.append(mention)
            self._ranging = role == 'source'   # '1단계부터'
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
        acted = bool(now.places and not now.objects and now.deeds) \
            and now.deeds[-1] in ('press', 'open', 'close', 'wipe') \
            and self._told is not None and self._told.sort == 'comma'   # 'open A, B into C'
        self._begin_if(now.closed or acted or (now.whole and not listed))
        if self._now.objects and set(mention.ids) < set(self._now.objects[-1].ids):
            less = self._now.objects.pop()   # '신형, 신형 바디': said more exactly
            self._defects = [less.defect] * bool(less.defect) + self._defects
            self._count = less.count if self._count is None else self._count
        if self._now.objects and len(mention.ids) > 1 and not self._parted and (
                set(self._now.objects[-1].ids) < set(mention.ids)):
            return   # '6204 bearings'
        if self._now.objects and self._now.objects[-1].ids == mention.ids and self._parted \
                and not self._now.places:
            self._now.objects.pop()   # 'B, B 하나'
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
                self.left_out.append(row[-1].token)
                count = self._count if self._count is not None else row[-1].count
                row[-1] = replace(mention, count=count, defect=row[-1].defect)
                self._count = None
                return True
        return False
