"""Writing on pictures: text in any language goes in, a strip of pixels comes out.

Korean needs a font that has it. When the machine has none, Hangul is romanised and whatever
else the font lacks is spelled as its code point, so that a viewer never meets empty boxes.
"""
from collections.abc import Iterator
from functools import cache
import os
from pathlib import Path
import unicodedata

from PIL import Image, ImageDraw, ImageFont

FONT_FOLDERS = ('/usr/share/fonts', '/usr/local/share/fonts', '~/.local/share/fonts', '~/.fonts',
                '/System/Library/Fonts', '/Library/Fonts', 'C:/Windows/Fonts')
#: In order of preference; (regular, bold). The names are those of the files the packages install.
KOREAN_FONTS = (('NanumGothic.ttf', 'NanumGothicBold.ttf'),
                ('NanumBarunGothic.ttf', 'NanumBarunGothicBold.ttf'),
                ('NotoSansCJK-Regular.ttc', 'NotoSansCJK-Bold.ttc'),
                ('NotoSansKR-Regular.otf', 'NotoSansKR-Bold.otf'),
                ('NotoSansCJKkr-Regular.otf', 'NotoSansCJKkr-Bold.otf'),
                ('AppleSDGothicNeo.ttc', 'AppleSDGothicNeo.ttc'),
                ('malgun.ttf', 'malgunbd.ttf'), ('UnDotum.ttf', 'UnDotumBold.ttf'))
# Revised Romanization of Korean (2000), syllable by syllable, without assimilation.
INITIALS = 'g kk n d tt r m b pp s ss - j jj ch k t p h'.replace('-', '').split(' ')
VOWELS = 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(' ')
FINALS = ' k k ks n nj nh t l lk lm lb ls lt lp lh m p ps t t ng t t k t p t'.split(' ')


@cache
def korean_fonts() -> tuple[str, str] | None:
    """Return the paths of a regular and a bold font with Hangul, or None."""
    found: dict[str, str] = {}
    for folder in FONT_FOLDERS:
        for root, _, files in os.walk(Path(folder).expanduser()):
            found.update({name: os.path.join(root, name) for name in files})
    for regular, bold in KOREAN_FONTS:
        if regular in found:
            return found[regular], found.get(bold, found[regular])
    return None


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    fonts = korean_fonts()
    if fonts is None:
        return ImageFont.load_default(size)  # part of Pillow; Latin only
    return ImageFont.truetype(fonts[bold], size)


def readable(text: str, korean: bool | None = None) -> str:
    """Return `text` in characters that can be drawn here, on one line.

    Args:
        text: What to write.
        korean: Whether a Korean font is at hand; None looks.
    """
    korean = korean_fonts() is not None if korean is None else korean
    return ''.join(_spelled(unicodedata.normalize('NFC', text), korean))


def _spelled(text: str, korean: bool) -> Iterator[str]:
    for character in text:
        if character.isspace():
            yield ' '
        elif '가' <= character <= '힣':
            yield character if korean else romanise(character)
        elif character.isprintable() and (ord(character) < 0x250 or character in '·–—’‘“”…'):
            yield character
        else:
            yield f'[U+{ord(character):04X}]'


def romanise(syllable: str) -> str:
    """Return one Hangul syllable in Latin letters."""
    initial, rest = divmod(ord(syllable) - ord('가'), 588)
    vowel, final = divmod(rest, 28)
    return INITIALS[initial] + VOWELS[vowel] + FINALS[final]


def width(text: str, size: int, bold: bool = False) -> float:
    """Return how wide `text` is drawn, px."""
    return float(_font(size, bold).getlength(readable(text)))


def write(image: Image.Image, xy: tuple[float, float], text: str, size: int,
          colour: tuple[int, int, int], bold: bool = False, room: float | None = None) -> None:
    """Write one line of `text` with its left middle at `xy` px, cut to `room` px."""
    text, font = readable(text), _font(size, bold)
    if room is not None and font.getlength(text) > room:
        while text and font.getlength(text + '…') > room:
            text = text[:-1]
        text += '…'
    ImageDraw.Draw(image).text(xy, text, fill=colour, font=font, anchor='lm')
