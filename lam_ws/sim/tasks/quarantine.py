"""Quarantine: a defective ball joint, known by its missing stud, into the red bin."""
from collections.abc import Sequence

from lam_ws.sim.tasks.pick_place import PickPlace
from lam_ws.sim.tasks.task import pairs
from lam_ws.sim.truth import Truth
from lam_ws.types import Goal


class Quarantine(PickPlace):
    """Good and defective ball joints, tie rods, a quarantine bin and a good one."""

    name = 'quarantine'
    scene = 'quarantine'

    def goals(self, truth: Truth) -> Sequence[Goal]:
        """Return every part into every bin."""
        return pairs(truth, self.skill, ('ball_joint', 'ball_joint_bare', 'tie_rod'), 'bin')
