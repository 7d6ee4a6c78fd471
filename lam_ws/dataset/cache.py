"""Frames ready to be read at random: films enter once, files that are mapped into memory leave.

A film gives its frames in order; one from its midst costs the decoding of up to ten before it. A
training asks for frames at random, thousands of times. So they are decoded and made small once,
beside a list of what they were made from and the sha256 of every file; a cache that does not
belong to its dataset, or was altered, is refused.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import hashlib
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import INFO, STATS
from lam_ws.dataset.info import read_json, write_json
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.recordings import size_of
from lam_ws.errors import ConfigurationError
from lam_ws.types import Array, Pixels
import numpy as np
from numpy.typing import NDArray

CACHE = 'cache.json'
MAKE = 'make it anew with lam data cache'
BLOCK = 1 << 22      # bytes hashed at once


@dataclass(frozen=True)
class Moments:
    """B frames of a dataset.

    Attributes:
        numbers: [B] which frames.
        state: [B, S]
        action: [B, A]
        images: By camera, uint8 RGB [B, height, width, 3].
    """

    numbers: NDArray[np.int64]
    state: Array
    action: Array
    images: Mapping[str, Pixels]


def origin_of(dataset: Dataset) -> str:
    """Return the sha256 of what describes a dataset and of the names and sizes of its files.

    Films are not read for it: their digest would take as long as decoding them.
    """
    found = hashlib.sha256()
    for path in sorted(path for path in dataset.folder.rglob('*') if path.is_file()):
        name = path.relative_to(dataset.folder).as_posix()
        if name.startswith(('data/', 'videos/')):
            found.update(f'{name} {path.stat().st_size}\n'.encode())
        elif name in (INFO, STATS):
            found.update(path.read_bytes())
    return found.hexdigest()


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    found = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def make_cache(dataset: Dataset, folder: Path, pixels: int) -> Iterator[float]:
    """Make a dataset's frames ready in `folder`, yielding the share that is done.

    Args:
        dataset: Where the frames come from.
        folder: Where the files go; what is there is replaced when the whole is done.
        pixels: Longest side of a frame, px; 0 as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CACHE).unlink(missing_ok=True)
    files: dict[str, Any] = {}
    cameras = dataset.body.cameras
    for done, camera in enumerate(cameras):
        path = folder / f'{camera.name}.npy'
        size = size_of(camera.height, camera.width, pixels)
        for share in _write(path, dataset, camera.name, size):
            yield (done + share) / len(cameras)
        files[camera.name] = {'sha256': sha256_of(path), 'height': size[0], 'width': size[1]}
    write_json(folder / CACHE, {'made_from': origin_of(dataset), 'frames': len(dataset),
                                'pixels': pixels, 'cameras': files})
    yield 1.0


def _write(path: Path, dataset: Dataset, camera: str, size: tuple[int, int]) -> Iterator[float]:
    from lam_ws.record.image import resized

    part = path.with_name(path.name + '.part')
    made = np.lib.format.open_memmap(part, 'w+', np.uint8, (len(dataset), *size, 3))
    for number, pixels in enumerate(dataset.frames(camera)):
        made[number] = pixels if pixels.shape[:2] == size else resized(pixels, size[1], size[0])
        if number % 100 == 0:
            yield number / len(dataset)
    made.flush()
    part.replace(path)


class RandomReader:
    """Frames of a dataset in any order.

    Args:
        dataset: What is read.
        folder: Its cache.
        verify: Whether every byte is compared with its digest first, a second for each gigabyte.

    Raises:
        ConfigurationError: There is no cache, it is of another dataset, or it was altered.
    """

    def __init__(self, dataset: Dataset, folder: Path, verify: bool = True):
        self._dataset, path = dataset, folder / CACHE
        told = read_json(path, MAKE)
        if told.get('made_from') != origin_of(dataset) or told.get('frames') != len(dataset):
            raise ConfigurationError(f'is of another state of {dataset.folder}; {MAKE}', path)
        self._frames: dict[str, NDArray[np.uint8]] = {}
        for camera in dataset.body.cameras:
            self._frames[camera.name] = _mapped(folder, camera.name, told, len(dataset), verify)

    def read(self, numbers: NDArray[np.int64]) -> Moments:
        """Return the frames with these `numbers` [B]."""
        return Moments(numbers, self._dataset.state[numbers], self._dataset.action[numbers],
                       {name: frames[numbers] for name, frames in self._frames.items()})


def _mapped(folder: Path, camera: str, told: Mapping[str, Any], count: int,
            verify: bool) -> NDArray[np.uint8]:
    """Return the frames of a camera, mapped into memory."""
    path = folder / f'{camera}.npy'
    try:
        size = told['cameras'][camera]
        if verify and sha256_of(path) != size['sha256']:
            raise ConfigurationError(f'was altered; {MAKE}', path)
        frames: NDArray[np.uint8] = np.load(path, mmap_mode='r')
        if frames.shape != (count, size['height'], size['width'], 3) or frames.dtype != np.uint8:
            raise ConfigurationError(f'has shape {frames.shape}; {MAKE}', path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f'is missing or cannot be read ({error}); {MAKE}',
                                 path) from None
    return frames
