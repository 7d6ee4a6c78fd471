"""`lam bench metaworld [STEP ...]`: the second learner on the fifty tasks of Meta-World.

Three steps, each of which goes on where it was broken off: collect demonstrations of the
scripted experts in pixels, train one policy on all of them, evaluate it on layouts it has not
seen. Needs the extra `metaworld`.
"""
from collections.abc import Sequence
import json
import os
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import Episode
from lam_ws.metaworld.metaworld import BODY, known, summarise
from lam_ws.models import digest
from lam_ws.verbs import clean_stdout, parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.workers import run

STEPS = ('collect', 'train', 'evaluate')
BLOCK = 10      # episodes of a task that are handed to a worker at once


def main(arguments: Sequence[str]) -> int:
    """Take the steps that are asked for, all three by default."""
    options = parser('bench metaworld', 'Measure the second learner on Meta-World.')
    options.add_argument('step', nargs='*', metavar='STEP',
                         help=f'{", ".join(STEPS)} (default: all, in this order)')
    options.add_argument('--tasks', nargs='+', default=[], metavar='TASK',
                         help='tasks or groups: easy, medium, hard, very-hard (default: all 50)')
    options.add_argument('--policy', choices=('act', 'flow'), default='flow')
    options.add_argument('--folder', type=Path, default=Path('data/metaworld'),
                         help='demonstrations (default: data/metaworld)')
    options.add_argument('--out', type=Path, help='model (default: runs/metaworld_POLICY/model)')
    options.add_argument('--runs', type=Path, default=Path('runs'))
    options.add_argument('--demos', type=int, default=50, help='of each task (default: 50)')
    options.add_argument('--episodes', type=int, default=10, help='of each task (default: 10)')
    options.add_argument('--minutes', type=float, help='of training at most, all runs together')
    options.add_argument('--steps', type=int, default=100_000, help='of training at most')
    options.add_argument('--threads', type=int, default=1, help='of the training')
    options.add_argument('--batch', type=int, default=32)
    options.add_argument('--horizon', type=int, default=16, help='actions in a chunk')
    options.add_argument('--replan', type=int, default=8, help='actions played of each chunk')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    given = options.parse_args(arguments)
    if min(given.demos, given.episodes, given.workers, given.threads, given.replan) < 1:
        options.error('--demos, --episodes, --workers, --threads and --replan must be at least 1')
    for step in given.step:
        if step not in STEPS:
            options.error(f'the steps are {", ".join(STEPS)}, not {step!r}')
    given.tasks = known(given.tasks)
    given.out = given.out or given.runs / f'metaworld_{given.policy}' / 'model'
    result: dict[str, Any] = {}
    with clean_stdout():
        for step in given.step or STEPS:
            result |= {'collect': _collect, 'train': _train, 'evaluate': _evaluate}[step](given)
    if given.json:
        print_json(result)
    else:
        print('\n'.join(f'{name}: {value}' for name, value in result.items()))
    return 0


def _collect(given: Any) -> dict[str, Any]:
    """Record the demonstrations that are missing."""
    from lam_ws.dataset.growing import grow, starts
    from lam_ws.dataset.writer import Writer

    writer = Writer(given.folder, BODY)
    what = {'tasks': given.tasks, 'demos': given.demos}
    total = len(given.tasks) * given.demos
    blocks = starts(writer, what, total, BLOCK * given.workers)

    def make(start: int, end: int) -> list[Episode]:
        numbers = list(range(start, end))
        jobs = [(given.tasks, given.demos, numbers[i:i + BLOCK])
                for i in range(0, len(numbers), BLOCK)]
        found: dict[int, Episode] = {}
        for part in run(_demonstrate, jobs, given.workers):
            found |= part
        return [found[number] for number in sorted(found)]
    for _ in track(grow(writer, what, total, blocks, make), len(blocks), 'collect'):
        pass
    return {'demonstrations': writer.episodes, 'tried': total}


def _demonstrate(tasks: list[str], demos: int, numbers: list[int]) -> dict[int, Episode]:
    """Record some demonstrations in this process; return the good ones by number."""
    from lam_ws.metaworld.demonstrations import demonstrate, FIRST_SEED

    found: dict[int, Episode] = {}
    for task in dict.fromkeys(tasks[number // demos] for number in numbers):
        mine = [number for number in numbers if tasks[number // demos] == task]
        made = demonstrate(task, [FIRST_SEED + number % demos for number in mine])
        found |= {number: episode for number, episode in zip(mine, made, strict=True)
                  if episode is not None}
    return found


def _train(given: Any) -> dict[str, Any]:
    """Train one policy on all of them."""
    from lam_ws.verbs.imitate import train
    given.data, given.seed, given.pixels, given.width = given.folder, 0, 128, 128
    return {f'training_{name}': value for name, value in train(given).items()}


def _evaluate(given: Any) -> dict[str, Any]:
    """Evaluate task by task; what is there already, of the same weights, is kept."""
    from lam_ws.metaworld.evaluating import check_body
    from lam_ws.policy.chunking.chunker import Chunker

    check_body(Chunker(given.out), given.out, given.replan)
    path = given.out / 'metaworld.json'
    what = {'sha256': digest(given.out / 'model.safetensors'), 'episodes': given.episodes,
            'replan': given.replan}
    kept = json.loads(path.read_text()) if path.exists() else {}
    found: dict[str, int] = kept.get('successes', {}) if kept.get('of') == what else {}
    jobs = [(given.out, task, given.episodes, given.replan) for task in given.tasks
            if task not in found]
    for task, successes in track(run(_attempts, jobs, given.workers), len(jobs), 'evaluate'):
        found[task] = successes
        part = path.with_suffix('.part')
        part.write_text(json.dumps({'of': what, 'successes': found}, indent=2) + '\n')
        part.replace(path)
    chosen = {task: found[task] for task in given.tasks}
    return summarise(chosen, given.episodes)


def _attempts(folder: Path, task: str, episodes: int, replan: int) -> tuple[str, int]:
    """Return how many episodes of a task succeed."""
    from lam_ws.metaworld.evaluating import evaluate
    return task, sum(evaluate(folder, task, range(episodes), replan))
