"""How large the network is and what its numbers mean, for whoever runs it, with torch or without.

The config.json of a model enters; checked `Sizes` leave.
"""
from dataclasses import dataclass, fields
import json
from pathlib import Path

from lam_ws.errors import CheckpointError
from lam_ws.policy.skills import MOST_PHASES, SKILLS

STRIDE = 4            # image px for each cell of the heat maps
CROP = 48             # image px of a close look, a multiple of 8
HEIGHT_SCALE = 0.1    # m for each unit of a height that the network says
LARGEST = 4096        # of any size
STATE, POINTS = 10, 12   # numbers of the tool's state and of the key points


@dataclass(frozen=True)
class Sizes:
    """Sizes of the network and what it was made for; config.json of a model holds them.

    Attributes:
        text_width: Channels of the text encoder.
        text_size: Size of a sentence's embedding.
        channels: Channels of the grounder.
        yaws: Heading bins over half a turn.
        horizon: Points in a chunk.
        phases: Phases the head tells apart, of any skill.
        skills: Skills it knows.
        hidden: Units of the head's layers.
        camera: Name of the camera it looks through.
    """

    text_width: int = 64
    text_size: int = 128
    channels: int = 56
    yaws: int = 12
    horizon: int = 10
    phases: int = MOST_PHASES
    skills: int = len(SKILLS)
    hidden: int = 320
    camera: str = 'front'


def load_sizes(folder: Path) -> Sizes:
    """Return the sizes in config.json of `folder`.

    Raises:
        CheckpointError: The file is missing, lacks a size, or has one that cannot be.
    """
    try:
        config = json.loads((folder / 'config.json').read_text())
        sizes = Sizes(**{field.name: config[field.name] for field in fields(Sizes)})
        for field in fields(Sizes):
            value = getattr(sizes, field.name)
            if type(value) is not field.type or (field.type is int and not 0 < value <= LARGEST):
                raise ValueError(f'{field.name} is {value!r}'[:100])
        return sizes
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CheckpointError(f'{folder}/config.json cannot be used: {error!r}') from None
