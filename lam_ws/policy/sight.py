"""Where one image shows what a sentence is about: found coarsely, then looked at closely.

An image and the sentence as it was read enter; a `Sight` leaves. The heat maps say which thing
is meant, to a cell; a crop of the image at full resolution around that cell says where exactly
it is.
"""
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import SupportsFloat

from lam_ws.geometry import lift
from lam_ws.policy.passes import Passes, Reading
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE, STRIDE
from lam_ws.types import Array, Frame, Pixels
import numpy as np


@dataclass(frozen=True)
class Sight:
    """What one image shows of the two things.

    Attributes:
        sure: [2] probability that each is there.
        xyz: [2, 3] m in the base frame.
        yaw: [2, yaws] logits of the headings over half a turn.
    """

    sure: Sequence[float]
    xyz: Array
    yaw: Sequence[Sequence[float]]


def see(passes: Passes, frame: Frame, reading: Reading) -> Sight:
    """Return what one image shows of what a sentence is about."""
    camera, pixels = frame.camera, frame.pixels
    heat = passes.ground(pixels, reading)
    cells = [divmod(cell, heat.shape[2]) for cell in heat.reshape(2, -1).argmax(1).tolist()]
    corners = np.array([[STRIDE * column, STRIDE * row] for row, column in cells]) \
        + (STRIDE - CROP) // 2
    crops = np.stack([cut(pixels, u, v) for u, v in corners.tolist()])
    found, height, headings = passes.closeup(crops, reading)
    xyz = lift(camera.K, camera.X_ParentCamera, corners + CROP / 2 + found, HEIGHT_SCALE * height)
    return Sight([probability(heat[k][cell]) for k, cell in enumerate(cells)], xyz,
                 headings.tolist())


def cut(pixels: Pixels, left: int, top: int) -> Pixels:
    """Return the CROP x CROP px of an image from a corner on; its border goes on outside."""
    height, width = pixels.shape[:2]
    if 0 <= left <= width - CROP and 0 <= top <= height - CROP:
        return pixels[top:top + CROP, left:left + CROP]
    rows = np.clip(np.arange(top, top + CROP), 0, height - 1)
    columns = np.clip(np.arange(left, left + CROP), 0, width - 1)
    return pixels[rows[:, None], columns]


def probability(logit: SupportsFloat) -> float:
    """Return the probability 0..1 of a logit; tanh does not overflow as exp does."""
    return 0.5 + 0.5 * math.tanh(0.5 * float(logit))
