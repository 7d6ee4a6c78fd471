"""Writes episodes into a dataset, some of them to a file, and goes on where it was.

Episodes enter; files leave, in an order in which meta/info.json comes last: what it counts is
there, and what a broken run left behind is written over.
"""
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import (
    ACTION,
    DATA_PATH,
    ENVIRONMENT,
    Episode,
    EPISODES_PATH,
    FILES_IN_CHUNK,
    Flags,
    IMAGES,
    INFO,
    Info,
    INTERVENTION,
    STATE,
    STATS,
    TASKS,
    VIDEO_PATH,
)
from lam_ws.dataset.info import read_info, read_json, write_info, write_json
from lam_ws.dataset.stats import from_plain, merge, of_frames, of_rows, Stats, to_plain
from lam_ws.dataset.tables import (
    column_names,
    read_columns,
    read_tasks,
    write_columns,
    write_tasks,
)
from lam_ws.dataset.video import copy_parts, Film
from lam_ws.embodiment import Embodiment, Signal
from lam_ws.errors import ConfigurationError
from lam_ws.record.card import LABELS, SUCCESS
from lam_ws.types import Array
import numpy as np


class Writer:
    """A dataset that grows.

    Args:
        folder: Where it lies; one that is there must be of the same embodiment and is added to.
        body: Names, units, cameras and rate of every episode; the rate is a whole number and
            pictures have an even number of pixels each way, as H.264 wants it.
        environment: What every episode tells of the things around the robot, nothing as a rule.

    Raises:
        ConfigurationError: The folder holds another dataset, or the embodiment cannot be
            written.
    """

    def __init__(self, folder: Path, body: Embodiment, environment: tuple[Signal, ...] = ()):
        self.folder, self.body = folder, body
        if body.rate_hz != round(body.rate_hz):
            raise ConfigurationError(f'frames come {body.rate_hz:g} times a second; the layout '
                                     'wants a whole number', folder)
        for camera in body.cameras:
            if camera.width % 2 or camera.height % 2:
                raise ConfigurationError(f'camera {camera.name!r} has {camera.width} x '
                                         f'{camera.height} px; H.264 wants even numbers', folder)
        self._keys = {camera.name: IMAGES + camera.name for camera in body.cameras}
        self._info = Info(body, self._keys, 0, 0, environment=environment, led=True)
        self._sentences: list[str] = []
        self._stats: dict[str, dict[str, Array]] = {}
        self._files, self._waiting = 0, list[Episode]()
        self._columns: list[str] = []   # of meta/episodes, where there are some already
        if (folder / INFO).exists():
            self._resume()

    @property
    def episodes(self) -> int:
        """Number of episodes that are safely in the dataset."""
        return self._info.episodes

    @property
    def frames(self) -> int:
        """Number of frames of these episodes."""
        return self._info.frames

    def _resume(self) -> None:
        """Go on with the dataset that is there."""
        told = read_info(self.folder)
        if (told.embodiment, told.environment, told.data_path) != (
                self.body, self._info.environment, DATA_PATH):
            raise ConfigurationError('is a dataset of another robot, other cameras, names, units '
                                     'or rate; choose another folder', self.folder)
        self._info = told
        self._sentences = read_tasks(self.folder / TASKS)
        self._stats = from_plain(read_json(self.folder / STATS, 'record the dataset anew'))
        counted = 0
        for path in sorted(self.folder.glob('meta/episodes/chunk-*/file-*.parquet')):
            if counted == self._info.episodes:
                path.unlink()   # of a run that was broken before it counted this file
                continue
            counted += len(read_columns(path, ['episode_index'])['episode_index'])
            self._columns = self._columns or column_names(path)
            self._files += 1
        if counted != self._info.episodes:
            raise ConfigurationError(f'has {counted} episodes in meta/episodes, {INFO} counts '
                                     f'{self._info.episodes}; record it anew', self.folder)

    def add(self, episode: Episode) -> None:
        """Keep an episode for the next file.

        Raises:
            ConfigurationError: It does not fit the embodiment.
        """
        _check(self.folder, self._info, episode)
        self._waiting.append(episode)

    def flush(self) -> None:
        """Write the episodes that were kept as one file of each kind."""
        if not self._waiting:
            return
        place = {'chunk_index': self._files // FILES_IN_CHUNK,
                 'file_index': self._files % FILES_IN_CHUNK}
        rows: list[dict[str, Any]] = []
        stats: Stats = self._stats
        for episode in self._waiting:
            found = self._measure(episode)
            rows.append(self._row(episode, place, rows) | _under('stats', found))
            stats = merge(stats, found)
        self._write_films(place)
        self._write_frames(place, rows)
        self._write_meta(place, rows, stats)
        self._waiting = []

    def _write_films(self, place: Mapping[str, int]) -> None:
        """Write a film of each camera, copied from films that are there where that can be."""
        rate_hz = round(self.body.rate_hz)
        for camera in self.body.cameras:
            path = self.folder / VIDEO_PATH.format(video_key=self._keys[camera.name], **place)
            parts = [episode.films.get(camera.name) for episode in self._waiting]
            if all(parts) and copy_parts([part for part in parts if part], path, rate_hz):
                continue
            film = Film(path, camera.width, camera.height, rate_hz)
            try:
                for episode in self._waiting:
                    film.add(episode.frames[camera.name])
            except BaseException:
                film.drop()
                raise
            film.close()

    def _measure(self, episode: Episode) -> dict[str, dict[str, Array]]:
        """Return an episode's statistics."""
        return {**{name: of_rows(values) for name, values in _numbers(episode).items()},
                **{key: of_frames(episode.frames[name]) for name, key in self._keys.items()}}

    def _row(self, episode: Episode, place: Mapping[str, int],
             before: list[dict[str, Any]]) -> dict[str, Any]:
        """Return an episode's row of meta/episodes."""
        length, rate = len(episode.state), self.body.rate_hz
        first = before[-1]['dataset_to_index'] if before else self._info.frames
        row: dict[str, Any] = {
            'episode_index': self._info.episodes + len(before), 'tasks': [episode.sentence],
            'length': length, 'data/chunk_index': place['chunk_index'],
            'data/file_index': place['file_index'], 'dataset_from_index': first,
            'dataset_to_index': first + length, **_said(episode),
            'meta/episodes/chunk_index': place['chunk_index'],
            'meta/episodes/file_index': place['file_index']}
        shown = first - self._info.frames   # frames in the film before these
        for key in self._keys.values():
            row |= {f'videos/{key}/{what}': place[what] for what in place}
            row |= {f'videos/{key}/from_timestamp': shown / rate,
                    f'videos/{key}/to_timestamp': (shown + length) / rate}
        return row

    def _write_frames(self, place: Mapping[str, int], rows: list[dict[str, Any]]) -> None:
        """Write the file of data/: a row a frame."""
        columns: dict[str, list[Array]] = {}
        for episode, row in zip(self._waiting, rows, strict=True):
            if episode.sentence not in self._sentences:
                self._sentences.append(episode.sentence)
            count, first = row['length'], row['dataset_from_index']
            steps = np.arange(count)
            one = {**{name: values.astype(np.float32)
                      for name, values in _numbers(episode).items()},
                   'timestamp': (steps / self.body.rate_hz).astype(np.float32),
                   'frame_index': steps, 'episode_index': np.full(count, row['episode_index']),
                   'index': first + steps,
                   'task_index': np.full(count, self._sentences.index(episode.sentence))}
            if self._info.led:
                one[INTERVENTION] = _led(episode)
            for name, values in one.items():
                columns.setdefault(name, []).append(values)
        write_columns(self.folder / DATA_PATH.format(**place),
                      {name: np.concatenate(values) for name, values in columns.items()})

    def _write_meta(self, place: Mapping[str, int], rows: list[dict[str, Any]],
                    stats: Stats) -> None:
        """Write what finds the new files, meta/info.json last."""
        # Files of one kind must agree in their columns, or LeRobot cannot read them together.
        names = [name for name in rows[0] if not self._columns or name in self._columns]
        write_columns(self.folder / EPISODES_PATH.format(**place),
                      {name: [row[name] for row in rows] for name in names})
        self._columns = names
        write_tasks(self.folder / TASKS, self._sentences)
        write_json(self.folder / STATS, to_plain(stats))
        self._stats, self._files = dict(stats), self._files + 1
        self._info = replace(self._info, episodes=self._info.episodes + len(rows),
                             frames=rows[-1]['dataset_to_index'])
        write_info(self.folder, self._info, len(self._sentences))


def _said(episode: Episode) -> dict[str, Any]:
    """Return what is said of an episode as columns of meta/episodes."""
    return {'success': episode.about.label == SUCCESS, **asdict(episode.about),
            'interventions': int(_led(episode).sum())}


def _led(episode: Episode) -> Flags:
    """Return at which frames a person led the arm."""
    return np.zeros(len(episode.state), bool) if episode.intervention is None \
        else episode.intervention


def _under(head: str, stats: Stats) -> dict[str, Any]:
    """Return statistics as columns of meta/episodes."""
    return {f'{head}/{key}/{name}': value for key, values in to_plain(stats).items()
            for name, value in values.items()}


def _numbers(episode: Episode) -> dict[str, Array]:
    """Return the rows of numbers of an episode by feature."""
    known = {} if episode.environment is None else {ENVIRONMENT: episode.environment}
    return {STATE: episode.state, ACTION: episode.action, **known}


def _check(folder: Path, info: Info, episode: Episode) -> None:
    """Refuse an episode that does not fit, by name."""
    count, body = len(episode.state), info.embodiment
    known = np.empty((count, 0)) if episode.environment is None else episode.environment
    for what, values, signals in (('state', episode.state, body.state),
                                  ('action', episode.action, body.action),
                                  ('environment', known, info.environment)):
        if count < 1 or values.shape != (count, len(signals)) or not np.isfinite(values).all():
            raise ConfigurationError(f'{what} of an episode must be finite numbers of shape '
                                     f'({count}, {len(signals)}), found {values.shape}', folder)
    for camera in body.cameras:
        frames = episode.frames.get(camera.name)
        shape = (count, camera.height, camera.width, 3)
        if frames is None or frames.shape != shape or frames.dtype != np.uint8:
            raise ConfigurationError(f'camera {camera.name!r} of an episode must be uint8 of '
                                     f'shape {shape}, found '
                                     f'{None if frames is None else frames.shape}', folder)
    led = _led(episode)
    if led.shape != (count,) or led.dtype != np.bool_ or (led.any() and not info.led):
        raise ConfigurationError(f'intervention of an episode must be bool of shape ({count},) in '
                                 'a dataset that has the column; choose another folder', folder)
    if episode.about.label not in LABELS:
        raise ConfigurationError(f'label of an episode must be one of {LABELS}, found '
                                 f'{episode.about.label!r}', folder)
    if not episode.sentence.strip():
        raise ConfigurationError('an episode has no sentence', folder)
