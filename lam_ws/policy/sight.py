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
from numpy.typing import ArrayLike

AROUND = 22   # px around where a thing is expected that it may be seen at


@dataclass(frozen=True)
class Hint:
    """Where a thing should be seen.

    Attributes:
        point: [3] m in the base frame.
        logits: What speaks for it: of two things that look alike it is the one that is there.
        seen: Whether somebody saw it there, so that it is surer to be anywhere at all.
    """

    point: ArrayLike
    logits: float
    seen: bool = False


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


def see(passes: Passes, frame: Frame, reading: Reading,
        hints: tuple[Hint | None, Hint | None] = (None, None)) -> Sight:
    """Return what one image shows of what a sentence is about.

    Args:
        passes: The network.
        frame: The image.
        reading: The sentence as it was read.
        hints: Where the two things should be, if anywhere.
    """
    camera, pixels = frame.camera, frame.pixels
    heat = passes.ground(pixels, reading)
    likely = np.stack([one if hint is None else _warmer(one, frame, hint)
                       for one, hint in zip(heat, hints, strict=True)])
    cells = [divmod(cell, heat.shape[2]) for cell in likely.reshape(2, -1).argmax(1).tolist()]
    corners = np.array([[STRIDE * column, STRIDE * row] for row, column in cells]) \
        + (STRIDE - CROP) // 2
    crops = np.stack([cut(pixels, u, v, CROP) for u, v in corners.tolist()])
    found, height, headings = passes.closeup(crops, reading)
    xyz = lift(camera.K, camera.X_ParentCamera, corners + CROP / 2 + found, HEIGHT_SCALE * height)
    sure = [probability((likely if hint is not None and hint.seen else heat)[k][cell])
            for k, (cell, hint) in enumerate(zip(cells, hints, strict=True))]
    return Sight(sure, xyz,
                 headings.tolist(), camera.X_ParentCamera[:3, 3])


def _warmer(heat: Array, frame: Frame, hint: Hint) -> Array:
    """Return a heat map [h, w] that is warmer around where the hint's point is seen."""
    camera = frame.camera
    u, v = project(camera.K, inverse(camera.X_ParentCamera), np.asarray(hint.point)) / STRIDE
    rows, columns = np.ogrid[:heat.shape[0], :heat.shape[1]]
    return heat + hint.logits * (np.hypot(rows + 0.5 - v, columns + 0.5 - u) < AROUND / STRIDE)


def probability(logit: SupportsFloat) -> float:
    """Return the probability 0..1 of a logit; tanh does not overflow as exp does."""
    return 0.5 + 0.5 * math.tanh(0.5 * float(logit))
