"""A dataset that is made block by block, and goes on after the last whole one.

What makes it, in words, and a function that makes a block enter; the dataset grows. How far it
is stands beside it in a file of its own, which LeRobot does not read.
"""
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lam_ws.dataset.dataset import Episode
from lam_ws.dataset.info import read_json, write_json
from lam_ws.dataset.writer import Writer
from lam_ws.errors import ConfigurationError

MADE_BY = 'meta/lam_ws.json'


def starts(writer: Writer, what: Mapping[str, Any], total: int, size: int) -> range:
    """Return the number at which each block that is missing starts.

    Args:
        writer: The dataset.
        what: What makes it; a dataset made by something else is refused.
        total: Episodes to try in all.
        size: Episodes in a block.

    Raises:
        ConfigurationError: The folder holds what something else made.
    """
    path, tried = writer.folder / MADE_BY, 0
    if writer.episodes or path.exists():
        told = read_json(path, 'this dataset was made by something else; choose another folder')
        block = [told.pop(name, 0) for name in ('from', 'to', 'had')]
        if told != what:
            raise ConfigurationError(f'was made with {told}, not with {dict(what)}; choose '
                                     'another folder', path)
        tried = block[1] if writer.episodes > block[2] else block[0]
    return range(tried, total, size)


def grow(writer: Writer, what: Mapping[str, Any], total: int, blocks: range,
         make: Callable[[int, int], Sequence[Episode]]) -> Iterator[int]:
    """Make the `blocks`, yielding how many episodes have been tried after each.

    Args:
        writer: The dataset.
        what: What makes it.
        total: Episodes to try in all.
        blocks: What `starts` returned.
        make: Returns the good episodes of the numbers from .. to.
    """
    for start in blocks:
        end = min(start + blocks.step, total)
        for episode in make(start, end):
            writer.add(episode)
        # Said before it is done: whether it was done is seen from the number of episodes.
        write_json(writer.folder / MADE_BY, {**what, 'from': start, 'to': end,
                                             'had': writer.episodes})
        writer.flush()
        yield end
