"""New datasets of old episodes, and labels of episodes that are there.

Datasets and the numbers of their episodes enter; a dataset of them leaves, its films copied where
that can be done and its numbers as they were. A label enters; the tables say it.
"""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lam_ws.dataset.agreement import differences
from lam_ws.dataset.dataset import INFO
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.tables import set_rows
from lam_ws.dataset.writer import Writer
from lam_ws.errors import ConfigurationError
from lam_ws.record.card import SUCCESS

TOGETHER = 50        # episodes in a file of each kind
SAID = ('label', 'operator', 'scene', 'note')


def agree(datasets: Sequence[Dataset]) -> None:
    """Refuse datasets that cannot stand together, with everything that differs.

    Raises:
        ConfigurationError: They are not of one embodiment.
    """
    first = datasets[0]
    for other in datasets[1:]:
        wrong = differences(first.body, other.body)
        if first.info.environment != other.info.environment:
            wrong.append('other numbers of what was true around the robot')
        if wrong:
            raise ConfigurationError(f"does not agree with {first.folder}: {'; '.join(wrong)}",
                                     other.folder)


def rewrite(chosen: Sequence[tuple[Dataset, Sequence[int]]], folder: Path) -> Iterator[int]:
    """Write episodes of datasets that agree to a new dataset, yielding how many are done.

    Raises:
        ConfigurationError: The folder holds a dataset, or a film cannot be read.
    """
    if (folder / INFO).exists():
        raise ConfigurationError('holds a dataset already; choose another folder', folder)
    first = chosen[0][0]
    writer = Writer(folder, first.body, first.info.environment)
    done = 0
    for dataset, numbers in chosen:
        wanted = set(numbers)
        for number, episode in enumerate(dataset.episodes()):
            if number not in wanted:
                continue
            source = episode.about.source or f'{dataset.folder.name}#{number}'
            writer.add(replace(episode, about=replace(episode.about, source=source)))
            done += 1
            if done % TOGETHER == 0:
                writer.flush()
            yield done
    writer.flush()


def relabel(dataset: Dataset, said: Mapping[int, Mapping[str, Any]]) -> None:
    """Write what is said of episodes, by their number: label, operator, note or scene."""
    rows = {}
    for number, about in enumerate(dataset.about):   # what had no column keeps what it meant
        told = {name: getattr(about, name) for name in SAID} | dict(said.get(number, {}))
        rows[number] = {**told, 'success': told['label'] == SUCCESS}
    for path in sorted(dataset.folder.glob('meta/episodes/chunk-*/file-*.parquet')):
        set_rows(path, 'episode_index', rows)
