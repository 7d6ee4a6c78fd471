"""Bin pick: one named part out of a crate of others, into a bin."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, untouched
from lam_ws.sim.truth import in_bin, Truth
from lam_ws.types import Goal


class BinPick(SimTask):
    """A crate of parts close to each other, and two bins."""

    name = skill = 'bin_pick'
    scene = 'crate'
    kinds = ('ball_joint', 'tie_rod', 'bearing', 'bar')
    motion = pick_and_place(drop=0.016, fit=True)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part, and no other, left the crate for the bin."""
        return in_bin(now, goal) and untouched(before, now, goal, slack_m=0.09)
