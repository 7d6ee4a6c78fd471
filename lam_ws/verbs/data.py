"""`lam data stills|demos`: what perception and policy learn from, made in the simulated cell.

Counts and seeds enter; folders of images with labels, and demonstrations, leave. Each worker
writes its own shard under a temporary name and renames it when it is whole; a shard that is
there already is kept, so a broken run goes on where it was.
"""
from collections.abc import Sequence
from importlib import import_module
import os
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.sim.tasks.suite import scenes, TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.workers import run

STILLS, DEMOS = 500, 20   # in a shard


def main(arguments: Sequence[str]) -> int:
    """Make one kind of data."""
    if any(word.split('=')[0] == '--lerobot' for word in arguments):
        return int(import_module('lam_ws.verbs.lerobot').main(arguments))
    options = parser('data', 'Make training data in the simulated cell; lam data demos --lerobot '
                             'DIR records them in pixels, see its --help.')
    options.add_argument('kind', choices=('stills', 'demos'))
    options.add_argument('--site', default='sim_bench')
    options.add_argument('--count', type=int, default=None,
                         help='how many (default: 24000 stills, 1680 demos)')
    options.add_argument('--task', nargs='+', default=[], metavar='TASK',
                         help='tasks of the suite to show, for demos (default: all in turn)')
    options.add_argument('--scene', nargs='+', default=[], metavar='SCENE',
                         help='scenes of the suite to show, for stills (default: all in turn)')
    options.add_argument('--seed', type=int, default=None,
                         help='first seed (default: 1000000 for stills, 9000000 for demos)')
    options.add_argument('--out', type=Path, help='folder (default: data/stills, data/demos)')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    given = options.parse_args(arguments)
    load_site(given.site)   # a wrong site is refused before any work starts
    default = {'stills': (24000, 1_000_000, STILLS), 'demos': (1680, 9_000_000, DEMOS)}
    count, seed, size = default[given.kind]
    count = count if given.count is None else given.count
    seed = seed if given.seed is None else given.seed
    folder = given.out or Path('data') / given.kind
    shown = [tuple(_known(given.scene, 'scene', list(scenes())))] if given.kind == 'stills' \
        else _known(given.task, 'task', list(TASKS)) or list(TASKS)
    jobs = [(given.kind, given.site, folder / f'shard{start // size:03d}',
             min(size, count - start), seed + start, shown[start // size % len(shown)])
            for start in range(0, count, size)]
    done = sum(track(run(_shard, jobs, given.workers), len(jobs), f'{given.kind}, shards'))
    if given.json:
        print_json({'kind': given.kind, 'count': count, 'good': done, 'folder': str(folder)})
    else:
        print(f'{count} {given.kind} in {folder} ({done} good)')
    return 0


def _known(given: Sequence[str], what: str, known: Sequence[str]) -> list[str]:
    """Return the names given, all of which must be known."""
    for name in given:
        if name not in known:
            raise ConfigurationError(f'no {what} {name!r} in the suite, which has '
                                     + ', '.join(known), nearest=nearest(name, list(known)))
    return list(given)


def _shard(kind: str, site_name: str, path: Path, count: int, seed: int,
           shown: Any) -> int:
    """Make one shard unless it is there; return how many of it are good."""
    site = load_site(site_name)
    if kind == 'stills':
        from lam_ws.train.stills import make_stills
        if not (path / 'labels.npz').exists():
            for _ in make_stills(site, path, count, seed, shown):
                pass
        return count
    from lam_ws.train.demos import make_demos
    good = count
    if not path.with_suffix('.npz').exists():
        for _, so_far in make_demos(
                site, path.with_suffix('.npz'), count, seed, shown):
            good = so_far
    return good
