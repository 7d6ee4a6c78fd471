"""`lam eval --chain 5`: chains of tasks in one run, and the average number completed."""
from collections.abc import Sequence
import os
from pathlib import Path

from lam_ws.evaluation.chains import Chain, run_chains, summarise_chains
from lam_ws.site import load_site
from lam_ws.verbs import give, parser
from lam_ws.verbs.progress import track
from lam_ws.verbs.versions import versions
from lam_ws.verbs.workers import blocks, run


def main(arguments: Sequence[str]) -> int:
    """Run chains and print how far they got."""
    options = parser('eval', 'Measure chains of tasks in closed loop.')
    options.add_argument('--chain', type=int, required=True, metavar='N', help='tasks in a chain')
    options.add_argument('--site', default='sim_suite', help='name or .yaml file of a site')
    options.add_argument('--episodes', type=int, default=200, metavar='N', help='chains')
    options.add_argument('--seed', type=int, default=7000, help='seed of the first scene')
    options.add_argument('--policy', choices=('site', 'expert'), default='site')
    options.add_argument('--raw', action='store_true',
                         help='the policy hears the sentence as it is; without it the grounding '
                              'reads it first, as for an operator')
    options.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    options.add_argument('--out', type=Path, help='also write the JSON to this file')
    given = options.parse_args(arguments)
    if min(given.chain, given.episodes, given.workers) < 1:
        options.error('--chain, --episodes and --workers must be at least 1')
    load_site(given.site)   # a wrong site is refused before any work starts
    seeds = range(given.seed, given.seed + given.episodes)
    jobs = [(given.site, block, given.chain, given.policy, given.raw) for block in blocks(seeds)]
    rows = track(run(_block, jobs, given.workers), len(jobs), 'blocks')
    chains = sorted((chain for block in rows for chain in block), key=lambda one: one.seed)
    found = {**summarise_chains(chains, given.chain), 'seed': given.seed, 'site': given.site,
             'policy': given.policy, 'raw': given.raw, 'versions': versions()}
    give(found, given)
    if not given.json:
        print(f"average length {found['average_length']} of {given.chain} over "
              f"{found['chains']} chains; completed at least 1, 2, ...: {found['completed']}")
        for cause, count in found['failures'].items():
            print(f'  ended      {cause:<28} {count}')
    return 0


def _block(site: str, seeds: list[int], length: int, policy: str, raw: bool) -> list[Chain]:
    return list(run_chains(site, seeds, length, policy, raw))
