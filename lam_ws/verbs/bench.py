"""`lam bench [NAME ...]`: what the stack costs on this machine, against what it promises.

Names of the table enter; a value, its limit and the method leave for each. Exit status 1 says
that a limit does not hold. Run it while the machine has nothing else to do: values are CPU-time
minima wherever that is possible, but transport and start-up are waited for.
"""
from collections.abc import Mapping, Sequence
from importlib import import_module
import sys
import textwrap

from lam_ws.bench.bench import choose, Promise, Result, run
from lam_ws.verbs import clean_stdout, parser, print_json

PROMISES = (
    Promise('inference_chunk', 'lam_ws.bench.policy:inference', 'ms', 8.0),
    Promise('observation_to_command_overhead', 'lam_ws.bench.policy:inference', '', 1.15),
    Promise('cell_realtime_factor', 'lam_ws.bench.cell:cell_realtime_factor', '', 5.0,
            'at least'),
    Promise('state_only_ratio', 'lam_ws.bench.episodes:loop', '', 0.9, 'at least',
            group='episodes'),
    Promise('episodes_per_minute', 'lam_ws.bench.episodes:loop', '', 60.0, 'at least',
            group='episodes'),
    Promise('two_workers_ratio', 'lam_ws.bench.episodes:two_workers_ratio', '', 1.8, 'at least',
            group='episodes'),
    Promise('guard_cycle', 'lam_ws.bench.cell:guard_cycle', 'us', 100.0),
    Promise('image_transport_lost', 'lam_ws.nodes.bench:image_transport', 'frames', 0.0,
            group='image_transport'),
    Promise('image_transport_latency', 'lam_ws.nodes.bench:image_transport', 'ms', 4.0,
            group='image_transport'),
    Promise('ready', 'lam_ws.nodes.bench:stack', 's', 6.0, group='stack'),
    Promise('resident', 'lam_ws.nodes.bench:stack', 'GB', 1.5, group='stack'),
    Promise('recording_lost', 'lam_ws.nodes.bench_recording:recording', 'frames', 0.0,
            group='recording'),
    Promise('recording_cpu', 'lam_ws.nodes.bench_recording:recording', '%', 10.0,
            group='recording'),
    Promise('recording_jitter', 'lam_ws.nodes.bench_recording:recording', '', 1.1,
            group='recording'),
)


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for and print it."""
    if arguments and arguments[0] == 'metaworld':
        return int(import_module('lam_ws.verbs.metaworld').main(arguments[1:]))
    options = parser('bench', 'Measure what the stack costs, against what it promises; lam bench '
                              'metaworld measures the second learner, see its --help.')
    names = ', '.join(row.name for row in PROMISES)
    groups = ', '.join(dict.fromkeys(row.group for row in PROMISES if row.group))
    options.add_argument('name', nargs='*', metavar='NAME',
                         help=f'{names}; groups: {groups} (default: all)')
    given = options.parse_args(arguments)
    rows = choose(PROMISES, given.name)
    with clean_stdout():
        results = run(rows, lambda text: print(text, file=sys.stderr, flush=True))
    if given.json:
        print_json({name: result.to_json() for name, result in results.items()})
    else:
        print(table(rows, results))
    return 0 if all(result.holds for result in results.values()) else 1


def table(rows: Sequence[Promise], results: Mapping[str, Result]) -> str:
    """Return the results for people: one line for each row, then how each was measured."""
    width = max(len(row.name) for row in rows)
    lines, notes = [], []
    for row in rows:
        result = results[row.name]
        verdict = 'holds' if result.holds else 'DOES NOT HOLD'
        value = f'{result.value:.4g} {row.unit}'.strip()
        limit = f'{row.sense} {row.limit:g} {row.unit}'.strip()
        lines.append(f'{row.name:<{width}}  {value:>12}  {limit:<18}  {verdict}')
        notes += textwrap.wrap(f'{row.name}: {result.method}', 99, subsequent_indent='  ')
    return '\n'.join([*lines, '', *notes])
