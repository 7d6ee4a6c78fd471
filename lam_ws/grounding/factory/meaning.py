"""What is meant where a word names many things, and which skill puts what where.

What a draft names and the company's knowledge enter; the one thing that fits leaves, or an `Open`
with all that may be meant.
"""
from collections.abc import Sequence, Set
from dataclasses import dataclass

from lam_ws.grounding.factory.order import Verdict
from lam_ws.grounding.factory.reading.draft import Draft, Mention
from lam_ws.knowledge.knowledge import Knowledge

_BY_LOOK = {'slot': 'kit', 'nest': 'nest', 'socket': 'insert', 'line': 'push'}
_BY_KIND = {'fixture': 'nest', 'pad': 'hand_over'}
_HANDED = ('인계', '건네', 'hand-over', 'handover', 'hand over')
_SEATS = ('nest', 'insert', 'kit')


@dataclass(frozen=True)
class Open(Exception):
    """What keeps an order from being one.

    Attributes:
        verdict: 'clarify' or 'refuse'.
        reason: Code.
        words: Of the operator, about which it is.
        options: Ids that may be meant.
    """

    verdict: Verdict
    reason: str
    words: str = ''
    options: tuple[str, ...] = ()


class Meaning:
    """Tells what is meant.

    Args:
        knowledge: What the company knows.
    """

    def __init__(self, knowledge: Knowledge):
        self._known = knowledge.things
        self._seen: Set[str] | None = None   # ids that the scene shows

    def _gives(self, place: str) -> bool:
        return self._look(place) == 'crate' or self._known[place].value('kind') == 'conveyor'

    def _look(self, identity: str) -> str:
        look = self._known[identity].value('appearance')
        return str(look).split()[-1] if look is not None else ''

    def _hand_over_place(self) -> str:
        """Return the one place that is named for handing things over to people."""
        found = [thing.id for thing in self._known.values() if thing.table == 'places'
                 and thing.value('kind') == 'pad' and any(
                     word in name.lower() for name, _ in thing.names() for word in _HANDED)]
        return found[0] if len(found) == 1 else ''

    def _made_for(self, draft: Draft, part: str) -> str:
        """Return the one fixture or hole that a part is made for: '신형 바디 앉히고'."""
        looks = {'nest': 'nest', 'insert': 'socket', 'kit': 'slot'}
        wanted = [looks[deed] for deed in draft.deeds if deed in looks]
        found = [thing.id for thing in self._known.values() if thing.table == 'places'
                 and self._look(thing.id) in wanted and part in self._list(thing.id, 'accepts')]
        return found[0] if len(found) == 1 else ''

    def _list(self, identity: str, column: str) -> tuple[str, ...]:
        value = self._known[identity].value(column)
        return value if isinstance(value, tuple) else ()

    def _takes(self, place: str, part: str) -> bool:
        accepted = self._list(place, 'accepts')
        return not accepted or part in accepted

    def _skill(self, part: str, place: str, source: str, deeds: Sequence[str] = ()) -> str:
        thing = self._known[place]
        if thing.table == 'parts':
            return 'stack'
        if source:
            if self._look(source) == 'crate':
                return 'bin_pick'
            if self._known[source].value('kind') == 'conveyor':
                return 'belt_pick'
        for step in self._known.values():   # as the procedures do it
            if step.table == 'steps' and step.value('place') == place \
                    and part in self._list(step.id, 'parts') and step.value('skill') in _SEATS:
                return str(step.value('skill'))
        if 'insert' in deeds and any(
                step.table == 'steps' and (step.value('place'), step.value('skill')) == (
                    place, 'insert') for step in self._known.values()):
            return 'insert'   # as others of its kind are
        look = self._look(place)
        if look == 'line' and thing.value('kind') == 'conveyor' and 'push' not in deeds:
            return 'pick_place'
        return _BY_LOOK.get(look) or _BY_KIND.get(str(thing.value('kind')), 'pick_place')

    def _destination(self, draft: Draft) -> str:
        if not draft.places:
            return ''
        mention = draft.places[-1]
        fit = list(mention.ids)
        if len(fit) > 1 and draft.objects and len(draft.objects[0].ids) == 1:
            part = draft.objects[0].ids[0]
            fit = [one for one in fit if self._takes(one, part)] or fit
        return self._one(mention, fit, 'ambiguous_destination')

    def _base(self, draft: Draft) -> str:
        if not draft.bases:
            return ''
        return self._one(draft.bases[-1], draft.bases[-1].ids, 'ambiguous_destination')

    def _source(self, draft: Draft) -> str:
        if not draft.sources:
            return ''
        mention = draft.sources[-1]
        fit = list(mention.ids)
        if len(fit) > 1 and draft.objects:
            parts = set(draft.objects[0].ids)
            fit = [one for one in fit
                   if any(self._takes(one, part) for part in parts)] or fit
        return self._one(mention, fit, 'ambiguous_object')

    def _object(self, mention: Mention, place: str) -> str:
        fit = list(mention.ids)
        if len(fit) > 1 and place:
            accepted = self._known[place].value('accepts')
            if isinstance(accepted, tuple):
                fit = [one for one in fit if one in accepted] or fit
        return self._one(mention, fit, 'ambiguous_object')

    def _one(self, mention: Mention, fit: Sequence[str], reason: str) -> str:
        if len(fit) > 1 and self._seen is not None and len(self._seen & set(fit)) == 1:
            return next(one for one in fit if one in self._seen)   # there is only one here
        if len(fit) != 1:
            raise Open('clarify', reason, mention.token.text, tuple(fit))
        return fit[0]
