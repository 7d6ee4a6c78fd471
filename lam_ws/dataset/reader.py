"""Reads a dataset: numbers at once, frames as they are asked for, each checked by name.

A folder enters; states, actions and sentences of all episodes and the frames of a camera in
their order leave. Everything that contradicts meta/info.json is refused with the name of the
file and what to do.
"""
from collections.abc import Iterator
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import (
    About,
    ACTION,
    ENVIRONMENT,
    Episode,
    Flags,
    Info,
    INTERVENTION,
    STATE,
    STATS,
    TASKS,
)
from lam_ws.dataset.info import read_info, read_json
from lam_ws.dataset.stats import from_plain
from lam_ws.dataset.tables import column_names, read_columns, read_tasks
from lam_ws.dataset.video import Part, read_film, read_image
from lam_ws.embodiment import Embodiment
from lam_ws.errors import ConfigurationError
from lam_ws.record.card import LABELS, SUCCESS
from lam_ws.types import Array, Pixels
import numpy as np

ANEW = 'fetch or record the dataset anew'
SAID = ('success', *(one.name for one in fields(About)))   # columns of ours in meta/episodes


class Dataset:
    """A dataset of E episodes with N frames together.

    Args:
        folder: Where it lies.

    Attributes:
        info: What meta/info.json says.
        starts: [E + 1] frame at which each episode begins, and the end of the last.
        state: [N, S] in the units of the embodiment.
        action: [N, A]
        environment: [N, E] what was true around the robot; E is 0 where nobody knew.
        sentence: [N] number of each frame's sentence in `sentences`.
        sentences: Every sentence.
        stamp: [N] s since the first frame of its episode.
        intervention: [N] whether a person led the arm; false where nobody said it.
        about: What is said of each episode; what is not said is '' or 0.

    Raises:
        ConfigurationError: A file is missing, altered or does not agree with another.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.info: Info = read_info(folder)
        self.sentences = read_tasks(folder / TASKS)
        self._rows = self._episodes()
        self.starts = np.concatenate([[0], np.cumsum([row['length'] for row in self._rows])])
        if self.starts[-1] != self.info.frames:
            raise ConfigurationError(f'the episodes have {self.starts[-1]} frames together, '
                                     f'meta/info.json counts {self.info.frames}; {ANEW}', folder)
        self.about = tuple(_about(row) for row in self._rows)
        self._read_frames()

    @property
    def body(self) -> Embodiment:
        """Names, units, cameras and rate."""
        return self.info.embodiment

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def stats(self) -> dict[str, dict[str, Array]]:
        """Statistics by feature, from meta/stats.json: mean, std, min, max, count."""
        path = self.folder / STATS
        try:
            told = from_plain(read_json(path, ANEW))
            there = [ENVIRONMENT] if self.info.environment else []
            return {key: told[key] for key in (STATE, ACTION, *there,
                                               *self.info.keys.values())}
        except KeyError as error:
            raise ConfigurationError(f'has nothing on {error}; {ANEW}', path) from None
        except (TypeError, ValueError, AttributeError):
            raise ConfigurationError(f'must have numbers under each feature; {ANEW}',
                                     path) from None

    def frames(self, camera: str) -> Iterator[Pixels]:
        """Yield the N frames of a camera in order, uint8 RGB [height, width, 3].

        Raises:
            ConfigurationError: A film or image is missing, too short or of another size.
        """
        picture = next(one for one in self.body.cameras if one.name == camera)
        for path, pixels in self._pictures(self.info.keys[camera]):
            if pixels.shape != (picture.height, picture.width, 3):
                raise ConfigurationError(
                    f'has frames of {pixels.shape[1]} x {pixels.shape[0]} px, meta/info.json '
                    f'says {picture.width} x {picture.height}; {ANEW}', path)
            yield pixels

    def place(self, number: int, head: str) -> dict[str, int]:
        """Return chunk and file in which an episode lies under `head`, data or videos/KEY."""
        return {name: int(self._rows[number][f'{head}/{name}'])
                for name in ('chunk_index', 'file_index')}

    def film(self, number: int, camera: str) -> tuple[Path, int] | None:
        """Return the film an episode is in and its first frame there; None without films."""
        key = f'videos/{self.info.keys[camera]}'
        if f'{key}/chunk_index' not in self._rows[0]:
            return None
        path = self.info.video_path.format(video_key=self.info.keys[camera],
                                           **self.place(number, key))
        start = self._rows[number][f'{key}/from_timestamp'] * self.body.rate_hz
        return self.folder / path, round(start)

    def words(self, number: int) -> str:
        """Return the sentence of an episode, that of its first frame."""
        return self.sentences[self.sentence[self.starts[number]]]

    def episodes(self) -> Iterator[Episode]:
        """Yield every episode in order, one at a time in memory.

        Raises:
            ConfigurationError: A film or image is missing, too short or of another size.
        """
        films = {camera.name: self.frames(camera.name) for camera in self.body.cameras}
        for number, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:],
                                                  strict=True)):
            frames = {name: np.stack([next(film) for _ in range(end - start)])
                      for name, film in films.items()}
            rows = slice(start, end)
            places = {name: self.film(number, name) for name in films}
            parts = {name: Part(*place, end - start) for name, place in places.items() if place}
            yield Episode(self.words(number), self.state[rows], self.action[rows], frames,
                          self.about[number],
                          self.environment[rows] if self.info.environment else None,
                          self.intervention[rows], parts)

    def _episodes(self) -> list[dict[str, Any]]:
        """Return the rows of meta/episodes in order."""
        names = ['episode_index', 'length', 'data/chunk_index', 'data/file_index']
        paths = sorted(self.folder.glob('meta/episodes/chunk-*/file-*.parquet'))
        rows: list[dict[str, Any]] = []
        for path in paths:
            more = [name for name in column_names(path)
                    if name.startswith('videos/') or name in SAID]
            columns = read_columns(path, names + more)
            rows += [{name: columns[name][i] for name in columns}
                     for i in range(len(columns['length']))]
        rows.sort(key=lambda row: row['episode_index'])
        if [row['episode_index'] for row in rows] != list(range(self.info.episodes)):
            raise ConfigurationError(f'must describe the episodes 0 .. {self.info.episodes - 1} '
                                     f'of meta/info.json, found {len(rows)}; {ANEW}',
                                     self.folder / 'meta/episodes')
        return rows

    def _files(self, head: str) -> Iterator[tuple[dict[str, int], list[dict[str, Any]]]]:
        """Yield chunk and file under `head`, and the episodes that lie in it, in order."""
        last: dict[str, int] = {}
        rows: list[dict[str, Any]] = []
        for row in self._rows:
            place = {name: int(row[f'{head}/{name}']) for name in ('chunk_index', 'file_index')}
            if place != last and rows:
                yield last, rows
                rows = []
            last = place
            rows.append(row)
        yield last, rows

    def _read_frames(self) -> None:
        """Read the numbers and the sentence of every frame."""
        numbers = {STATE: self.body.state, ACTION: self.body.action}
        if self.info.environment:
            numbers[ENVIRONMENT] = self.info.environment
        led = [INTERVENTION] if self.info.led else []
        found: dict[str, list[Array]] = {name: [] for name in (*numbers, *led, 'task_index',
                                                             'timestamp')}
        for place, rows in self._files('data'):
            path = self.folder / self.info.data_path.format(**place)
            columns = read_columns(path, [*found, 'episode_index'])
            wanted = np.repeat([row['episode_index'] for row in rows],
                               [row['length'] for row in rows])
            there = np.isin(columns['episode_index'], wanted)
            if not np.array_equal(columns['episode_index'][there], wanted):
                raise ConfigurationError('does not hold the frames that meta/episodes promises; '
                                         + ANEW, path)
            for name, parts in found.items():
                parts.append(np.asarray(columns[name])[there].reshape(len(wanted), -1))
            for name, signals in numbers.items():
                values = found[name][-1]
                if values.shape[1] != len(signals) or not np.isfinite(values).all():
                    raise ConfigurationError(f'{name} must be {len(signals)} finite numbers a '
                                             f'frame; {ANEW}', path)
        whole = {name: np.concatenate(found[name]).astype(np.float64) for name in numbers}
        self.state, self.action = whole[STATE], whole[ACTION]
        self.environment = whole.get(ENVIRONMENT, np.empty((len(self), 0)))
        self.intervention: Flags = np.concatenate(found[INTERVENTION])[:, 0].astype(bool) \
            if led else np.zeros(len(self), bool)
        self.stamp = np.concatenate(found['timestamp'])[:, 0].astype(np.float64)
        self.sentence = np.concatenate(found['task_index'])[:, 0].astype(int)
        if self.sentence.min() < 0 or self.sentence.max() >= len(self.sentences):
            raise ConfigurationError(f'lacks the sentence {self.sentence.max()} of a frame; '
                                     + ANEW, self.folder / TASKS)

    def _pictures(self, key: str) -> Iterator[tuple[Path, Pixels]]:
        """Yield the file and the pixels of each frame of a feature."""
        if f'videos/{key}/chunk_index' not in self._rows[0]:
            yield from self._images(key)
            return
        for place, rows in self._files(f'videos/{key}'):
            path = self.folder / self.info.video_path.format(video_key=key, **place)
            film, shown = read_film(path), 0
            for row in rows:
                start = round(row[f'videos/{key}/from_timestamp'] * self.body.rate_hz)
                for number in range(shown, start + row['length']):
                    pixels = next(film, None)
                    if pixels is None:
                        raise ConfigurationError(
                            f'ends after {number} frames, in the midst of episode '
                            f"{row['episode_index']}; {ANEW}", path)
                    if number >= start:
                        yield path, pixels
                shown = start + row['length']

    def _images(self, key: str) -> Iterator[tuple[Path, Pixels]]:
        """Yield the images that lie in the data files themselves."""
        for place, rows in self._files('data'):
            path = self.folder / self.info.data_path.format(**place)
            columns = read_columns(path, [key, 'episode_index'])
            wanted = {row['episode_index'] for row in rows}
            for image, episode in zip(columns[key], columns['episode_index'], strict=True):
                if episode in wanted:
                    yield path, read_image(path, image)


def _about(row: dict[str, Any]) -> About:
    """Return what the row of an episode says; others' datasets say nothing, or less."""
    there = {one.name: row[one.name] for one in fields(About) if row.get(one.name) is not None}
    if 'label' not in there:   # of before there were labels, or of somebody else
        there['label'] = SUCCESS if row.get('success') else ''
    if there['label'] not in LABELS:
        there['label'] = ''
    usual = asdict(About())
    return About(**{name: type(usual[name])(value) for name, value in there.items()})
