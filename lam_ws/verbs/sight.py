"""`lam eval --sight`: how exactly the policy sees what a sentence is about; nothing moves."""
from collections.abc import Sequence
import os
from pathlib import Path

from lam_ws.evaluation.sighting import sight_task, Sighting, summarise_sights
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.verbs import give, parser
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import run


def main(arguments: Sequence[str]) -> int:
    """Look and print by task how far off the two things are seen."""
    options = parser('eval', 'Measure how exactly the policy sees; nothing moves.')
    options.add_argument('--sight', action='store_true', required=True)
    options.add_argument('--site', default='sim_suite', help='name or .yaml file of a site')
    options.add_argument('--episodes', type=int, default=50, metavar='N',
                         help='scenes of each task')
    options.add_argument('--seed', type=int, default=5000, help='seed of the first scene')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if min(given.episodes, given.workers) < 1:
        options.error('--episodes and --workers must be at least 1')
    load_site(given.site)   # a wrong site is refused before any work starts
    seeds = list(range(given.seed, given.seed + given.episodes))
    jobs = [(given.site, task, seeds) for task in TASKS]
    rows = sorted((row for block in track(run(_block, jobs, given.workers), len(jobs), 'tasks')
                   for row in block), key=lambda row: (list(TASKS).index(row.task), row.seed))
    found = {'tasks': summarise_sights(rows), 'seed': given.seed, 'site': given.site,
             'versions': versions()}
    give(found, given)
    if not given.json:
        print('median and ninth of ten, mm on the table: calibration alone, first thing, second, '
              'one from the other')
        for task, errors in summarise_sights(rows).items():
            print(f'{task:<12}', *(f'{str(errors.get(f"{name}_mm", "")):<14}'
                                   for name in ('floor', 'first', 'second', 'apart')))
    return 0


def _block(site: str, task: str, seeds: list[int]) -> list[Sighting]:
    return list(sight_task(site, task, seeds))
