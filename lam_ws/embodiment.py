"""What a recording was made with and a model was made for: numbers, cameras and a rate, by name.

A dataset says it, a model's card repeats it, and whoever runs the model compares it with what
is at hand. Nothing here knows of an arm or a cell: names and units are those of the recording.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from lam_ws.rules import Length, Pattern, Range

Name = Annotated[str, Length(1, 100)]
CameraName = Annotated[str, Pattern(r'[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}',
                                    'a name of letters, digits, _, . and -')]
Pixel = Annotated[int, Range(8, 4096)]


@dataclass(frozen=True)
class Signal:
    """One number of the state or of the action; its unit is '' where nobody said it."""

    name: Name
    unit: Annotated[str, Length(0, 20)] = ''


@dataclass(frozen=True)
class Picture:
    """One camera: its name and what it delivers, px."""

    name: CameraName
    width: Pixel
    height: Pixel


@dataclass(frozen=True)
class Embodiment:
    """Who sees and moves how.

    Attributes:
        robot: Name of the robot, '' where nobody said it.
        rate_hz: Frames and actions a second; an action is the target one period later.
        state: The numbers that are measured, in order.
        action: The numbers that are commanded, in order.
        cameras: Every camera.
    """

    robot: Annotated[str, Length(0, 100)]
    rate_hz: Annotated[float, Range(above=0.0, upper=1e4)]
    state: Annotated[tuple[Signal, ...], Length(1, 256)]
    action: Annotated[tuple[Signal, ...], Length(1, 256)]
    cameras: Annotated[tuple[Picture, ...], Length(1, 16)]

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield names that stand twice."""
        for key in ('state', 'action', 'cameras'):
            names = [one.name for one in getattr(self, key)]
            yield from ((key, f'{name!r} stands twice') for name in dict.fromkeys(names)
                        if names.count(name) > 1)
