"""The same checkpoint, nodes and site on every arm: only the line `arm:` differs.

    python test/coupled_runs.py --runs 5 --write     and docs/results/coupled.json has the result

Each arm is a counterpart that nobody here wrote, or PyBullet; the cameras are those of the
simulated cell that mirrors it, and the truth about parts is the simulator's.
"""
import argparse
from dataclasses import asdict
import json
from pathlib import Path
import sys
import tempfile

from arm_peers import counterpart, MODELS
from lam_ws.evaluation.evaluation import Conditions
from lam_ws.nodes.environment import enter, free_domain
from lam_ws.nodes.evaluating import evaluate_ros

RESULTS = Path(__file__).resolve().parents[1] / 'docs' / 'results' / 'coupled.json'
NAMES = ('pybullet', 'joint_trajectory', 'franka', 'fanuc', 'indy')


def runs(name, seeds):
    """Yield the verdicts of some episodes with the arm `name`."""
    with tempfile.TemporaryDirectory() as folder, free_domain() as domain:
        enter(domain)
        with counterpart(name, Path(folder), domain) as (site, _):
            yield from evaluate_ros(site, seeds, Conditions(), domain)


def main():
    """Run what is asked for; 1 where an episode does not succeed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--only', nargs='+', choices=NAMES, default=NAMES)
    parser.add_argument('--seed', type=int, default=7000)
    parser.add_argument('--write', action='store_true')
    given = parser.parse_args()
    found = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for name in given.only:
        rows = []
        for verdict in runs(name, range(given.seed, given.seed + given.runs)):
            rows.append(asdict(verdict))
            print(f'{name:17} {verdict.seed} {verdict.success} {verdict.cause} '
                  f'{verdict.seconds:.1f} s  {verdict.text}', flush=True)
        found[name] = {'model': MODELS.get(name, 'fr3'), 'runs': len(rows),
                       'succeeded': sum(row['success'] for row in rows), 'episodes': rows}
        if given.write:
            RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + '\n',
                               encoding='utf-8')
    done = {name: (found[name]['succeeded'], found[name]['runs']) for name in given.only}
    print(done)
    return any(good < all_ for good, all_ in done.values())


if __name__ == '__main__':
    sys.exit(main())
