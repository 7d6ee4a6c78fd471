"""`lam plc --site SITE`: look at the signals of a cell's PLC, and set one to try its wiring.

A site enters; its signals leave as a table that follows the PLC, or as one JSON object. It talks
to the PLC itself and needs no running cell; beside one it looks on. `--write` sets one output
after a yes, and writes no counter: whoever watches the cell must not take this for the cell.
"""
from argparse import Namespace
from collections.abc import Sequence
import sys
import time
from typing import TYPE_CHECKING

from lam_ws.errors import ConfigurationError, LamError
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json

if TYPE_CHECKING:
    from lam_ws.plc.plc import Plc, Reading
    from lam_ws.plc_file import PlcSettings

_TIMEOUT_S = 2.0
_LOOK_S = 0.1
_SHOWN = {True: 'on', False: 'off', None: '?'}
_VALUES = {'on': True, 'off': False}


def main(arguments: Sequence[str]) -> int:
    """Show the signals, or set one; 1 where the PLC's counter stands still."""
    options = parser('plc', "Show the signals of a cell's PLC, or set one output.")
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--seconds', type=float, default=None,
                         help='how long to look (default: until Ctrl-C; with --json one second)')
    options.add_argument('--write', metavar='NAME=on|off', help='set this output, after a yes')
    options.add_argument('--yes', action='store_true', help='of whoever cannot be asked')
    given = options.parse_args(arguments)
    site = load_site(given.site)
    if site.plc is None:
        raise ConfigurationError('has no section plc', site.path)

    from lam_ws.plc.plc import connection
    plc = connection(site.plc, _TIMEOUT_S)
    wish = None if given.write is None else _wish(given.write, site.plc)
    if wish is not None and not given.yes and not _agreed(*wish, site.plc):
        print('nothing was written', file=sys.stderr)
        return 1
    plc.open()
    try:
        if wish is not None:
            plc.write(dict([wish]))
            print(f'{wish[0]} is set to {_SHOWN[wish[1]]}', file=sys.stderr)
            return 0
        return _look(plc, site.plc, given)
    finally:
        plc.close()


def _wish(text: str, settings: 'PlcSettings') -> tuple[str, bool]:
    """Return name and value of `--write`."""
    name, _, value = text.partition('=')
    names = [one.name for one in settings.outputs]
    if name not in names:
        near = nearest(name, names)
        raise LamError(f'no output {name!r} in the section plc'
                       + (f' (did you mean {near!r}?)' if near else f', which has {names}'))
    if value not in _VALUES:
        raise LamError(f'--write takes {name}=on or {name}=off, found {text!r}')
    return name, _VALUES[value]


def _agreed(name: str, on: bool, settings: 'PlcSettings') -> bool:
    """Return whether a person at the terminal says yes."""
    at = next(one.at for one in settings.outputs if one.name == name)
    print(f'This sets {name} ({at} of {settings.address}) to {_SHOWN[on]}. What hangs on it '
          'will move; a running cell sets it back within a second. Type yes: ',
          end='', file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == 'yes'


def _look(plc: 'Plc', settings: 'PlcSettings', given: Namespace) -> int:
    seconds = 1.0 if given.seconds is None and given.json else given.seconds
    began_s = time.monotonic()
    first = reading = plc.read()
    slowest_s = time.monotonic() - began_s
    lines = 0
    while seconds is None or time.monotonic() - began_s < seconds:
        if not given.json:
            lines = _draw(reading, settings, lines)
        time.sleep(_LOOK_S)
        asked_s = time.monotonic()
        reading = plc.read()
        slowest_s = max(slowest_s, time.monotonic() - asked_s)
    moves = settings.heartbeat.theirs is None or first.beat != reading.beat
    if given.json:
        print_json({'address': settings.address, 'inputs': dict(reading.inputs),
                    'counter_moves': moves if settings.heartbeat.theirs else None,
                    'slowest_read_s': round(slowest_s, 4)})
    return 0 if moves else 1


def _draw(reading: 'Reading', settings: 'PlcSettings', lines: int) -> int:
    """Print the table, over the one before on a terminal; return how many lines it has."""
    if lines and sys.stdout.isatty():
        print(f'\033[{lines}A', end='')
    rows: list[tuple[str, str, str, str]] = [
        (one.name, one.role, one.at, _SHOWN[reading.inputs[one.name]])
        for one in settings.inputs]
    rows += [(one.name, one.role, one.at, '(output)') for one in settings.outputs]
    rows += [('counter', '', settings.heartbeat.theirs, str(reading.beat))] \
        if settings.heartbeat.theirs is not None else []
    for name, role, at, value in rows:
        print(f'{name:<20} {role:<8} {at:<32} {value:<10}')
    return len(rows)
