"""Parts of a dataset that share nothing: episodes and shares enter, which goes where leaves.

Episodes that have an operator, a sentence or a scene in common, whichever is asked for, stay
together, so nothing of it is in two parts. Groups are drawn by a seed; the same call gives the
same parts.
"""
from collections.abc import Callable, Mapping, Sequence

from lam_ws.dataset.reader import Dataset
from lam_ws.errors import ConfigurationError
import numpy as np

#: What episodes may have in common: (dataset, number of the episode) -> a value, '' for unknown.
KEYS: dict[str, Callable[[Dataset, int], str]] = {
    'operator': lambda data, number: data.about[number].operator,
    'sentence': lambda data, number: ' '.join(data.words(number).casefold().split()),
    'scene': lambda data, number: data.about[number].scene,
    'source': lambda data, number: data.about[number].source,
}


def groups(dataset: Dataset, keys: Sequence[str],
           together: Sequence[tuple[int, int]] = ()) -> list[list[int]]:
    """Return the episodes that must stay together, by the least number of each group.

    Args:
        dataset: The dataset.
        keys: Names of KEYS. Unknown values ('') are not taken for the same.
        together: Further pairs that must not be parted, such as duplicates.
    """
    root = list(range(dataset.info.episodes))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    def join(one: int, other: int) -> None:
        first, second = sorted((find(one), find(other)))
        root[second] = first
    for key in keys:
        seen: dict[str, int] = {}
        for number in range(len(root)):
            value = KEYS[key](dataset, number)
            if value:
                join(seen.setdefault(value, number), number)
    for one, other in together:
        join(one, other)
    found: dict[int, list[int]] = {}
    for number in range(len(root)):
        found.setdefault(find(number), []).append(number)
    return list(found.values())


def split(found: Sequence[Sequence[int]], shares: Mapping[str, float],
          seed: int) -> dict[str, list[int]]:
    """Return the episodes of each part.

    The groups are shuffled, then the largest go first, each to the part that lacks most.

    Args:
        found: Groups of episodes.
        shares: Of the episodes, by the name of the part; only their ratios count.
        seed: Of the draw.

    Raises:
        ConfigurationError: There are fewer groups than parts.
    """
    if len(found) < len(shares):
        raise ConfigurationError(
            f'{sum(map(len, found))} episodes make {len(found)} groups that must stay together, '
            f'too few for {len(shares)} parts; keep fewer things apart with --by')
    order = np.random.default_rng(seed).permutation(len(found))
    ranked = sorted((found[i] for i in order), key=len, reverse=True)
    whole, total = sum(shares.values()), sum(map(len, found))
    wanted = {name: total * share / whole for name, share in shares.items()}
    parts: dict[str, list[int]] = {name: [] for name in shares}
    for number, group in enumerate(ranked):
        empty = [name for name in parts if not parts[name]]
        # The last groups are for the parts that would otherwise have nothing.
        open_ = empty if empty and len(ranked) - number <= len(empty) else list(parts)
        name = max(open_, key=lambda name: (wanted[name] - len(parts[name])) / wanted[name])
        parts[name] += group
    return {name: sorted(numbers) for name, numbers in parts.items()}


def shared(one: Dataset, other: Dataset, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return by key the values that two datasets have in common."""
    common = {}
    for key in keys:
        first, second = ({KEYS[key](data, number) for number in range(data.info.episodes)} - {''}
                         for data in (one, other))
        if first & second:
            common[key] = sorted(first & second)
    return common
