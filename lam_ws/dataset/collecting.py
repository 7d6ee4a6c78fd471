"""Recordings and other datasets become one dataset: files and folders enter, verdicts leave.

Each recording is taken, or left out with the reason; what is there already is not taken twice, so
the same call can be made again when there are new recordings.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lam_ws.dataset.agreement import differences
from lam_ws.dataset.dataset import Episode, INFO
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.recordings import known_of, label_of, read_recording, size_of, Wanted
from lam_ws.dataset.writer import Writer
from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.errors import ConfigurationError, LamError, RecordingError
from lam_ws.record.card import LABELS
from lam_ws.record.streams import Bag
from lam_ws.source import nearest
import numpy as np

TOGETHER = 400_000_000      # bytes of pictures that go into one film of each camera
TAKEN, LEFT, REFUSED = 'taken', 'left out', 'refused'


@dataclass(frozen=True)
class Choice:
    """Which episodes are taken.

    Attributes:
        labels: The labels that are.
        given: The label of episodes that have none, where somebody says so; '' for nobody.
    """

    labels: tuple[str, ...] = LABELS
    given: str = ''

    def label(self, label: str) -> str:
        """Return the label that counts."""
        return label or self.given

    def reason(self, label: str) -> str:
        """Return why an episode of this label is left out, '' where it is taken."""
        if label in self.labels:
            return ''
        return 'not labelled' if not label else f'labelled {label}'


@dataclass(frozen=True)
class Outcome:
    """What became of one episode: taken, left out, or refused for a fault."""

    source: str
    verdict: str
    reason: str = ''
    frames: int = 0
    repeated: int = 0
    late_s: float = 0.0


def recordings(places: Sequence[Path]) -> list[Path]:
    """Return the recordings that are meant: files, rosbag2 folders, folders of files.

    Raises:
        RecordingError: A place is not there or has no recording.
    """
    found: list[Path] = []
    for place in places:
        if place.is_file() or (place / 'metadata.yaml').is_file():
            found.append(place)
            continue
        inside = sorted(place.glob('*.mcap')) if place.is_dir() else []
        if not inside:
            what = 'has no *.mcap' if place.is_dir() else 'is not there'
            raise RecordingError(f'{place} {what}; give recordings or the folder that has them')
        found += inside
    return found


def collect(places: Sequence[Path], folder: Path, wanted: Wanted,
            choice: Choice) -> Iterator[Outcome]:
    """Add recordings to the dataset at `folder`, yielding what became of each."""
    growing = _Growing(folder)
    for path in recordings(places):
        try:
            label = choice.label(_label(path))
            reason = choice.reason(label)
            if reason or growing.has(path.name):
                yield Outcome(path.name, LEFT, reason or 'is in the dataset already')
                continue
            body, episode = read_recording(path, wanted)
            episode = replace(episode, about=replace(episode.about, label=label))
            growing.add(body, episode)
        except LamError as fault:
            yield Outcome(path.name, REFUSED, str(fault))
        else:
            about = episode.about
            yield Outcome(path.name, TAKEN, '', len(episode.state), about.repeated, about.late_s)
    growing.flush()


def take_over(source: Path, folder: Path, wanted: Wanted, choice: Choice) -> Iterator[Outcome]:
    """Add the episodes of another dataset to the one at `folder`, yielding what became of each.

    Raises:
        ConfigurationError: It cannot be read, or has no such camera.
    """
    dataset, growing = Dataset(source), _Growing(folder)
    body, keys = _retold(dataset, wanted)
    for number, episode in enumerate(dataset.episodes()):
        about = replace(episode.about, label=choice.label(episode.about.label),
                        source=episode.about.source or f'{source.name}#{number}')
        reason = choice.reason(about.label)
        if reason or growing.has(about.source):
            yield Outcome(about.source, LEFT, reason or 'is in the dataset already')
            continue
        frames = {camera.name: _sized(episode.frames[keys[camera.name]], camera)
                  for camera in body.cameras}
        growing.add(body, replace(episode, frames=frames, about=about, environment=None,
                                  sentence=wanted.topics.task or episode.sentence))
        yield Outcome(about.source, TAKEN, '', len(episode.state))
    growing.flush()


def is_dataset(path: Path) -> bool:
    """Tell whether a folder is a dataset, of whatever version."""
    return (path / INFO).is_file()


class _Growing:
    """A dataset whose embodiment is that of its first episode."""

    def __init__(self, folder: Path):
        self._folder, self._writer, self._bytes = folder, None, 0
        self._sources: set[str] = set()
        if is_dataset(folder):
            there = Dataset(folder)
            self._sources = {about.source for about in there.about}
            self._writer = Writer(folder, there.body)

    def has(self, source: str) -> bool:
        return source in self._sources

    def add(self, body: Embodiment, episode: Episode) -> None:
        writer: Writer = self._writer or Writer(self._folder, body)
        wrong = differences(writer.body, body)
        if wrong:
            raise RecordingError(f"does not fit {self._folder}: {'; '.join(wrong)}")
        writer.add(episode)
        self._writer = writer
        self._sources.add(episode.about.source)
        self._bytes += sum(frames.nbytes for frames in episode.frames.values())
        if self._bytes > TOGETHER:
            self.flush()

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()
        self._bytes = 0


def _label(path: Path) -> str:
    """Return the label of a recording."""
    with Bag(path) as bag:
        return label_of(known_of(path, bag.notes()))


def _retold(dataset: Dataset, wanted: Wanted) -> tuple[Embodiment, dict[str, str]]:
    """Return the embodiment as `wanted` calls it, and the source's camera of each camera."""
    told, body = wanted.topics, dataset.body
    known = {key: name for name, key in dataset.info.keys.items()} | {
        name: name for name in dataset.info.keys}
    keys = {}
    for name, there in (told.cameras or {one.name: one.name for one in body.cameras}).items():
        if there not in known:
            raise ConfigurationError(f'has no camera {there!r}, it has '
                                     + ', '.join(dataset.info.keys), dataset.folder,
                                     nearest=nearest(there, list(known)))
        keys[name] = known[there]
    sizes = {one.name: size_of(one.height, one.width, wanted.pixels) for one in body.cameras}
    cameras = tuple(Picture(name, sizes[there][1], sizes[there][0])
                    for name, there in keys.items())
    if told.fps and told.fps != body.rate_hz:
        raise ConfigurationError(f'has {body.rate_hz:g} frames a second and is taken over as it '
                                 'is; leave --fps away', dataset.folder)
    return replace(body, robot=told.robot or body.robot, cameras=cameras,
                   state=_renamed(dataset, body.state, wanted),
                   action=_renamed(dataset, body.action, wanted)), keys


def _renamed(dataset: Dataset, signals: tuple[Signal, ...], wanted: Wanted) -> tuple[Signal, ...]:
    names = wanted.topics.joints
    if not names:
        return signals
    if len(names) != len(signals):
        raise ConfigurationError(f'has {len(signals)} numbers, {len(names)} joints are named',
                                 dataset.folder)
    units = wanted.topics.units or tuple(one.unit for one in signals)
    return tuple(Signal(name, unit) for name, unit in zip(names, units, strict=True))


def _sized(frames: np.ndarray, camera: Picture) -> np.ndarray:
    if frames.shape[1:3] == (camera.height, camera.width):
        return frames
    from lam_ws.record.image import resized
    return np.stack([resized(one, camera.width, camera.height) for one in frames])
