"""Which tool holds a part: a deed enters, it leaves with a tool, or with what each lacks.

A tool that has no widths takes a part by its surface if it is a vacuum cup or a magnet, and
otherwise not at all. Whether a surface suits a cup or a magnet stands nowhere but in the part's
list of tools and in the operator's words, so where the list is empty only grippers are tried.
"""
from collections.abc import Callable, Iterator

from lam_ws.grounding.factory.checking.cell import Cell, listed, name
from lam_ws.grounding.factory.checking.deed import Deed
from lam_ws.grounding.factory.checking.limits import heat_of, mass_of
from lam_ws.grounding.factory.checking.objections import Objection, objection
from lam_ws.grounding.factory.checking.particles import Name
from lam_ws.knowledge.knowledge import Known

BY_SURFACE = ('vacuum', 'magnet')
# Of tools that lack equally many things the first of these decides which is told.
TOLD_FIRST = ('too_wide', 'too_heavy', 'too_hot')
# Something a tool lacks, and how far the part is beyond it, in mm, kg or degrees C.
Lack = tuple[float, Objection]


def with_tool(deed: Deed, cell: Cell, qualms: Callable[[Deed], int]
              ) -> tuple[Deed, list[Objection]]:
    """Return a deed with the tool that does it, or with what speaks against every tool.

    Of the tools that can hold the part the first in the file does it, unless rules have more
    against it than against another.

    Args:
        deed: Of it the tool may be named.
        cell: Where.
        qualms: How much rules have against the tool that a deed has.
    """
    part = deed.held
    if part is None:
        return deed, []
    if deed.tool is not None:
        lacks = [why for _, why in _lacks(deed, deed.tool, cell)]
        return deed, lacks + list(_other_tool(deed, deed.tool, cell))
    tools = [tool for tool in cell.table('tools') if _may_hold(tool, part)]
    lacking = [(tool, list(_lacks(deed, tool, cell))) for tool in tools]
    fitting = [deed.with_tool(tool) for tool, lacks in lacking if not lacks]
    if fitting:
        return min(fitting, key=qualms), []
    if not lacking:
        return deed, [objection('no_tool', cell.cite(part, 'name_ko'), part=name(part))]
    nearest = min((lacks for _, lacks in lacking), key=_distance)
    return deed, [min(nearest, key=lambda one: TOLD_FIRST.index(one[1].reason))[1]]


def _may_hold(tool: Known, part: Known) -> bool:
    allowed = listed(part, 'tools')
    return tool.id in allowed if allowed else tool.value('kind') == 'gripper'


def _distance(lacks: list[Lack]) -> tuple[int, int, float]:
    """Return how far a tool is from holding a part: how many things it lacks, which, how much."""
    return (len(lacks), min(TOLD_FIRST.index(why.reason) for _, why in lacks),
            sum(beyond for beyond, _ in lacks))


def _lacks(deed: Deed, tool: Known, cell: Cell) -> Iterator[Lack]:
    """Yield what a tool lacks to hold the part."""
    part = deed.held
    if part is None:
        return
    yield from _widths(part, tool, cell)
    mass, limit = mass_of(part), tool.number('max_mass_kg')
    if limit is not None and mass > limit:
        yield mass - limit, objection(
            'heavy_tool', cell.cite(part, 'mass_kg') + cell.cite(tool, 'max_mass_kg'),
            part=name(part), tool=name(tool), mass=mass, limit=limit)
    (heat, says), limit = heat_of(deed, cell), tool.number('max_temp_c')
    if limit is not None and heat > limit:
        yield heat - limit, objection(
            'hot_tool', says + cell.cite(tool, 'max_temp_c'),
            part=name(part), tool=name(tool), heat=heat, limit=limit)


def _widths(part: Known, tool: Known, cell: Cell) -> Iterator[Lack]:
    low, high = tool.number('min_grip_mm'), tool.number('max_grip_mm')
    width = part.number('grip_mm')
    if low is None or high is None:
        if tool.value('kind') not in BY_SURFACE:
            yield 0.0, objection('no_grip', cell.cite(tool, 'kind'), part=name(part),
                                 tool=name(tool))
    elif width is None:
        yield 0.0, objection('no_grip', cell.cite(part, 'name_ko') + cell.cite(tool, 'kind'),
                             part=name(part), tool=name(tool))
    elif not low <= width <= high:
        limit = 'min_grip_mm' if width < low else 'max_grip_mm'
        yield max(low - width, width - high), objection(
            'wide', cell.cite(part, 'grip_mm') + cell.cite(tool, limit),
            part=name(part), tool=name(tool), width=width, low=low, high=high)


def _other_tool(deed: Deed, tool: Known, cell: Cell) -> Iterator[Objection]:
    """Yield whether the part is to be held with other tools only."""
    part = deed.held
    allowed = listed(part, 'tools') if part is not None else ()
    if part is not None and allowed and tool.id not in allowed:
        names = [name(cell.get(one, 'tools')) for one in allowed]
        yield objection('other_tool', cell.cite(part, 'tools'), part=name(part), tool=name(tool),
                        allowed=Name(', '.join(one.korean for one in names),
                                     ' or '.join(f'{one:the}' for one in names)))
