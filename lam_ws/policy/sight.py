"""Where one image shows what a sentence is about: found coarsely, then looked at closely.

An image, the sentence as it was read and the hand's place enter; a `Sight` leaves. The heat
maps say which thing is meant, to a cell; a crop of the image at full resolution around that
cell says where exactly it is. The hand is looked at in the same way: where it truly is, the
joints say, so what the image says otherwise is the error of the camera's calibration.
"""
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import SupportsFloat

from lam_ws.geometry import Chain, inverse, lift, project
from lam_ws.policy.passes import Passes, Reading
from lam_ws.policy.sizes import CROP, HEIGHT_SCALE, STRIDE
from lam_ws.types import Array, CameraModel, Frame, JointState, Pixels
import numpy as np

EDGE = 8      # px from the border of the image from which the hand shows enough of itself
UP = 0.11     # m from the tool centre point back to where the hand meets the arm


@dataclass(frozen=True)
class Sight:
    """What one image shows of the two things.

    Attributes:
        sure: [2] probability that each is there.
        xyz: [2, 3] m in the base frame, if the calibration of the camera were true.
        yaw: [2, yaws] logits of the headings over half a turn.
        camera: The camera as it is thought to stand.
        off: [2] px from where the hand should be in the image to where it is; None where
            it is out of the picture.
    """

    sure: Sequence[float]
    xyz: Array
    yaw: Sequence[Sequence[float]]
    camera: CameraModel
    off: Array | None = None


def hand(chain: Chain, joints: JointState) -> tuple[Array, float]:
    """Return the point [3] m of the hand that is looked at, and the tool's yaw, rad."""
    X = chain.forward(joints.position[:-1])
    return X[:3, 3] - UP * X[:3, 2], math.atan2(X[1, 0], X[0, 0])


def see(passes: Passes, frame: Frame, reading: Reading, at: Array, yaw: float) -> Sight:
    """Return what one image shows.

    Args:
        passes: The network.
        frame: The image.
        reading: The sentence.
        at: [3] m in the base frame, where the hand is by the joints.
        yaw: rad, where the tool points.
    """
    camera, pixels = frame.camera, frame.pixels
    heat = passes.ground(pixels, reading)
    cells = [divmod(cell, heat.shape[2]) for cell in heat.reshape(2, -1).argmax(1).tolist()]
    looks = [STRIDE * (np.array([column, row]) + 0.5) for row, column in cells]
    expected = project(camera.K, inverse(camera.X_ParentCamera), at)
    if all(EDGE <= at < size - EDGE for at, size in zip(
            expected, (camera.width, camera.height), strict=True)):
        looks.append(expected)
    corners = np.rint(np.array(looks) - CROP / 2).astype(int)
    crops = np.stack([cut(pixels, u, v) for u, v in corners.tolist()])
    found, height, headings = passes.closeup(crops, reading, yaw)
    places = corners + CROP / 2 + found
    xyz = lift(camera.K, camera.X_ParentCamera, places[:2], HEIGHT_SCALE * height[:2])
    return Sight([probability(heat[k][cell]) for k, cell in enumerate(cells)], xyz,
                 headings[:2].tolist(), camera, places[2] - expected if len(looks) > 2 else None)


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
