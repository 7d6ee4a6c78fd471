"""`lam users add NAME --role ROLE`: who may log in to the console.

Names and roles enter as arguments, a password from the terminal or, of a program, from stdin; the
file of users leaves, changed whole. A console that runs knows of it at the next request.
"""
from argparse import Namespace
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path
import secrets
import sys
from typing import TYPE_CHECKING

from lam_ws.errors import ConfigurationError
from lam_ws.site import load_site
from lam_ws.verbs import parser, print_json

if TYPE_CHECKING:
    from lam_ws.console.users import Users

_ROLES = ('viewer', 'operator', 'engineer')


def main(arguments: Sequence[str]) -> int:
    """Add, remove or list users."""
    options = parser('users', 'Say who may log in to the console: viewers see and stop, operators '
                              'command, engineers also read who commanded what.')
    options.add_argument('action', choices=('add', 'remove', 'list'))
    options.add_argument('name', nargs='?', metavar='NAME', help='of the user')
    options.add_argument('--role', choices=_ROLES, default='operator')
    options.add_argument('--site', help='whose console: name in config/sites, or a .yaml file')
    options.add_argument('--file', type=Path, help='the file of users itself')
    options.add_argument('--generate', action='store_true', help='make a password and print it')
    given = options.parse_args(arguments)
    if (given.action == 'list') != (given.name is None):
        options.error('add and remove take a NAME, list takes none')
    if given.site is not None and given.file is not None:
        options.error('give either --site or --file')

    from lam_ws.console.users import folder, Users, users_file
    path = given.file or (folder() / 'users.yaml' if given.site is None
                          else users_file(load_site(given.site)))
    users = Users(path)
    if given.action == 'list':
        return _list(users, given.json)
    if given.action == 'remove':
        there = users.remove(given.name)
        print(f'{given.name} {"removed from" if there else "is not in"} {path}', file=sys.stderr)
        return int(not there)
    password = secrets.token_urlsafe(12) if given.generate else _asked()
    users.add(given.name, given.role, password)
    _told(given, path, password)
    return 0


def _list(users: 'Users', as_json: bool) -> int:
    found = users.all()
    if as_json:
        print_json({'file': str(users.path),
                    'users': [{'name': user.name, 'role': user.role} for user in found]})
    else:
        print('\n'.join(f'{user.name:<24} {user.role}' for user in found) or 'no users yet')
    return 0


def _asked() -> str:
    """Return a password: typed twice at a terminal, one line of stdin elsewhere."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip('\r\n')
    password = getpass('password: ')
    if getpass('again: ') != password:
        raise ConfigurationError('the two passwords differ')
    return password


def _told(given: Namespace, path: Path, password: str) -> None:
    if given.json:
        print_json({'file': str(path), 'name': given.name, 'role': given.role,
                    **({'password': password} if given.generate else {})})
        return
    print(f'{given.name} is {given.role} in {path}', file=sys.stderr)
    if given.generate:
        print(password)
