"""`lam check NAME`: every fault of a site, a URDF or of knowledge, before anything starts.

The name of a site, a URDF or of a folder of knowledge enters; one line for each fault leaves,
with file, row and nearest word, and exit status 2; or the list of what was examined, and 0.
"""
import argparse
from collections.abc import Sequence
import os
from pathlib import Path
import sys

from lam_ws.errors import ConfigurationError
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Check one site, URDF or folder of knowledge, and print what was found."""
    options = parser('check', 'Examine a site and everything it names, a URDF, or a folder of '
                              'knowledge; start nothing.')
    options.add_argument('site', metavar='NAME',
                         help='a name in config/sites, the path of a .yaml or .urdf file, or a '
                              'folder of knowledge: its path, or its name below config/knowledge')
    options.add_argument('--language', choices=('ko', 'en'), default=readers_language(),
                         help='of what is said about knowledge (default: that of this terminal)')
    given = options.parse_args(arguments)
    if given.site.endswith('.urdf'):
        return _urdf(given)
    return _knowledge(given) if _is_knowledge(given.site) else _site(given)


def readers_language() -> str:
    """Return the language of the terminal, 'ko' or 'en'."""
    settings = (os.environ.get(name, '') for name in ('LC_ALL', 'LC_MESSAGES', 'LANG'))
    return 'ko' if next((one for one in settings if one), '').startswith('ko') else 'en'


def _is_knowledge(name: str) -> bool:
    from lam_ws.resources import share
    folder = share() / 'config' / 'knowledge' / name
    return Path(name).is_dir() or (name != '' and (folder / 'site.yaml').is_file())


def _site(given: argparse.Namespace) -> int:
    from lam_ws.testing.site import examine_site
    found = examine_site(given.site)
    return _tell(given, 'site', found.examined, found.faults)


def _urdf(given: argparse.Namespace) -> int:
    from lam_ws.sim.urdf_check import examine_urdf
    return _tell(given, 'urdf', (given.site,), examine_urdf(given.site))


def _tell(given: argparse.Namespace, what: str, examined: Sequence[str],
          faults: Sequence[ConfigurationError]) -> int:
    """Print what was examined, or the faults; return the exit status."""
    if given.json:
        print_json({what: given.site, 'holds': not faults, 'examined': list(examined),
                    'faults': [{'file': None if fault.path is None else str(fault.path),
                                'line': fault.line, 'message': fault.message,
                                'nearest': fault.nearest} for fault in faults]})
    else:
        for fault in faults:
            print(' '.join(str(fault).split()), file=sys.stderr)
        for name in examined if not faults else ():
            print(f'ok  {name}')
    return 2 if faults else 0


def _knowledge(given: argparse.Namespace) -> int:
    from lam_ws.knowledge.knowledge import examine
    from lam_ws.knowledge.stats import counts
    from lam_ws.source import shown
    known, faults = examine(given.site)
    if given.json:
        print_json({'knowledge': given.site, 'holds': not faults, **counts(known),
                    'faults': [{'file': str(shown(fault.file)), 'row': fault.row,
                                'column': fault.column, 'value': fault.value, 'code': fault.code,
                                'message': fault.text(given.language), 'nearest': fault.nearest}
                               for fault in faults]})
    else:
        for fault in faults:
            print(fault.text(given.language), file=sys.stderr)
        if not faults:
            print(f'ok  {given.site}: ' + ', '.join(f'{count} {what}' for what, count
                                                    in counts(known)['things'].items()))
    return 2 if faults else 0
