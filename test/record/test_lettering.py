"""Korean is drawn as Korean where that is possible and never becomes boxes."""
from lam_ws.record import lettering
from lam_ws.record.lettering import readable, romanise, width, write
import numpy as np
import pytest

needs_outlines = pytest.mark.skipif(lettering.OUTLINES is None,
                                    reason='this OpenCV carries no outlines of Hangul')


def drawn(text, size=22, room=None):
    """Return what `text` looks like in the middle of a black picture, 0 or more a pixel."""
    pixels = np.zeros((60, 400, 3), np.uint8)
    write(pixels, (10, 30), text, size, (255, 255, 255), room)
    return pixels.max(axis=2)


@pytest.fixture
def strokes(monkeypatch):
    """OpenCV 4, as far as lettering can tell."""
    monkeypatch.setattr(lettering, 'OUTLINES', None)


@needs_outlines
def test_hangul_is_drawn_whatever_fonts_the_machine_has():
    """Pins question marks, OpenCV's sign for what it cannot draw."""
    looks = {syllable: drawn(syllable).tobytes() for syllable in '빨간원통을검은상자에넣어줘뷁'}
    assert len({*looks.values(), drawn('?').tobytes()}) == len(looks) + 1


@needs_outlines
def test_every_character_that_is_let_through_can_be_drawn():
    """Pins the bound between what is drawn and what is spelled: no question mark, no gap."""
    missing = drawn('?').tobytes()
    for character in [*map(chr, range(0x21, 0x250)), *lettering.MARKS, 'ㄱ', '漢', '🙂']:
        if character != '?' and readable(character) == character:
            look = drawn(character)
            assert look.any() and look.tobytes() != missing, hex(ord(character))


def test_what_cannot_be_drawn_is_spelled():
    """Pins boxes, control characters and a second line."""
    assert readable('빨간 원통\t🙂', outlines=False) == 'ppalgan wontong [U+1F642]'
    assert readable('닭과 값', outlines=False) == 'dalkgwa gaps'
    assert readable('“é” · a…', outlines=False) == '"[U+00E9]" - a...'
    assert readable('빨간 cube\n🙂 “é” · a…', outlines=True) == '빨간 cube [U+1F642] “é” · a…'
    assert readable('\u1112\u1161\u11ab', outlines=True) == '한', 'typed as single letters'


def test_opencv_4_gets_what_it_can_draw(strokes):
    """Pins a machine with Ubuntu's OpenCV, which turns each byte of Hangul into a mark."""
    assert width('빨간', 20) == width('ppalgan', 20) > 0
    assert romanise('간') == 'gan'
    np.testing.assert_array_equal(drawn('빨간'), drawn('ppalgan'))
    assert drawn('빨간').any()


@pytest.mark.parametrize('outlines', [pytest.param(True, marks=needs_outlines), False])
def test_letters_stand_in_the_middle_and_within_their_width(outlines, request):
    """Pins a baseline taken for the middle and a width that was measured for another font."""
    if not outlines:
        request.getfixturevalue('strokes')
    rows, columns = np.nonzero(drawn('빨간 HIGH 원통', 24) > 60)
    assert abs((rows.min() + rows.max()) / 2 - 30) <= 4
    assert rows.max() - rows.min() < 30
    assert columns.min() >= 8 and columns.max() <= 10 + width('빨간 HIGH 원통', 24) + 2


@pytest.mark.parametrize('text', ['빨간 원통을 검은 상자에 넣어 줘 ' * 20, 'W' * 300])
def test_what_has_no_room_is_cut(text):
    """Pins text that ran on below its line or over its neighbour."""
    rows, columns = np.nonzero(drawn(text, 22, room=300))
    assert 250 < columns.max() <= 10 + 300
    assert rows.max() < 45, 'one line'
