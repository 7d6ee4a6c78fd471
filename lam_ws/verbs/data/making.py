"""`lam data stills|demos|corrections`: what is learned from, made in the simulated cell.

Counts and seeds enter; folders of images with labels, and demonstrations, leave. A run that was
broken off goes on where it was.
"""
from collections.abc import Sequence
import os
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.sim.tasks.suite import scenes, TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.train.shards import make, shards, USUAL
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.workers import run


def main(arguments: Sequence[str]) -> int:
    """Make one kind of data."""
    options = parser('data', 'Make training data in the simulated cell; lam data demos --lerobot '
                             'DIR records them in pixels, see its --help.')
    options.add_argument('kind', choices=('stills', 'demos', 'corrections'),
                         help='corrections: the policy moves, the expert says what it would do')
    options.add_argument('--site', default='sim_bench')
    many = ', '.join(f'{count} {kind}' for kind, (count, _) in USUAL.items())
    first = ', '.join(f'{seed} for {kind}' for kind, (_, seed) in USUAL.items())
    options.add_argument('--count', type=int, help=f'how many (default: {many})')
    options.add_argument('--task', nargs='+', default=[], metavar='TASK',
                         help='tasks to show, for demos and corrections (default: all)')
    options.add_argument('--scene', nargs='+', default=[], metavar='SCENE',
                         help='scenes of the suite to show, for stills (default: all in turn)')
    options.add_argument('--seed', type=int, help=f'first seed (default: {first})')
    options.add_argument('--out', type=Path, help='folder (default: data/KIND)')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    given = options.parse_args(arguments)
    load_site(given.site)   # a wrong site is refused before any work starts
    folder = given.out or Path('data') / given.kind
    shown = _known(given.scene, 'scene', list(scenes())) if given.kind == 'stills' \
        else _known(given.task, 'task', list(TASKS))
    jobs = shards(given.kind, given.site, folder, given.count, given.seed, shown)
    count = sum(job.count for job in jobs)
    done = sum(track(run(make, [(job,) for job in jobs], given.workers), len(jobs),
                     f'{given.kind}, shards'))
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
