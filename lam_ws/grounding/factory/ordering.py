"""Drafts as steps, each with the skill that does it.

Drafts and the company's knowledge enter; steps leave, or an `Open`: what is missing, what may be
meant, what nobody knows. Nothing is checked here but whether the order is whole.
"""
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import pairwise

from lam_ws.grounding.factory.meaning import Meaning, Open
from lam_ws.grounding.factory.order import Step
from lam_ws.grounding.factory.reading.draft import Draft, Mention
from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.knowledge.knowledge import Known

# deed: the skills, and how what they are done to looks
_ACTS = {'press': (('press', ('button',)),),
         'open': (('open_clamp', ('lever', 'clamp')),),
         'close': (('close_clamp', ('lever', 'clamp')),),
         'wipe': (('wipe', ('stripe', 'stripe_end')),),
         'push': (('press', ('button',)), ('push', ('line', 'lever')))}
# skill: how what it is done to looks
LOOKS = dict(act for acts in _ACTS.values() for act in acts)
_ACTED = ('press', 'open_clamp', 'close_clamp', 'wipe')
TOUCHED = ('button', 'lever', 'clamp')   # nothing is put there
_PUTS = frozenset({'put', 'nest', 'insert', 'kit'})
# Verbs that name a place by themselves, by the kind of place.
_NAMED_PLACES = {'discard': 'scrap', 'quarantine': 'quarantine'}


class Orderer(Meaning):
    """Makes steps of drafts.

    Args:
        knowledge: What the company knows.
    """

    def steps(self, drafts: Sequence[Draft], seen: Set[str] | None = None,
              recent: Step | None = None) -> list[Step]:
        """Return the steps of an order.

        Args:
            drafts: Of the sentence.
            seen: Ids that the scene shows now, which may decide what is meant; None where nobody
                looked.
            recent: What was done last, which 'it' and 'there' of the first draft may mean.

        Raises:
            Open: It is not whole.
        """
        done: list[Step] = []
        self._seen = seen
        self._sop = ''   # of the step that was named last
        self._named: list[str] = []   # places, in the order of the sentence
        drafts = list(self._gathered(drafts))
        _share_places(drafts)
        for number, draft in enumerate(drafts):
            before = drafts[number - 1] if number else self._recent(draft, recent)
            if before is not None:
                if draft.places and not draft.objects and not draft.again and all(
                        self._look(one) == 'button' for one in draft.places[-1].ids):
                    draft.deeds = ['press']   # 'then the start button'
                self._recall(draft, before)
            pronoun = draft.again or draft.there
            steps = list(self._draft(draft))
            if pronoun and done and steps and replace(steps[0], defect='') == replace(
                    done[-1], defect=''):   # 'it belongs there, put it there'
                done[-1] = steps[0] if steps[0].defect else done[-1]
                steps = steps[1:]
            done += steps
            self._named += [one.ids[0] for one in draft.places if len(one.ids) == 1]
            self._named += [str(self._known[one.ids[0]].value('place')) for one in draft.steps
                            if len(one.ids) == 1]
        if not done:
            raise Open('clarify', 'missing_deed')
        return [step for number, step in enumerate(done)   # said twice, done once
                if not (number and step == done[number - 1] and step.skill in _ACTED)]

    def _gathered(self, drafts: Sequence[Draft]) -> Iterator[Draft]:
        """Yield drafts, those that only say where a thing lies put into the next.

        What is said to be in a crate or on a belt is not put there: 'in the crate there is a
        piston, put it on the pad'.
        """
        drafts = list(drafts)
        for number, one in enumerate(drafts):
            after = drafts[number + 1] if number + 1 < len(drafts) else None
            lies = len(one.places) == 1 and not one.sources and all(
                self._gives(place) for place in one.places[0].ids)
            if lies and one.objects and after is not None and not after.objects \
                    and (after.places or after.bases) and not after.steps \
                    and not (set(after.deeds) & {'press', 'open', 'close', 'wipe', 'push'}):
                after.objects, after.sources = one.objects, one.places
                after.defects += one.defects
                after.tools = after.tools or one.tools
                continue
            if len(one.places) == 2 and not one.sources and not one.either and all(
                    self._gives(place) for place in one.places[0].ids):
                one.sources.append(one.places.pop(0))
            yield one

    def _recent(self, draft: Draft, recent: Step | None) -> Draft | None:
        """Return what was done last as a draft, where a pronoun may mean it."""
        if recent is None or not (draft.again or draft.there) or draft.objects and not draft.there:
            return None
        token = Token('name', '', '', 0)

        def mention(identity: str) -> list[Mention]:
            return [Mention((identity,), self._known[identity].table, token)] if identity else []
        acted = self._known[recent.object].table == 'places'
        return Draft(objects=[] if acted else mention(recent.object),
                     places=mention(recent.object) if acted else mention(recent.destination))

    def _recall(self, draft: Draft, before: Draft) -> None:
        """Let 'it' and 'there' stand for what the draft before was about."""
        acting = any(deed in _ACTS for deed in draft.deeds)
        if not draft.objects and not (acting and draft.places) and (
                draft.again or draft.deeds) and not draft.steps:
            draft.objects = list(before.objects[-1:])
        if draft.there and not draft.places:
            draft.places = list(before.sources[-1:] or before.places[-1:])
        named = {one.ids[0] for row in (before.objects, before.places) for one in row
                 if len(one.ids) == 1}
        named |= {str(self._known[one.ids[0]].value('place')) for one in before.steps if one.ids}
        for row in (draft.objects, draft.places):
            for k, one in enumerate(row):
                known = named & set(one.ids)
                if len(one.ids) > 1 and len(known) == 1:   # 'the clamp' of before
                    row[k] = Mention((known.pop(),), one.table, one.token, one.count, one.defect)

    def _draft(self, draft: Draft) -> Iterator[Step]:
        if draft.steps and not draft.objects:
            yield from self._procedure(draft)
            return
        for deed in draft.deeds:
            if deed in _ACTS and not draft.places and not draft.objects and draft.sources:
                draft.places, draft.sources = draft.sources, []   # '클램프부터 잠그고'
            if deed in _ACTS and not draft.places and not draft.bases:
                looks = [look for _, ones in _ACTS[deed] for look in ones]
                before = [one for one in reversed(self._named) if self._look(one) in looks]
                if before and deed in ('open', 'close'):   # '다시 잠가': the clamp of before
                    yield Step(_ACTS[deed][0][0], before[0])
                    return
            if deed in _ACTS and not draft.objects and (draft.places or deed != 'push'):
                yield from self._act(draft, deed)
                return
        if draft.objects and not (draft.places or draft.bases) and set(draft.deeds) & {
                'press', 'open', 'close', 'wipe'}:
            raise Open('refuse', 'unsupported', draft.objects[0].token.text)
        if draft.either and len(draft.places) > 1:
            raise Open('clarify', 'ambiguous_destination', '', self._all(draft.places))
        if draft.either and len(draft.objects) > 1:
            raise Open('clarify', 'ambiguous_object', '', self._all(draft.objects))
        yield from self._move(draft)

    def _all(self, mentions: Iterable[Mention]) -> tuple[str, ...]:
        return tuple(one for mention in mentions for one in mention.ids)

    # Doing a thing where it stands

    def _act(self, draft: Draft, deed: str) -> Iterator[Step]:
        if not draft.places:
            raise Open('clarify', 'missing_object')
        for place in draft.places:
            acts = [(skill, one) for one in place.ids
                    for skill, looks in _ACTS[deed] if self._look(one) in looks]
            if not acts:
                raise Open('refuse', 'unsupported', place.token.text)
            fit = self._alongside([one for _, one in acts])
            meant = self._one(place, fit, 'ambiguous_object')
            yield Step(next(skill for skill, one in acts if one == meant), meant)

    def _alongside(self, places: list[str]) -> list[str]:
        """Return those of some places that a procedure has with a place that was named before.

        'The body into the leak tester, and close the clamp' is about the tester's clamp.
        """
        procedures = {str(step.value('sop')) for step in self._steps()
                      if step.value('place') in self._named}
        found = [one for one in places if any(
            step.value('place') == one and str(step.value('sop')) in procedures
            for step in self._steps())]
        return found if len(places) > 1 and len(found) == 1 else places

    def _steps(self) -> Iterator[Known]:
        yield from (one for one in self._known.values() if one.table == 'steps')

    # Procedures

    def _procedure(self, draft: Draft) -> Iterator[Step]:
        for mention in draft.steps:
            ids = [one for one in mention.ids
                   if len(mention.ids) == 1 or self._known[one].value('sop') == self._sop]
            thing = self._known[self._one(mention, ids or mention.ids, 'ambiguous_object')]
            self._sop = str(thing.value('sop') or thing.id)
            rows = [thing] if thing.table == 'steps' else self._rows(thing.id)
            done = [self._step(row) for row in rows if row.value('skill') is not None]
            if not done:
                raise Open('refuse', 'unsupported', mention.token.text)
            yield from done
        if draft.onward:   # 'from step 2 on'
            yield from (self._step(row) for row in self._rows(self._sop)
                        if float(str(row.value('number'))) > float(str(thing.value('number')))
                        and row.value('skill') is not None)

    def _rows(self, procedure: str) -> list[Known]:
        """Return the steps of a procedure in their order."""
        return sorted((one for one in self._steps() if one.value('sop') == procedure),
                      key=lambda one: float(str(one.value('number'))))

    def _step(self, row: Known) -> Step:
        skill, place = str(row.value('skill')), str(row.value('place') or '')
        parts = row.value('parts')
        part = parts[0] if isinstance(parts, tuple) else ''
        if skill in ('press', 'open_clamp', 'close_clamp', 'wipe') or not part:
            return Step(skill, place)
        if skill in ('bin_pick', 'belt_pick') and self._gives(place):   # it only takes out
            return Step(skill, part, '', place)
        return Step(skill, part, place)

    # Moving a thing

    def _move(self, draft: Draft) -> Iterator[Step]:
        place = self._destination(draft)
        base = self._base(draft)
        if not draft.objects:
            if place or draft.deeds or draft.defects:
                raise Open('clarify', 'missing_object')
            raise Open('clarify', 'missing_deed')
        if not draft.deeds and any(one.token.role == 'link' for one in (
                draft.objects[-1], *draft.places[-1:])):   # 'A랑 B'
            raise Open('clarify', 'missing_deed', draft.objects[-1].token.text)
        source = self._source(draft)
        tool = self._one(draft.tools[0], draft.tools[0].ids, 'ambiguous_object') \
            if draft.tools else ''
        for mention in draft.objects:
            part = self._object(mention, place)
            if self._known[part].table == 'places':
                raise Open('clarify', 'missing_deed', mention.token.text)
            defect = mention.defect or (draft.defects[0] if draft.defects else '')
            yield self._carry(draft, mention, part, place or base, source, tool, defect)

    def _carry(self, draft: Draft, mention: Mention, part: str, place: str, source: str, tool: str,
               defect: str) -> Step:
        if not place and defect and not draft.dangling:
            place = str(self._known[defect].value('disposition'))
        if not place:
            place = self._implied(draft) or self._made_for(draft, part)
        if not place:
            if not draft.deeds:
                raise Open('clarify', 'missing_deed', mention.token.text)
            raise Open('clarify', 'missing_destination', mention.token.text)
        if self._look(place) in TOUCHED or (source and self._look(source) in TOUCHED):
            raise Open('clarify', 'missing_destination', mention.token.text)
        skill = self._skill(part, place, source, draft.deeds)
        count = 1 if mention.count is None else mention.count
        return Step(skill, part, place, source, tool, defect, count)

    def _implied(self, draft: Draft) -> str:
        """Return the place that a verb, a step or 'to me' names by itself, if only one."""
        for mention in draft.steps:
            place = self._known[mention.ids[0]].value('place')
            if len(mention.ids) == 1 and place is not None:
                return str(place)
        kinds = [_NAMED_PLACES[deed] for deed in draft.deeds if deed in _NAMED_PLACES]
        if draft.person or 'hand' in draft.deeds:
            return self._hand_over_place()
        found = [thing.id for thing in self._known.values()
                 if thing.table == 'places' and thing.value('kind') in kinds
                 and not thing.value('keep_out')]
        return found[0] if len(found) == 1 else ''


def _share_places(drafts: Sequence[Draft]) -> None:
    """Give a thing that is put, nobody says where, the place of the one before or after it.

    '6205 하나 싣고 6204도 하나 1번 팔레트에 실어': both go there.
    """
    for one, other in (*zip(drafts[1:], drafts, strict=False), *pairwise(drafts)):
        if one.objects and one.deeds and other.deeds and other.objects and not (
                one.places or one.bases or one.there or one.person or one.either or one.dangling
                or one.defects or any(mention.defect for mention in one.objects)) \
                and set(one.deeds) <= _PUTS and set(other.deeds) <= _PUTS:
            one.places = list(other.places[-1:])
