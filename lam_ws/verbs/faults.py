"""`lam faults`: break something in the running stack, and see whether it ends as it must.

Tiers, numbers of faults and how much of the table to run enter; a line for each case leaves, or
one JSON object, or the page of the results. Exit status 1 says that a run did not end as it must,
130 that Ctrl-C ended it early; what was run until then is told all the same.
"""
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
import json
import math
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.faults.faults import Case, FaultRun, PHASES, provoke, TIERS
from lam_ws.faults.report import page, summary
from lam_ws.faults.table import CASES
from lam_ws.source import nearest
from lam_ws.verbs import clean_stdout, Parser, parser, print_json
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import Patience, run

INTERRUPTED = 130
MOST = 1000   # seeds of a phase: more than any case has
RESULTS = Path('docs/results')
QUIET = Path('out/faults/quiet.jsonl')   # what has been run of --false-stops
KEPT = Path('out/faults/runs.jsonl')     # every run, as it ended


def main(arguments: Sequence[str]) -> int:
    """Provoke what is asked for; exit status 1 when a run failed."""
    given = _options().parse_args(arguments)
    with clean_stdout():
        found = _false_stops(given) if given.false_stops else _provoke(given)
    if given.json:
        print_json(found)
    if not found['complete']:
        return INTERRUPTED
    return 1 if found['failed'] else 0


def _options() -> Parser:
    options = parser('faults', 'Provoke faults in the running stack and hold the reaction against '
                               'its bound.')
    size = options.add_mutually_exclusive_group()
    size.add_argument('--quick', action='store_true',
                      help='one phase and seed of the most telling cases (default)')
    size.add_argument('--all', action='store_true', help='every case, phase and seed')
    options.add_argument('--tier', nargs='+', choices=tuple(TIERS), default=list(TIERS),
                         help='; '.join(f'{tier}: {name}' for tier, name in TIERS.items()))
    options.add_argument('--fault', nargs='+', type=int, default=[], metavar='N',
                         help='numbers of docs/faults.md (default: every one)')
    options.add_argument('--case', nargs='+', default=[], metavar='NAME', help='names of cases')
    options.add_argument('--seeds', type=int, default=MOST, metavar='N',
                         help='with --all: seeds of each phase, at most')
    options.add_argument('--write', action='store_true',
                         help=f'write {RESULTS}/faults.json and faults.md')
    options.add_argument('--resume', action='store_true',
                         help=f'run only what is not in {KEPT} yet')
    options.add_argument('--false-stops', type=int, default=0, metavar='N',
                         help='break nothing: N episodes, and N / 2 random streams, in which the '
                              f'guard must not stop; goes on from {QUIET}')
    options.add_argument('--workers', type=int, default=2)
    return options


def _provoke(given: Namespace) -> dict[str, Any]:
    """Run the cases and tell what came of them."""
    cases = choose(CASES, given.tier, given.fault, given.case,
                   not (given.all or given.fault or given.case))
    jobs = plan(cases, given.all, given.seeds)
    done = _kept() if given.resume else {}
    left = [job for job in jobs if (job[0].name, *job[1:]) not in done]
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with Patience() as patience, KEPT.open('a' if given.resume else 'w',
                                           encoding='utf-8') as stream:
        for one in track(_run(left, given.workers, patience), len(left), 'faults'):
            done[one.name, one.phase, one.seed] = one
            stream.write(json.dumps(one.to_json(), ensure_ascii=False) + '\n')
            stream.flush()
    keys = [(case.name, phase, seed) for case, phase, seed in jobs]
    runs = [done[key] for key in sorted(keys, key=_order(cases)) if key in done]
    found = {**summary(runs), 'planned': len(jobs), 'complete': len(runs) == len(jobs),
             'versions': versions()}
    if given.write:
        _write(found, runs)
    if not given.json:
        _tell(cases, runs)
    return found


def _kept() -> dict[tuple[str, str, int], FaultRun]:
    """Return what was run before; a line that was being written is run again."""
    found = {}
    for line in KEPT.read_text(encoding='utf-8').splitlines() if KEPT.is_file() else ():
        try:
            one = FaultRun.from_json(json.loads(line))
        except ValueError:
            continue
        found[one.name, one.phase, one.seed] = one
    return found


def choose(cases: Sequence[Case], tiers: Sequence[str], faults: Sequence[int],
           names: Sequence[str], quick: bool) -> list[Case]:
    """Return the cases that are asked for.

    Raises:
        ConfigurationError: There is no such fault or case.
    """
    for number in faults:
        if number not in {case.fault for case in cases}:
            raise ConfigurationError(f'no case provokes fault {number}')
    for name in names:
        if name not in (known := [case.name for case in cases]):
            raise ConfigurationError(f'no case {name!r}', nearest=nearest(name, known))
    return [case for case in cases if case.tier in tiers
            and (not faults or case.fault in faults) and (not names or case.name in names)
            and (case.quick or not quick)]


def plan(cases: Sequence[Case], whole: bool, seeds: int = MOST) -> list[tuple[Case, str, int]]:
    """Return (case, phase, seed) of every run: all, or the first of each case.

    The first seed of every case comes before the second of any.

    Args:
        cases: What to provoke.
        whole: Every phase and seed.
        seeds: Of each phase at most.
    """
    every = [(case, phase, seed) for case in cases
             for phase in (case.phases if whole else case.phases[:1])
             for seed in range(min(case.seeds, seeds) if whole else 1)]
    return sorted(every, key=lambda job: job[2])


def _order(cases: Sequence[Case]) -> Callable[[tuple[str, str, int]], tuple[int, int, int]]:
    """Return the key by which runs are told: in the order of the table."""
    number = {case.name: i for i, case in enumerate(cases)}
    return lambda key: (number[key[0]], PHASES.index(key[1]), key[2])


def _run(jobs: Sequence[tuple[Case, str, int]], workers: int,
         patience: Patience) -> Iterator[FaultRun]:
    """Yield the runs: in the workers what needs no process of its own, then the others here."""
    shared = [job for job in jobs if job[0].tier in ('U', 'S', 'Z')]
    if shared:
        yield from run(provoke, shared, workers, patience)
    for case, phase, seed in jobs:
        if case.tier not in ('U', 'S', 'Z') and not patience.asked:   # they measure time, alone
            yield provoke(case, phase, seed)


def _tell(cases: Sequence[Case], runs: Sequence[FaultRun]) -> None:
    """Print a line for each case, then every run that failed."""
    width = max((len(case.name) for case in cases), default=0)
    for case in cases:
        mine = [one for one in runs if one.name == case.name]
        if not mine:
            continue
        worst = max(one.cycles for one in mine)
        passed = sum(one.passed for one in mine)
        shown = f'{worst:g}' if math.isfinite(worst) else 'never'
        print(f'{"ok  " if passed == len(mine) else "FAIL"} {case.fault:>2} {case.tier} '
              f'{case.name:<{width}} {passed}/{len(mine)}  worst {shown} of {case.bound_cycles:g}')
    for one in runs:
        if not one.passed:
            print(f'     {one.name}, {one.phase}, seed {one.seed}: {one.observed}')
    passed = sum(one.passed for one in runs)
    print(f'{passed} of {len(runs)} runs ended as they must')


def _write(found: dict[str, Any], runs: Sequence[FaultRun]) -> None:
    """Write the results where the documentation has them."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    quiet = None
    if QUIET.is_file():
        from lam_ws.faults.lockstep.false_stops import summary as quiet_summary
        quiet = found['quiet'] = quiet_summary(_read_quiet())
    (RESULTS / 'faults.json').write_text(json.dumps(found, ensure_ascii=False, indent=1) + '\n',
                                         encoding='utf-8')
    (RESULTS / 'faults.md').write_text(page(CASES, runs, quiet, found['planned']),
                                       encoding='utf-8')


def _read_quiet() -> list[Any]:
    from lam_ws.faults.lockstep.false_stops import Quiet
    if not QUIET.is_file():
        return []
    rows = [json.loads(line) for line in QUIET.read_text(encoding='utf-8').splitlines()]
    return [Quiet(**{**row, 'violations': tuple(row['violations'])}) for row in rows]


def _false_stops(given: Namespace) -> dict[str, Any]:
    """Run what is left of the runs without a fault, each block written down as it comes."""
    from lam_ws.faults.lockstep.false_stops import jobs, run_block
    from lam_ws.faults.lockstep.false_stops import summary as quiet_summary
    left = list(jobs(given.false_stops, _read_quiet()))
    QUIET.parent.mkdir(parents=True, exist_ok=True)
    with QUIET.open('a', encoding='utf-8') as stream:
        for rows in track(run(run_block, left, given.workers), len(left), 'blocks of runs'):
            stream.write(''.join(json.dumps(row.to_json()) + '\n' for row in rows))
            stream.flush()
    found = quiet_summary(_read_quiet())
    if not given.json:
        for name, value in found.items():
            print(f'{name.replace("_", " "):<22} {value}')
    return {**found, 'failed': found['false_stops'] or found['violations'], 'complete': True}
