"""Takes pictures of the board by itself while a person moves it: still ones, each from elsewhere.

A source of images enters; pictures are written to a folder, and who is told of each may see how
much of the image has been covered.
"""
from collections.abc import Callable
from pathlib import Path

from lam_ws.cameras.board import Board, Corners
from lam_ws.cameras.cameras import Source
from lam_ws.cameras.intrinsics import covered
from lam_ws.errors import CameraError
import numpy as np

STILL = 1.0      # px, by which corners may move between two images
APART = 0.06     # share of the width by which a picture must differ from those before it


def collect(source: Source, board: Board, folder: Path, count: int,
            tell: Callable[[int, float], None], most: int = 100_000) -> int:
    """Write up to `count` pictures to `folder`; return how many there are.

    Args:
        source: Opened.
        board: That is shown.
        folder: Made if need be; must hold no pictures.
        count: Pictures wanted.
        tell: Called after each with their number and the share of the image that was covered.
        most: Images that are looked at.

    Raises:
        CameraError: The source gives none, or the folder has pictures already.
    """
    import cv2

    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob('*.png')):
        raise CameraError(f'{folder}: holds pictures already')
    kept: list[Corners] = []
    before: Corners | None = None
    for _ in range(most):
        _, pixels = source.grab()
        height, width, _ = pixels.shape
        found = board.find(pixels)
        if found is not None and before is not None and _moved(found, before) < STILL \
                and all(_moved(found, one) > APART * width for one in kept):
            path = folder / f'{len(kept):03}.png'
            cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
            kept.append(found)
            tell(len(kept), covered(kept, width, height))
            if len(kept) == count:
                break
        before = found
    return len(kept)


def _moved(one: Corners, other: Corners) -> float:
    """Return the mean distance, px, of the corners that both show; inf where there are few."""
    _, here, there = np.intersect1d(one.ids, other.ids, return_indices=True)
    if len(here) < 4:
        return float('inf')
    return float(np.linalg.norm(one.pixels[here] - other.pixels[there], axis=1).mean())
