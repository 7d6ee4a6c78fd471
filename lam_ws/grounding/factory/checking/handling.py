"""How gently a thing is to be handled: skill, part and tool enter, the strictest limits leave.

What the guard looks up by itself, so nothing of a sentence, a place or an order counts here: only
the row of the part, the row of the tool, and the rules of limits that hang on nothing else than
skill, part and tool. A step may be limited further, by its place or origin or by what the part
lies beside; `FactoryGrounder` refuses those that must be slower than what is said here.
"""
from itertools import product

from lam_ws.grounding.factory.checking.rules import holding_anywhere, KEPT, limits_said
from lam_ws.knowledge.knowledge import Knowledge
from lam_ws.knowledge.tables import SKILLS

Limits = dict[str, float]         # max_speed_m_s and max_force_n, each where anybody says it
Handling = tuple[str, str, str]   # skill, part, tool: ids, '' where nothing is handled


def limits_of(knowledge: Knowledge, skill: str, part: str = '', tool: str = '') -> Limits:
    """Return the strictest limits while a part is handled, or a skill is done to a place.

    Args:
        knowledge: Of the cell.
        skill: One of `lam_ws.knowledge.tables.SKILLS`.
        part: Id of what is held or pushed, '' for nothing.
        tool: Id of what does it, '' for nothing.

    Raises:
        KeyError: The cell has no such part or tool.
    """
    things = [knowledge.things[identity] for identity in (part, tool) if identity]
    rules = holding_anywhere(knowledge.rules.values(), skill, part, tool)
    said = {key: [limit for limit, _ in limits_said(key, things, rules)] for key in KEPT}
    return {key: min(limits) for key, limits in said.items() if limits}


def every_handling(knowledge: Knowledge) -> dict[Handling, Limits]:
    """Return `limits_of` each skill with each part and tool of a cell, and without."""
    parts, tools = (['', *(thing.id for thing in knowledge.things.values()
                           if thing.table == name)] for name in ('parts', 'tools'))
    return {handling: limits_of(knowledge, *handling)
            for handling in product(SKILLS, parts, tools)}
