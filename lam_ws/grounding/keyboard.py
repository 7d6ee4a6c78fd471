"""Which keys lie beside each other, and how far a typed word is from a known one.

Two strings of keystrokes enter `distance`, the number of slips between them leaves. The
same tables make the slips of `noise.py`.
"""
from lam_ws.grounding.korean import INITIALS

Neighbours = dict[str, tuple[str, ...]]

# Two-set Korean and English layouts; the Shift key is one more slip.
_KOREAN_ROWS = ('ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ', 'ㅁㄴㅇㄹㅎㅗㅓㅏㅣ', 'ㅋㅌㅊㅍㅠㅜㅡ')
_ENGLISH_ROWS = ('qwertyuiop', 'asdfghjkl', 'zxcvbnm')
_SHIFT = {'ㅂ': 'ㅃ', 'ㅈ': 'ㅉ', 'ㄷ': 'ㄸ', 'ㄱ': 'ㄲ', 'ㅅ': 'ㅆ', 'ㅐ': 'ㅒ', 'ㅔ': 'ㅖ'}

FAR_KEY = 1.5  # cost of a key that does not lie beside the right one
SWAP = 0.5     # cost of two keys in the wrong order, the likeliest slip of all
DOUBLED = 0.4  # cost of a key that repeats the one before it


def _beside(rows: tuple[str, ...]) -> Neighbours:
    """Return the keys left, right, above and below of each key."""
    table = {}
    for y, row in enumerate(rows):
        for x, key in enumerate(row):
            near = [row[i] for i in (x - 1, x + 1) if 0 <= i < len(row)]
            near += [rows[j][x] for j in (y - 1, y + 1) if 0 <= j < len(rows) and x < len(rows[j])]
            table[key] = tuple(near)
    return table


def _beside_korean() -> Neighbours:
    """Return the neighbours that are letters of the same sort, Shift slips included."""
    table = {}
    for key, near in _beside(_KOREAN_ROWS).items():
        same = [other for other in near if (other in INITIALS) == (key in INITIALS)]
        table[key] = (*same, *((_SHIFT[key],) if key in _SHIFT else ()))
    table.update({shifted: (plain,) for plain, shifted in _SHIFT.items()})
    return table


ENGLISH = _beside(_ENGLISH_ROWS)
KOREAN = _beside_korean()


def distance(typed: str, known: str, most: float) -> float:
    """Return the slips between two strings of keystrokes, or a number above `most`.

    A lost or added letter and a neighbouring key cost 1, two letters swapped SWAP, a letter
    doubled DOUBLED, any other key FAR_KEY (optimal string alignment).
    """
    if not -most <= len(typed) - len(known) <= most / DOUBLED:
        return most + 1.0
    before: list[float] = []
    last = [float(i) for i in range(len(known) + 1)]
    for i, key in enumerate(typed, 1):
        extra = DOUBLED if i > 1 and key == typed[i - 2] else 1.0
        row = [last[0] + extra]
        for j, wanted in enumerate(known, 1):
            cost = last[j - 1] + _replacing(key, wanted)
            cost = min(cost, last[j] + extra, row[j - 1] + 1.0)
            if i > 1 and j > 1 and key == known[j - 2] and typed[i - 2] == wanted != key:
                cost = min(cost, before[j - 2] + SWAP)
            row.append(cost)
        if min(row) > most:
            return most + 1.0
        before, last = last, row
    return last[-1]


def _replacing(key: str, wanted: str) -> float:
    if key == wanted:
        return 0.0
    return 1.0 if wanted in KOREAN.get(key, ()) or wanted in ENGLISH.get(key, ()) else FAR_KEY
