"""Operators' sentences through the real graph of a company's cell: said, answered, done, judged.

Sentences with a scene each and what should come of them enter; what came of them leaves. What was
carried out is judged by the simulator's truth, what was refused or asked about by its reason.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lam_ws.errors import LamError
from lam_ws.grounding.factory.grounder import FactoryGrounder
from lam_ws.grounding.factory.order import Step
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.nodes.session import Session
from lam_ws.sim.tasks.suite import by_skill, is_open
from lam_ws.site import Site
from lam_ws.types import Instruction


def carry_out(site: Site, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each row with what it `became`, whether `truly`, `told`, `citations` and `right`.

    Args:
        site: Of the cell.
        rows: `text`, `scene`, `seed`, `expect` ('done', 'refuse' or 'clarify'), `reason` and, of
            what is to be done, the `step` in ids of the company; `replies` to its questions, if
            any are to be given.

    Raises:
        LamError: The scene of a row does not allow what it asks for, or it is so already.
    """
    grounder = FactoryGrounder(load_knowledge(site.knowledge))
    with Session(site, without=('record',)) as cell:
        for row in rows:
            cell.reset(row['seed'], row['scene'])
            before = cell.truth()
            goal = None
            if row['step'] is not None:
                goal, = grounder.goals(Step(**row['step']))
                if not is_open(goal, before):
                    raise LamError(f'"{row["text"]}" cannot be done in scene {row["scene"]} of '
                                   f'seed {row["seed"]}, or it is so already')
            cell.arm()
            outcome = cell.instruct(Instruction(row['text']), answer=_replying(
                row.get('replies', ())))
            truly = goal is None or by_skill(goal.skill).done(before, cell.truth(), goal)
            became = 'done' if outcome.success else outcome.reason
            wanted = 'done' if row['expect'] == 'done' else row['reason']
            yield {**row, 'became': became, 'truly': truly, 'told': outcome.text,
                   'citations': list(outcome.citations), 'right': became == wanted and truly}


def _replying(replies: Sequence[str]) -> Callable[[str, Sequence[str]], str] | None:
    """Return what replies in that order, and no to what is asked beyond; None without replies."""
    left = list(replies)
    return (lambda question, choices: left.pop(0) if left else 'no') if left else None
