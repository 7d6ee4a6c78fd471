"""The board that is printed, and where its corners are."""
import re
import zlib

import cv2
from lam_ws.cameras.board import Board
from lam_ws.errors import CameraError
import numpy as np
import pytest


def test_corners_are_where_the_print_says():
    """Pins the board's frame, and that pixels are counted from the edge of the first one."""
    board = Board()
    found = board.find(board.picture(60))
    assert len(found.ids) == 35
    assert np.abs(found.pixels - found.points[:, :2] / board.square_m * 60.0).max() < 0.1
    assert found.points[:, 2].tolist() == [0.0] * 35
    assert board.find(np.full((200, 300, 3), 128, np.uint8)) is None


@pytest.mark.parametrize(('sizes', 'words'), [
    ({'columns': 2}, '3 to 30'), ({'columns': 12, 'rows': 12}, 'at most 50'),
    ({'marker_m': 0.03}, '0.3 to 0.9'), ({'square_m': 0.0, 'marker_m': 0.0}, '0.3 to 0.9'),
    ({'square_m': 3.0, 'marker_m': 2.0}, 'at most 1 m')])
def test_a_board_that_cannot_be_is_refused(sizes, words):
    """Pins the sizes."""
    with pytest.raises(CameraError, match=words):
        Board(**sizes)


def test_the_pdf_has_the_board_at_true_size(tmp_path):
    """Pins mm on paper: the matrix of the image in points, and the image itself."""
    board = Board()
    board.write_pdf(tmp_path / 'board.pdf')
    data = (tmp_path / 'board.pdf').read_bytes()
    width, height = re.search(rb'q ([0-9.]+) 0 0 ([0-9.]+) ', data).groups()
    assert abs(float(width) * 25.4 / 72.0 - 240.0) < 0.01
    assert abs(float(height) * 25.4 / 72.0 - 180.0) < 0.01
    start = data.index(b'stream\n', data.index(b'/Subtype /Image')) + 7
    grey = np.frombuffer(zlib.decompress(data[start:data.index(b'\nendstream', start)]), np.uint8)
    assert np.array_equal(grey.reshape(600, 800), board.picture()[:, :, 0])
    place = int(re.search(rb'startxref\n(\d+)', data)[1])
    assert data[place:].startswith(b'xref\n0 7\n')
    for number, at in enumerate(re.findall(rb'^(\d{10}) 00000 n', data, re.MULTILINE), 1):
        assert data[int(at):].startswith(b'%d 0 obj' % number)
    with pytest.raises(CameraError, match='do not fit on A4'):
        Board(square_m=0.05, marker_m=0.035).write_pdf(tmp_path / 'large.pdf')


def test_a_turned_board_is_still_found():
    """Pins corners by their numbers, whichever way the board is held."""
    board = Board()
    upright = board.picture(60)
    turned = board.find(np.ascontiguousarray(cv2.rotate(upright, cv2.ROTATE_180)))
    height, width, _ = upright.shape
    assert np.abs(np.array([width, height]) - turned.pixels
                  - turned.points[:, :2] / board.square_m * 60.0).max() < 0.1
