"""Files with mistakes in them, the same ones at every run.

The bytes of a sound file and a source of chance enter; the same bytes with a few places changed
leave. Half of them are what a broken disk or a hasty editor does, the other half what somebody
writes who wants a number to hurt.
"""
from collections.abc import Callable
import random
import re

NUMBER = re.compile(rb'(?<![\w.])[-+]?\d+(\.\d+)?([eE][-+]?\d+)?(?![\w.])')
HOSTILE = (b'nan', b'.nan', b'NaN', b'inf', b'-inf', b'.inf', b'1e308', b'-1e308', b'1e999',
           b'-1', b'0', b'-0.0', b'1e-320', b'9' * 400, b'0x10', b'1_000', b'1:30', b'010',
           b'~', b'', b'true', b'[]', b'{}', b'"1"', b'1 2 3', b'\xef\xbc\x91', b'1,5')
ODD = (b'&a', b'*a', b'!!python/name:os.system', b'<!DOCTYPE x [<!ENTITY y "z">]>', b'\0',
       b'\xff\xfe', b'\xe2\x80\x8b', b'- ' * 40, b'{' * 40, b'#', b'"', b'&y;', b'%', b'\t',
       b'---')


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with one to four mistakes, at least one of which shows."""
    while True:
        found = data
        for _ in range(chance.randint(1, 4)):
            found = chance.choice(MISTAKES)(found or b'\n', chance)
        if found != data:
            return found


def _value(data: bytes, chance: random.Random) -> bytes:
    """Put a hostile value in the place of a number, or turn its sign."""
    places = list(NUMBER.finditer(data))
    if not places:
        return _byte(data, chance)
    place = chance.choice(places)
    new = chance.choice(HOSTILE) if chance.random() < 0.8 else b'-' + place[0].lstrip(b'+-')
    return data[:place.start()] + new + data[place.end():]


def _line(data: bytes, chance: random.Random) -> bytes:
    """Lose a line, double it or swap it with another."""
    lines = data.split(b'\n')
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            lines.pop(at)
        case 1:
            lines.insert(other, lines[at])
        case _:
            lines[at], lines[other] = lines[other], lines[at]
    return b'\n'.join(lines)


def _odd(data: bytes, chance: random.Random) -> bytes:
    """Slip in something that means more to a parser than it seems."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(ODD) + data[at:]


def _byte(data: bytes, chance: random.Random) -> bytes:
    """Flip a bit or change a byte."""
    at, found = chance.randrange(len(data)), bytearray(data)
    found[at] = found[at] ^ (1 << chance.randrange(8)) if chance.random() < 0.5 \
        else chance.randrange(256)
    return bytes(found)


def _piece(data: bytes, chance: random.Random) -> bytes:
    """Lose a piece, double it, or end early."""
    at, length = chance.randrange(len(data)), chance.randint(1, 30)
    match chance.randrange(8):
        case 0:
            return data[:at]
        case 1 | 2 | 3:
            return data[:at] + data[at + length:]
        case _:
            return data[:at + length] + data[at:]


MISTAKES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _value, _value, _value, _line, _odd, _byte, _piece)
