"""`lam eval --suite cell`: the factory suite, task by task, with intervals and gates.

Tasks, a split and a number of episodes enter; a table or one JSON object leaves, and on request
a JUnit file and a page with films of failures. Workers share the episodes; the result does not
depend on how many there are. Ctrl-C ends it early and loses no episode that was run.
"""
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
import json
import os
from pathlib import Path
import sys
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.suite import Kept, PERTURBATIONS, RARE, Setting, SPLITS, unasked
from lam_ws.evaluation.summary import Gates, load_gates, missed, summarise, write_junit
from lam_ws.grounding.lesson import load_lesson, WORDINGS
from lam_ws.models import load_card
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site
from lam_ws.source import nearest
from lam_ws.verbs import give, Parser, parser
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import Patience, run

INTERRUPTED = 130
_kept = Kept()   # in a worker: what the last episode ran on


def main(arguments: Sequence[str]) -> int:
    """Evaluate; exit status 1 when a gate is missed, 130 after Ctrl-C."""
    options = _options()
    given = options.parse_args(arguments)
    if given.episodes < 1 or given.workers < 1 or given.films < 0:
        options.error('--episodes and --workers must be at least 1, --films at least 0')
    load_site(given.site)   # a wrong site or gate is refused before any work starts
    gates = load_gates(given.gate) if given.gate is not None else Gates({})
    axes = (given.axis or list(PERTURBATIONS)) if given.split == 'perturbed' else ['']
    if given.model:
        load_card(given.model)   # as is a wrong model
    if given.lesson:
        given.tasks = given.tasks or [load_lesson(given.lesson).skill]
    tasks, without = _asked(given)
    jobs = [(Setting(given.site, task, given.split, given.policy, axis, given.raw, given.lesson,
                     given.wordings, given.model), seed)
            for axis in axes for task in tasks
            for seed in range(given.seed, given.seed + given.episodes)]
    verdicts = _through_ros(given, tasks) if given.ros else _evaluate(given, jobs)
    result = summarise(verdicts, given.split, given.seed, given.policy, versions())
    lines = missed(result, gates)
    result.update(site=given.site, raw=given.raw, lesson=given.lesson,
                  wordings=given.wordings if given.lesson else '', model=given.model,
                  through_ros=given.ros, planned=len(jobs),
                  complete=len(verdicts) == len(jobs), unasked=without,
                  gate={'holds': not lines, 'missed': lines, 'floors': dict(gates.floors)})
    _give(given, result, verdicts)
    if given.report is not None:
        _report(given, result, verdicts)
    if not result['complete']:
        return INTERRUPTED
    return 1 if lines else 0


def _options() -> Parser:
    options = parser('eval', 'Measure the factory suite in closed loop.')
    options.add_argument('--suite', choices=('cell',), required=True)
    options.add_argument('--site', default='sim_suite', help='name or .yaml file of a site')
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
    options.add_argument('--raw', action='store_true',
                         help='the policy hears the sentence as it is; without it the grounding '
                              'reads it first, as for an operator')
    options.add_argument('--lesson', default='', metavar='LESSON',
                         help='an operator of config/lessons/ says the sentences; for the tasks '
                              'that it has words for')
    options.add_argument('--wordings', choices=WORDINGS, default='taught',
                         help='of a lesson: as it demonstrates, or as it never did')
    options.add_argument('--model', default='', metavar='MODEL',
                         help="weights of the site's policy, a name below models/ (default: the "
                              "site's own)")
    options.add_argument('--ros', action='store_true',
                         help="through real nodes, topics and the action, with the stack's own "
                              'grounding')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--gate', type=Path, metavar='FILE',
                         help='floors of the tasks; exit status 1 when a lower bound is below')
    options.add_argument('--junit', type=Path, metavar='FILE')
    options.add_argument('--report', type=Path, metavar='DIR',
                         help='write report.html there, and films of failures beside it')
    options.add_argument('--films', type=int, default=8, metavar='N',
                         help='failures to film for the report, at most')
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    return options


def _asked(given: Namespace) -> tuple[list[str], list[str]]:
    """Return the tasks to run, and those that the split has no goals for.

    Raises:
        ConfigurationError: There are no others.
    """
    tasks = _tasks([name for row in given.tasks for name in row.split(',')])
    none = unasked(given.site, tasks, given.split, given.seed) if given.split in RARE else ()
    if len(none) == len(tasks):
        raise ConfigurationError(f'no scene of {", ".join(none)} has a goal of {given.split}')
    if none:
        print(f'lam eval: {", ".join(none)}: left out, none of their scenes has a goal of '
              f'{given.split}', file=sys.stderr)
    return [task for task in tasks if task not in none], list(none)


def _tasks(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in TASKS:
            raise ConfigurationError(f'no task {name!r} in the suite, which has '
                                     + ', '.join(TASKS), nearest=nearest(name, list(TASKS)))
    return tuple(dict.fromkeys(names)) or tuple(TASKS)


def _evaluate(given: Namespace, jobs: Sequence[tuple[Setting, int]]) -> list[Verdict]:
    """Return the verdicts in order of the jobs; after Ctrl-C those that there are."""
    found: dict[tuple[str, str, int], Verdict] = {}
    with Patience() as patience:
        try:
            for one in track(run(_episode, jobs, given.workers, patience), len(jobs), 'episodes'):
                found[one.axis, one.task, one.seed] = one
        except KeyboardInterrupt:
            patience.asked = True
    order = [(setting.axis, setting.task, seed) for setting, seed in jobs]
    return [found[key] for key in order if key in found]


def _episode(setting: Setting, seed: int) -> Verdict:
    return _kept.run(setting, seed)


def _through_ros(given: Namespace, tasks: Sequence[str]) -> list[Verdict]:
    """Return the verdicts of the real graph, one episode after the other."""
    from lam_ws.nodes.suite import evaluate_suite_ros
    from lam_ws.nodes.suite import SPLITS as SAID
    if given.split not in SAID or given.policy != 'site':
        raise ConfigurationError(f"--ros runs the site's own policy on the splits {SAID}")
    seeds = range(given.seed, given.seed + given.episodes)
    runs = evaluate_suite_ros(given.site, tasks, seeds, given.split)
    return list(track(runs, len(tasks) * given.episodes, 'episodes'))


def _give(given: Namespace, result: dict[str, Any], verdicts: list[Verdict]) -> None:
    """Write and print what was found."""
    gate = result['gate']
    interrupted = '' if result['complete'] else (
        f"interrupted after {result['episodes']} of {result['planned']} episodes")
    if given.junit is not None:
        floors = {task: ' '.join(line for line in gate['missed'] if line.startswith(f'{task}:'))
                  for task in gate['floors']}
        write_junit(verdicts, given.junit, floors, interrupted)
    give(result, given)
    if not given.json:
        for task, row in result['by']['task'].items():
            print(f"{task:<12} {row['successes']:>4} of {row['episodes']:<4} {row['rate']:.3f}  "
                  f"{row['wilson95']}")
        print(f"mean over tasks {result['mean']:.3f}, worst {result['worst']}; "
              f"failures {result['failures']}")
    for line in [*gate['missed'], *([interrupted] if interrupted else [])]:
        print(f'lam eval: {line}', file=sys.stderr)


def _report(given: Namespace, result: dict[str, Any], verdicts: list[Verdict]) -> None:
    """Write the page, at first without films, and the result beside it."""
    from lam_ws.evaluation.films import choose, film
    from lam_ws.report.suite import write_suite_report
    given.report.mkdir(parents=True, exist_ok=True)
    (given.report / 'result.json').write_text(
        json.dumps(result, ensure_ascii=False, indent=2) + '\n', encoding='utf-8')
    path = write_suite_report(result, [], given.report)
    chosen = choose(verdicts, given.films if result['complete'] else 0)
    jobs = [(Setting(given.site, one.task, given.split, given.policy, one.axis, given.raw,
                     given.lesson, given.wordings, given.model), one, given.report)
            for one in chosen]
    if jobs:
        found = list(track(run(film, jobs, given.workers), len(jobs), 'films'))
        found.sort(key=lambda one: chosen.index(one.verdict))
        rows = [{**asdict(one.verdict), 'same': one.again == one.verdict, 'file': one.file,
                 'stills': one.stills, 'command': one.command} for one in found]
        path = write_suite_report(result, rows, given.report)
    if not given.json:
        print(path)
