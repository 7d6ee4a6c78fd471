"""Films, folders and collecting pictures; a device of this computer where there is one."""
from pathlib import Path
import time

from board_pictures import poses, rays, take
import cv2
from lam_ws.cameras.board import Board
from lam_ws.cameras.cameras import open_source
from lam_ws.cameras.collecting import collect
from lam_ws.cameras.files import decoded
from lam_ws.errors import CameraError
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    """Return a folder with three pictures of one colour each: red, green, blue."""
    for i, name in enumerate(('a.png', 'b.PNG', 'c.jpg')):
        pixels = np.zeros((24, 32, 3), np.uint8)
        pixels[:, :, i] = 200
        encoded = cv2.imencode(Path(name).suffix.lower(), pixels[:, :, ::-1])[1]
        (tmp_path / name).write_bytes(encoded.tobytes())
    (tmp_path / 'notes.txt').write_text('no picture')
    return tmp_path


def test_a_folder_is_a_camera_with_a_rate(folder):
    """Pins order, colours, the rate, and that it begins again."""
    source = open_source(str(folder), 32, 24, 25.0)
    began_s = time.monotonic()
    seen = [source.grab() for _ in range(6)]
    assert 0.18 < time.monotonic() - began_s < 0.6
    assert [int(pixels[5, 5].argmax()) for _, pixels in seen] == [0, 1, 2, 0, 1, 2]
    stamps = [stamp for stamp, _ in seen]
    assert (np.diff(stamps) > 0.03).all() and began_s <= stamps[0] <= time.monotonic()
    source.close()


def test_a_film_is_a_camera_with_a_rate(tmp_path):
    """Pins the same of a film."""
    path = tmp_path / 'film.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 30.0, (64, 48))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no films')
    for i in range(4):
        writer.write(np.full((48, 64, 3), 40 * i + 40, np.uint8))
    writer.release()
    source = open_source(str(path), 64, 48, 100.0)
    means = [int(source.grab()[1].mean()) for _ in range(8)]
    source.close()
    assert np.abs(np.array(means) - [40, 80, 120, 160] * 2).max() < 8


@pytest.mark.parametrize(('make', 'words'), [
    (lambda path: path / 'none.mp4', 'no film'), (lambda path: path, 'no folder with pictures'),
    (lambda path: '/dev/video97', 'no camera at /dev/video97'), (lambda path: '97', 'no camera')])
def test_what_is_no_camera_is_said(tmp_path, make, words):
    """Pins one line for each."""
    with pytest.raises(CameraError, match=words):
        open_source(str(make(tmp_path)), 64, 48, 10.0)


@pytest.mark.parametrize('data', [b'', b'no picture', bytes(1000)])
def test_what_is_no_compressed_image_is_refused(data):
    """Pins bytes of a foreign driver."""
    with pytest.raises(CameraError, match='cannot be read'):
        decoded(data)


class Shown:
    """A source that shows a person's hand with the board: moving, still, elsewhere."""

    def __init__(self, board):
        rng = np.random.default_rng(3)
        ways = rays()
        self.images = []
        for X in poses(board, rng, 5):
            moving = X.copy()
            moving[:3, 3] += 0.02
            self.images += [take(board, moving, rng, ways)] + [take(board, X, rng, ways)] * 3
        self.images += self.images[1:4]   # where it was before
        self.left = list(self.images)

    def grab(self):
        if not self.left:
            raise CameraError('the end')
        return 0.0, self.left.pop(0)


def test_pictures_are_taken_of_a_board_that_is_held_still_and_elsewhere(tmp_path):
    """Pins which of a stream are kept, and that nothing is written over."""
    board, told = Board(), []
    assert collect(Shown(board), board, tmp_path, 5, lambda *news: told.append(news)) == 5
    assert len(list(tmp_path.glob('*.png'))) == 5
    assert [count for count, _ in told] == [1, 2, 3, 4, 5] and told[-1][1] > told[0][1]
    with pytest.raises(CameraError, match='holds pictures already'):
        collect(Shown(board), board, tmp_path, 5, lambda *news: None)
    with pytest.raises(CameraError, match='the end'):
        collect(Shown(board), board, tmp_path / 'more', 6, lambda *news: None)
