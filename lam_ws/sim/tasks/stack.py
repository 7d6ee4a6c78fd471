"""Stack: a carton or cube onto another."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

WITHIN_M = 0.015


class Stack(SimTask):
    """Cartons and cubes on a table."""

    name = skill = 'stack'
    scene = 'stacking'
    kinds = ('carton', 'cube')
    places = ('carton', 'cube')
    motion = pick_and_place(drop=0.004, slow=0.5)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part stands on the other."""
        return stands_at(now, goal, WITHIN_M) and untouched(before, now, goal)
