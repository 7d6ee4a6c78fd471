"""What is handled, and how gently: a cell's knowledge as the guard has it, plain numbers by id.

What a step says it handles enters by id; how fast the tool may then be and how hard the fingers
may press leaves, or None. There is no looser limit to fall back on: ids that are not in the
table, or of another version of the knowledge, have none.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
import math
from types import MappingProxyType
from typing import NamedTuple

from lam_ws.errors import LimitError

Handling = tuple[str, str, str]   # skill, part, tool


class Handled(NamedTuple):
    """What a step handles; ids of the cell's knowledge, '' for none.

    Attributes:
        skill: How.
        part: What is held or pushed.
        tool: With what.
        kb_version: Of the knowledge that the ids are of, '' in a cell without a company.
    """

    skill: str = ''
    part: str = ''
    tool: str = ''
    kb_version: str = ''


class Allowance(NamedTuple):
    """What is allowed while something is handled; infinite where the knowledge says nothing.

    Attributes:
        speed: m/s, largest speed of the tool.
        force: N, largest force of the fingers.
    """

    speed: float = math.inf
    force: float = math.inf


BY_HAND = Handled('teleop')   # a person moves the arm, and no step says what is in its fingers
UNLIMITED = Allowance()   # beyond what the site says


@dataclass(frozen=True, eq=False)
class Handlings:
    """What the knowledge of a cell allows; without a company nothing but empty hands.

    Attributes:
        kb_version: Version of the knowledge, '' without a company.
        allowances: By skill, part and tool.

    Raises:
        LimitError: An allowance is not above 0.
    """

    kb_version: str = ''
    allowances: Mapping[Handling, Allowance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'allowances', MappingProxyType(dict(self.allowances)))
        for handling, allowance in self.allowances.items():
            if not (allowance.speed > 0.0 and allowance.force > 0.0):
                raise LimitError(f'{" ".join(filter(None, handling))}: {allowance.speed} m/s and '
                                 f'{allowance.force} N must both be above 0')

    def allowance(self, handled: Handled) -> Allowance | None:
        """Return what is allowed, None where nobody knows."""
        if handled == BY_HAND:   # whatever is in its fingers: as for the most delicate
            return Allowance(*map(min, zip(UNLIMITED, *self.allowances.values(), strict=True)))
        if handled.kb_version != self.kb_version:
            return None
        if not self.kb_version:
            return None if handled.part or handled.tool else UNLIMITED
        return self.allowances.get((handled.skill, handled.part, handled.tool))


WITHOUT_COMPANY = Handlings()


def handlings(kb_version: str, said: Mapping[Handling, Mapping[str, float]]) -> Handlings:
    """Return what the knowledge allows; `lam_ws.grounding.grounding.load_limits` reads it.

    Args:
        kb_version: Of the knowledge, '' without a company.
        said: max_speed_m_s and max_force_n by handling, each where anybody says it.

    Raises:
        LimitError: One of them is not above 0.
    """
    return Handlings(kb_version, {handling: Allowance(
        limits.get('max_speed_m_s', math.inf), limits.get('max_force_n', math.inf))
        for handling, limits in said.items()})
