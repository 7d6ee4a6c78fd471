"""Belt pick: a named part from a moving belt into a bin."""
from lam_ws.sim.tasks.task import pick_and_place, SimTask
from lam_ws.sim.truth import in_bin, Truth
from lam_ws.types import Goal


class BeltPick(SimTask):
    """A belt that carries parts across the bench."""

    name = skill = 'belt_pick'
    scene = 'conveyor'
    kinds = ('ball_joint', 'bearing', 'cube')
    motion = pick_and_place(drop=0.016)

    def done(self, before: Truth, now: Truth, goal: Goal) -> bool:
        """Return whether the part, and no other, is in the bin."""
        others = [part for part in now['parts']
                  if (part['kind'], part['colour']) != (goal.kind, goal.colour)]
        return in_bin(now, goal) and not any(
            in_bin(now, Goal('', part['kind'], part['colour'], goal.destination, ''))
            for part in others)
