"""`lam train --data DIR --from MODEL --out models/NAME`: a policy learns what operators showed.

Recordings with the labels of operators enter; models/<name>/ with weights, card and learning
curve leaves. Ctrl-C keeps a checkpoint, and the same command goes on from there.
"""
from argparse import Namespace
from collections.abc import Sequence
import json
from pathlib import Path
import signal
import sys
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.models import model_folder
from lam_ws.resources import share
from lam_ws.rules import quoted
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import follow, track


def main(arguments: Sequence[str]) -> int:
    """Read what was shown, teach it, and package the model."""
    options = parser('train', 'Teach a policy what operators showed: recordings that they made '
                              'and called a success, mixed with the sentences of the first '
                              'training.')
    options.add_argument('--data', type=Path, required=True, metavar='DIR',
                         help='recordings (*.mcap), each with its .json beside it')
    options.add_argument('--from', dest='model', default='lam_small', metavar='MODEL',
                         help='model to begin with (default: lam_small)')
    options.add_argument('--out', type=Path, metavar='models/NAME',
                         help='the model (default: models/lam_taught)')
    options.add_argument('--site', help='where they were made (default: where each says)')
    options.add_argument('--runs', type=Path, default=Path('runs'), help='checkpoint and log')
    options.add_argument('--steps', type=int, default=800)
    options.add_argument('--threads', type=int, default=1)
    options.add_argument('--seed', type=int, default=0)
    options.add_argument('--look', action='store_true',
                         help='only say what the recordings show, and train nothing')
    given = options.parse_args(arguments)
    if min(given.steps, given.threads) < 1:
        options.error('--steps and --threads must be at least 1')
    found = _found(given)
    figures = found if given.look else {**found, **_taught(given)}
    if given.json:
        print_json(figures)
    else:
        _tell(figures)
    return 0 if found['demonstrations'] else 1


def _found(given: Namespace) -> dict[str, Any]:
    """Return what the recordings show, JSON-ready, and what words mean by them."""
    from lam_ws.train.aligning import align
    from lam_ws.train.demonstrated import read_shown, recordings
    from lam_ws.train.learning import tell
    rows = list(track(read_shown(given.data, given.site), len(recordings(given.data)),
                      'recordings'))
    given.shown = [row.shown for row in rows if row.shown is not None]
    meanings = align([(one.text, one.goal) for one in given.shown])
    return {**tell(given.shown, meanings), 'left_out': [row.why for row in rows if row.why]}


def _taught(given: Namespace) -> dict[str, Any]:
    """Train, unless it is finished; return the last losses."""
    from lam_ws.train.learning import learn, Learning
    from lam_ws.train.runs import use_threads
    use_threads(given.threads)
    out = given.out or share() / 'models' / 'lam_taught'
    folder = model_folder(given.model)
    if out.resolve() == folder.resolve():
        raise ConfigurationError(f'{quoted(given.model)} would be overwritten by what is learned '
                                 'from it; give the new model another name', out)
    asked: list[int] = []
    kept = {number: signal.signal(number, lambda number, _: asked.append(number))
            for number in (signal.SIGINT, signal.SIGTERM)}
    last: dict[str, Any] = {}
    training = Learning(folder, out, given.runs / out.name, given.steps, given.seed)
    try:
        for row in follow(learn(training, given.shown, lambda: bool(asked)), 'learning'):
            last = row
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt
    return {'model': out.name, **{name: value for name, value in last.items()
                                  if name not in ('stage', 'share')}}


def _tell(figures: dict[str, Any]) -> None:
    """Print what was found and learned for people."""
    for word in figures['words']:
        print(f"{word['word']:<12} {word['slot']} {word['value']:<10} in {word['agreed']} of "
              f"{word['seen']}")
    for why in figures['left_out']:
        print(f'left out: {why}', file=sys.stderr)
    print(f"{figures['demonstrations']} demonstrations, {figures['interventions']} of them "
          f"interventions, {len(figures['left_out'])} left out")
    if 'model' in figures:
        print(json.dumps({name: figures[name] for name in ('model', 'read_right')
                          if name in figures}, ensure_ascii=False))
