"""Pictures of the board with the joints at each: the folder that hand-eye calibration reads.

`views.json` in a folder enters or leaves: which joints, whether the pictures were made straight
already, and for each picture the joints at which it was taken, rad.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path

from lam_ws.errors import CameraError
import numpy as np

NAME = 'views.json'


@dataclass
class Views:
    """Pictures and joints.

    Attributes:
        joints: Names of the arm's joints, without the gripper.
        straight: The pictures are those of a pinhole camera, as a cell publishes them.
        positions: [n] rad by picture.
    """

    joints: tuple[str, ...]
    straight: bool
    positions: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write views.json beside the pictures."""
        told = {'joints': list(self.joints), 'straight': self.straight,
                'views': [{'file': name, 'position': list(position)}
                          for name, position in self.positions.items()]}
        (folder / NAME).write_text(json.dumps(told, indent=1) + '\n', encoding='utf-8')


def read_views(folder: Path, names: Sequence[str]) -> Views:
    """Return the views of a folder, joints in the order of `names`.

    Raises:
        CameraError: There is no views.json, it is none, or it is of another arm.
    """
    try:
        told = json.loads((folder / NAME).read_text(encoding='utf-8'))
        joints, straight = list(map(str, told['joints'])), told['straight']
        rows = {str(view['file']): [float(value) for value in view['position']]
                for view in told['views']}
    except OSError as error:
        raise CameraError(f'{folder / NAME}: {error.strerror}') from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CameraError(f'{folder / NAME}: is no list of views: {type(error).__name__} '
                          f'{error}') from error
    if sorted(joints) != sorted(names) or not isinstance(straight, bool):
        raise CameraError(f'{folder / NAME}: has the joints {joints}, the arm {list(names)}')
    order = [joints.index(name) for name in names]
    return Views(tuple(names), straight, _ordered(folder, rows, order))


def _ordered(folder: Path, rows: Mapping[str, Sequence[float]], order: Sequence[int]
             ) -> dict[str, tuple[float, ...]]:
    for name, row in rows.items():
        if len(row) != len(order) or not np.isfinite(row).all() or Path(name).name != name:
            raise CameraError(f'{folder / NAME}: the view {name[:40]!r} has no sound joints')
    return {name: tuple(row[i] for i in order) for name, row in rows.items()}
