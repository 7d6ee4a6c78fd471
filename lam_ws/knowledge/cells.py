"""One cell of a table: its text enters, a value or a fault leaves. Nothing is guessed."""
from collections.abc import Mapping
from dataclasses import dataclass
import datetime
import re
import unicodedata

from lam_ws.knowledge.tables import COLOURS, Column, LOOKS
from lam_ws.source import nearest

Value = str | float | int | bool | tuple[str, ...]
LONGEST = 500        # letters of a cell
LONGEST_NAME = 80
_FILLERS = '\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5'   # letters that nobody sees
# Letters of names: others look like these and are not.
_SCRIPTS = ('HANGUL SYLLABLE', 'LATIN', 'DIGIT', 'CJK')
_ID = re.compile(r'[a-z][a-z0-9_]{0,47}')
_NUMBER = re.compile(r'-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,6})?')
_DATE = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2}')


@dataclass
class Wrong(Exception):
    """A cell that says nothing usable; see `lam_ws.knowledge.faults.Fault`."""

    code: str
    value: str
    more: Mapping[str, str]
    nearest: str | None = None


def wrong(code: str, value: str, near: str | None = None, **more: object) -> Wrong:
    """Return a fault of a cell."""
    return Wrong(code, value, {name: str(what) for name, what in more.items()}, near)


def cleaned(text: str) -> str:
    """Return a cell's text as composed letters, without spaces around it.

    Raises:
        Wrong: It has letters that nobody sees, or too many.
    """
    text = unicodedata.normalize('NFC', text).strip(' ')
    for letter in text:
        if (unicodedata.category(letter)[0] in 'CZ' and letter != ' ') or letter in _FILLERS:
            raise wrong('control', text[:40], code_point=f'{ord(letter):04X}')
    if len(text) > LONGEST:
        raise wrong('too_long', f'{text[:40]}...', expected=LONGEST)
    return text


def read(text: str, column: Column) -> Value:
    """Return the value of a cell that is not empty.

    Raises:
        Wrong: It is not what the column holds.
    """
    match column.sort:
        case 'id' | 'thing':
            return _id(text)
        case 'things':
            return tuple(_id(one) for one in entries(text))
        case 'name':
            return _name(text)
        case 'names':
            return tuple(_name(one) for one in entries(text))
        case 'number':
            return number(text, column.low, column.high)
        case 'count':
            return _count(text, column)
        case 'flag':
            if text not in ('yes', 'no'):
                raise wrong('flag', text)
            return text == 'yes'
        case 'choice':
            return choice(text, column.choices)
        case 'date':
            return _date(text)
        case 'look':
            return _look(text)
        case _:
            return text


def entries(text: str) -> list[str]:
    """Return the entries of a list.

    Raises:
        Wrong: One is empty, or stands twice.
    """
    found: list[str] = []
    for entry in text.split(';'):
        entry = entry.strip(' ')
        if not entry:
            raise wrong('needed', text)
        if entry in found:
            raise wrong('entry_twice', entry)
        found.append(entry)
    return found


def number(text: str, low: float, high: float) -> float:
    """Return a plain decimal number within bounds.

    Raises:
        Wrong: It is none, or outside.
    """
    if not _NUMBER.fullmatch(text):
        raise wrong('number', text)
    if not low <= float(text) <= high:
        raise wrong('range', text, low=f'{low:g}', high=f'{high:g}')
    return float(text)


def choice(text: str, choices: tuple[str, ...]) -> str:
    """Return one of some words.

    Raises:
        Wrong: It is none of them.
    """
    if text not in choices:
        raise wrong('choice', text, nearest(text, choices), expected=', '.join(choices))
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise wrong('id', text)
    return text


def _name(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise wrong('too_long', f'{text[:40]}...', expected=LONGEST_NAME)
    if not any(letter.isalnum() for letter in text):
        raise wrong('name_empty', text)
    for word in text.split():
        strange = [letter for letter in word if letter.isalnum()
                   and not unicodedata.name(letter, '').startswith(_SCRIPTS)]
        if strange and (len(word) > 2 or not unicodedata.name(strange[0], '').startswith('GREEK')):
            raise wrong('script', text, letter=strange[0])
    return text


def _count(text: str, column: Column) -> int:
    value = number(text, column.low, column.high)
    if not text.isdigit():
        raise wrong('whole', text)
    return int(value)


def _date(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        datetime.date.fromisoformat(text)
    except ValueError:
        raise wrong('date', text) from None
    return text


def _look(text: str) -> str:
    colour, _, kind = text.partition(' ')
    if colour not in COLOURS or kind not in LOOKS:
        near = nearest(text, [f'{one} {other}' for one in COLOURS for other in LOOKS])
        raise wrong('look', text, near, colours=', '.join(COLOURS), kinds=', '.join(LOOKS))
    return text
