"""`lam guard explain [CODE]`: what a reason code of the guard means, and what to do next.

A code, and the values that came with it where they are known, enter; what tripped, which limit
was measured against what is allowed, and the next step leave, in Korean or English. Without a
code all of them are listed.
"""
import argparse
from collections.abc import Sequence
import math

from lam_ws.errors import LamError
from lam_ws.rules import quoted
from lam_ws.safety.wording import Wording
from lam_ws.safety.words import WORDINGS, words
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.check import readers_language


def main(arguments: Sequence[str]) -> int:
    """Explain one code, or list all of them."""
    options = parser('guard', 'Explain the reason codes of the guard.')
    options.add_argument('what', choices=('explain',))
    options.add_argument('code', nargs='?', metavar='CODE',
                         help='a reason or bound of guard_state; without one all are listed')
    options.add_argument('--language', choices=('ko', 'en'), default=readers_language(),
                         help='default: that of this terminal')
    options.add_argument('--measured', type=float, metavar='X', help='as in guard_state, SI units')
    options.add_argument('--allowed', type=float, metavar='Y', help='as in guard_state, SI units')
    options.add_argument('--where', default='', metavar='JOINT', help='joint or point concerned')
    given = options.parse_args(arguments)
    values = [one for one in (given.measured, given.allowed) if one is not None]
    if len(values) == 1 or not all(map(math.isfinite, values)):
        options.error('--measured and --allowed go together and are finite')
    if given.code is None:
        _list(given)
        return 0
    if given.code not in WORDINGS:
        near = nearest(given.code, list(WORDINGS))
        hint = f"did you mean '{near}'?" if near else '`lam guard explain` lists them'
        raise LamError(f'the guard has no code {quoted(given.code)} ({hint})')
    text = words(given.code, given.measured, given.allowed, given.where, given.language)
    if given.json:
        print_json(_row(given.code, given.language) | {
            'measured': given.measured, 'allowed': given.allowed, 'where': given.where,
            'text': text})
    else:
        print(text)
    return 0


def _list(given: argparse.Namespace) -> None:
    """Print every code with what it means."""
    rows = [_row(code, given.language) for code in WORDINGS]
    if given.json:
        print_json({'codes': rows})
        return
    width = max(map(len, WORDINGS))
    for row in rows:
        print(f'{row["code"]:<{width}}  {row["tripped"]}')


def _row(code: str, language: str) -> dict[str, object]:
    """Return a code with its words; the unit is that of `measured` and `allowed`."""
    wording: Wording = WORDINGS[code]
    korean = language == 'ko'
    # Values are SI, whatever the words show them in: 'ms' of the words are s here.
    unit = 's' if wording.unit == 'ms' else wording.unit
    return {'code': code, 'tripped': wording.ko if korean else wording.en, 'unit': unit,
            'next': wording.ko_next if korean else wording.en_next}
