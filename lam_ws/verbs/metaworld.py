"""`lam bench metaworld [STEP ...]`: the second learner on the fifty tasks of Meta-World.

Three steps, each of which goes on where it was broken off: collect demonstrations of the
scripted experts in pixels, train one policy on all of them, evaluate it on layouts it has not
seen. Each says what it took of the processor, all its runs together. Needs the extra
`metaworld`.
"""
from collections.abc import Callable, Sequence
import json
import os
from pathlib import Path
import time
from typing import Any

from lam_ws.dataset.dataset import Episode
from lam_ws.dataset.info import read_json, write_json
from lam_ws.metaworld.metaworld import BODY, ENVIRONMENT, known, summarise
from lam_ws.models import digest
from lam_ws.verbs import clean_stdout, parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.workers import run

STEPS = ('collect', 'train', 'evaluate')
BLOCK = 20      # episodes of a task that are handed to a worker at once


def main(arguments: Sequence[str]) -> int:
    """Take the steps that are asked for, all three by default."""
    given = _parse(arguments)
    result: dict[str, Any] = {}
    with clean_stdout():
        for step in given.step or STEPS:
            result |= {'collect': _collect, 'train': _train, 'evaluate': _evaluate}[step](given)
    if given.json:
        print_json(result)
    else:
        print('\n'.join(f'{name}: {value}' for name, value in result.items()))
    return 0


def _parse(arguments: Sequence[str]) -> Any:
    """Return the options, checked, and those that follow from others."""
    options = parser('bench metaworld', 'Measure the second learner on Meta-World.')
    options.add_argument('step', nargs='*', metavar='STEP',
                         help=f'{", ".join(STEPS)} (default: all, in this order)')
    options.add_argument('--tasks', nargs='+', default=[], metavar='TASK',
                         help='tasks or groups: easy, medium, hard, very-hard (default: all 50)')
    options.add_argument('--policy', choices=('act', 'flow', 'keypoint'), default='keypoint')
    options.add_argument('--folder', type=Path, default=Path('data/metaworld'),
                         help='demonstrations (default: data/metaworld)')
    options.add_argument('--out', type=Path, help='model (default: runs/metaworld_POLICY/model)')
    options.add_argument('--runs', type=Path, default=Path('runs'))
    options.add_argument('--demos', type=int, default=40, help='of each task (default: 40)')
    options.add_argument('--episodes', type=int, default=10, help='of each task (default: 10)')
    options.add_argument('--minutes', type=float, help='of training at most, all runs together')
    options.add_argument('--steps', type=int, default=10_000, help='of training at most')
    options.add_argument('--threads', type=int, default=1, help='of the training')
    options.add_argument('--batch', type=int, default=64)
    options.add_argument('--pixels', type=int, default=96, help='longest side of an image')
    options.add_argument('--width', type=int, help='channels of the network (default: 48 for '
                         'keypoint, else 128)')
    options.add_argument('--horizon', type=int, default=4,
                         help='rows of actions in a chunk, four steps each')
    options.add_argument('--replan', type=int, default=1, help='rows played of each chunk')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    given = options.parse_args(arguments)
    if min(given.demos, given.episodes, given.workers, given.threads, given.replan) < 1:
        options.error('--demos, --episodes, --workers, --threads and --replan must be at least 1')
    for step in given.step:
        if step not in STEPS:
            options.error(f'the steps are {", ".join(STEPS)}, not {step!r}')
    given.tasks = known(given.tasks)
    given.out = given.out or given.runs / f'metaworld_{given.policy}' / 'model'
    if given.width is None:
        given.width = 48 if given.policy == 'keypoint' else 128
    return given


class Spent:
    """CPU s of a step, of this process and its workers, kept across runs.

    Args:
        path: File it is kept in.

    Attributes:
        workers: CPU s of each worker so far, by the number of its process.
    """

    def __init__(self, path: Path):
        self._path, self._start, self.workers = path, time.process_time(), dict[int, float]()
        self._before = float(read_json(path, 'remove it')['cpu_s']) if path.exists() else 0.0

    def keep(self) -> float:
        """Write down and return what was spent so far."""
        total = time.process_time() - self._start + sum(self.workers.values())
        write_json(self._path, {'cpu_s': round(self._before + total, 1)})
        return round(self._before + total, 1)


def _collect(given: Any) -> dict[str, Any]:
    """Record the demonstrations that are missing."""
    from lam_ws.dataset.growing import grow, starts
    from lam_ws.dataset.writer import Writer

    spent = Spent(given.folder / 'meta/lam_ws_spent.json')
    writer = Writer(given.folder, BODY, ENVIRONMENT)
    what = {'tasks': given.tasks, 'demos': given.demos}
    total = len(given.tasks) * given.demos
    blocks = starts(writer, what, total, BLOCK * given.workers)
    make = _maker(given, range(blocks.start, total), spent)
    for _ in track(grow(writer, what, total, blocks, make), len(blocks), 'collect'):
        spent.keep()
    return {'demonstrations': writer.episodes, 'tried': total, 'frames': writer.frames,
            'collect_cpu_s': spent.keep()}


def _maker(given: Any, numbers: range, spent: Spent) -> Callable[[int, int], list[Episode]]:
    """Return what hands out the good episodes from .. to, made ahead by workers that stay."""
    jobs = [(given.tasks, given.demos, list(numbers[i:i + BLOCK]))
            for i in range(0, len(numbers), BLOCK)]
    parts = run(_demonstrate, jobs, given.workers)
    found: dict[int, Episode | None] = {}

    def make(start: int, end: int) -> list[Episode]:
        while not all(number in found for number in range(start, end)):
            part, process, cpu_s = next(parts)
            found.update(part)
            spent.workers[process] = cpu_s
        made = [found.pop(number) for number in range(start, end)]
        return [episode for episode in made if episode is not None]
    return make


def _demonstrate(tasks: list[str], demos: int,
                 numbers: list[int]) -> tuple[dict[int, Episode | None], int, float]:
    """Record some demonstrations, None where the expert failed; say what this process spent."""
    from lam_ws.metaworld.demonstrations import demonstrate, FIRST_SEED

    found: dict[int, Episode | None] = {}
    for task in dict.fromkeys(tasks[number // demos] for number in numbers):
        mine = [number for number in numbers if tasks[number // demos] == task]
        made = demonstrate(task, [FIRST_SEED + number % demos for number in mine])
        found.update(zip(mine, made, strict=True))
    return found, os.getpid(), time.process_time()


def _train(given: Any) -> dict[str, Any]:
    """Train one policy on all of them."""
    from lam_ws.verbs.imitate import train

    spent = Spent(given.out.parent / 'train_spent.json')
    given.data, given.seed = given.folder, 0
    found = {f'training_{name}': value for name, value in train(given).items()}
    return {**found, 'train_cpu_s': spent.keep()}


def _evaluate(given: Any) -> dict[str, Any]:
    """Evaluate task by task; what is there already, of the same weights, is kept."""
    from lam_ws.metaworld.evaluating import check_body
    from lam_ws.policy.chunking.chunker import Chunker

    check_body(Chunker(given.out), given.out, given.replan)
    path = given.out / 'metaworld.json'
    what = {'sha256': digest(given.out / 'model.safetensors'), 'episodes': given.episodes,
            'replan': given.replan}
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept = kept if kept.get('of') == what else {}
    found: dict[str, int] = kept.get('successes', {})
    spent = Spent(given.out.parent / 'evaluate_spent.json')
    jobs = [(given.out, task, given.episodes, given.replan) for task in given.tasks
            if task not in found]
    for task, successes, process, cpu_s in track(run(_attempts, jobs, given.workers), len(jobs),
                                                 'evaluate'):
        found[task], spent.workers[process] = successes, cpu_s
        write_json(path, {'of': what, 'successes': found})
        spent.keep()
    chosen = {task: found[task] for task in given.tasks}
    return {**summarise(chosen, given.episodes),
            'evaluate_cpu_s': spent.keep()}


def _attempts(folder: Path, task: str, episodes: int, replan: int) -> tuple[str, int, int, float]:
    """Return how many episodes of a task succeed, and what this process spent."""
    from lam_ws.metaworld.evaluating import evaluate

    successes = sum(evaluate(folder, task, range(episodes), replan))
    return task, successes, os.getpid(), time.process_time()
