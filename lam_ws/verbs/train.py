"""`lam train perception|policy|roles|all`: from data/ to models/, resumable.

Stills and demonstrations enter; models/<name>/ with weights, card and learning curve leaves.
Perception comes first: the policy's image tower starts from its weights. `all` begins with
nothing, makes the data as well, and uses every core. `roles` learns to read sentences from those
that lie beside its weights.
"""
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import chain, groupby
import json
import os
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import run_in_order

WHAT = ('perception', 'policy', 'roles', 'all')


def main(arguments: Sequence[str]) -> int:
    """Train one model, or everything, and package it."""
    if any(word.split('=')[0] == '--policy' for word in arguments):
        return int(import_module('lam_ws.verbs.imitate').main(arguments))
    shown = any(word.split('=')[0] in ('--data', '--from') for word in arguments)
    if shown and not set(WHAT) & set(arguments):
        return int(import_module('lam_ws.verbs.learn').main(arguments))
    options = parser('train', 'Train a model on data/ and write it to models/. To learn from a '
                              "dataset in LeRobot's layout: lam train --policy act --help. To "
                              'learn from what operators showed: lam train --data DIR, see lam '
                              'train --data DIR --help.')
    options.add_argument('what', choices=WHAT,
                         help='roles: who does what in a sentence; all: data, perception and '
                              'policy, from nothing')
    options.add_argument('--data', type=Path, default=Path('data'))
    options.add_argument('--runs', type=Path, default=Path('runs'), help='checkpoints and logs')
    options.add_argument('--models', type=Path, default=share() / 'models')
    options.add_argument('--part', metavar='PART',
                         help='teach this part anew and keep the others; of perception: finding, '
                              'naming; of the policy: text, grounder, closeup, head')
    options.add_argument('--epochs', type=int, help='passes over the stills')
    options.add_argument('--threads', type=int, default=1)
    options.add_argument('--seed', type=int, default=0)
    options.add_argument('--site', default='sim_bench', help='where data are made, for all')
    options.add_argument('--other-arms', nargs='*', default=['sim_bench_ur5e'], metavar='SITE',
                         help='sites of which a few stills are made, for all')
    options.add_argument('--stills', type=int, help='how many are made, for all')
    options.add_argument('--demos', type=int, help='how many are made, for all')
    options.add_argument('--corrections', type=int, help='how many are made, for all')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1, help='for all')
    options.add_argument('--out', type=Path, help='also write the report to this file, for all')
    given = options.parse_args(arguments)
    figures = _everything(given) if given.what == 'all' else _one(given)
    if given.json:
        print_json(figures)
    else:
        print(f'{given.what} trained in {figures["cpu_s"]} CPU s: {figures}')
    return 0


def _one(given: Namespace) -> dict[str, Any]:
    """Train one model on what is in data/ and return its last figures."""
    from lam_ws.train import runs
    started = time.process_time()
    epochs = {} if given.epochs is None else dict.fromkeys(runs.EPOCHS, given.epochs)
    runs.use_threads(given.threads)
    if given.what == 'roles':
        return _last(runs.roles(runs.Run(given.runs / 'roles', given.seed, epochs=epochs),
                                given.models / 'roles_small'), given, started)
    stills = [path.parent for path in _found(given.data / 'stills', '*/labels.npz')]
    parts = runs.EYES if given.what == 'perception' else runs.PARTS
    if given.part not in (None, *parts):
        raise ConfigurationError(f'{given.what} has no part {given.part!r}; it has '
                                 f'{", ".join(parts)}', nearest=nearest(given.part, list(parts)))
    run = runs.Run(given.runs / given.what, given.seed, stills, epochs=epochs)
    if given.part is not None:
        runs.forget(run, given.part)
    scene = given.models / 'scene_small'
    if given.what == 'perception':
        steps = runs.perception(run, scene)
    else:
        run = replace(run, demos=_found(given.data / 'demos', '*.npz'), corrections=sorted(
            (given.data / 'corrections').glob('shard*[0-9].npz')))
        steps = runs.policy(run, scene / 'model.safetensors', given.models / 'lam_small')
    return _last(steps, given, started)


def _last(steps: Iterator[dict[str, Any]], given: Namespace, started: float) -> dict[str, Any]:
    """Train; return the last losses and what it cost."""
    last: dict[str, Any] = {}
    for row in _shown(steps):
        last = row
    return {**last, 'model': given.what, 'cpu_s': round(time.process_time() - started)}


def _everything(given: Namespace) -> dict[str, Any]:
    """Make data and both models from nothing; return what each stage cost."""
    from lam_ws.train.package import Log
    from lam_ws.train.runs import EPOCHS, Run
    from lam_ws.train.whole import timed, whole_training
    for site in (given.site, *given.other_arms):
        load_site(site)   # a wrong one is refused before any work starts
    epochs = {} if given.epochs is None else dict.fromkeys(EPOCHS, given.epochs)
    run = Run(given.runs / 'all', given.seed, epochs=epochs)
    jobs = whole_training(given.site, given.other_arms, given.data, run, given.models,
                          {'stills': given.stills, 'demos': given.demos,
                           'corrections': given.corrections})
    log, begun = Log(given.runs / 'all' / 'all.jsonl'), time.monotonic()
    finished = run_in_order(timed, jobs, {name: job.needs for name, job in jobs.items()},
                            given.workers)
    for name, (cpu_s, wall_s) in track(finished, len(jobs), 'jobs'):
        log.add({'job': name, 'stage': jobs[name].stage, 'cpu_s': round(cpu_s, 1),
                 'wall_s': round(wall_s, 1), 'at_s': round(time.monotonic() - begun, 1)})
    spent: Counter[str] = Counter()
    for row in log.rows():
        spent[row['stage']] += row['cpu_s']
    figures = {'model': 'all', 'cpu_s': round(sum(spent.values())),
               'wall_s': round(log.total('at_s')), 'workers': given.workers,
               'stages_cpu_s': {stage: round(seconds) for stage, seconds in spent.items()},
               'versions': versions()}
    if given.out is not None:
        given.out.write_text(json.dumps(figures, indent=2) + '\n')
    return figures


def _found(folder: Path, pattern: str) -> list[Path]:
    files = sorted(path for path in folder.glob(pattern)
                   if not {'val', 'part'} & set(path.parent.parts) and '.part' not in path.name)
    if not files:
        raise ConfigurationError(f'no training data ({pattern}); make it with: lam data '
                                 f'{folder.name}', folder)
    return files


def _shown(steps: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every row; one progress bar for each stage of the training."""
    for part, rows in groupby(steps, key=lambda row: row['stage']):
        first = next(rows)
        rest = chain([first], rows)  # noqa: B031 - goes on where next() stopped
        yield from track(rest, first['steps'] // first['step'], part)
