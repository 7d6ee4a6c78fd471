"""`lam check SITE`: every fault of a site and of what it names, before anything starts.

A site name or file enters; one line for each fault leaves, with file, line and nearest key,
and exit status 2; or the list of what was examined, and 0.
"""
from collections.abc import Sequence
import sys

from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Check one site and print what was found."""
    options = parser('check', 'Examine a site and everything it names; start nothing.')
    options.add_argument('site', metavar='SITE',
                         help='name in config/sites, or the path of a .yaml file')
    given = options.parse_args(arguments)
    from lam_ws.testing.site import examine_site
    found = examine_site(given.site)
    if given.json:
        print_json({'site': given.site, 'holds': not found.faults,
                    'examined': list(found.examined),
                    'faults': [{'file': None if fault.path is None else str(fault.path),
                                'line': fault.line, 'message': fault.message,
                                'nearest': fault.nearest} for fault in found.faults]})
    else:
        for fault in found.faults:
            print(' '.join(str(fault).split()), file=sys.stderr)
        for name in found.examined if not found.faults else ():
            print(f'ok  {name}')
    return 2 if found.faults else 0
