"""A bound that was met: the one thing all of the guard's checks return."""
from typing import NamedTuple


class Bound(NamedTuple):
    """A bound that was active, in the unit of that bound.

    Attributes:
        name: Stable code: a reason of words.py.
        measured: What was found.
        allowed: What is permitted.
        where: Joint, point or commander concerned, '' for the whole arm.
    """

    name: str
    measured: float = 0.0
    allowed: float = 0.0
    where: str = ''
