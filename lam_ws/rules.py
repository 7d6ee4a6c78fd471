"""Rules that stand beside a type in a configuration dataclass, as `Annotated[float, Range(0)]`.

A built value enters `breach`; a clause that says what is wrong with it leaves, or None.
"""
from collections.abc import Sequence
from dataclasses import dataclass
import math
import re
from typing import Annotated, Any

import numpy as np


@dataclass(frozen=True)
class Range:
    """Bounds of a number or of every number in a row: `lower` <= x <= `upper`, x > `above`."""

    lower: float = -math.inf
    upper: float = math.inf
    above: float = -math.inf

    def breach(self, value: Any) -> str | None:
        """Return what is wrong with `value`, or None."""
        for number in np.ravel(value).tolist():
            if not (self.lower <= number <= self.upper and number > self.above):
                if self.above > -math.inf:
                    bounds = f'greater than {self.above:g}'
                    bounds += f' and at most {self.upper:g}' if self.upper < math.inf else ''
                else:
                    bounds = f'within {self.lower:g} .. {self.upper:g}'
                return f'must be {bounds}, found {number:g}'
        return None


@dataclass(frozen=True)
class Rising:
    """The first of two numbers, or of two rows, is not greater than the second."""

    def breach(self, value: tuple[float, float]) -> str | None:
        """Return what is wrong with `value`, or None."""
        if value[0] <= value[1]:
            return None
        return f'must not fall, found {value[0]:g} before {value[1]:g}'


@dataclass(frozen=True)
class Length:
    """Number of entries of a row."""

    least: int = 0
    most: float = math.inf

    def breach(self, value: Sequence[object]) -> str | None:
        """Return what is wrong with `value`, or None."""
        if self.least <= len(value) <= self.most:
            return None
        wanted = f'{self.least}' if self.least == self.most else \
            f'at least {self.least}' if len(value) < self.least else f'at most {self.most}'
        return f'must have {wanted} entries, found {len(value)}'


@dataclass(frozen=True)
class Pattern:
    """A regular expression that a whole text must match, and how to say it."""

    expression: str
    meaning: str

    def breach(self, value: str) -> str | None:
        """Return what is wrong with `value`, or None."""
        if re.fullmatch(self.expression, value):
            return None
        return f'must be {self.meaning}, found {quoted(value)}'


Identifier = Annotated[str, Pattern(r'[A-Za-z][A-Za-z0-9_]*',
                                    'a name of letters, digits and _ that starts with a letter')]
Positive = Annotated[float, Range(above=0.0)]
NotNegative = Annotated[float, Range(lower=0.0)]
Share = Annotated[float, Range(above=0.0, upper=1.0)]
Vector = tuple[float, float, float]
# No arm and no cell is larger or faster: a number beyond is a slip, and 1e308 overflows later.
Place = Annotated[Vector, Range(-100.0, 100.0)]        # m
Turns = Annotated[Vector, Range(-100.0, 100.0)]        # rad
Ends = Annotated[tuple[float, ...], Range(-100.0, 100.0)]   # rad
Speed = Range(above=0.0, upper=100.0)                  # rad/s, m/s
Acceleration = Range(above=0.0, upper=1e4)             # rad/s^2, m/s^2
Jerk = Range(above=0.0, upper=1e7)                     # rad/s^3, m/s^3
DhNumbers = Annotated[tuple[float, float, float, float], Range(-10.0, 10.0)]


def quoted(value: object) -> str:
    """Return `value` quoted on one line, cut short, for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
