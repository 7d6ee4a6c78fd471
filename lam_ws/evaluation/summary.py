"""What an evaluation of the suite says: figures for programs, JUnit for CI, gates.

Verdicts enter; one JSON-ready object, a JUnit file, and the tasks that miss their floors leave.
"""
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lam_ws.configuration import load
from lam_ws.evaluation.evaluation import rate, Verdict
from lam_ws.rules import Share


@dataclass(frozen=True)
class Gates:
    """A gate file: the floor of the lower end of each task's interval."""

    floors: Mapping[str, Share]


def summarise(verdicts: Sequence[Verdict], split: str, seed: int, policy: str,
              versions: Mapping[str, str]) -> dict[str, Any]:
    """Return the whole evaluation; `mean` is that over tasks, each counting the same."""
    tasks = list(dict.fromkeys(verdict.task for verdict in verdicts))
    by_task = {task: rate([one for one in verdicts if one.task == task]) for task in tasks}
    by_language = {language: rate([one for one in verdicts if one.language == language])
                   for language in sorted({one.language for one in verdicts})}
    rates = [float(str(row['rate'])) for row in by_task.values()]
    failures: dict[str, int] = {}
    for verdict in verdicts:
        if not verdict.success:
            failures[verdict.cause] = failures.get(verdict.cause, 0) + 1
    false_done = sum(one.cause == 'false_done' for one in verdicts)
    missed_done = sum(one.cause == 'missed_done' for one in verdicts)
    return {**rate(list(verdicts)), 'mean': round(sum(rates) / max(len(rates), 1), 4),
            'worst': min(by_task, key=lambda task: float(str(by_task[task]['rate']))),
            'by': {'task': by_task, 'language': by_language,
                   'split': {split: rate(list(verdicts))},
                   'arm': {arm: rate([one for one in verdicts if one.arm == arm])
                           for arm in sorted({one.arm for one in verdicts})}},
            'failures': dict(sorted(failures.items(), key=lambda row: -row[1])),
            'false_done': false_done, 'missed_done': missed_done, 'seed': seed,
            'policy': policy, 'split': split, 'versions': dict(versions),
            'failed': [asdict(one) for one in verdicts if not one.success]}


def missed(found: Mapping[str, Any], gates: Path) -> list[str]:
    """Return one line for each task whose lower bound is below its floor in the gate file.

    Raises:
        ConfigurationError: The file is wrong.
    """
    lines = []
    for task, floor in load(gates, Gates).floors.items():
        row = found['by']['task'].get(task)
        if row is None:
            lines.append(f'{task}: not evaluated, floor {floor}')
        elif row['wilson95'][0] < floor:
            lines.append(f'{task}: {row["successes"]} of {row["episodes"]}, lower bound '
                         f'{row["wilson95"][0]} is below {floor}')
    return lines


def write_junit(verdicts: Sequence[Verdict], path: Path) -> None:
    """Write one JUnit suite a task, one case an episode."""
    root = ElementTree.Element('testsuites', name='lam eval --suite')
    for task in dict.fromkeys(verdict.task for verdict in verdicts):
        mine = [one for one in verdicts if one.task == task]
        suite = ElementTree.SubElement(root, 'testsuite', name=task, tests=str(len(mine)),
                                       failures=str(sum(not one.success for one in mine)))
        for one in mine:
            case = ElementTree.SubElement(suite, 'testcase', classname=task,
                                          name=f'seed {one.seed}', time=f'{one.seconds:.2f}')
            if not one.success:
                ElementTree.SubElement(case, 'failure', message=one.cause).text = one.text
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, 'utf-8', xml_declaration=True)
