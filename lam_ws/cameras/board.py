"""The ChArUco board: what is printed, where its corners are, and which of them a picture shows.

Its size enters; a printable picture, a PDF at true size, and the corners found in images leave.
The board's frame has its origin in the outer corner of the first square, x along the columns, y
along the rows, z into the board.
"""
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
import zlib

from lam_ws.errors import CameraError
from lam_ws.types import Array, Pixels
import numpy as np

LEAST_CORNERS = 8          # of a view that counts
_PAGE_MM = (297.0, 210.0)  # A4, landscape
_POINT_MM = 25.4 / 72.0
_MARKERS = 50              # in the dictionary DICT_4X4_50
_PRINTED = 100             # px of a square in what is printed


@dataclass(frozen=True)
class Corners:
    """Corners in one picture: `ids` [k], `pixels` [k, 2] px, `points` [k, 3] m on the board.

    Pixels are counted as in docs/units_and_frames.md.
    """

    ids: Array
    pixels: Array
    points: Array


@dataclass(frozen=True)
class Board:
    """A chessboard with markers of DICT_4X4_50 in its white squares.

    Attributes:
        columns, rows: Squares.
        square_m, marker_m: m, sides of squares and of markers, as measured on the print.
    """

    columns: int = 8
    rows: int = 6
    square_m: float = 0.030
    marker_m: float = 0.022

    def __post_init__(self) -> None:
        if not (3 <= self.columns <= 30 and 3 <= self.rows <= 30) \
                or self.columns * self.rows // 2 > _MARKERS:
            raise CameraError(f'a board has 3 to 30 squares a side and at most {_MARKERS} '
                              f'markers, not {self.columns} x {self.rows}')
        if not 0.0 < 0.3 * self.square_m <= self.marker_m <= 0.9 * self.square_m <= 0.9:
            raise CameraError('a marker is 0.3 to 0.9 of a square, and a square at most 1 m')

    @cached_property
    def _charuco(self) -> Any:
        import cv2

        markers = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_m, self.marker_m,
                                      markers)

    @cached_property
    def _detector(self) -> Any:
        import cv2

        return cv2.aruco.CharucoDetector(self._charuco)

    @property
    def size_m(self) -> tuple[float, float]:
        """Width and height, m."""
        return self.columns * self.square_m, self.rows * self.square_m

    def picture(self, square: int = _PRINTED) -> Pixels:
        """Return the [rows * square, columns * square, 3] picture, `square` px a side."""
        grey = self._charuco.generateImage((self.columns * square, self.rows * square))
        return np.repeat(np.asarray(grey)[:, :, None], 3, 2)

    def find(self, pixels: Pixels) -> Corners | None:
        """Return the corners in an RGB image, None where too few are seen."""
        import cv2

        grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
        found, ids, *_ = self._detector.detectBoard(grey)
        if found is None or ids is None or len(ids) < LEAST_CORNERS:
            return None
        numbers = np.asarray(ids).ravel()
        points = np.asarray(self._charuco.getChessboardCorners(), float)[numbers]
        if np.ptp(points[:, 0]) == 0.0 or np.ptp(points[:, 1]) == 0.0:
            return None   # on one line there is no pose in them
        # OpenCV counts the centre of the first pixel as 0, this project as 0.5.
        return Corners(numbers, np.asarray(found, float).reshape(-1, 2) + 0.5, points)

    def write_pdf(self, path: Path) -> None:
        """Write one page of A4 with the board at true size.

        Raises:
            CameraError: It does not fit on the page.
        """
        width, height = (1000.0 * side for side in self.size_m)
        if width > _PAGE_MM[0] - 10.0 or height > _PAGE_MM[1] - 20.0:
            raise CameraError(f'{width:.0f} x {height:.0f} mm do not fit on A4; have the picture '
                              'printed elsewhere, at that size')
        path.write_bytes(_pdf(self.picture()[:, :, 0], width, height, (
            f'{self.columns} x {self.rows} squares of {1e3 * self.square_m:g} mm, markers '
            f'{1e3 * self.marker_m:g} mm. Print at 100 %. The board must be {width:g} mm wide: '
            'measure it.')))


def _pdf(grey: Pixels, width_mm: float, height_mm: float, text: str) -> bytes:
    """Return a page with a grey image in its middle and a line of text below (PDF 1.4)."""
    page = [side / _POINT_MM for side in _PAGE_MM]
    width, height = width_mm / _POINT_MM, height_mm / _POINT_MM
    left, bottom = (page[0] - width) / 2.0, (page[1] - height) / 2.0 + 10.0
    content = (f'q {width:.3f} 0 0 {height:.3f} {left:.3f} {bottom:.3f} cm /B Do Q '
               f'BT /F 9 Tf {left:.3f} {bottom - 18.0:.3f} Td ({text}) Tj ET').encode()
    data = zlib.compress(grey.tobytes(), 9)
    image = (f'<< /Type /XObject /Subtype /Image /Width {grey.shape[1]} /Height {grey.shape[0]} '
             f'/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode '
             f'/Length {len(data)} >>').encode()
    parts = [b'<< /Type /Catalog /Pages 2 0 R >>',
             b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
             f'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page[0]:.3f} {page[1]:.3f}] '
             '/Contents 4 0 R /Resources << /XObject << /B 5 0 R >> /Font << /F 6 0 R >> >> >>'
             .encode(),
             b'<< /Length %d >>\nstream\n%s\nendstream' % (len(content), content),
             image + b'\nstream\n' + data + b'\nendstream',
             b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>']
    out, places = b'%PDF-1.4\n', []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b'%d 0 obj\n' % number + part + b'\nendobj\n'
    table = b''.join(b'%010d 00000 n \n' % place for place in places)
    return out + b'xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n' \
        b'startxref\n%d\n%%%%EOF\n' % (len(parts) + 1, table, len(parts) + 1, len(out))
