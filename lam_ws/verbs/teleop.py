"""`lam teleop --site SITE`: move the arm of a running cell by hand, from a terminal.

Keys enter while they are held, or the joints of a leader arm; the guard decides what becomes of
them. The terminal is put back as it was, and the arm given back, however this ends.
"""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import os
from pathlib import Path
import select
import shutil
import sys
import termios
import time
import tty
from typing import Any, TYPE_CHECKING

from lam_ws.errors import KeyFileError, LamError
from lam_ws.keys import FOLDER, folder_of, of_running_cell, read_keys
from lam_ws.policy.teleop import Jog
from lam_ws.site import load_site, Site
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.jogging import HELP, Keyboard, keys_in

if TYPE_CHECKING:
    from lam_ws.nodes.teleoperator import Connection

_TURN_S = 0.01      # longest wait for news before the keys are looked at again
_SHOW_S = 0.1       # between two pictures of the state
_TOLD_S = 2.0       # for which a request is shown


class TerminalError(LamError):
    """There is no terminal to read keys from."""


def main(arguments: Sequence[str]) -> int:
    """Move the arm until the operator quits."""
    given = _parse(arguments)
    site = load_site(given.site)
    if not sys.stdin.isatty():
        raise TerminalError('keys are read from a terminal, and standard input is none; programs '
                            'use lam_ws.nodes.hand')
    names = _names(given.map, site)

    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    from lam_ws.nodes.hand import HAND_KEYS
    from lam_ws.nodes.teleoperator import teleoperating

    keys = read_keys(HAND_KEYS, {FOLDER: str(keys_for(site, given.domain))})
    language = given.language or ('ko' if os.environ.get('LANG', '').startswith('ko') else 'en')
    keyboard = Keyboard(site.arm.names[:-1], given.speed)
    with Interruption() as signals, _raw(), \
            teleoperating(site, given.domain, keys, given.leader, names) as link:
        desk = Desk(link, keyboard, language)
        print(HELP[language].replace('\n', '\r\n'), file=sys.stderr, end='\r\n')
        while not desk.over and not signals.noted:
            desk.turn()
    print(file=sys.stderr)
    if given.json:
        print_json({'site': site.name, 'jogs': desk.jogs, 'took': desk.took})
    return 0


def keys_for(site: Site, domain: int) -> Path:
    """Return where the keys of a running cell are: LAM_KEYS, else of `lam run`, else of a launch.

    Raises:
        KeyFileError: Nowhere.
    """
    named = os.environ.get(FOLDER, '')
    if named:
        return Path(named)
    try:
        return of_running_cell(site.path, domain)
    except KeyFileError:
        launched = folder_of(site.name)   # where cell.launch.py keeps them
        if launched.is_dir():
            return launched
        raise


class Desk:
    """The loop between keys, hand and screen.

    Args:
        link: The hand in the cell.
        keyboard: What the keys mean.
        language: 'ko' or 'en'.

    Attributes:
        over: The operator wants to leave.
        jogs: Key presses that moved something.
        took: Whether the arm was ever taken.
    """

    def __init__(self, link: 'Connection', keyboard: Keyboard, language: str):
        self._link, self._keyboard, self._language = link, keyboard, language
        self.over, self.jogs, self.took = False, 0, False
        self._shown_s = self._told_s = 0.0
        self._told, self._line = '', ''

    def turn(self) -> None:
        """Read what keys there are, let the hand speak, show what it says."""
        for key in _pressed():
            self._press(key)
        self._link.turn(_TURN_S)
        leader = self._link.operator.leader
        if leader is not None:
            leader.look()
        self.took |= self._link.hand.state.holds
        now_s = time.monotonic()
        if now_s - self._shown_s >= _SHOW_S:
            self._shown_s = now_s
            self._show(self.line(now_s))

    def _press(self, key: str) -> None:
        meant, hand, leader = self._keyboard.press(key), self._link.hand, \
            self._link.operator.leader
        if isinstance(meant, Jog):
            if leader is not None and leader.engaged:
                leader.disengage()
            self.jogs += hand.state.holds
            hand.jog(meant, time.monotonic())
            return
        if meant in ('stop', 'reset', 'arm'):
            self._link.operator.ask(meant)
        elif meant == 'take':
            hand.take()
        elif meant == 'give':
            hand.give()
        elif meant == 'engage' and leader is not None:
            leader.engage()
        self.over |= meant == 'quit'
        if meant:
            hand.release()
            self._told, self._told_s = meant, time.monotonic()

    def line(self, now_s: float) -> str:
        """Return the state in one line."""
        from lam_ws.policy.teleop_words import teleop_words
        state, leader = self._link.hand.state, self._link.operator.leader
        korean = self._language == 'ko'
        held = ('잡음' if korean else 'held') if state.holds else ('놓음' if korean else 'free')
        parts = [self._keyboard.line(self._language), held]
        if state.moving:
            parts.append(f'{state.share:.0%}')
        if now_s - self._told_s < _TOLD_S:
            parts.append(f'<{self._told}>')
        if leader is not None and state.holds and leader.code:
            parts.append(teleop_words(leader.code, leader.where, self._language))
        parts.append(state.text(self._language))
        return ' '.join(filter(None, parts))

    def _show(self, line: str) -> None:
        if line != self._line:
            self._line = line
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write('\r\x1b[K' + _cut(line, width))
            sys.stderr.flush()


def _parse(arguments: Sequence[str]) -> Any:
    options = parser('teleop', 'Move the arm of a running cell by hand, from a terminal: t takes '
                               'the arm, keys move it while they are held.')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--speed', type=float, default=0.5, metavar='SHARE',
                         help='of the full speed (0.25 m/s, 0.6 rad/s) to begin with')
    options.add_argument('--leader', default='', metavar='TOPIC',
                         help='joint states of a leader arm, which e engages')
    options.add_argument('--map', action='append', default=[], metavar='ARM=LEADER',
                         help="the leader's name of a joint of the arm, where it is another one")
    options.add_argument('--language', choices=('ko', 'en'), help='default: as LANG says')
    given = options.parse_args(arguments)
    if not 0.0 < given.speed <= 1.0:
        options.error(f'--speed must be above 0 and at most 1, found {given.speed}')
    return given


def _names(pairs: Sequence[str], site: Site) -> dict[str, str]:
    """Return the leader's names by the arm's.

    Raises:
        LamError: An arm joint is not one.
    """
    found = {}
    for pair in pairs:
        arm, _, leader = pair.partition('=')
        if arm not in site.arm.names or not leader:
            raise LamError(f'--map {pair}: expected ARM=LEADER with one of '
                           + ', '.join(site.arm.names))
        found[arm] = leader
    return found


@contextmanager
def _raw() -> Iterator[None]:
    """Let the terminal give each key at once and unseen, Ctrl-C among them."""
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setraw(number, termios.TCSANOW)
        yield
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)


def _pressed() -> list[str]:
    """Return the keys that came since the last look; 'quit' where the terminal is gone."""
    number = sys.stdin.fileno()
    if not select.select([number], [], [], 0.0)[0]:
        return []
    data = os.read(number, 1024)
    return keys_in(data.decode(errors='ignore')) if data else ['ESC']


def _cut(line: str, width: int) -> str:
    """Return as much of a line as fits; Korean takes two columns a letter."""
    taken, kept = 0, ''
    for letter in line:
        taken += 2 if ord(letter) > 0x1100 else 1
        if taken > width:
            break
        kept += letter
    return kept
