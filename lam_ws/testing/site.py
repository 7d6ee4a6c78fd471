"""The contract of a site: its files agree, and everything they name is there and unaltered.

A site name or path enters; the list of what was examined and every fault, at the line that
causes it, leave. `lam check` prints what this finds.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lam_ws.configuration import locate, read
from lam_ws.errors import ConfigurationError, LamError
from lam_ws.grounding.grounding import load_grounder
from lam_ws.knowledge.knowledge import is_company
from lam_ws.models import load_card
from lam_ws.policy.chunked import check_fit
from lam_ws.policy.exported import find, read_graphs
from lam_ws.policy.skills import SKILLS
from lam_ws.resources import share
from lam_ws.sim.scene import load_scene
from lam_ws.site import examine, Site
from lam_ws.site_files import SiteFile
from lam_ws.source import compose, nearest, shown
from lam_ws.testing.contract import ContractError


@dataclass(frozen=True)
class Examination:
    """What was looked at, in words, and what is wrong."""

    examined: tuple[str, ...]
    faults: tuple[ConfigurationError, ...]


def check_site(name_or_path: str | Path) -> Site:
    """Check a site and everything it names; return it.

    Raises:
        ContractError: One sentence for each fault, with file and line.
    """
    faults = examine_site(name_or_path).faults
    if faults:
        raise ContractError(f'site {name_or_path}', [str(fault) for fault in faults])
    site = examine(name_or_path)[0]
    assert site is not None
    return site


def examine_site(name_or_path: str | Path) -> Examination:
    """Return every fault of a site, of its files and of what they name."""
    site, faults = examine(name_or_path)
    if site is None:
        return Examination((), tuple(faults))
    watched = site.arm.effort and site.limits.effort_scale is not None
    examined = [f'site {site.name}: arm {site.arm.name}, {len(site.cameras)} cameras, '
                f'{len(site.limits.keep_out)} boxes kept out, joint torques '
                + ('watched' if watched else 'NOT watched: contact is noticed by tracking alone')]
    return Examination((*examined, *(name for _, name, _ in _probes(site))), tuple(_probe(site)))


def _probe(site: Site) -> list[ConfigurationError]:
    """Try what the site names beyond its own files; return faults at the lines that name it."""
    source = read(site.path, SiteFile)[1]
    found: list[ConfigurationError] = []
    for key, _, probe in _probes(site):
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
    if site.language_model is not None:
        yield ('language_model', 'language model of the site',
               lambda: load_grounder(site.knowledge, site.moves, site.language_model))
    yield ('perception', f'perception model {site.perception}',
           lambda: load_card(site.perception))
    if site.policy.model is not None:
        model = site.policy.model
        yield 'policy', f'policy model {model}', lambda: load_card(model, site.arm.name)
        if site.policy.backend == 'onnx':
            yield 'policy', f'ONNX graphs of {model}', lambda: _graphs(model, site)
        if site.policy.backend in ('act', 'flow'):
            yield ('policy', f'embodiment of {model}',
                   lambda: check_fit(model, site.policy.backend, site))
    if site.plc is not None:
        yield 'plc', f'signals of the PLC at {site.plc.address}', lambda: _signals(site)
    if site.sim is not None:
        scene = site.sim.scene
        yield 'sim.scene', f'scene {scene}', lambda: _scene(scene)


def _graphs(model: str, site: Site) -> None:
    """Find the exported graphs of a model and verify them."""
    read_graphs(*find(load_card(model, site.arm.name), site.arm.name))


def _signals(site: Site) -> None:
    """See that the steps which signals of the PLC are about can come up."""
    assert site.plc is not None
    for one in (*site.plc.inputs, *site.plc.outputs):
        if one.skill is not None and one.skill not in SKILLS:
            raise ConfigurationError(f'{one.name}: there is no skill {one.skill!r}',
                                     nearest=nearest(one.skill, list(SKILLS)))


def _scene(name: str) -> None:
    """Read the scene file of a simulated cell."""
    locate('sim/scenes', name)
    load_scene(name)


def _knowledge(name: str) -> None:
    """Read a knowledge folder as the grounder will."""
    if is_company(name):
        load_grounder(name)
        return
    place = share() / 'config' / 'knowledge'
    names = sorted(path.name for path in place.iterdir() if path.is_dir())
    if name not in names:
        raise ConfigurationError(f'no knowledge folder {name!r} there', shown(place),
                                 nearest=nearest(name, names))
    for path in sorted((place / name).glob('*.yaml')):
        compose(path)
    load_grounder(name)
