"""How many mistakes in lam_ws/safety its tests notice: `make mutants SAMPLE=150 SEED=1`.

The committed tree enters; cosmic-ray makes each mistake of a seeded random sample in a clone of
it (build/mutation) and runs test/safety; what was noticed and what was not leaves, with the diff
of each survivor. Cut short, the same command goes on where it stopped.
"""
import argparse
import ast
from collections.abc import Iterator, Sequence
import json
import os
from pathlib import Path
import random
import sqlite3
import subprocess
import sys
import venv

ROOT = Path(__file__).parents[1]
COSMIC_RAY = 'cosmic-ray==8.7.0'   # what else it brings is its own affair: no test imports it
PACKAGE = 'lam_ws/safety'
TIMEOUT_S, TEST_S = 600, 60   # for all tests, and for each: a mistake may run for ever
# What is long comes last; most mistakes are noticed before.
LONG = ('test_states.py', 'test_hand.py', 'test_enumeration.py', 'test_commands.py')
# What cannot make a difference: `is` and `==` are one for None and the members of an enum.
SAME = ('core/ReplaceComparisonOperator_Is_Eq', 'core/ReplaceComparisonOperator_IsNot_NotEq')
COLUMNS = 'm.job_id, module_path, operator_name, start_pos_row, start_pos_col, end_pos_row, ' \
    'end_pos_col'


def call(*command: object, cwd: Path = ROOT) -> str:
    """Return what a command prints; raise if it fails."""
    return subprocess.run(list(map(str, command)), cwd=cwd, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def tests_for(module: str, folder: Path) -> list[str]:
    """Return the test files: the mirror of `module` first, then the others, long ones last."""
    mirror = f'test_{Path(module).stem}.py'
    names = sorted(path.name for path in folder.glob('test_*.py'))
    return [str(folder / name) for name in sorted(
        names, key=lambda name: (name != mirror, name in LONG and LONG.index(name) + 1))]


def judge() -> None:
    """Become pytest on the tests of the module that is changed here; cosmic-ray calls it."""
    changed = call('git', 'diff', '--name-only', '--', PACKAGE, cwd=Path.cwd()).splitlines()
    os.execv(sys.executable, [
        sys.executable, '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider',
        '-o', f'faulthandler_timeout={TEST_S}', '-o', 'faulthandler_exit_on_timeout=true',
        '--hypothesis-seed=0', *tests_for(changed[0] if changed else '', Path('test/safety'))])


def idle_spans(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield where a change makes no difference to what runs, as (row, column) from and to.

    Type annotations, how many results are kept (lru_cache), and what a dataclass is asked for.
    """
    for node in ast.walk(ast.parse(source)):
        idle = [getattr(node, 'annotation', None), getattr(node, 'returns', None)]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            idle += [call for call in node.decorator_list if isinstance(call, ast.Call)
                     and ast.unparse(call.func) in ('dataclass', 'lru_cache')]
        for part in filter(None, idle):
            assert part.end_lineno is not None and part.end_col_offset is not None
            yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def makes_sense(row: Sequence, spans: dict[str, list]) -> bool:
    """Return whether a mistake could make a difference, by the two rules above."""
    _, module, operator, line, column, end_line, end_column = row
    return operator not in SAME and not any(
        (first[0], first[1] - 1) <= (line, column) and (end_line, end_column) <= last
        for first, last in spans[module])


def prepare(sample: int, seed: int) -> tuple[Path, Path, Path]:
    """Return the clone, the session with its sample drawn, and cosmic-ray's program."""
    commit = call('git', 'rev-parse', '--short=12', 'HEAD')
    build = ROOT / 'build' / 'mutation'
    tree, session = build / commit / 'tree', build / commit / f'{sample}_{seed}.sqlite'
    program = build / 'venv' / 'bin' / 'cosmic-ray'
    if not program.exists():
        venv.create(build / 'venv', with_pip=True)
        call(build / 'venv' / 'bin' / 'python', '-m', 'pip', '--disable-pip-version-check',
             'install', '--quiet', COSMIC_RAY)
    if not tree.exists():
        call('git', 'clone', '--quiet', '--no-hardlinks', ROOT, tree)
        call('git', 'checkout', '--quiet', '--detach', commit, cwd=tree)
    call('git', 'checkout', '--quiet', '--force', 'HEAD', '--', '.', cwd=tree)
    if not session.exists():
        fresh = session.with_suffix('.part')
        fresh.unlink(missing_ok=True)
        call(program, 'init', configuration(session), fresh, cwd=tree)
        draw(fresh, tree, sample, seed)
        fresh.rename(session)
    return tree, session, program


def configuration(session: Path) -> Path:
    """Write what cosmic-ray reads, beside the session."""
    path = session.with_suffix('.toml')
    command = f'{sys.executable} test/mutation.py --judge'
    path.write_text(f'[cosmic-ray]\nmodule-path = "{PACKAGE}"\ntimeout = {TIMEOUT_S}.0\n'
                    f'excluded-modules = []\ntest-command = "{command}"\n'
                    '[cosmic-ray.distributor]\nname = "local"\n')
    return path


def draw(session: Path, tree: Path, sample: int, seed: int) -> None:
    """Leave a random sample of the mistakes that make sense in a session."""
    with sqlite3.connect(session) as data:
        rows = data.execute(f'SELECT {COLUMNS} FROM mutation_specs m ORDER BY module_path, '
                            'operator_name, occurrence').fetchall()
        spans = {name: [*idle_spans((tree / name).read_text())] for name in {r[1] for r in rows}}
        sensible = [row[0] for row in rows if makes_sense(row, spans)]
        print(f'{len(rows)} mistakes, {len(sensible)} of them could make a difference')
        kept = set(random.Random(seed).sample(sensible, min(sample, len(sensible))))
        lost = [(row[0],) for row in rows if row[0] not in kept]
        data.executemany('DELETE FROM mutation_specs WHERE job_id = ?', lost)
        data.executemany('DELETE FROM work_items WHERE job_id = ?', lost)


def results(session: Path) -> list[dict]:
    """Return what came of each mistake that was tried: outcome, where, operator and diff."""
    with sqlite3.connect(f'file:{session}?mode=ro', uri=True) as data:
        rows = data.execute(
            f'SELECT {COLUMNS}, test_outcome, diff FROM mutation_specs m JOIN work_results r '
            'ON m.job_id = r.job_id ORDER BY module_path, start_pos_row').fetchall()
    return [{'where': f'{row[1]}:{row[3]}', 'operator': row[2], 'outcome': row[7].lower(),
             'diff': [line for line in row[8].splitlines()[1:]
                      if line[:1] in '+-' and line[:3] not in ('+++', '---')]} for row in rows]


def run(tree: Path, session: Path, program: Path, sample: int) -> None:
    """Try what has not been tried yet, and tell how far it is."""
    tried = subprocess.Popen(['nice', '-n', '5', program, 'exec', session.with_suffix('.toml'),
                              session], cwd=tree)
    try:
        told = 0
        while tried.poll() is None:
            if len(found := results(session)) > told:
                told = len(found)
                lost = sum(one['outcome'] == 'survived' for one in found)
                print(f'{told} of {sample} tried, {lost} survived', file=sys.stderr, flush=True)
            try:
                tried.wait(2.0)
            except subprocess.TimeoutExpired:
                continue
    finally:
        tried.terminate()
        tried.wait()
    if tried.returncode:
        sys.exit(tried.returncode)


def report(found: list[dict], reviewed: list[dict]) -> dict:
    """Return the score with and without the survivors that were reviewed as equivalent."""
    known = {(one['file'], one['was'], one['becomes']): one['why'] for one in reviewed}
    survivors = [one for one in found if one['outcome'] == 'survived']
    for one in survivors:
        was, becomes = (' '.join(line[1:].strip() for line in one['diff'] if line[0] == sign)
                        for sign in '-+')
        one['equivalent'] = known.get((one['where'].split(':')[0], was, becomes), '')
    killed, same = len(found) - len(survivors), sum(bool(s['equivalent']) for s in survivors)
    return {'tried': len(found), 'killed': killed, 'survived': len(survivors),
            'equivalent': same, 'score': round(killed / max(len(found), 1), 4),
            'score_without_equivalent': round(killed / max(len(found) - same, 1), 4),
            'survivors': survivors}


def main() -> None:
    """Try a sample and print what was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sample', type=int, default=150)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--judge', action='store_true', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.judge:
        judge()
    tree, session, program = prepare(arguments.sample, arguments.seed)
    run(tree, session, program, arguments.sample)
    import yaml
    reviewed = yaml.safe_load((ROOT / 'test' / 'equivalent_mutants.yaml').read_text())
    found = report(results(session), reviewed)
    if arguments.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for one in found['survivors']:
        print('\n'.join([f'{one["where"]} {one["operator"]} {one["equivalent"]}', *one['diff']]))
    print(f'{found["killed"]} of {found["tried"]} killed: {found["score"]:.1%}; without '
          f'{found["equivalent"]} equivalent ones {found["score_without_equivalent"]:.1%}')


if __name__ == '__main__':
    main()
