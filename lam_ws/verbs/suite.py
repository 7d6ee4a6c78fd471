"""`lam eval --suite cell`: the factory suite, task by task, with intervals and gates.

Tasks, a split and a number of episodes enter; a table or one JSON object leaves, and on request
a JUnit file. Workers share the episodes; the result does not depend on how many there are.
"""
from argparse import Namespace
from collections.abc import Sequence
import json
import os
from pathlib import Path
import sys
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.suite import evaluate_suite, PERTURBATIONS, SPLITS
from lam_ws.evaluation.summary import missed, summarise, write_junit
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import run

BLOCK = 5   # episodes handed to a worker at once


def main(arguments: Sequence[str]) -> int:
    """Evaluate; exit status 1 when a gate is missed."""
    options = parser('eval', 'Measure the factory suite in closed loop.')
    options.add_argument('--suite', choices=('cell',), required=True)
    options.add_argument('--site', default='sim_bench', help='name or .yaml file of a site')
    options.add_argument('--split', choices=SPLITS, default='seen')
    options.add_argument('--axis', choices=tuple(PERTURBATIONS), action='append', default=[],
                         help='for --split perturbed; may be repeated (default: every axis)')
    options.add_argument('--tasks', '--task', nargs='+', default=[], metavar='TASK',
                         help=f'default: {", ".join(TASKS)}')
    options.add_argument('--episodes', type=int, default=100, metavar='N', help='for each task')
    options.add_argument('--seed', type=int, default=5000, help='seed of the first scene')
    options.add_argument('--policy', choices=('site', 'expert', 'oracle'), default='site',
                         help="the site's own, the scripted expert, or the site's own with "
                              'true key points')
    options.add_argument('--ros', action='store_true',
                         help="through real nodes, topics and the action, with the stack's own "
                              'grounding')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--gate', type=Path, metavar='FILE',
                         help='floors of the tasks; exit status 1 when a lower bound is below')
    options.add_argument('--junit', type=Path, metavar='FILE')
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if given.episodes < 1 or given.workers < 1:
        options.error('--episodes and --workers must be at least 1')
    load_site(given.site)   # a wrong site is refused before any work starts
    axes = (given.axis or list(PERTURBATIONS)) if given.split == 'perturbed' else ['']
    tasks = _tasks([name for row in given.tasks for name in row.split(',')])
    found = _through_ros(given, tasks) if given.ros else _evaluate(given, tasks, axes)
    verdicts: list[Verdict] = [one for rows in found.values() for one in rows]
    result = summarise(verdicts, given.split, given.seed, given.policy, versions())
    result['site'], result['through_ros'] = given.site, given.ros
    if given.split == 'perturbed':
        result['by']['axis'] = {axis: summarise(rows, given.split, given.seed, given.policy,
                                                {})['by']['task'] for axis, rows in found.items()}
    return _give(given, result, verdicts)


def _tasks(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in TASKS:
            raise ConfigurationError(f'no task {name!r} in the suite, which has '
                                     + ', '.join(TASKS), nearest=nearest(name, list(TASKS)))
    return tuple(names) or tuple(TASKS)


def _evaluate(given: Namespace, tasks: Sequence[str],
              axes: Sequence[str]) -> dict[str, list[Verdict]]:
    """Return the verdicts of each axis ('' without perturbation), in order of task and seed."""
    seeds = range(given.seed, given.seed + given.episodes)
    jobs = [(axis, given.site, task, list(seeds[start:start + BLOCK]), given.split, given.policy)
            for axis in axes for task in tasks for start in range(0, len(seeds), BLOCK)]
    blocks = track(run(_block, jobs, min(given.workers, len(jobs))), len(jobs), 'blocks')
    found: dict[str, list[Verdict]] = {axis: [] for axis in axes}
    for axis, verdicts in blocks:
        found[axis] += verdicts
    order = {task: number for number, task in enumerate(tasks)}
    for rows in found.values():
        rows.sort(key=lambda one: (order[one.task], one.seed))
    return found


def _through_ros(given: Namespace, tasks: Sequence[str]) -> dict[str, list[Verdict]]:
    """Return the verdicts of the real graph, one episode after the other."""
    from lam_ws.nodes.suite import evaluate_suite_ros
    from lam_ws.nodes.suite import SPLITS as SAID
    if given.split not in SAID or given.policy != 'site':
        raise ConfigurationError(f"--ros runs the site's own policy on the splits {SAID}")
    seeds = range(given.seed, given.seed + given.episodes)
    runs = evaluate_suite_ros(given.site, tasks, seeds, given.split)
    return {'': list(track(runs, len(tasks) * given.episodes, 'episodes'))}


def _block(axis: str, site: str, task: str, seeds: list[int], split: str,
           policy: str) -> tuple[str, list[Verdict]]:
    return axis, list(evaluate_suite(site, task, seeds, split, policy, axis))


def _give(given: Namespace, result: dict[str, Any], verdicts: list[Verdict]) -> int:
    """Write and print what was found; return the exit status."""
    lines = missed(result, given.gate) if given.gate is not None else []
    result['gate'] = {'holds': not lines, 'missed': lines}
    if given.junit is not None:
        write_junit(verdicts, given.junit)
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + '\n')
    if given.json:
        print_json(result)
    else:
        for task, row in result['by']['task'].items():
            print(f"{task:<12} {row['successes']:>4} of {row['episodes']:<4} {row['rate']:.3f}  "
                  f"{row['wilson95']}")
        print(f"mean over tasks {result['mean']:.3f}, worst {result['worst']}; "
              f"failures {result['failures']}")
    for line in lines:
        print(f'lam eval: {line}', file=sys.stderr)
    return 1 if lines else 0
