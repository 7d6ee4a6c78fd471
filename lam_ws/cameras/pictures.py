"""Residuals as a picture: where in the image corners were seen, and which way each is off.

Residuals by picture of the board enter; one picture leaves: a dot for each corner, coloured by
the picture it is of, with its residual as a line, enlarged; cells of the image that no corner was
seen in are grey. A pattern in the lines is a fault of the model, a single long bunch a picture
that moved.
"""
from collections.abc import Mapping

from lam_ws.cameras.intrinsics import CELLS
from lam_ws.types import Array, Pixels
import numpy as np

_WIDTH = 960           # px of what is drawn
_ENLARGED_TO = 30.0    # px, length of a residual of the 99th percentile
_MARGIN = 54


def residuals(found: Mapping[str, Array], width: int, height: int, title: str) -> Pixels:
    """Return the [h, w, 3] RGB picture.

    Args:
        found: By picture: [k, 4] px, where a corner was seen and by how much it is off.
        width: px of the camera's images.
        height: px.
        title: One line of ASCII above.
    """
    import cv2

    scale = _WIDTH / width
    canvas = np.full((round(height * scale) + _MARGIN, _WIDTH, 3), 255, np.uint8)
    rows = np.vstack(list(found.values()))
    _shade(canvas, rows, width, height, scale)
    lengths = np.linalg.norm(rows[:, 2:], axis=1)
    enlarged = _ENLARGED_TO / max(float(np.quantile(lengths, 0.99)), 1e-6)
    for i, (_, view) in enumerate(sorted(found.items())):
        hue = np.array([[[(i * 67) % 180, 200, 170]]], np.uint8)
        colour = [int(value) for value in cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0]]
        for x, y, dx, dy in view:
            start = round(x * scale), round(y * scale) + _MARGIN
            end = round(start[0] + dx * enlarged), round(start[1] + dy * enlarged)
            cv2.line(canvas, start, end, colour, 1, cv2.LINE_AA)
            cv2.circle(canvas, start, 2, colour, -1, cv2.LINE_AA)
    unit = float(10.0 ** np.floor(np.log10(2.0 * _ENLARGED_TO / enlarged)))
    cv2.rectangle(canvas, (0, 0), (_WIDTH, _MARGIN - 1), (255, 255, 255), -1)
    for line, text in enumerate((title, f'the bar is {unit:g} px; grey: no corner seen')):
        cv2.putText(canvas, text, (10, 20 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0),
                    1, cv2.LINE_AA)
    right = _WIDTH - 20
    cv2.line(canvas, (right - round(unit * enlarged), 38), (right, 38), (0, 0, 0), 3)
    return canvas


def _shade(canvas: Pixels, rows: Array, width: int, height: int, scale: float) -> None:
    """Make the cells grey in which no corner was seen."""
    cells = np.array(CELLS)
    seen = np.clip((rows[:, :2] / [width, height] * cells).astype(int), 0, cells - 1)
    known = {(int(x), int(y)) for x, y in seen}
    side = np.array([width, height]) * scale / cells
    for x in range(CELLS[0]):
        for y in range(CELLS[1]):
            if (x, y) not in known:
                left, top = (np.array([x, y]) * side).astype(int)
                right, low = (np.array([x + 1, y + 1]) * side).astype(int)
                canvas[top + _MARGIN:low + _MARGIN, left:right] = 225
