"""`lam train perception|policy`: from data/ to models/, resumable.

Stills and demonstrations enter; models/<name>/ with weights, card and learning curve leaves.
Perception comes first: the policy's image tower starts from its weights.
"""
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import chain, groupby
from pathlib import Path
import time
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.resources import share
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track


def main(arguments: Sequence[str]) -> int:
    """Train one model and package it."""
    if any(word.split('=')[0] == '--policy' for word in arguments):
        return int(import_module('lam_ws.verbs.imitate').main(arguments))
    options = parser('train', 'Train a model on data/ and write it to models/. To learn from a '
                              "dataset in LeRobot's layout: lam train --policy act --help.")
    options.add_argument('what', choices=('perception', 'policy'))
    options.add_argument('--data', type=Path, default=Path('data'))
    options.add_argument('--runs', type=Path, default=Path('runs'), help='checkpoints and logs')
    options.add_argument('--models', type=Path, default=share() / 'models')
    options.add_argument('--epochs', type=int, help='passes over the stills')
    options.add_argument('--threads', type=int, default=1)
    options.add_argument('--seed', type=int, default=0)
    given = options.parse_args(arguments)
    started = time.process_time()
    from lam_ws.train import runs
    run = runs.Run(given.runs / given.what, given.seed)
    runs.use_threads(given.threads)
    stills = _found(given.data / 'stills', '*/labels.npz')
    if given.what == 'perception':
        steps = runs.perception(run, [path.parent for path in stills], _epochs(given.epochs, 8),
                                given.models / 'scene_small')
    else:
        demos = _found(given.data / 'demos', '*.npz')
        steps = runs.policy(run, [path.parent for path in stills], demos, _epochs(given.epochs, 2),
                            given.models / 'scene_small', given.models / 'lam_small')
    last: dict[str, Any] = {}
    for row in _shown(steps):
        last = row
    figures = {'model': given.what, 'cpu_s': round(time.process_time() - started), **last}
    if given.json:
        print_json(figures)
    else:
        print(f'{given.what} trained in {figures["cpu_s"]} CPU s: {last}')
    return 0


def _epochs(given: int | None, usual: int) -> int:
    return usual if given is None else given


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
