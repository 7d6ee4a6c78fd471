"""`lam eval --delay-ms`: what late answers cost, by delay and by what is done about it.

Delays, wrappers, tasks and a number of episodes enter; one row for each delay and wrapper
leaves, as a table or as one JSON object, and with --out also as a file with a picture beside it.
"""
from argparse import Namespace
from collections.abc import Sequence
import os
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.delays import (
    draw_delays,
    evaluate_late,
    Lateness,
    LateRun,
    summarise_late,
)
from lam_ws.policy.delay import STRATEGIES
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import give, Parser, parser
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import blocks, run

WRAPPERS = ('hold', 'naive', 'blend', 'rtc')


def main(arguments: Sequence[str]) -> int:
    """Evaluate, write and print."""
    options = _options()
    given = options.parse_args(arguments)
    if given.episodes < 1 or given.workers < 1:
        options.error('--episodes and --workers must be at least 1')
    load_site(given.site)   # a wrong site is refused before any work starts
    tasks = [_known('task', name, tuple(TASKS)) for name in given.tasks]
    wrappers = [_known('wrapper', name, tuple(STRATEGIES)) for name in given.wrapper.split(',')]
    latenesses = [Lateness(_milliseconds(options, delay), wrapper, given.jitter_ms / 1000.0,
                           given.drop)
                  for delay in given.delay_ms.split(',') for wrapper in wrappers]
    if not (given.jitter_ms >= 0.0 and 0.0 <= given.drop < 1.0):
        options.error('--jitter-ms must not be negative, --drop at least 0 and below 1')
    result = {'delays': summarise_late(_evaluate(given, tasks, latenesses)), 'tasks': tasks,
              'episodes_each': given.episodes, 'jitter_ms': given.jitter_ms, 'drop': given.drop,
              'seed': given.seed, 'policy': given.policy, 'site': given.site,
              'versions': versions()}
    _give(given, result)
    return 0


def _options() -> Parser:
    options = parser('eval', 'Measure what late answers of the policy cost.')
    options.add_argument('--delay-ms', required=True, metavar='MS,...',
                         help='simulated time from an observation to its chunk, e.g. 0,100,300')
    options.add_argument('--jitter-ms', type=float, default=0.0, metavar='MS',
                         help='up to which uniformly drawn time is added')
    options.add_argument('--drop', type=float, default=0.0, metavar='SHARE',
                         help='share of the chunks that are lost')
    options.add_argument('--wrapper', default=','.join(WRAPPERS), metavar='NAME,...',
                         help=f'of {", ".join(STRATEGIES)}; none: what the guard does by itself')
    options.add_argument('--tasks', nargs='+', default=['pick_place', 'press'], metavar='TASK',
                         help=f'of {", ".join(TASKS)}')
    options.add_argument('--site', default='sim_suite', help='name or .yaml file of a site')
    options.add_argument('--episodes', type=int, default=20, metavar='N', help='for each task')
    options.add_argument('--seed', type=int, default=5000, help='seed of the first scene')
    options.add_argument('--policy', choices=('site', 'expert'), default='site')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--out', type=Path,
                         help='also write the JSON to this file, and a .png beside it')
    return options


def _known(what: str, name: str, names: Sequence[str]) -> str:
    """Return `name` if there is one, else raise with the nearest."""
    if name not in names:
        near = nearest(name, names)
        raise ConfigurationError(f'no {what} {name!r}, there is {", ".join(names)}',
                                 nearest=near)
    return name


def _milliseconds(options: Parser, text: str) -> float:
    """Return the s that a number of ms in `text` is."""
    try:
        delay_ms = float(text)
    except ValueError:
        delay_ms = -1.0
    if not 0.0 <= delay_ms < float('inf'):
        options.error(f'--delay-ms takes numbers of at least 0, found {text!r}')
    return delay_ms / 1000.0


def _evaluate(given: Namespace, tasks: Sequence[str],
              latenesses: Sequence[Lateness]) -> list[LateRun]:
    """Return the runs in order of lateness, task and seed, however many workers there are."""
    seeds = range(given.seed, given.seed + given.episodes)
    jobs = [(given.site, task, block, lateness, given.policy)
            for lateness in latenesses for task in tasks for block in blocks(seeds)]
    rows = track(run(_block, jobs, given.workers), len(jobs), 'blocks')
    runs = [one for block in rows for one in block]
    late = {lateness: number for number, lateness in enumerate(latenesses)}
    order = {task: number for number, task in enumerate(tasks)}
    return sorted(runs, key=lambda one: (late[one.lateness], order[one.verdict.task],
                                         one.verdict.seed))


def _block(site: str, task: str, seeds: list[int], lateness: Lateness,
           policy: str) -> list[LateRun]:
    return list(evaluate_late(site, task, seeds, [lateness], policy))


def _give(given: Namespace, result: dict[str, Any]) -> None:
    """Write and print what was found."""
    give(result, given)
    if given.out is not None:
        draw_delays(result['delays'], given.out.with_suffix('.png'))
    if given.json:
        return
    print('delay  wrapper  success        95 %            time    seam             violations')
    for row in result['delays']:
        low, high = row['wilson95']
        seconds = '     -' if row['seconds'] is None else f'{row["seconds"]:6.2f}'
        print(f'{row["delay_ms"]:5.0f}  {row["wrapper"]:<7}  {row["successes"]:>3} of '
              f'{row["episodes"]:<4} {low:.3f} to {high:.3f} {seconds} s  '
              f'{row["seam_rad"]:.3f} rad {row["seam_rad_s"]:.2f} rad/s  {row["violations"]}')
