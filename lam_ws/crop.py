"""A small window cut from an image."""
from lam_ws.types import Pixels
import numpy as np


def cut(pixels: Pixels, left: int, top: int, size: int) -> Pixels:
    """Return the `size` x `size` px of an image from a corner on; its border goes on outside."""
    height, width = pixels.shape[:2]
    if 0 <= left <= width - size and 0 <= top <= height - size:
        return pixels[top:top + size, left:left + size]
    rows = np.clip(np.arange(top, top + size), 0, height - 1)
    columns = np.clip(np.arange(left, left + size), 0, width - 1)
    return pixels[rows[:, None], columns]
