"""The table of the suite, and how one task is put into a site."""
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module

from lam_ws.sim.tasks.task import SimTask
from lam_ws.site import Site

TASKS: Mapping[str, str] = {
    'pick_place': 'lam_ws.sim.tasks.pick_place:PickPlace',
    'quarantine': 'lam_ws.sim.tasks.quarantine:Quarantine',
    'kit': 'lam_ws.sim.tasks.kit:Kit',
    'bin_pick': 'lam_ws.sim.tasks.bin_pick:BinPick',
    'nest': 'lam_ws.sim.tasks.nest:Nest',
    'insert': 'lam_ws.sim.tasks.insert:Insert',
    'stack': 'lam_ws.sim.tasks.stack:Stack',
    'hand_over': 'lam_ws.sim.tasks.hand_over:HandOver',
    'belt_pick': 'lam_ws.sim.tasks.belt_pick:BeltPick',
    'press': 'lam_ws.sim.tasks.press:Press',
    'open_clamp': 'lam_ws.sim.tasks.clamps:OpenClamp',
    'close_clamp': 'lam_ws.sim.tasks.clamps:CloseClamp',
    'push': 'lam_ws.sim.tasks.push:Push',
    'wipe': 'lam_ws.sim.tasks.wipe:Wipe',
}


@cache
def load_task(name: str) -> SimTask:
    """Return the task of that name; raises KeyError when there is none."""
    module, kind = TASKS[name].split(':')
    task: SimTask = getattr(import_module(module), kind)()
    return task


def by_skill(skill: str) -> SimTask:
    """Return the task that needs `skill`."""
    return next(task for task in map(load_task, TASKS) if task.skill == skill)


def staged(site: Site, task: SimTask) -> Site:
    """Return the site with the scene of `task` in its simulated cell."""
    if site.sim is None:
        raise ValueError('a site without a simulated cell has no stage')
    return replace(site, sim=replace(site.sim, scene=task.scene))
