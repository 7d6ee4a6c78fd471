"""A step with the rows behind its ids: a `Step` enters, a `Deed` leaves, or a caller's mistake."""
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lam_ws.grounding.factory.checking.cell import Cell
from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.knowledge.knowledge import Known
from lam_ws.knowledge.tables import SKILLS

HANDS_FREE = ('press', 'open_clamp', 'close_clamp', 'wipe', 'push')   # they hold nothing


@dataclass(frozen=True)
class Deed:
    """A step and what its ids name.

    Attributes:
        step: The step.
        object: Part or place.
        destination: Place or part, if any.
        source: Place, if any.
        tool: If any.
        defect: If any.
    """

    step: Step
    object: Known
    destination: Known | None = None
    source: Known | None = None
    tool: Known | None = None
    defect: Known | None = None

    @property
    def part(self) -> Known | None:
        """Return the part that it is done to, None where it is done to a place."""
        return self.object if self.object.table == 'parts' else None

    @property
    def held(self) -> Known | None:
        """Return the part that is held meanwhile, if one is."""
        return None if self.step.skill in HANDS_FREE else self.part

    @property
    def place(self) -> Known | None:
        """Return the place that a part is put on or moved to, if there is one."""
        there = self.destination
        return there if there is not None and there.table == 'places' else None

    @property
    def pieces(self) -> int:
        """Return how many pieces count as load; of `ALL`, which nobody has counted, one."""
        return 1 if self.step.count == ALL else self.step.count

    def places(self) -> Iterator[Known]:
        """Yield the places that the arm goes to."""
        for thing in (self.destination, self.source, self.object):
            if thing is not None and thing.table == 'places':
                yield thing

    def parts(self) -> Iterator[Known]:
        """Yield the part that it is done to, and the one that this is put on."""
        for thing in (self.object, self.destination):
            if thing is not None and thing.table == 'parts':
                yield thing

    def with_tool(self, tool: Known) -> 'Deed':
        """Return it done with a tool."""
        return replace(self, step=replace(self.step, tool=tool.id), tool=tool)


def deed_of(step: Step, cell: Cell) -> Deed:
    """Return a step with its rows; a defective part that goes nowhere goes where it belongs.

    Raises:
        ValueError: The step has an unknown id or skill, or holds what is no part.
    """
    if step.skill not in SKILLS:
        raise ValueError(f'there is no skill {step.skill!r}')
    if step.count < 0:
        raise ValueError(f'count {step.count} is negative')
    thing = cell.get(step.object, 'parts', 'places')
    if thing.table != 'parts' and step.skill not in HANDS_FREE:
        raise ValueError(f'{step.skill} takes a part, {step.object!r} is a place')
    defect = cell.get(step.defect, 'defects') if step.defect else None
    if defect is not None and not step.destination and step.skill not in HANDS_FREE:
        step = replace(step, destination=str(defect.value('disposition')))
    return Deed(step, thing,
                cell.get(step.destination, 'places', 'parts') if step.destination else None,
                cell.get(step.source, 'places') if step.source else None,
                cell.get(step.tool, 'tools') if step.tool else None, defect)
