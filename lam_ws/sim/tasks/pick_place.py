"""Sort: a named part into the bin of a named colour (defects to quarantine)."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, untouched
from lam_ws.sim.truth import in_bin, Truth
from lam_ws.types import Goal


class PickPlace(SimTask):
    """Parts on a bench, bins at its sides."""

    name = skill = 'pick_place'
    scene = 'bench'
    kinds = ('cube', 'cylinder', 'bar')
    motion = pick_and_place(drop=0.016)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part, and no other, went into the bin."""
        return in_bin(now, goal) and untouched(before, now, goal)
