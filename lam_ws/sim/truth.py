"""What a scorer and an expert read from the simulator's truth; never seen by a policy.

The dictionary of `Cell.truth` and a goal enter; grasp and release points, or the answer
whether the part lies where it should, leave. Plain numpy, no simulator.
"""
from dataclasses import dataclass
from typing import Any

from lam_ws.errors import InstructionError
from lam_ws.types import Array, Goal
import numpy as np

DROP = 0.016     # m above the table's height of the part, where it is let go in a bin
LOWEST = 0.014   # m, tool height from which the fingers clear the table
LIES = 0.7       # share of a cylinder's axis that points up, below which it lies


@dataclass(frozen=True)
class KeyPoints:
    """What the task is about: pick [3] m, yaw rad and width m, place [3] m (release point)."""

    pick: Array
    yaw: float
    place: Array
    width: float


def heading(part: dict[str, Any]) -> float | None:
    """Return the heading rad of a part on the table, None where every heading is as good.

    That of its long side; of a cylinder that lies its axis, one that stands has none.
    """
    x, y, z, w = part['quaternion']
    if part['kind'] != 'cylinder':
        return float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    if abs(1 - 2 * (x * x + y * y)) > LIES:
        return None
    return float(np.arctan2(2 * (y * z - w * x), 2 * (x * z + w * y)))


def fold(angle: float, period: float) -> float:
    """Return `angle` in [-period / 2, period / 2)."""
    return float((angle + period / 2) % period - period / 2)


def key_points(truth: dict[str, Any], goal: Goal) -> KeyPoints:
    """Read pick and place from the simulator's truth.

    Raises:
        InstructionError: The scene has no such part or bin.
    """
    part = next((p for p in truth['parts']
                 if (p['kind'], p['colour']) == (goal.kind, goal.colour)), None)
    bin_ = next((b for b in truth['bins'] if b['colour'] == goal.destination), None)
    if part is None or bin_ is None:
        raise InstructionError('not_in_scene', f'no {goal.colour} {goal.kind} or '
                                               f'{goal.destination} bin in this scene')
    along = heading(part)
    yaw = 0.0 if along is None else fold(along, np.pi / 2 if part['kind'] == 'cube' else np.pi)
    position = np.array(part['position'])
    lying = part['kind'] == 'cylinder' and along is not None
    height = part['size'][0 if lying else 2]
    place = np.array(bin_['position']) + [0, 0, height / 2 + DROP]
    return KeyPoints(np.array([*position[:2], max(position[2], LOWEST)]), yaw, place,
                     part['size'][1])


def in_bin(truth: dict[str, Any], goal: Goal) -> bool:
    """Return whether the goal's part truly lies inside the goal's bin."""
    part = next(p for p in truth['parts'] if (p['kind'], p['colour']) == (goal.kind, goal.colour))
    bin_ = next(b for b in truth['bins'] if b['colour'] == goal.destination)
    offset = np.array(part['position']) - bin_['position']
    c, s = np.cos(bin_['yaw']), np.sin(bin_['yaw'])
    local = np.abs([c * offset[0] + s * offset[1], c * offset[1] - s * offset[0]])
    return bool((local < np.array(bin_['inner']) / 2).all() and offset[2] < bin_['height'] + 0.01)
