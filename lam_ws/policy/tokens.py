"""From a sentence to the ids of its letters: what the text encoder reads.

Any text enters, a fixed number of ids leaves. Korean syllables go in as their letters (jamo):
working below the syllable keeps a typing slip local, as one wrong letter changes one token and
not a word. It stands apart from the encoder because reading letters needs no torch.
"""
import unicodedata

LENGTH = 128               # tokens read of a sentence
_JAMO, _ASCII = 0x1100, 32   # first code points of the two alphabets
VOCABULARY = 2 + 95 + 256  # padding, unknown, printable ASCII, Hangul jamo


def tokens(text: str) -> list[int]:
    """Return LENGTH token ids of `text`, padded with 0; case and width are folded away."""
    ids = []
    for character in unicodedata.normalize('NFD', unicodedata.normalize('NFKC', text).lower()):
        code = ord(character)
        if _ASCII <= code < _ASCII + 95:
            ids.append(2 + code - _ASCII)
        elif _JAMO <= code < _JAMO + 256:
            ids.append(2 + 95 + code - _JAMO)
        else:
            ids.append(1)
    return (ids + [0] * LENGTH)[:LENGTH]
