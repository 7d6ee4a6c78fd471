"""A sentence as letters: what is typed enters, letters with their places and edges leave.

Spaces and signs are no letters; they are edges. A letter knows where it stands in the text, so
that whatever is found can be shown in the words of the operator.
"""
from dataclasses import dataclass
import unicodedata

from lam_ws.grounding.korean import is_syllable, keystrokes

# Vowels and consonants that people confuse.
_ALIKE = str.maketrans('ㅔㅖㅒㅛㅕㅑㅠㅆㄲㄸㅃㅉ', 'ㅐㅐㅐㅗㅓㅏㅜㅅㄱㄷㅂㅈ')


@dataclass(frozen=True)
class Line:
    """The letters of a sentence.

    Attributes:
        text: As typed, composed.
        letters: Letters and digits, in lower case.
        places: [N] where each stands in the text.
        edges: [N + 1] whether a word begins before each letter; True at both ends.
    """

    text: str
    letters: str
    places: tuple[int, ...]
    edges: tuple[bool, ...]

    def words(self, start: int, end: int) -> str:
        """Return the text from letter `start` to before letter `end`."""
        return self.text[self.places[start]:self.places[end - 1] + 1]

    def parted(self, i: int) -> bool:
        """Return whether a word may begin at letter i: after an edge, or where scripts change."""
        return self.edges[i] or script(self.letters[i - 1]) != script(self.letters[i])


def line_of(text: str) -> Line:
    """Return a text as a line."""
    text = unicodedata.normalize('NFC', text)
    letters, places, edges, edge = [], [], [], True
    for place, sign in enumerate(text):
        if sign.isalnum() or sign == '+':
            low = sign.lower() if len(sign.lower()) == 1 else sign
            letters.append(low)
            places.append(place)
            edges.append(edge)
            edge = False
        else:
            edge = True
    return Line(text, ''.join(letters), tuple(places), (*edges, True))


def script(letter: str) -> str:
    """Return 'ko', 'digit' or 'latin'."""
    if is_syllable(letter):
        return 'ko'
    return 'digit' if letter.isdigit() else 'latin'


def sounds(letters: str) -> str:
    """Return letters as they are typed, where what sounds alike is the same."""
    return keystrokes(letters).translate(_ALIKE)


def digits(letters: str) -> str:
    """Return the digits of a word, which no slip may change."""
    return ''.join(letter for letter in letters if letter.isdigit())
