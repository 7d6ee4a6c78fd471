"""`lam data demos --lerobot DIR`: demonstrations in camera pixels, in the layout of LeRobot.

Tasks and seeds enter; a dataset grows that any learner of that layout can read, ours included.
Each shard is written when it is whole; a broken run goes on after the last one.
"""
from collections.abc import Sequence
import os
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import Episode
from lam_ws.dataset.growing import grow, starts
from lam_ws.dataset.writer import Writer
from lam_ws.errors import ConfigurationError
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.workers import run

SHARD = 20   # episodes asked for at once, one file of each kind


def main(arguments: Sequence[str]) -> int:
    """Record what is not there yet."""
    options = parser('data', "Record the scripted expert in pixels, in LeRobot's layout.")
    options.add_argument('kind', choices=('demos',))
    options.add_argument('--lerobot', type=Path, required=True, metavar='DIR',
                         help='the dataset to make or to go on with')
    options.add_argument('--site', default='sim_bench')
    options.add_argument('--count', type=int, default=200, help='how many to try (default: 200)')
    options.add_argument('--task', nargs='+', default=['pick_place'], metavar='TASK',
                         help='tasks of the suite, in turn (default: pick_place)')
    options.add_argument('--seed', type=int, default=7_000_000, help='seed of the first')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    given = options.parse_args(arguments)
    if given.count < 1 or given.workers < 1:
        options.error('--count and --workers must be at least 1')
    for name in given.task:
        if name not in TASKS:
            raise ConfigurationError(f'no task {name!r} in the suite, which has '
                                     + ', '.join(TASKS), nearest=nearest(name, list(TASKS)))
    good, folder = _record(given), given.lerobot
    if given.json:
        print_json({'kind': 'demos', 'count': given.count, 'good': good, 'folder': str(folder)})
    else:
        print(f'{given.count} demos tried, {good} of them good, in {folder}')
    return 0


def _record(given: Any) -> int:
    """Make the shards that are missing; return how many episodes there are."""
    from lam_ws.train.recording import embodiment_of

    writer = Writer(given.lerobot, embodiment_of(load_site(given.site)))
    what = {'site': given.site, 'task': given.task, 'seed': given.seed}
    blocks = starts(writer, what, given.count, SHARD)
    made = grow(writer, what, given.count, blocks, lambda start, end: _shard(given, start, end))
    for _ in track(made, len(blocks), 'demos, shards'):
        pass
    return writer.episodes


def _shard(given: Any, start: int, end: int) -> list[Episode]:
    """Return the good demonstrations of the numbers start .. end, whoever made them."""
    numbers = list(range(start, end))
    jobs = [(given.site, given.task, given.seed, numbers[i::given.workers])
            for i in range(min(given.workers, len(numbers)))]
    found: dict[int, Episode] = {}
    for part in run(_work, jobs, len(jobs)):
        found |= part
    return [found[number] for number in sorted(found)]


def _work(site: str, tasks: list[str], seed: int, numbers: list[int]) -> dict[int, Episode]:
    """Record some demonstrations in this process; return the good ones by number."""
    from lam_ws.train.recording import record_demos

    found: dict[int, Episode] = {}
    for name in tasks:
        mine = [number for number in numbers if tasks[number % len(tasks)] == name]
        made = record_demos(load_site(site), name, [seed + number for number in mine])
        found |= {number: episode for number, episode in zip(mine, made, strict=True)
                  if episode is not None}
    return found
