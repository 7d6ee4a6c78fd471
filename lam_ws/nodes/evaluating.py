"""Evaluation through the real graph: the same cases, nodes as processes, the action, the truth.

A site, seeds and conditions enter; verdicts leave, judged exactly as those of one process.
"""
from collections.abc import Iterable, Iterator

from lam_ws.evaluation.evaluation import Conditions, draw_case, judge, Verdict
from lam_ws.nodes.session import Session
from lam_ws.site import load_site, Site
from lam_ws.types import Instruction


def evaluate_ros(site: str | Site, seeds: Iterable[int], conditions: Conditions,
                 domain: int | None = None) -> Iterator[Verdict]:
    """Run one episode for each seed on one running cell; `domain` None takes one that is free."""
    site = load_site(site) if isinstance(site, str) else site
    without = () if site.record is None else ('record',)
    with Session(site, domain, without=without) as cell:
        for seed in seeds:
            before = cell.reset(seed)
            case = draw_case([(part['kind'], part['colour']) for part in before['parts']], seed,
                             conditions)
            cell.arm()
            outcome = cell.instruct(Instruction(case.text, case.language))
            after = cell.truth()
            phase = 'succeeded' if outcome.success else 'failed'
            yield judge(case, site.arm.name, before, after, phase, outcome.reason,
                        after['stamp_s'], 1)
