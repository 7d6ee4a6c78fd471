"""`lam train --policy act|flow|keypoint --data DIR`: from a LeRobot dataset to a model.

A dataset enters; models/<name>/ with weights, card and learning curve leaves. Ctrl-C keeps a
checkpoint, and the same command goes on from there.
"""
from collections.abc import Sequence
from pathlib import Path
import signal
from typing import Any

from lam_ws.resources import share
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import follow


def main(arguments: Sequence[str]) -> int:
    """Train one model and package it."""
    options = parser('train', "Train a policy on a dataset in LeRobot's layout.")
    options.add_argument('--policy', choices=('act', 'flow', 'keypoint'), required=True,
                         help='act: a chunk by regression; flow: a chunk by a flow from noise; '
                              'keypoint: a chunk by regression, small and quick')
    options.add_argument('--data', type=Path, required=True, metavar='DIR', help='the dataset')
    options.add_argument('--out', type=Path, metavar='models/NAME',
                         help='the model (default: models/POLICY)')
    options.add_argument('--runs', type=Path, default=Path('runs'), help='checkpoints and logs')
    options.add_argument('--minutes', type=float, help='of training at most, all runs together')
    options.add_argument('--steps', type=int, default=20000, help='at most (default: 20000)')
    options.add_argument('--threads', type=int, default=1)
    options.add_argument('--batch', type=int, default=32, help='moments in a step')
    options.add_argument('--horizon', type=int, default=16, help='actions in a chunk')
    options.add_argument('--pixels', type=int, default=128, help='longest side of an image')
    options.add_argument('--width', type=int, default=128, help='channels of the network')
    options.add_argument('--seed', type=int, default=0)
    given = options.parse_args(arguments)
    least = min(given.steps, given.threads, given.batch, given.horizon)
    if least < 1 or given.pixels < 16 or (given.minutes is not None and not given.minutes > 0.0):
        options.error('a number is too small: --steps, --threads, --batch, --horizon and '
                      '--minutes must be greater than 0, --pixels at least 16')
    figures = {'model': given.policy, **train(given)}
    if given.json:
        print_json(figures)
    else:
        print(f'{given.policy} trained in {figures["cpu_s"]} CPU s: {figures}')
    return 0


def train(given: Any) -> dict[str, Any]:
    """Train until the budget is spent; Ctrl-C ends it after the step, with a checkpoint.

    Args:
        given: The options of `main`, as they were parsed.
    """
    from lam_ws.policy.chunking.config import Sizes
    from lam_ws.train.imitation import imitate, Imitation
    from lam_ws.train.runs import use_threads

    use_threads(given.threads)
    out = given.out or share() / 'models' / given.policy
    sizes = Sizes(horizon=given.horizon, pixels=given.pixels, width=given.width)
    training = Imitation(given.policy, given.data, out, given.runs / out.name, given.steps,
                         given.minutes, given.batch, given.seed, sizes)
    asked: list[int] = []
    kept = {number: signal.signal(number, lambda number, _: asked.append(number))
            for number in (signal.SIGINT, signal.SIGTERM)}
    last: dict[str, Any] = {}
    try:
        for row in follow(imitate(training, lambda: bool(asked)), given.policy):
            last = row
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt
    return {name: value for name, value in last.items() if name not in ('stage', 'share')}
