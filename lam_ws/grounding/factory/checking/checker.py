"""May an order be carried out? Its steps and a cell's knowledge enter, an `Answer` leaves.

An order that may be gets a tool for every part that is held, the place where a defective part
belongs if the order left that out, and the strictest limits of part, tool and rules. Any other
gets one reason, in Korean and English, and the rows it rests on. Of several objections to a step
the one that stands first in `objections.REASONS` is given; of several steps the first refusal,
or else the first question.
"""
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from lam_ws.grounding.factory.checking import limits, rules
from lam_ws.grounding.factory.checking.cell import Cell, name
from lam_ws.grounding.factory.checking.deed import Deed, deed_of
from lam_ws.grounding.factory.checking.objections import ASKS, DONE, Objection, objection, SENT
from lam_ws.grounding.factory.checking.sequence import too_early
from lam_ws.grounding.factory.checking.tools import with_tool
from lam_ws.grounding.factory.order import Answer, Citation, Step
from lam_ws.knowledge.knowledge import Knowledge


class Checker:
    """Checks orders against what is known in a cell.

    Args:
        knowledge: What is known.

    Raises:
        LimitError: No site.yaml says payload_kg or, where places have coordinates, reach_m.
    """

    def __init__(self, knowledge: Knowledge):
        self._cell = Cell(knowledge)

    def check(self, steps: Sequence[Step], seen: Set[str] | None = None,
              granted: Set[str] = frozenset()) -> Answer:
        """Return whether an order may be carried out, and how.

        Args:
            steps: The order, in the order of doing.
            seen: Ids that the scene shows now; None where nobody looked.
            granted: Ids of rules whose question the operator has answered with yes.

        Raises:
            ValueError: A step has an unknown id or skill, or there are no steps.
        """
        if not steps:
            raise ValueError('an order has at least one step')
        deeds = [deed_of(step, self._cell) for step in steps]
        against: list[Objection] = []
        for index in range(len(deeds)):
            deeds[index], lacks = self._tooled(deeds, index)
            objections = [one for one in (*self._objections(deeds, index, seen), *lacks)
                          if one.reason != ASKS or one.rule not in granted]
            if objections:
                against.append(min(objections, key=lambda one: one.rank))
        for one in sorted(against, key=lambda one: one.reason == ASKS):
            return Answer('clarify' if one.reason == ASKS else 'refuse', one.reason,
                          text_ko=one.text_ko, text_en=one.text_en, citations=one.citations,
                          proposed=tuple(steps) if one.reason == ASKS else (),
                          asks=one.rule if one.reason == ASKS else '')
        return self._granted(steps, deeds)

    def _tooled(self, deeds: Sequence[Deed], index: int) -> tuple[Deed, list[Objection]]:
        return with_tool(deeds[index], self._cell, lambda deed: rules.qualms(
            deeds, index, deed, self._cell))

    def _objections(self, deeds: Sequence[Deed], index: int, seen: Set[str] | None
                    ) -> Iterator[Objection]:
        deed, cell = deeds[index], self._cell
        for check in (limits.off_limits, limits.out_of_reach, limits.too_hot, limits.astray,
                      limits.not_accepted):
            yield from check(deed, cell)
        yield from limits.too_heavy(deeds[:index + 1], cell)
        yield from rules.against(deeds, index, cell)
        yield from too_early(deeds, index, cell)
        yield from self._unseen(deed, seen)

    def _unseen(self, deed: Deed, seen: Set[str] | None) -> Iterator[Objection]:
        """Yield parts, and places that the camera knows, that are not in the scene."""
        for thing in (*deed.parts(), *(   # where it came from may be elsewhere
                place for place in deed.places()
                if place is not deed.source and 'appearance' in place.fields)):
            if seen is not None and thing.id not in seen:
                rests = self._cell.cite(thing, 'appearance') or self._cell.cite(thing, 'name_ko')
                yield objection('unseen', rests, thing=name(thing))

    def _granted(self, steps: Sequence[Step], deeds: Sequence[Deed]) -> Answer:
        """Return the answer to an order that may be carried out."""
        done: list[Step] = []
        rests: list[Citation] = []
        korean, english = [DONE[0]], [DONE[1]]
        for index, (asked, deed) in enumerate(zip(steps, deeds, strict=True)):
            held, citations = rules.constraints(deed, rules.holding(deeds, index, self._cell),
                                                self._cell)
            done.append(replace(deed.step, constraints=held))
            rests += citations
            if deed.defect is not None and deed.place is not None and not asked.destination:
                rests += self._cell.cite(deed.defect, 'disposition')
                names = {'defect': name(deed.defect), 'part': name(deed.object),
                         'place': name(deed.place)}
                korean.append(SENT[0].format(**names))
                english.append(SENT[1].format(**names))
        if not rests:   # nothing limits it: then it rests on what its words name
            rests = [one for deed in deeds for thing in (*deed.parts(), *deed.places())
                     for one in self._cell.cite(thing, 'name_ko')]
        return Answer('ok', '', tuple(done), text_ko=' '.join(korean), text_en=' '.join(english),
                      citations=tuple(dict.fromkeys(rests)))
