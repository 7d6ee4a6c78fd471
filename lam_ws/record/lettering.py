"""Writing on pictures: text in any language goes in, letters on the pixels come out.

OpenCV 5 carries outlines of Latin letters and of every syllable of Hangul, so nothing depends on
the fonts of a machine. OpenCV 4, which is what Ubuntu 24.04 packages, has strokes for ASCII only:
there Hangul is romanised. Whatever else cannot be drawn is spelled as its code point, so that a
viewer never meets empty boxes or question marks.
"""
from collections.abc import Iterator
from typing import Any
import unicodedata

import cv2
from lam_ws.types import Pixels

# One flaw is known of the outlines of 5.0.0: of the 11,172 syllables, U+B0B8 looks like U+B0F0.
OUTLINES: Any = None
if hasattr(cv2, 'FontFace') and cv2.FontFace().set('uni'):   # it can be built without Hangul
    OUTLINES = cv2.FontFace('sans')                          # and takes from 'uni' what it lacks
REGULAR = 400            # weight at which Latin letters are as dark as Hangul, which has one only
STROKES = cv2.FONT_HERSHEY_SIMPLEX
STROKE_HEIGHT = 34       # px of our sizes at which strokes have OpenCV's scale 1
MIDDLE = 0.36            # of the size, from the baseline up to the middle of the letters
MARKS = {'·': '-', '–': '-', '—': '-', '’': "'", '‘': "'", '“': '"', '”': '"', '…': '...'}
# Revised Romanization of Korean (2000), syllable by syllable, without assimilation.
INITIALS = 'g kk n d tt r m b pp s ss - j jj ch k t p h'.replace('-', '').split(' ')
VOWELS = 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(' ')
FINALS = ' k k ks n nj nh t l lk lm lb ls lt lp lh m p ps t t ng t t k t p t'.split(' ')


def readable(text: str, outlines: bool | None = None) -> str:
    """Return `text` in characters that can be drawn here, on one line.

    Args:
        text: What to write.
        outlines: Whether there is more than ASCII to draw with; None looks.
    """
    outlines = OUTLINES is not None if outlines is None else outlines
    return ''.join(_spelled(unicodedata.normalize('NFC', text), outlines))


def _spelled(text: str, outlines: bool) -> Iterator[str]:
    for character in text:
        if character.isspace():
            yield ' '
        elif '가' <= character <= '힣':
            yield character if outlines else romanise(character)
        elif character in MARKS:
            yield character if outlines else MARKS[character]
        elif character.isprintable() and ord(character) < (0x180 if outlines else 0x7f):
            yield character
        else:
            yield f'[U+{ord(character):04X}]'


def romanise(syllable: str) -> str:
    """Return one Hangul syllable in Latin letters."""
    initial, rest = divmod(ord(syllable) - ord('가'), 588)
    vowel, final = divmod(rest, 28)
    return INITIALS[initial] + VOWELS[vowel] + FINALS[final]


def width(text: str, size: int) -> float:
    """Return how wide `text` is drawn, px."""
    return _width(readable(text), size)


def _width(text: str, size: int) -> float:
    if OUTLINES is None:
        return float(cv2.getTextSize(text, STROKES, size / STROKE_HEIGHT, 1)[0][0])
    return float(cv2.getTextSize((0, 0), text, (0, 0), OUTLINES, size, REGULAR)[2])


def write(pixels: Pixels, xy: tuple[float, float], text: str, size: int,
          colour: tuple[int, int, int], room: float | None = None) -> None:
    """Write one line of `text` onto `pixels`, its left middle at `xy` px, cut to `room` px."""
    text, more = readable(text), readable('…')
    if room is not None and _width(text, size) > room:
        while text and _width(text + more, size) > room:
            text = text[:-1]
        text += more
    origin = round(xy[0]), round(xy[1] + MIDDLE * size)
    if OUTLINES is None:
        cv2.putText(pixels, text, origin, STROKES, size / STROKE_HEIGHT, colour, 1, cv2.LINE_AA)
    else:
        cv2.putText(pixels, text, origin, colour, OUTLINES, size, REGULAR)
