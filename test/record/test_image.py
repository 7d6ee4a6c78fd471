"""Images keep their colours and their edges on the way into files and other sizes."""
import cv2
from lam_ws.record.image import jpeg, png, resized
import numpy as np
import pytest
from recordings import picture


@pytest.fixture
def pixels():
    """A picture in red on grey, of the shape a camera has."""
    return picture(1.0, 320, 240)


def decoded(data):
    """Return the RGB pixels of a file, read independently of what wrote it."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_png_is_the_same_picture(pixels):
    """Pins red that became blue, since OpenCV's own order of colours is another."""
    assert png(pixels)[:8] == b'\x89PNG\r\n\x1a\n'
    np.testing.assert_array_equal(decoded(png(pixels)), pixels)


def test_jpeg_is_nearly_the_same_picture(pixels):
    """Pins colours, and that quality has a say in the size."""
    assert jpeg(pixels)[:2] == b'\xff\xd8'
    assert np.abs(decoded(jpeg(pixels)).astype(int) - pixels).mean() < 2
    assert len(jpeg(pixels, 20)) < len(jpeg(pixels, 95))


def test_sizes(pixels):
    """Pins width and height against each other, and a view that cannot be written to."""
    pixels.flags.writeable = False   # as the pictures of a recording are
    for width, height in ((200, 150), (320, 240), (801, 603)):
        other = resized(pixels, width, height)
        assert other.shape == (height, width, 3) and other.dtype == np.uint8
        assert other.flags.writeable and not np.shares_memory(other, pixels)


def test_shrinking_does_not_alias():
    """Pins stripes that turned into a plain colour of their own when every other was skipped."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(resized(stripes, 16, 16).astype(int) - 128).max() <= 1


def test_opencv_keeps_to_one_thread():
    """Pins a pool of threads that took cores from the cell that runs beside it."""
    assert cv2.getNumThreads() == 1
