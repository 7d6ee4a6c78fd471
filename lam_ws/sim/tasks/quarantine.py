"""Quarantine: a defective ball joint, known by its missing stud, into the red bin."""
from lam_ws.sim.tasks.pick_place import PickPlace


class Quarantine(PickPlace):
    """Good and defective ball joints, tie rods, a quarantine bin and a good one."""

    name = 'quarantine'
    scene = 'quarantine'
    kinds = ('ball_joint', 'ball_joint_bare', 'tie_rod')
