"""Nest: a pump body, upright, into the nest made for it."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

WITHIN_M, DEEP_M = 0.004, 0.004   # clearance is 2.5 mm; seated within 4 mm of the floor


class Nest(SimTask):
    """Pump bodies on the table, a nest with lead-in beside them."""

    name = skill = 'nest'
    scene = 'assembly'
    kinds = ('pump_body',)
    places = ('nest',)
    motion = pick_and_place(drop=0.006, slow=0.5)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the body is seated."""
        return stands_at(now, goal, WITHIN_M, highest=DEEP_M) and untouched(before, now, goal)
