"""The table of the suite, and how one task is put into a site."""
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module

from lam_ws.sim.fixtures import fixture_kind
from lam_ws.sim.scene import load_scene
from lam_ws.sim.tasks.task import SimTask
from lam_ws.sim.truth import Truth
from lam_ws.site import Site
from lam_ws.types import Goal

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


SHIFT = 'shift'   # the scene in which chains of several tasks happen
SHIFT_TASKS = ('pick_place', 'press', 'open_clamp', 'close_clamp')


@cache
def scenes() -> Mapping[str, tuple[SimTask, ...]]:
    """Return the scenes of the suite and which of its tasks happen in each."""
    tasks = [load_task(name) for name in TASKS]
    found = {scene: tuple(task for task in tasks if task.scene == scene)
             for scene in dict.fromkeys(task.scene for task in tasks)}
    return {**found, SHIFT: tuple(load_task(name) for name in SHIFT_TASKS)}


@cache
def load_task(name: str) -> SimTask:
    """Return the task of that name; raises KeyError when there is none."""
    module, kind = TASKS[name].split(':')
    task: SimTask = getattr(import_module(module), kind)()
    return task


def by_skill(skill: str) -> SimTask:
    """Return the task that needs `skill`."""
    return next(task for task in map(load_task, TASKS) if task.skill == skill)


def is_open(goal: Goal, truth: Truth) -> bool:
    """Return whether a scene allows a goal, by whatever words and ids, and does not fulfil it."""
    plain = replace(goal, text='', part='', tool='')
    return any(plain in task.goals(truth) for task in map(load_task, TASKS)
               if task.skill == goal.skill)


def all_goals() -> tuple[Goal, ...]:
    """Return every goal that some scene of the suite can ask for, without text."""
    found: dict[Goal, None] = {}
    for task in map(load_task, TASKS):
        spec = load_scene(task.scene)
        colours = dict.fromkeys(spec.parts.kinds, spec.parts.colours)
        colours['bin'] = spec.bins.colours
        for row in spec.fixtures:
            for point in fixture_kind(row.kind).points:
                colours[point.kind] = tuple(dict.fromkeys(
                    (*colours.get(point.kind, ()), *row.colours)))
        for kind in task.kinds:
            for colour in colours[kind]:
                found.update(dict.fromkeys(_seconds(task, kind, colour, colours)))
    return tuple(found)


def _seconds(task: SimTask, kind: str, colour: str,
             colours: Mapping[str, tuple[str, ...]]) -> list[Goal]:
    """Return the goals of a task for one first thing."""
    if not task.places:
        return [Goal(task.skill, kind, colour, '', '', '')]
    return [Goal(task.skill, kind, colour, other, '', place) for place in task.places
            for other in colours[place] if (not task.same or other == colour)
            and (place, other) != (kind, colour)]


def staged(site: Site, scene: str) -> Site:
    """Return the site with another scene in its simulated cell."""
    if site.sim is None:
        raise ValueError('a site without a simulated cell has no stage')
    return replace(site, sim=replace(site.sim, scene=scene))
