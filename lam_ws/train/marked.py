"""Sentences with marks: which named thing plays which part, written by hand.

Lines of models/roles_small/sentences/*.txt enter; a `Marked` each leaves. In
`{o1:파란 부시} {c1=2:두 개}를 {d1:완성 트레이}에` letters say the part (o object, d destination,
b what it is put on, s source, t tool, f defect, a acted on, p procedure, c how many, x none,
u unknown to the factory) and numbers the deeds it belongs to, in the order of doing. A line that
begins with `U ` has unknown words, one with `N ` is no order.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re

from lam_ws.errors import ConfigurationError

_MARK = re.compile(r'\{(?P<part>[odbstfapcxu])(?P<deeds>\d+(?:,\d+)*)?(?:=(?P<value>\w+))?:'
                   r'(?P<text>[^{}]+)\}')
ROLE = {'o': 'object', 'd': 'destination', 'b': 'base', 's': 'source', 't': 'tool',
        'f': 'defect', 'p': 'procedure', 'c': 'count', 'x': 'none'}
ACTS = ('press', 'open', 'close', 'wipe', 'push')


@dataclass(frozen=True)
class Mark:
    """A marked stretch.

    Attributes:
        start, end: Letters of the text.
        role: One of `lam_ws.grounding.roles.network.ROLES`, or 'unknown'.
        deeds: To which it belongs.
        value: Of a count.
    """

    start: int
    end: int
    role: str
    deeds: tuple[int, ...]
    value: str = ''


@dataclass(frozen=True)
class Marked:
    """A sentence: `text` without its marks, the `marks`, and whether it is an order."""

    text: str
    marks: tuple[Mark, ...]
    order: bool


def read_marked(path: Path) -> Iterator[Marked]:
    """Yield the sentences of a file.

    Raises:
        ConfigurationError: A line has a brace that belongs to no mark, or an unknown deed.
    """
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if line.strip():
            try:
                yield marked(line.strip())
            except ValueError as error:
                raise ConfigurationError(str(error), path, number) from None


def marked(line: str) -> Marked:
    """Return a line without its marks, and these.

    Raises:
        ValueError: It has a brace that belongs to no mark, or an unknown deed.
    """
    order = not line.startswith('N ')
    line = line[2:] if line[:2] in ('N ', 'U ') else line
    text, marks, at = '', [], 0
    for found in _MARK.finditer(line):
        text += line[at:found.start()]
        role = ROLE.get(found['part']) or (found['value'] if found['part'] == 'a' else 'unknown')
        if found['part'] == 'a' and role not in ACTS:
            raise ValueError(f'{found.group()}: a place is {", ".join(ACTS)}ed')
        deeds = tuple(int(one) for one in (found['deeds'] or '0').split(','))
        marks.append(Mark(len(text), len(text) + len(found['text']), role, deeds,
                          found['value'] or ''))
        text += found['text']
        at = found.end()
    text += line[at:]
    if '{' in text or '}' in text:
        raise ValueError(f'a brace belongs to no mark: {text}')
    return Marked(text, tuple(marks), order)
