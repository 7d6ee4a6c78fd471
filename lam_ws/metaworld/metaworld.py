"""The fifty tasks of Meta-World: what is said in each, how hard they are held to be, the mean.

Nothing of Meta-World is imported here. The tasks are those of Yu et al., "Meta-World: A
Benchmark and Evaluation for Multi-Task and Meta Reinforcement Learning" (2019), version 3 of
the package; the four groups are those of Seo et al., "Masked World Models for Visual Control"
(2022), by which tables of others are made: the mean of the groups, not of the tasks. The
sentences are our own.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.errors import ConfigurationError
from lam_ws.source import nearest

RATE_HZ, STRIDE = 80, 4     # of the simulator's steps, and steps from one picture to the next


@dataclass(frozen=True)
class View:
    """A camera that stands still, the same for all tasks.

    Attributes:
        picture: Its name and size.
        place: m, where it stands, in the frame of Meta-World's world.
        at: m, what is in the middle of the picture.
        height_deg: deg that the height of the picture spans.
    """

    picture: Picture
    place: tuple[float, float, float]
    at: tuple[float, float, float]
    height_deg: float


# One from beside the arm, near where others put theirs (Seo et al. 2022), and one from before it,
# at a right angle: between them they say how far things are. All that hand, objects and goals do
# in demonstrations is within both pictures.
VIEWS = (View(Picture('corner', 192, 192), (0.75, 0.075, 0.7), (0.0, 0.66, 0.12), 48.0),
         View(Picture('front', 192, 128), (0.6, 1.35, 0.75), (0.0, 0.66, 0.1), 38.0))
# Hand and gripper as measured; the steps of the hand and the closing of the gripper as commanded
# until the next picture.
BODY = Embodiment(
    'sawyer', RATE_HZ / STRIDE,
    (Signal('hand_x', 'm'), Signal('hand_y', 'm'), Signal('hand_z', 'm'), Signal('gripper')),
    tuple(Signal(f'{name}_{step}') for step in range(STRIDE)
          for name in ('step_x', 'step_y', 'step_z', 'close')),
    tuple(view.picture for view in VIEWS))
# What is taught and never shown at work: two objects and the goal; 0 where a task has no such.
ENVIRONMENT = (
    *(Signal(f'{thing}_{axis}', 'm' if len(axis) == 1 else '') for thing in ('first', 'second')
      for axis in ('x', 'y', 'z', 'qw', 'qx', 'qy', 'qz')),
    *(Signal(f'goal_{axis}', 'm') for axis in 'xyz'))
GROUPS: Mapping[str, Mapping[str, str]] = {
    'easy': {
        'button-press': 'push the button in from the front',
        'button-press-topdown': 'push the button down from above',
        'button-press-topdown-wall': 'reach over the wall and push the button down from above',
        'button-press-wall': 'reach round the wall and push the button in from the front',
        'coffee-button': 'start the coffee machine with its button',
        'dial-turn': 'turn the dial half round',
        'door-close': 'swing the door shut',
        'door-lock': 'turn the lock of the door until it is locked',
        'door-open': 'swing the door open',
        'door-unlock': 'turn the lock of the door until it is unlocked',
        'drawer-close': 'slide the drawer in',
        'drawer-open': 'slide the drawer out',
        'faucet-close': 'turn the tap to the right',
        'faucet-open': 'turn the tap to the left',
        'handle-press': 'press the handle down from the front',
        'handle-press-side': 'press the handle down from the side',
        'handle-pull': 'lift the handle from the front',
        'handle-pull-side': 'lift the handle from the side',
        'lever-pull': 'swing the lever over',
        'plate-slide': 'slide the plate forwards into the cabinet',
        'plate-slide-back': 'slide the plate back out of the cabinet',
        'plate-slide-back-side': 'slide the plate out of the cabinet to the side',
        'plate-slide-side': 'slide the plate into the cabinet from the side',
        'reach': 'move the hand to the mark',
        'reach-wall': 'move the hand to the mark at the wall',
        'window-close': 'slide the window shut',
        'window-open': 'slide the window open',
        'peg-unplug-side': 'pull the peg out of its hole',
    },
    'medium': {
        'basketball': 'put the ball through the hoop',
        'bin-picking': 'move the block over into the other bin',
        'box-close': 'set the lid on the box',
        'coffee-pull': 'draw the mug away from the coffee machine',
        'coffee-push': 'move the mug to its place at the coffee machine',
        'hammer': 'drive the nail in with the hammer',
        'peg-insert-side': 'push the peg into the hole in the side of the box',
        'push-wall': 'push the puck round the wall to the mark',
        'soccer': 'push the football into the net',
        'sweep': 'sweep the block over the edge',
        'sweep-into': 'sweep the block into the hole',
    },
    'hard': {
        'assembly': 'put the ring over the peg',
        'hand-insert': 'lower the hand into the hole',
        'pick-out-of-hole': 'take the puck out of the hole',
        'pick-place': 'pick up the puck and hold it at the mark',
        'push': 'push the puck along the table to the mark',
        'push-back': 'push the puck back towards the arm to the mark',
    },
    'very hard': {
        'shelf-place': 'put the block on the shelf',
        'disassemble': 'take the ring off the peg',
        'stick-pull': 'hook the jug with the stick and draw it to the mark',
        'stick-push': 'push the jug to the mark with the stick',
        'pick-place-wall': 'lift the puck over the wall to the mark',
    },
}
TASKS: Mapping[str, str] = {name: text for group in GROUPS.values()
                            for name, text in group.items()}


def known(names: list[str]) -> list[str]:
    """Return the tasks of these names, or of the groups of these names; all where none is given.

    Raises:
        ConfigurationError: There is no such task; carries the nearest.
    """
    found: dict[str, None] = {}
    for name in names:
        group = name.replace('-', ' ')
        if name not in TASKS and group not in GROUPS:
            words = [*TASKS, *GROUPS]
            raise ConfigurationError(f'Meta-World has no task or group {name!r}',
                                     nearest=nearest(name, words))
        found |= dict.fromkeys([name] if name in TASKS else GROUPS[group])
    return list(found or TASKS)


def summarise(successes: Mapping[str, int], episodes: int) -> dict[str, Any]:
    """Return rates by task and group, and the mean of the four groups.

    Args:
        successes: Of each task that was evaluated.
        episodes: Of each task.

    Returns:
        The mean is None, and `complete` false, unless every task was evaluated: what is left
        out would otherwise count as if it were like the rest.
    """
    tasks = {name: successes[name] / episodes for name in TASKS if name in successes}
    groups, rates = {}, []
    for group, members in GROUPS.items():
        found = [tasks[name] for name in members if name in tasks]
        rates.append(sum(found) / len(found) if found else 0.0)
        groups[group] = {'tasks': len(found), 'of': len(members),
                         'rate': rates[-1] if found else None}
    complete = len(tasks) == len(TASKS)
    mean = sum(rates) / len(rates) if complete else None
    return {'episodes': episodes, 'tasks': tasks, 'groups': groups, 'complete': complete,
            'mean_of_groups': mean}
