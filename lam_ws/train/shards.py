"""Training data in shards: pieces that one worker makes at a time and nobody makes twice.

The kind of data, how much of it and a first seed enter; jobs leave, each of which writes one
shard under a temporary name and renames it when it is whole. A shard that is there already is
kept, so a broken run goes on where it was.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lam_ws.sim.tasks.suite import TASKS
from lam_ws.site import load_site

Kind = Literal['stills', 'demos', 'corrections']
SIZE = {'stills': 500, 'demos': 20, 'corrections': 20}
USUAL = {'stills': (26000, 1_000_000), 'demos': (1680, 9_000_000),   # how many, first seed
         'corrections': (560, 11_000_000)}


@dataclass(frozen=True)
class Shard:
    """One piece of training data.

    Attributes:
        kind: What it is.
        site: Name of the site it is made on.
        path: Its folder, or its file without the suffix.
        count: Stills or demonstrations in it.
        seed: Its first seed.
        shown: Scenes of the stills (none: all in turn), or the task that is demonstrated or
            corrected.
        policy: Folder of the model that is corrected, None for the one that the site names.
    """

    kind: Kind
    site: str
    path: Path
    count: int
    seed: int
    shown: Any
    policy: Path | None = None

    @property
    def made(self) -> Path:
        """What exists when the shard is whole."""
        return self.path / 'labels.npz' if self.kind == 'stills' else self.path.with_suffix('.npz')


def shards(kind: Kind, site: str, folder: Path, count: int | None = None,
           seed: int | None = None, shown: Sequence[str] = ()) -> list[Shard]:
    """Return the pieces of `count` stills or demos, by default those of a full training.

    Args:
        kind: What to make.
        site: Name of the site to make it on.
        folder: Where the shards go.
        count: How many in all.
        seed: First seed.
        shown: Scenes or tasks, by default all of them in turn.
    """
    usual, first = USUAL[kind]
    count, seed, size = usual if count is None else count, first if seed is None else seed, \
        SIZE[kind]
    turns: Sequence[Any] = [tuple(shown)] if kind == 'stills' else list(shown) or list(TASKS)
    return [Shard(kind, site, folder / f'shard{start // size:03d}', min(size, count - start),
                  seed + start, turns[start // size % len(turns)])
            for start in range(0, count, size)]


def make(shard: Shard) -> int:
    """Make one shard unless it is there; return how many of it are good."""
    good = shard.count
    if shard.made.exists():
        return good
    site = load_site(shard.site)
    if shard.kind == 'stills':
        from lam_ws.train.stills import make_stills
        for _ in make_stills(site, shard.path, shard.count, shard.seed, shard.shown):
            pass
        return good
    from lam_ws.train.demos import make_demos
    for _, so_far in make_demos(site, shard.made, shard.count, shard.seed, shard.shown,
                                shard.kind == 'corrections', shard.policy):
        good = so_far
    return good
