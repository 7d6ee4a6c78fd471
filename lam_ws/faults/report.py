"""The page and the summary of a run of the table: what was expected, and what came of it.

Runs enter; a JSON-ready object and a page in Markdown leave, one line for each case with its worst
run against its bound.
"""
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
import math
from typing import Any

from lam_ws.faults.faults import Case, FaultRun, TIERS

BAR = 20   # characters of the bar that shows the worst run against its bound


def summary(runs: Sequence[FaultRun]) -> dict[str, Any]:
    """Return what `lam faults --json` prints."""
    return {'runs': [run.to_json() for run in runs], 'passed': sum(run.passed for run in runs),
            'failed': sum(not run.passed for run in runs)}


def page(cases: Iterable[Case], runs: Sequence[FaultRun],
         quiet: Mapping[str, Any] | None = None, planned: int = 0) -> str:
    """Return the page.

    Args:
        cases: The table, in its order.
        runs: What was run of it.
        quiet: What came of the runs without a fault, where there were any.
        planned: How many runs there should have been.
    """
    by_name: dict[str, list[FaultRun]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    ran = [case for case in cases if case.name in by_name]
    passed = sum(run.passed for run in runs)
    lines = ['# Faults, provoked', '',
             'Written by `lam faults --all --write`; the runs are in [faults.json](faults.json), '
             'what each fault is and why its bound is what it is in [faults.md](../faults.md).',
             '', f'{passed} of {len(runs)} runs of {len(ran)} cases came out as expected. A bound '
             'of 0 counts what may not come through at all: frames, chunks, commands.', '']
    if planned > len(runs):
        lines += [f'Broken off: {planned} runs were planned. The first seed of every phase of '
                  'every case comes before the second of any.', '']
    for tier, name in TIERS.items():
        count = sum(run.tier == tier for run in runs)
        if count:
            lines.append(f'- {tier}, {name}: {count} runs')
    lines += ['', *_false_stops(quiet)]
    lines += ['| fault | case | tier | expected | runs | passed | worst | bound | of the bound |',
              '|---:|---|---|---|---:|---:|---:|---:|---|']
    for _, group in groupby(sorted(ran, key=lambda case: case.fault), lambda case: case.fault):
        lines += [_line(case, by_name[case.name]) for case in group]
    return '\n'.join([*lines, '', *_failures(runs)])


def _false_stops(quiet: Mapping[str, Any] | None) -> list[str]:
    if quiet is None:
        return []
    return ['Without a fault: ' + ', '.join(f'{value} {name.replace("_", " ")}' for name, value
                                            in quiet.items() if name != 'failures')
            + f'; failures {quiet["failures"]}.', '']


def _line(case: Case, runs: Sequence[FaultRun]) -> str:
    worst = max(run.cycles for run in runs)
    passed = sum(run.passed for run in runs)
    shown = f'{worst:g}' if math.isfinite(worst) else 'never'
    return (f'| {case.fault} | `{case.name}` | {case.tier} | {case.expected} | {len(runs)} | '
            f'{passed if passed == len(runs) else f"**{passed}**"} | {shown} | '
            f'{case.bound_cycles:g} | {_bar(worst, case.bound_cycles)} |')


def _bar(worst: float, bound: float) -> str:
    """Return the worst run as a share of its bound, drawn in characters."""
    if bound == 0.0 or not math.isfinite(worst):
        return '' if worst == 0.0 else 'beyond'
    share = min(worst / bound, 1.0)
    full = round(share * BAR)
    return f'`{"#" * full}{"." * (BAR - full)}`'


def _failures(runs: Sequence[FaultRun]) -> list[str]:
    failed = [run for run in runs if not run.passed]
    if not failed:
        return []
    return ['## Not as expected', '', *(
        f'- {run.fault} `{run.name}`, {run.phase}, seed {run.seed}: {run.observed} '
        f'({run.cycles:g} cycles, bound {run.bound_cycles:g})' for run in failed), '']
