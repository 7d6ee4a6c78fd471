"""Where one image shows what a sentence is about: found coarsely, then looked at closely.

An image and the sentence as it was read enter; a `Sight` leaves. The heat maps say which thing
is meant, to a cell; a crop of the image at full resolution around that cell says where exactly
it is.
"""
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import SupportsFloat

from lam_ws.crop import cut
from lam_ws.geometry import inverse, lift, project
from lam_ws.policy.passes import Passes, Reading
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE, STRIDE
from lam_ws.types import Array, Frame
import numpy as np

AROUND = 22      # px around where a thing is expected that it may be seen at
EXPECTED = 1.5   # logits in favour of what is where it is expected


@dataclass(frozen=True)
class Sight:
    """What one image shows of the two things.

    Attributes:
        sure: [2] probability that each is there.
        xyz: [2, 3] m in the base frame.
        yaw: [2, yaws] logits of the headings over half a turn.
        eye: [3] m, from where the image was taken.
    """

    sure: Sequence[float]
    xyz: Array
    yaw: Sequence[Sequence[float]]
    eye: Array

    def first_at(self, height: float) -> Array:
        """Return where [3] m the first thing is if it is `height` m high, as it seems or not."""
        way = self.xyz[0] - self.eye
        return self.eye + way * ((height - self.eye[2]) / way[2])


def see(passes: Passes, frame: Frame, reading: Reading, expected: Array | None = None) -> Sight:
    """Return what one image shows of what a sentence is about.

    Args:
        passes: The network.
        frame: The image.
        reading: The sentence as it was read.
        expected: [3] m, where the first thing would be expected, if anywhere: of two things that
            look alike it is the one that is there.
    """
    camera, pixels = frame.camera, frame.pixels
    heat = passes.ground(pixels, reading)
    likely = heat if expected is None else _expecting(heat, frame, expected)
    cells = [divmod(cell, heat.shape[2]) for cell in likely.reshape(2, -1).argmax(1).tolist()]
    corners = np.array([[STRIDE * column, STRIDE * row] for row, column in cells]) \
        + (STRIDE - CROP) // 2
    crops = np.stack([cut(pixels, u, v, CROP) for u, v in corners.tolist()])
    found, height, headings = passes.closeup(crops, reading)
    xyz = lift(camera.K, camera.X_ParentCamera, corners + CROP / 2 + found, HEIGHT_SCALE * height)
    return Sight([probability(heat[k][cell]) for k, cell in enumerate(cells)], xyz,
                 headings.tolist(), camera.X_ParentCamera[:3, 3])


def _expecting(heat: Array, frame: Frame, point: Array) -> Array:
    """Return heat maps [2, h, w] whose first is warmer around where `point` [3] m is seen."""
    camera = frame.camera
    u, v = project(camera.K, inverse(camera.X_ParentCamera), point) / STRIDE
    rows, columns = np.ogrid[:heat.shape[1], :heat.shape[2]]
    there = np.hypot(rows + 0.5 - v, columns + 0.5 - u) < AROUND / STRIDE
    return heat + EXPECTED * np.stack([there, np.zeros_like(there)])


def probability(logit: SupportsFloat) -> float:
    """Return the probability 0..1 of a logit; tanh does not overflow as exp does."""
    return 0.5 + 0.5 * math.tanh(0.5 * float(logit))
