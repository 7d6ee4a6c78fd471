"""Insert: a shaft into a socket."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

WITHIN_M, DEEP_M = 0.004, 0.004   # clearance is 2.5 mm; seated within 4 mm of the floor


class Insert(SimTask):
    """Standing shafts, and a socket with lead-in."""

    name = skill = 'insert'
    scene = 'assembly'
    kinds = ('shaft',)
    places = ('socket',)
    motion = pick_and_place(drop=0.008, slow=0.5)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the shaft is seated and upright."""
        return stands_at(now, goal, WITHIN_M, highest=DEEP_M) and untouched(before, now, goal)
