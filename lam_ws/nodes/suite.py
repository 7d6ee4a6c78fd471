"""The factory suite through the real graph: a sentence in, what the nodes made of it, the truth.

Tasks, seeds and a split enter; verdicts leave, judged exactly as those of one process. The cell
is laid out anew for each episode, with the scene of its task; grounding, done and retry are the
task node's own, so a sentence that the stack does not understand is a failure here.
"""
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lam_ws.episode import Outcome
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.suite import draw_suite_case, judge_suite
from lam_ws.nodes.session import Session
from lam_ws.sim.tasks.suite import load_task
from lam_ws.sim.tasks.task import SimTask
from lam_ws.site import load_site
from lam_ws.types import Instruction

SPLITS = ('seen', 'heldout-pairs', 'heldout-wording', 'wrong-instruction')


class Stage:
    """A running cell as `draw_suite_case` wants it: laid out with one scene file.

    Args:
        cell: The running cell.
        scene: Name of the scene file.
    """

    def __init__(self, cell: Session, scene: str):
        self._cell, self._scene = cell, scene

    def reset(self, seed: int) -> None:
        """Lay the scene out anew."""
        self._cell.reset(seed, self._scene)

    def truth(self) -> dict[str, Any]:
        """Return what the simulator knows."""
        return self._cell.truth()


def evaluate_suite_ros(site_name: str, tasks: Sequence[str], seeds: Iterable[int],
                       split: str = 'seen') -> Iterator[Verdict]:
    """Run one episode of each task for each seed on one running cell.

    Args:
        site_name: Site to run on.
        tasks: Tasks of the suite.
        seeds: Scene seeds.
        split: One of `SPLITS`.
    """
    with Session(load_site(site_name), without=('record',)) as cell:
        for name in tasks:
            for seed in seeds:
                yield run_case(cell, load_task(name), seed, split)


def run_case(cell: Session, task: SimTask, seed: int, split: str = 'seen') -> Verdict:
    """Run and judge one episode on a running cell."""
    stage: Any = Stage(cell, task.scene)
    case = draw_suite_case(stage, task, seed, split)
    before = cell.truth()
    cell.arm()
    said = cell.instruct(Instruction(case.text, case.language))
    after = cell.truth()
    outcome = Outcome('succeeded' if said.success else 'failed', said.reason, after['stamp_s'],
                      attempts=1)
    return judge_suite(case, task, cell.site, before, after, outcome)
