"""Bin pick: one named part out of a crate of others, into a bin."""
from collections.abc import Sequence

from lam_ws.sim.tasks.task import pairs, pick_and_place, SimTask, untouched
from lam_ws.sim.truth import in_bin, Truth
from lam_ws.types import Goal


class BinPick(SimTask):
    """A crate of parts close to each other, and two bins."""

    name = skill = 'bin_pick'
    scene = 'crate'
    motion = pick_and_place(drop=0.016, fit=True)

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return every part into every bin."""
        return pairs(truth, self.skill, ('ball_joint', 'tie_rod', 'bearing', 'bar'), 'bin')

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part, and no other, left the crate for the bin."""
        return in_bin(now, goal) and untouched(before, now, goal, slack_m=0.09)
