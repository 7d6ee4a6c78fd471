"""The order of standard procedures: deeds enter, what is done too early leaves.

A step of a procedure that names no skill is done by people, and no deed is one. Only what an
order contains is judged: a step may come before another that it should follow where that other
has been done once already (a second round), where it is done to another piece, and where the
other is a shared button or clamp that may well be meant for another procedure.
"""
from collections.abc import Iterator, Sequence

from lam_ws.grounding.factory.checking.cell import Cell, listed, name
from lam_ws.grounding.factory.checking.deed import Deed
from lam_ws.grounding.factory.checking.objections import Objection, objection
from lam_ws.knowledge.knowledge import Known

FROM_PLACE = ('bin_pick', 'belt_pick')   # the place of such a step may be where it takes from


def done_in(deed: Deed, cell: Cell) -> Iterator[Known]:
    """Yield the steps of procedures that have a deed's place and part, whoever does them."""
    for step in cell.table('steps'):
        places = {deed.step.object, deed.step.destination}
        if step.value('skill') in FROM_PLACE:
            places.add(deed.step.source)
        parts = listed(step, 'parts')
        if step.value('place') in places and (not parts or deed.object.id in parts):
            yield step


def too_early(deeds: Sequence[Deed], index: int, cell: Cell) -> Iterator[Objection]:
    """Yield what one of an order's deeds should have waited for."""
    here = [_by_procedure(deed, cell) for deed in deeds]
    for later in range(index + 1, len(deeds)):
        if deeds[later].part is None and len(here[later]) > 1:
            continue
        for steps in here[index].values():
            for procedure, firsts in here[later].items():
                done = {step.id for before in here[:index] for step in before.get(procedure, ())}
                if any(first.id in done for first in firsts) \
                        or _another_piece(deeds[index], deeds[later], firsts):
                    continue
                if all(first.id in _before(step, cell) for step in steps for first in firsts):
                    yield objection('too_early', cell.cite(steps[0], 'after')
                                    + cell.cite(firsts[0], 'number'),
                                    late=name(steps[0]), early=name(firsts[0]))


def _by_procedure(deed: Deed, cell: Cell) -> dict[str, list[Known]]:
    """Return the steps that a deed may be, by procedure."""
    found: dict[str, list[Known]] = {}
    for step in done_in(deed, cell):
        if step.value('skill') == deed.step.skill:
            found.setdefault(str(step.value('sop')), []).append(step)
    return found


def _another_piece(deed: Deed, later: Deed, firsts: Sequence[Known]) -> bool:
    """Return whether a later deed does to another piece what has to be done to this one too."""
    return deed.part is not None and deed.object.id != later.object.id \
        and all(deed.object.id in listed(first, 'parts') for first in firsts)


def _before(step: Known, cell: Cell) -> set[str]:
    """Return the ids of all steps that must be done before one."""
    reached: set[str] = set()
    front = [step]
    while front:
        for identity in listed(front.pop(), 'after'):
            if identity not in reached:
                reached.add(identity)
                front.append(cell.get(identity, 'steps'))
    return reached
