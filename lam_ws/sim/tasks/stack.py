"""Stack: a carton or cube onto another."""
from collections.abc import Sequence

from lam_ws.sim.tasks.task import pairs, pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

KINDS = ('carton', 'cube')
WITHIN_M = 0.015


class Stack(SimTask):
    """Cartons and cubes on a table."""

    name = skill = 'stack'
    scene = 'stacking'
    motion = pick_and_place(drop=0.004, slow=0.5)

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return every part onto every other."""
        return [goal for kind in KINDS for goal in pairs(truth, self.skill, KINDS, kind)
                if (goal.kind, goal.colour) != (goal.place, goal.destination)]

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part stands on the other."""
        return stands_at(now, goal, WITHIN_M) and untouched(before, now, goal)
