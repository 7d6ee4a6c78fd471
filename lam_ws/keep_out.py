"""Boxes that the arm stays out of: what may stand under `limits.keep_out` of a site.

Checked boxes leave, in the base frame. They are for what stands in the cell and is not to be
touched: a camera's post, a fixture, the place of a person. The guard enforces them.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from lam_ws.rules import Identifier, Length, Range
from lam_ws.types import Array, freeze_fields

ZONES = 32   # at most: each costs the guard a little in every cycle
Corner = Annotated[Array, Length(3, 3), Range(-10.0, 10.0)]


@dataclass(frozen=True)
class KeepOut:
    """One box with its edges along the axes of the base frame.

    Attributes:
        name: What it keeps the arm away from.
        lower, upper: [3] m, its smallest and largest coordinates.
    """

    name: Identifier
    lower: Corner
    upper: Corner

    def __post_init__(self) -> None:
        freeze_fields(self, 'lower', 'upper')

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield (key, message) where nothing would be kept out."""
        for axis, low, high in zip('xyz', self.lower, self.upper, strict=True):
            if low >= high:
                yield 'lower', f'{axis} must be less than that of upper = {high:g}, ' \
                               f'found {low:g}'
