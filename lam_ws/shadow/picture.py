"""One picture of a shadow: measured joints and what was wanted of them enter, a .png leaves."""
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lam_ws.types import Array
import numpy as np

Way = tuple[Array, Array]   # [m] s and [m, n] rad (gripper m)


def draw(names: Sequence[str], measured: Way, guarded: Sequence[Way],
         result: Mapping[str, Any], path: Path) -> Path:
    """Write the picture and return its file.

    Args:
        names: [n] joint names.
        measured: Where the arm was.
        guarded: What each chunk would have made of it.
        result: As `comparing.compared`; its done-probabilities stand below.
        path: The file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 1.3 * (len(names) + 1)), layout='constrained')
    *rows, last = figure.subplots(len(names) + 1, 1, sharex=True)
    for number, (name, axes) in enumerate(zip(names, rows, strict=True)):
        if len(measured[0]):
            axes.plot(measured[0], measured[1][:, number], linewidth=2.2, label='measured')
        for times, positions in guarded:
            axes.plot(times, positions[:, number], 'C1', linewidth=1.0)
        axes.set_ylabel(name.rsplit('_', 1)[-1], fontsize=8)
        axes.grid(alpha=0.3)
    last.plot([row['time_s'] for row in result['chunks']],
              [row['done'] for row in result['chunks']], 'C2.-')
    last.set(xlabel='s', ylabel='done', ylim=(-0.05, 1.05))
    last.grid(alpha=0.3)
    rows[0].set_title('measured (blue), what each chunk of the shadow would have commanded',
                      fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    return path


def ways(stamps_s: Sequence[float], times: Sequence[Array], positions: Sequence[Array],
         begin_s: float, until_s: float) -> list[Way]:
    """Return the ways of chunks on one axis of time, each until `until_s` after its stamp."""
    found = []
    for stamp_s, after, rows in zip(stamps_s, times, positions, strict=True):
        kept = np.flatnonzero(after <= until_s + 1e-9)
        if len(kept):
            found.append((stamp_s - begin_s + after[kept], rows[kept]))
    return found
