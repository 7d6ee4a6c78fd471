"""What a policy of this cell can be asked to do, and the phases in which it does it.

A skill's name enters; its phases, and what of the scene it is about, leave. The order of the
table is the order in which a checkpoint numbers skills: a new skill goes to its end.
"""
from collections.abc import Mapping
from dataclasses import dataclass

PICK = ('approach', 'descend', 'close', 'lift', 'carry', 'lower', 'open', 'retreat', 'home')
TOUCH = ('approach', 'touch', 'retreat', 'home')
SWEEP = ('approach', 'descend', 'sweep', 'finish', 'retreat', 'home')
MOST_PHASES = 9


@dataclass(frozen=True)
class Skill:
    """One skill.

    Attributes:
        phases: What it believes it is doing, in the order of a good run.
        place: Whether it has a second point: where to, or what about.
        looks: The first phases, in which what it acts on has not been touched yet.
        grips: Whether it takes a part between the fingers.
        carried: Whether what it acts on may be on a moving belt.
    """

    phases: tuple[str, ...]
    place: bool = True
    looks: int = 2
    grips: bool = True
    carried: bool = False


SKILLS: Mapping[str, Skill] = {
    'pick_place': Skill(PICK),                  # a part into a bin
    'kit': Skill(PICK),                         # a part into a slot of its colour
    'bin_pick': Skill(PICK),                    # one part out of a crate full of them
    'nest': Skill(PICK),                        # a body into the nest made for it
    'insert': Skill(PICK),                      # a shaft into a socket
    'stack': Skill(PICK),                       # a part onto another
    'hand_over': Skill(PICK),                   # a part onto a pad, along it
    'belt_pick': Skill(PICK, carried=True),     # a part from a moving belt
    'press': Skill(TOUCH, place=False, looks=1, grips=False),
    'open_clamp': Skill(SWEEP, grips=False),
    'close_clamp': Skill(SWEEP, grips=False),
    'push': Skill(SWEEP, grips=False),          # a part over a line
    'wipe': Skill(SWEEP, grips=False),          # along a stripe from its square end
}
NUMBER = {name: number for number, name in enumerate(SKILLS)}
