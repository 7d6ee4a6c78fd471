"""A window of an image is where it should be, at its border too."""
from lam_ws.crop import cut
import numpy as np

CROP = 48


def test_a_crop_at_the_border_goes_on():
    """Pins: a part at the edge of the picture is in the middle of its crop all the same."""
    pixels = np.arange(60 * 70 * 3, dtype=np.uint8).reshape(60, 70, 3)
    assert np.shares_memory(cut(pixels, 3, 5, CROP), pixels)
    crop = cut(pixels, -10, 30, CROP)
    np.testing.assert_array_equal(crop[:30, 10:], pixels[30:, :CROP - 10])
    assert (crop[:30, :10] == pixels[30:, :1]).all() and (crop[30:] == crop[29]).all()
