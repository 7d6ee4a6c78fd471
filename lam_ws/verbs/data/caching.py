"""`lam data cache`: a dataset's frames, decoded and made small once, to be read at random.

A dataset enters; files that are mapped into memory leave. `--measure` says how many samples a
second one core reads from them, and how many by decoding the films.
"""
from collections.abc import Callable, Sequence
import os
from pathlib import Path
import time
from typing import Any

from lam_ws.verbs import give, parser
from lam_ws.verbs.progress import track

SAMPLES = {'films': 200, 'one by one': 20_000, 'batches of 32': 20_000}   # that are measured
ROUNDS = 5
BATCH = 32


def main(arguments: Sequence[str]) -> int:
    """Make or measure a cache."""
    from lam_ws.dataset.cache import make_cache, RandomReader
    from lam_ws.dataset.reader import Dataset

    options = parser('data cache', 'Make the frames of a dataset ready to be read at random.')
    options.add_argument('data', type=Path, metavar='DIR', help='a dataset')
    options.add_argument('--cache', type=Path, metavar='DIR',
                         help='where the frames go (default: cache/ in the dataset)')
    options.add_argument('--pixels', type=int, default=128,
                         help='longest side of a frame, 0 as it is (default: 128)')
    options.add_argument('--measure', action='store_true', help='also measure random reads')
    options.add_argument('--out', type=Path, help='file for the figures')
    given = options.parse_args(arguments)
    dataset, folder = Dataset(given.data), given.cache or given.data / 'cache'
    started = time.process_time()
    for _ in track(make_cache(dataset, folder, given.pixels), 1 + len(dataset) // 50, 'frames'):
        pass
    found: dict[str, Any] = {
        'data': given.data.name, 'frames': len(dataset), 'cameras': {
            one.name: [one.width, one.height] for one in dataset.body.cameras},
        'pixels': given.pixels, 'made_cpu_s': round(time.process_time() - started, 2),
        'bytes': sum(path.stat().st_size for path in folder.glob('*.npy'))}
    if given.measure:
        found['samples_per_s_from_disk'] = _from_disk(dataset, folder)
        started = time.perf_counter()
        reader = RandomReader(dataset, folder)
        found['verified_s'] = round(time.perf_counter() - started, 3)
        found['samples_per_cpu_s'] = _measure(dataset, reader)
    give(found, given)
    if not given.json:
        print(f"{folder}: {found['frames']} frames, {found['bytes'] / 1e6:.0f} MB, made in "
              f"{found['made_cpu_s']} s of one core")
        for name, rate in found.get('samples_per_cpu_s', {}).items():
            print(f'  {name}: {rate} samples a second of one core')
        if given.measure:
            print(f"  from a disk that nothing was read of: {found['samples_per_s_from_disk']} "
                  'samples a second')
    return 0


def _from_disk(dataset: Any, folder: Path) -> int:
    """Return samples a second of wall time when no frame is in the system's memory."""
    from lam_ws.dataset.cache import RandomReader
    import numpy as np

    for path in folder.glob('*.npy'):
        with path.open('rb') as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    reader = RandomReader(dataset, folder, verify=False)
    numbers = np.random.default_rng(1).permutation(len(dataset))[:2000]
    started = time.perf_counter()
    for number in numbers:
        reader.read(np.array([number]))
    return int(len(numbers) / (time.perf_counter() - started))


def _measure(dataset: Any, reader: Any) -> dict[str, int]:
    """Return samples a second of CPU time, the best of some rounds; each has every camera."""
    from lam_ws.dataset.video import read_frame
    import numpy as np

    rng = np.random.default_rng(0)

    def films(numbers: Any) -> None:
        for number in numbers:
            episode = int(np.searchsorted(dataset.starts, number, 'right') - 1)
            for camera in dataset.body.cameras:
                path, first = dataset.film(episode, camera.name)
                read_frame(path, first + int(number - dataset.starts[episode]),
                           dataset.body.rate_hz)

    def single(numbers: Any) -> None:
        for number in numbers:
            reader.read(np.array([number]))

    def batches(numbers: Any) -> None:
        for part in numbers.reshape(-1, BATCH):
            reader.read(part)

    ways: dict[str, Callable[[Any], None]] = {'one by one': single, 'batches of 32': batches}
    if dataset.film(0, dataset.body.cameras[0].name) is not None:
        ways = {'films': films, **ways}
    best = dict.fromkeys(ways, 0)
    for _ in range(ROUNDS):   # interleaved, so that what else runs here meets all of them
        for name, way in ways.items():
            numbers = rng.integers(0, len(dataset), SAMPLES[name] // ROUNDS // BATCH * BATCH)
            started = time.process_time()
            way(numbers)
            best[name] = max(best[name], int(len(numbers) / (time.process_time() - started)))
    return best
