"""`lam keys DIR`: make the keys with which the nodes of a cell prove who they are.

A folder enters; a key a role is in it afterwards, readable by this user alone. `lam run` makes
keys for its own run; a folder of one's own is for cells whose parts are started one by one.
"""
from collections.abc import Sequence
from pathlib import Path

from lam_ws.keys import FOLDER, make_keys, ROLES
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Make what is missing, and say how the nodes find it."""
    options = parser('keys', 'Make the keys with which the nodes of a cell prove who they are; '
                             'keys that are there stay.')
    options.add_argument('folder', metavar='DIR', type=Path, help='where to')
    given = options.parse_args(arguments)
    folder = given.folder.resolve()
    make_keys(folder)
    if given.json:
        print_json({'folder': str(folder), 'roles': list(ROLES)})
    else:
        print(f'export {FOLDER}={folder}')
    return 0
