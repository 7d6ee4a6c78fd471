"""Kit: a named part into the slot of a named colour."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask, stands_at, untouched
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal

WITHIN_M, WITHIN_RAD = 0.010, 0.26   # as CLIPort's kits: 1 cm and 15 degrees


class Kit(SimTask):
    """Cells, bearings and cubes, and a slot for each."""

    name = skill = 'kit'
    scene = 'kitting'
    kinds = ('cell', 'bearing', 'cube')
    places = ('slot',)
    motion = pick_and_place(drop=0.006, slow=0.6)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part stands in the slot."""
        return stands_at(now, goal, WITHIN_M, WITHIN_RAD) and untouched(before, now, goal)
