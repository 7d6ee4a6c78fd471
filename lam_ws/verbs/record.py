"""`lam record --site SITE`: record demonstrations in a cell that runs.

At a terminal keys start an episode, keep it as a success or a failure, do it again or throw it
away, while rates and warnings are shown; without one, or with `--seconds`, episodes of that
length follow each other. Ctrl-C keeps what is being recorded. `--list`, `--trash` and
`--take-back` need no cell.
"""
import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
import getpass
import os
from pathlib import Path
import select
import signal
import sys
import termios
import tty
from typing import Any

from lam_ws.errors import ConfigurationError, RecordingError
from lam_ws.record import shelf
from lam_ws.record.card import LABELS
from lam_ws.record.takes import help_line, Takes
from lam_ws.site import load_site, Site
from lam_ws.verbs import parser, print_json

_SHOWN_S = 0.1    # between two looks at the keyboard


def main(arguments: Sequence[str]) -> int:
    """Record, or say what there is."""
    given = _options().parse_args(arguments)
    site = load_site(given.site)
    if site.record is None:
        raise ConfigurationError('records nothing; give it a section record', site.path)
    folder = Path(site.record.folder)
    if given.take_back is not None:
        print(shelf.take_back(folder, given.take_back))
        return 0
    if given.list or given.trash:
        return _show(shelf.trash(folder) if given.trash else shelf.episodes(folder), given.json)
    by_keys = sys.stdin.isatty() and given.seconds is None
    if not by_keys and given.seconds is None:
        raise ConfigurationError('there is no keyboard here: say --seconds S, and --episodes N')
    return _record(site, given, by_keys)


def _options() -> argparse.ArgumentParser:
    options = parser('record', 'Record demonstrations in a cell that runs.')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--instruction', default='', metavar='TEXT',
                         help='what the demonstrations are of, in Korean or English')
    options.add_argument('--operator', default=_login(), help='who records (default: your login)')
    options.add_argument('--episodes', type=_count, metavar='N',
                         help='end after so many that were kept')
    options.add_argument('--seconds', type=_span, metavar='S',
                         help='without keys: length of each episode')
    options.add_argument('--label', choices=LABELS, default='', help='without keys: of each')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--list', action='store_true', help='show what is recorded')
    options.add_argument('--trash', action='store_true', help='show what was thrown away')
    options.add_argument('--take-back', metavar='EPISODE', help='take one out of the trash')
    return options


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):   # a container may know no name for its user
        return 'local'


def _count(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def _span(text: str) -> float:
    if not 0.1 <= float(text) <= 86_400.0:
        raise ValueError
    return float(text)


def _record(site: Site, given: argparse.Namespace, by_keys: bool) -> int:
    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    from lam_ws.nodes.client import connected
    from lam_ws.nodes.record_client import RecordClient

    with Interruption() as signals, _hang_up(signals), \
            connected(site, given.domain, signals.check) as client:
        recorder = RecordClient(client, given.operator)
        takes = Takes(recorder.ask, given.instruction)
        try:
            if by_keys:
                _by_keys(takes, recorder, given.episodes)
            else:
                _by_clock(takes, recorder, given)
        finally:   # Ctrl-C, a terminal that was closed, a cell that failed: nothing is lost
            if takes.recording:
                signals.noted = False   # from here on a second one counts
                said = takes.end()
                with suppress(OSError):
                    print(f'\n{said}', file=sys.stderr)
            if given.json:
                print_json({'episodes': [vars(take) for take in takes.done]})
    return 0 if takes.kept or by_keys else 1


@contextmanager
def _hang_up(signals: Any) -> Iterator[None]:
    """Take the end of the terminal for Ctrl-C."""
    before = signal.signal(signal.SIGHUP, lambda *_: setattr(signals, 'noted', True))
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _by_clock(takes: Takes, recorder: Any, given: argparse.Namespace) -> None:
    for _ in range(given.episodes or 1):
        print(takes.start(), file=sys.stderr)
        left_s, warned = given.seconds, ''
        while left_s > 0.0:
            recorder.turn(min(left_s, _SHOWN_S))
            left_s -= _SHOWN_S
            if recorder.warning and recorder.warning != warned:
                print(f'  ! {recorder.warning}', file=sys.stderr)
            warned = recorder.warning
            _go_on(takes, recorder)
        print(f'{takes.stop(given.label)}  {recorder.line()}', file=sys.stderr)


def _go_on(takes: Takes, recorder: Any) -> None:
    """Raise where the recorder says that the episode ended before its time."""
    told = recorder.state
    if takes.recording and told is not None and not told.episode_id and told.warning:
        takes.recording = ''
        raise RecordingError(told.warning)


def _by_keys(takes: Takes, recorder: Any, episodes: int | None) -> None:
    with _keyboard() as keys:
        print(help_line(), file=sys.stderr)   # from here on keys count
        while not takes.over and (episodes is None or takes.kept < episodes):
            recorder.turn(_SHOWN_S)
            said = takes.press(keys()) if keys is not None else ''
            if said:
                print(f'\r\x1b[K{said}', file=sys.stderr)
            line = recorder.line() + (f'  ! {recorder.warning}' if recorder.warning else '')
            width = os.get_terminal_size(sys.stderr.fileno()).columns - 1 \
                if sys.stderr.isatty() else 200
            print(f'\r\x1b[K{line[:width]}', end='', file=sys.stderr, flush=True)
    print(file=sys.stderr)


@contextmanager
def _keyboard() -> Iterator[Any]:
    """Give a function that returns the key that was pressed, '' for none; it never waits."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def pressed() -> str:
        if not select.select([descriptor], [], [], 0.0)[0]:
            return ''
        return os.read(descriptor, 16).decode(errors='replace')[:1]
    try:
        tty.setcbreak(descriptor)   # Ctrl-C stays a signal
        yield pressed
    finally:
        with suppress(termios.error):   # there may be no terminal any more
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _show(paths: Sequence[Path], as_json: bool) -> int:
    rows = []
    for path in paths:
        try:
            known = shelf.card(path)
        except RecordingError as fault:
            print(f'{path.name}: {fault}', file=sys.stderr)
            continue
        rows.append(known.to_json())
        if not as_json:
            ended = {True: 'success', False: 'failure', None: '-'}[known.success]
            verdict = known.verdict
            good = '' if verdict is None or verdict.good else f' ! {", ".join(verdict.faults)}'
            print(f'{known.episode}  {known.seconds:7.1f} s  {ended:<8}{known.operator:<12}'
                  f'{known.instruction}{good}')
    if as_json:
        print_json({'episodes': rows})
    return 0
