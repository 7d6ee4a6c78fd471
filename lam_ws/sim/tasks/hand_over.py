"""Hand over: a long part laid along a pad, as the next station wants it."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

WITHIN_M, WITHIN_RAD = 0.015, 0.20


class HandOver(SimTask):
    """Tie rods, busbars and bars, and two pads."""

    name = skill = 'hand_over'
    scene = 'handover'
    kinds = ('tie_rod', 'busbar', 'bar')
    places = ('pad',)
    motion = pick_and_place(drop=0.004, slow=0.6)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part lies along the pad."""
        return stands_at(now, goal, WITHIN_M, WITHIN_RAD) and untouched(before, now, goal)
