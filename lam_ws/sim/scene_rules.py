"""Bounds of what a scene file may say: sizes, places, counts and colours that a cell can have.

Types with their rules leave, for the dataclasses of `scene`. A negative mass or a size of 1e308
would otherwise reach the physics, which takes anything.
"""
from collections.abc import Iterator
from typing import Annotated, Literal

from lam_ws import rules

Fault = tuple[str, str]  # key, message
Range = tuple[float, float]
Length = Annotated[float, rules.Range(above=0.0, upper=2.0)]      # m
Size = Annotated[tuple[float, float, float], rules.Range(above=0.0, upper=2.0)]   # m
Place = Annotated[tuple[float, float, float], rules.Range(-2.0, 2.0)]     # m
Spot = Annotated[Range, rules.Range(-5.0, 5.0)]      # m, on the table
Interval = Annotated[Range, rules.Range(-5.0, 5.0), rules.Rising()]   # m
Scale = Annotated[Range, rules.Range(above=0.0, upper=10.0), rules.Rising()]
Count = Annotated[tuple[int, int], rules.Range(0, 50), rules.Rising()]
Colour = Annotated[tuple[float, float, float], rules.Range(0.0, 1.0)]
Portion = Annotated[float, rules.Range(0.0, 1.0)]
Paint = Literal['red', 'green', 'blue', 'yellow', 'black', 'white', 'steel', 'dark', 'copper',
                'brass', 'none']
Few = rules.Length(0, 15)    # primitives of a part besides its body
Lengths = Annotated[Range, rules.Range(above=0.0, upper=2.0), rules.Rising()]   # m
Mass = Annotated[Range, rules.Range(1e-4, 100.0), rules.Rising()]     # kg
Heading = Annotated[Range, rules.Range(-4.0, 4.0), rules.Rising()]    # rad
Sides = Annotated[Range, rules.Range(above=0.0, upper=10.0)]          # m, two extents


def corners(lower: Range, upper: Range) -> Iterator[Fault]:
    """Yield a corner of a rectangle that is on the wrong side of the other."""
    for axis, low, high in zip('xy', lower, upper, strict=True):
        if low > high:
            yield 'lower', f'{axis} must be at most that of upper = {high:g}, found {low:g}'
