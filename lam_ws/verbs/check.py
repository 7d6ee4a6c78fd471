"""`lam check SITE`: every fault of a site and of what it names, before anything starts.

A site name or file enters; one line for each fault leaves, with file, line and nearest key,
and exit status 2; or the list of what was examined, and 0.
"""
from collections.abc import Callable, Iterator, Sequence
import sys
from typing import Any

from lam_ws.configuration import locate, read
from lam_ws.errors import ConfigurationError, LamError
from lam_ws.models import load_card
from lam_ws.resources import share
from lam_ws.site import examine, Site
from lam_ws.site_files import SiteFile
from lam_ws.source import compose, nearest, shown
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Check one site and print what was found."""
    options = parser('check', 'Examine a site and everything it names; start nothing.')
    options.add_argument('site', metavar='SITE',
                         help='name in config/sites, or the path of a .yaml file')
    given = options.parse_args(arguments)
    site, faults = examine(given.site)
    examined: list[str] = []
    if site is not None:
        examined.append(f'site {site.name}: arm {site.arm.name}, {len(site.cameras)} cameras')
        faults += _probe(site, examined)
    if given.json:
        print_json({'site': given.site, 'holds': not faults, 'examined': examined,
                    'faults': [_record(fault) for fault in faults]})
    else:
        for fault in faults:
            print(' '.join(str(fault).split()), file=sys.stderr)
        for name in examined if not faults else ():
            print(f'ok  {name}')
    return 2 if faults else 0


def _probe(site: Site, examined: list[str]) -> list[ConfigurationError]:
    """Try what the site names beyond its own files; return faults at the lines that name it."""
    source = read(site.path, SiteFile)[1]
    found: list[ConfigurationError] = []
    for key, name, probe in _probes(site):
        examined.append(name)
        try:
            probe()
        except ConfigurationError as error:
            if error.line is not None:
                found.append(error)
            else:
                where = f'{error.path}: ' if error.path is not None else ''
                source.report(key, f'{where}{error.message}', error.nearest)
        except LamError as error:
            source.report(key, str(error))
    return source.faults + found


def _probes(site: Site) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield the key of a name in the site, what it names, and how to try it."""
    yield 'knowledge', f'knowledge {site.knowledge}', lambda: _knowledge(site.knowledge)
    yield ('perception', f'perception model {site.perception}',
           lambda: load_card(site.perception))
    if site.policy.model is not None:
        model = site.policy.model
        yield 'policy', f'policy model {model}', lambda: load_card(model, site.arm.name)
    if site.sim is not None:
        scene = site.sim.scene
        yield 'sim.scene', f'scene {scene}', lambda: _scene(scene)


def _scene(name: str) -> None:
    """Read the scene file of a simulated cell."""
    locate('sim/scenes', name)
    from lam_ws.sim.scene import load_scene
    load_scene(name)


def _knowledge(name: str) -> None:
    """Read every YAML file of a knowledge folder."""
    place = share() / 'config' / 'knowledge'
    names = sorted(path.name for path in place.iterdir() if path.is_dir())
    if name not in names:
        raise ConfigurationError(f'no knowledge folder {name!r} there', shown(place),
                                 nearest=nearest(name, names))
    files = sorted((place / name).glob('*.yaml'))
    if not files:
        raise ConfigurationError('has no .yaml file', shown(place / name))
    for path in files:
        compose(path)


def _record(fault: ConfigurationError) -> dict[str, Any]:
    """Return a fault as data."""
    return {'file': None if fault.path is None else str(fault.path), 'line': fault.line,
            'message': fault.message, 'nearest': fault.nearest}
