"""What an evaluation of the suite says: figures for programs, JUnit for CI, gates.

Verdicts enter; one JSON-ready object, a JUnit file, and the tasks that miss their floors leave.
"""
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lam_ws.configuration import load
from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import rate, Verdict, wilson
from lam_ws.evaluation.pairs import cases_of
from lam_ws.evaluation.quality import medians
from lam_ws.rules import Share
from lam_ws.sim.tasks.suite import TASKS
from lam_ws.source import nearest


@dataclass(frozen=True)
class Gates:
    """A gate file: the floor of the lower end of each task's interval."""

    floors: Mapping[str, Share]


def summarise(verdicts: Sequence[Verdict], split: str, seed: int, policy: str,
              versions: Mapping[str, str]) -> dict[str, Any]:
    """Return the whole evaluation; `mean` is that over tasks, each counting the same."""
    by_task = _by(verdicts, lambda one: one.task)
    rates = [float(row['rate']) for row in by_task.values()]
    by: dict[str, dict[str, Any]] = {
        'task': by_task, 'language': _by(verdicts, lambda one: one.language),
        'split': {split: rate(list(verdicts))}, 'arm': _by(verdicts, lambda one: one.arm)}
    if any(one.axis for one in verdicts):
        by['axis'] = _by(verdicts, lambda one: one.axis)
        by['axis_task'] = {axis: _by([one for one in verdicts if one.axis == axis],
                                     lambda one: one.task) for axis in by['axis']}
    causes = _causes(verdicts)
    return {**rate(list(verdicts)), 'mean': round(sum(rates) / max(len(rates), 1), 4),
            'worst': min(by_task, key=lambda task: float(by_task[task]['rate']), default=''),
            'by': by, 'failures': causes, 'false_done': causes.get('false_done', 0),
            'missed_done': causes.get('missed_done', 0), 'seed': seed,
            'policy': policy, 'split': split, 'versions': dict(versions),
            'cases': cases_of(verdicts),
            'failed': [asdict(one) for one in verdicts if not one.success]}


def _by(verdicts: Sequence[Verdict],
        key: Callable[[Verdict], str]) -> dict[str, dict[str, Any]]:
    """Return a row for each value of `key`, in the order in which they come.

    `seconds` is the mean of simulated s, and `quality` has the medians, of the episodes that
    succeeded, None where none did: a failure moves until its time is up. `force_max_n` is the
    largest contact force of all episodes, N.
    """
    groups: dict[str, list[Verdict]] = {}
    for one in verdicts:
        groups.setdefault(key(one), []).append(one)
    return {name: {**rate(rows), 'failures': _causes(rows), **_motion(rows)}
            for name, rows in groups.items()}


def _motion(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    solved = [one for one in verdicts if one.success]
    seconds = round(sum(one.seconds for one in solved) / len(solved), 2) if solved else None
    forces = [one.quality.force_n for one in verdicts if one.quality is not None]
    return {'seconds': seconds, 'quality': medians([one.quality for one in solved]),
            'force_max_n': max(forces, default=None)}


def _causes(verdicts: Sequence[Verdict]) -> dict[str, int]:
    return dict(Counter(one.cause for one in verdicts if not one.success).most_common())


def load_gates(path: Path) -> Gates:
    """Return the floors of a gate file.

    Raises:
        ConfigurationError: The file is wrong, or names a task that the suite has not.
    """
    gates = load(path, Gates)
    for task in gates.floors:
        if task not in TASKS:
            raise ConfigurationError(f'no task {task!r} in the suite, which has '
                                     + ', '.join(TASKS), path, nearest=nearest(task, list(TASKS)))
    return gates


def missed(found: Mapping[str, Any], gates: Gates) -> list[str]:
    """Return one line for each task whose lower bound is below its floor."""
    lines = []
    for task, floor in gates.floors.items():
        row = found['by']['task'].get(task)
        if row is None:
            lines.append(f'{task}: not evaluated, floor {floor}')
        elif row['wilson95'][0] < floor:
            n = row['episodes']
            few = '' if wilson(n, n)[0] >= floor else f'; {n} episodes are too few for that floor'
            lines.append(f'{task}: {row["successes"]} of {n}, lower bound '
                         f'{row["wilson95"][0]} is below {floor}{few}')
    return lines


def write_junit(verdicts: Sequence[Verdict], path: Path, floors: Mapping[str, str] | None = None,
                interrupted: str = '') -> None:
    """Write one JUnit suite a task, one case an episode.

    Args:
        verdicts: The episodes.
        path: File to write.
        floors: Tasks of the gate, each with what it misses, '' where it holds; a suite of their
            own.
        interrupted: Why there are no more, an error of its own.
    """
    root = ElementTree.Element('testsuites', name='lam eval --suite')
    for task in dict.fromkeys(verdict.task for verdict in verdicts):
        _suite(root, task, [(f'seed {one.seed}' + (f', {one.axis}' if one.axis else ''),
                             one.seconds, one.cause, one.text)
                            for one in verdicts if one.task == task])
    if floors:
        _suite(root, 'gate', [(f'floor of {task}', 0.0, line, '')
                              for task, line in floors.items()])
    if interrupted:
        _suite(root, 'lam eval', [('complete', 0.0, interrupted, '')], 'error')
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, 'utf-8', xml_declaration=True)


def _suite(root: ElementTree.Element, name: str, rows: Sequence[tuple[str, float, str, str]],
           kind: str = 'failure') -> None:
    """Add a suite of (name, s, what is wrong or '', text)."""
    wrong = sum(bool(cause) for _, _, cause, _ in rows)
    counts = {f'{one}s': str(wrong if one == kind else 0) for one in ('failure', 'error')}
    suite = ElementTree.SubElement(root, 'testsuite', counts, name=name,
                                   tests=str(len(rows)))
    for title, seconds, cause, text in rows:
        case = ElementTree.SubElement(suite, 'testcase', classname=name, name=title,
                                      time=f'{seconds:.2f}')
        if cause:
            ElementTree.SubElement(case, kind, message=cause).text = text
