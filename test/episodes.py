"""A dataset small enough to learn in seconds: a bar in the picture says where to go.

The picture shows a bright bar at one of several places, the sentence says whether to go there
or to its mirror image, and the action is that place: nothing can be learned from the state. Where
the bar is may be told as what is true around the robot.
"""
from lam_ws.dataset.dataset import Episode
from lam_ws.dataset.writer import Writer
from lam_ws.embodiment import Embodiment, Picture, Signal
import numpy as np

BODY = Embodiment('', 10.0, (Signal('x', 'm'), Signal('y', 'm')), (Signal('x', 'm'),),
                  (Picture('top', 64, 48), Picture('side', 32, 32)))


def moment(place: float, length: int = 1):
    """Return the frames of both cameras with the bar at `place`, 0..1."""
    top = np.full((length, 48, 64, 3), 60, np.uint8)
    column = int(4 + place * 52)
    top[:, :, column:column + 6] = (240, 220, 40)
    return {'top': top, 'side': np.full((length, 32, 32, 3), 90, np.uint8)}


def write(folder, count: int = 12, length: int = 8, body: Embodiment = BODY, told: bool = False):
    """Write `count` episodes of `length` frames; `told`: with the place of the bar."""
    writer = Writer(folder, body, (Signal('bar'),) if told else ())
    rng = np.random.default_rng(5)
    for number in range(count):
        place, there = rng.uniform(), number % 2 == 0
        goal = place if there else 1.0 - place
        state = rng.normal(size=(length, len(body.state)))
        action = np.full((length, len(body.action)), goal) + 0.01 * rng.normal(
            size=(length, len(body.action)))
        writer.add(Episode('go to the bar' if there else 'go to its mirror image', state, action,
                           moment(place, length),
                           environment=np.full((length, 1), place) if told else None))
    writer.flush()
    return folder
