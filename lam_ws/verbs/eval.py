"""`lam eval`: closed-loop success on fresh scenes, with an interval and the causes of failure.

A site, a number of episodes and a seed enter; the figures leave, as a table or as one JSON
object. Two workers share the episodes; the result does not depend on how many there are.
"""
from argparse import Namespace
from collections.abc import Iterator, Sequence
from importlib import import_module
import os
from pathlib import Path
import sys
from typing import Any

from lam_ws.evaluation.evaluation import Conditions, evaluate, report, Verdict
from lam_ws.site import load_site
from lam_ws.verbs import give, parser
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import blocks, run

# Other evaluations, each with options of its own: module, an example of a value, what it is.
OTHERS = {
    '--suite': ('lam_ws.verbs.suite', 'cell', 'the factory suite'),
    '--chain': ('lam_ws.verbs.chain', '5', 'chains of that many tasks'),
    '--delay-ms': ('lam_ws.verbs.delays', '0,300', 'what late answers cost'),
    '--compare': ('lam_ws.verbs.compare', 'A.json B.json', 'two runs of the suite'),
    '--grounding': ('lam_ws.verbs.grounding', '', 'how well instructions are read'),
    '--orders': ('lam_ws.verbs.orders', 'FILE', 'how well operators are understood'),
    '--sight': ('lam_ws.verbs.sight', '', 'how exactly the policy sees'),
}
SCENES = 25   # handed to a worker at once


def main(arguments: Sequence[str]) -> int:
    """Evaluate and print; exit status 1 when the rate is below --floor."""
    for option, (module, _, _) in OTHERS.items():
        if any(argument.split('=')[0] == option for argument in arguments):
            return int(import_module(module).main(arguments))
    options = parser('eval', 'Measure closed-loop success in the simulated cell.')
    for option, (_, value, what) in OTHERS.items():
        kind: dict[str, Any] = {'metavar': value} if value else {'action': 'store_true'}
        options.add_argument(option, **kind, help=f'{what}; lam eval {option} {value} --help '
                             'lists its options')
    options.add_argument('--site', default='sim_bench', help='name or .yaml file of a site')
    options.add_argument('--episodes', type=int, default=100, metavar='N')
    options.add_argument('--seed', type=int, default=1000, help='seed of the first scene')
    options.add_argument('--policy', choices=('site', 'expert'), default='site',
                         help="the site's policy, or the scripted expert as an upper bound")
    options.add_argument('--instruction', choices=('right', 'wrong'), default='right',
                         help='wrong: say that of another part, judge by the original goal')
    options.add_argument('--wording', choices=('train', 'heldout'), default='train',
                         help='wordings the text encoder has met, or others')
    options.add_argument('--noise', type=float, default=0.0, metavar='LEVEL',
                         help='0..1, typing errors and missing spaces')
    options.add_argument('--ros', action='store_true',
                         help='through real nodes, topics and the action')
    options.add_argument('--perception', action='store_true',
                         help='judge the scene inventory on this many scenes instead')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--floor', type=float, default=0.0, metavar='RATE',
                         help='exit status 1 when the rate is lower')
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if given.episodes < 1 or given.workers < 1 or not 0.0 <= given.noise <= 1.0:
        options.error('--episodes and --workers must be at least 1, --noise within 0..1')
    if given.perception:
        return _perception(given)
    conditions = Conditions(given.wording, given.noise, given.instruction)
    seeds = range(given.seed, given.seed + given.episodes)
    runs = _through_ros(given.site, seeds, conditions) if given.ros else \
        _in_process(given.site, seeds, conditions, given.policy, given.workers)
    verdicts = sorted(track(runs, given.episodes, 'episodes'), key=lambda run: run.seed)
    found = report(verdicts, given.seed, given.policy, conditions, versions())
    found['site'], found['through_ros'] = given.site, given.ros
    give(found, given)
    if not given.json:
        _tell(found)
    return 0 if found['rate'] >= given.floor else 1


def _perception(given: Namespace) -> int:
    """Judge the scene inventory and print the figures."""
    from lam_ws.train.scoring import summary
    seeds = range(given.seed, given.seed + given.episodes)
    jobs = [(given.site, block) for block in blocks(seeds, SCENES)]
    found = summary([row for rows in track(run(_scenes, jobs, given.workers), len(jobs),
                                           'blocks of scenes') for row in rows])
    give({**found, 'seed': given.seed, 'site': given.site, 'versions': versions()}, given)
    if not given.json:
        for name, row in found.items():
            print(f'{name:<6} {row}')
    return 0


def _scenes(site: str, seeds: list[int]) -> list[dict[str, Any]]:
    from lam_ws.train.scoring import score_scenes
    return list(score_scenes(load_site(site), seeds))


def _block(site: str, seeds: list[int], conditions: Conditions, policy: str) -> list[Verdict]:
    return list(evaluate(site, seeds, conditions, policy))


def _in_process(site: str, seeds: range, conditions: Conditions, policy: str,
                workers: int) -> Iterator[Verdict]:
    """Yield verdicts as workers finish them."""
    jobs = [(site, block, conditions, policy) for block in blocks(seeds)]
    for verdicts in run(_block, jobs, workers):
        yield from verdicts


def _through_ros(site: str, seeds: range, conditions: Conditions) -> Iterator[Verdict]:
    """Yield verdicts of episodes run by the real graph, one after the other."""
    from lam_ws.nodes.evaluating import evaluate_ros
    yield from evaluate_ros(site, seeds, conditions)


def _tell(found: dict) -> None:
    """Print the figures for people."""
    low, high = found['wilson95']
    print(f"{found['successes']} of {found['episodes']}: {found['rate']:.3f} "
          f'(95 % {low:.3f} to {high:.3f}), {found["seconds_mean"]} simulated s each')
    for group, values in found['by'].items():
        for name, part in values.items():
            print(f"  {group:<9} {name:<11} {part['successes']:>4} of {part['episodes']:<4} "
                  f"{part['rate']:.3f}  {part['wilson95']}")
    for cause, count in found['failures'].items():
        print(f'  failed    {cause:<24} {count}', file=sys.stdout)
