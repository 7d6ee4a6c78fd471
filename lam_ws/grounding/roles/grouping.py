"""A reading of a learned reader as drafts of deeds: one for each thing that something is done to.

A `Reading` and the tokens of the sentence enter; drafts leave as those of the first reader do, so
that the same rules make steps of them.
"""
from collections.abc import Iterator, Mapping, Sequence

from lam_ws.grounding.factory.reading.draft import Draft, Mention
from lam_ws.grounding.factory.reading.text import script
from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.roles.reader import Reading

ACTS = ('press', 'open', 'close', 'wipe', 'push')
LIKELY, MAYBE = 0.5, 0.15   # that two things belong to one deed; and if nothing else does
_SIDES = {'destination': 'places', 'base': 'bases', 'source': 'sources', 'tool': 'tools'}
_ENDS = ('destination', 'base')


class Grouping:
    """Makes drafts of readings.

    Args:
        tables: Table of every id.
    """

    def __init__(self, tables: Mapping[str, str]):
        self._tables = tables

    def drafts(self, reading: Reading, tokens: Sequence[Token], ruled: Sequence[Draft] = ()
               ) -> list[Draft]:
        """Return one draft a deed, in the order of the sentence.

        Args:
            reading: What a learned reader made of the sentence.
            tokens: Of the sentence.
            ruled: What the rules made of it: which steps of a procedure are meant.
        """
        roles = [reading.role(index)[0] for index in range(len(reading.tokens))]
        found: list[tuple[int, Draft]] = []
        for index, role in enumerate(roles):
            token = reading.tokens[index]
            if role in ACTS:
                draft = Draft(places=[self._mention(token, role)], deeds=[role])
                found.append((token.place, draft))
            elif role == 'procedure':
                found.append((token.place, self._procedure(token, ruled)))
            elif role == 'object' and not self._repeats(reading, roles, index):
                found += self._moved(reading, roles, index)
        said = {token.sort for token in tokens}
        if not found and 'it' in said:   # 'that one into slot 1'
            found += ((reading.tokens[k].place, Draft(
                places=[self._mention(reading.tokens[k], role)], deeds=['put'], again=True))
                for k, role in enumerate(roles) if role == 'destination')
        found.sort(key=lambda one: one[0])
        for _, draft in found:
            draft.there = 'there' in said and bool(draft.objects) and not (
                draft.places or draft.bases)
        _give_verbs(found, tokens)
        return [draft for _, draft in found]

    def _procedure(self, token: Token, ruled: Sequence[Draft]) -> Draft:
        """Return the steps from a named one up to the next named one, as the rules read them."""
        for draft in ruled:
            for k, mention in enumerate(draft.steps):
                if mention.token == token:
                    end = next((n for n in range(k + 1, len(draft.steps))
                                if draft.steps[n].token.named is not None), len(draft.steps))
                    return Draft(steps=draft.steps[k:end], deeds=['run'],
                                 onward=draft.onward and end == len(draft.steps))
        return Draft(steps=[self._mention(token, 'procedure')], deeds=['run'])

    def _repeats(self, reading: Reading, roles: Sequence[str], index: int) -> bool:
        """Return whether another token of the same deed names the same thing, or more exactly."""
        ids = set(reading.tokens[index].ids)
        for k, role in enumerate(roles):
            if k != index and role == 'object' and reading.output.together[k, index] >= LIKELY:
                others = set(reading.tokens[k].ids)
                if others < ids or (k < index and others & ids and not ids < others):
                    return True
        return False

    def _moved(self, reading: Reading, roles: Sequence[str], index: int
               ) -> Iterator[tuple[int, Draft]]:
        """Yield where it begins and a draft for each place that an object goes to."""
        together = reading.output.together

        alone = sum(role in ('object', 'procedure', *ACTS) for role in roles) == 1

        token = reading.tokens[index]
        same = [k for k, role in enumerate(roles) if role == 'object' and (
            k == index or (together[k, index] >= LIKELY
                           and set(reading.tokens[k].ids) & set(token.ids)))]

        def near(*wanted: str) -> list[int]:
            return [k for k, role in enumerate(roles) if role in wanted and (
                together[same, k].max() >= LIKELY or (alone and role not in _ENDS))]
        defects = near('defect')
        ends = self._apart(near(*_ENDS), reading) or self._perhaps(reading, roles, index)
        for end in ends or (None,):
            counts = [k for k in near('count') if (end is None or len(ends) < 2
                      or together[k, end] >= LIKELY) and not self._of_each(reading, roles, k)]
            draft = Draft(objects=[Mention(
                token.ids, self._table(token, 'object'), token,
                int(reading.tokens[counts[0]].means) if counts else None,
                reading.tokens[defects[0]].ids[0] if defects else '')])
            for k in (*([] if end is None else [end]), *near('source', 'tool')):
                getattr(draft, _SIDES[roles[k]]).append(self._mention(reading.tokens[k], roles[k]))
            place = token.place if end is None or end == ends[0] else reading.tokens[end].place
            yield place, draft

    def _of_each(self, reading: Reading, roles: Sequence[str], count: int) -> bool:
        """Return whether a number only says how many things there are: 'A and B, both'."""
        things = {reading.tokens[k].ids for k, role in enumerate(roles) if role == 'object'
                  and reading.output.together[count, k] >= LIKELY}
        return 1 < len(things) == int(reading.tokens[count].means)

    def _apart(self, ends: Sequence[int], reading: Reading) -> list[int]:
        """Return places without those that only name one of them again."""
        return [k for k in ends if not any(
            j < k and (reading.output.together[j, k] >= LIKELY
                       or set(reading.tokens[j].ids) & set(reading.tokens[k].ids))
            for j in ends)]

    def _perhaps(self, reading: Reading, roles: Sequence[str], index: int) -> list[int]:
        """Return the place that an object without one most likely goes to, if any may be it."""
        found = [(float(reading.output.together[index, k]), -k) for k, role in enumerate(roles)
                 if role in _ENDS and reading.output.together[index, k] >= MAYBE]
        return [-max(found)[1]] if found else []

    def _mention(self, token: Token, role: str) -> Mention:
        table = self._table(token, role)
        return Mention(tuple(one for one in token.ids if self._tables[one] == table), table,
                       token)

    def _table(self, token: Token, role: str) -> str:
        tables = [self._tables[one] for one in token.ids]
        wanted = {'object': ('parts',), 'base': ('parts',), 'tool': ('tools',),
                  'procedure': ('steps', 'procedures')}.get(role, ('places', 'parts'))
        return next((one for one in wanted if one in tables), tables[0] if tables else '')


def _give_verbs(found: Sequence[tuple[int, Draft]], tokens: Sequence[Token]) -> None:
    """Give drafts of things that are moved their verbs: Korean ones follow, English ones lead."""
    for token in tokens:
        if token.sort != 'deed' or not found or token.means in ACTS[:-1]:
            continue
        if script(token.text[0]) == 'ko':
            mine = [draft for place, draft in found if place < token.place][-1:] or [found[0][1]]
        else:
            mine = [draft for place, draft in found if place > token.place][:1] or [found[-1][1]]
        if mine[0].objects:
            mine[0].deeds.append(token.means)
    person = any(token.sort == 'person' for token in tokens)
    for _, draft in found:
        if draft.objects:
            draft.deeds, draft.person = draft.deeds or ['put'], person
