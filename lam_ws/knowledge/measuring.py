"""What a large company's knowledge costs: invented facts enter, times and bytes leave."""
from collections.abc import Iterator
from pathlib import Path
import random
from tempfile import TemporaryDirectory
import time

from lam_ws.knowledge.knowledge import Fact
from lam_ws.knowledge.store import Store, write_store

COLUMNS = 10   # of a thing; three of them name other things
LOOKS = 500    # how often what is around a thing is asked for


def invented(count: int, seed: int) -> Iterator[Fact]:
    """Yield that many facts of things that name each other."""
    chance, things = random.Random(seed), count // COLUMNS
    for thing in range(things):
        for column in range(COLUMNS):
            value = f'thing_{chance.randrange(things)}' if column < 3 \
                else f'value {chance.randrange(5000)}'
            yield Fact(f'thing_{thing}', f'column_{column}', value,
                       f'parts.csv:{thing + 2}:column_{column}', f'DOC-{thing % 200}')


def measure(count: int, seed: int = 0) -> dict[str, float]:
    """Return compile_cpu_s, megabytes, and two_hops_p50_ms and _p95_ms, of that many facts."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'cell.db'
        began = time.process_time()
        write_store(invented(count, seed), (), 'invented', path)
        spent = time.process_time() - began
        size, times = path.stat().st_size / 1e6, []
        with Store(path) as store:
            for _ in range(LOOKS):
                thing = f'thing_{chance.randrange(count // COLUMNS)}'
                began = time.process_time()
                store.around(thing)
                times.append(1000.0 * (time.process_time() - began))
    times.sort()
    return {'facts': count, 'compile_cpu_s': round(spent, 2), 'megabytes': round(size, 1),
            'two_hops_p50_ms': round(times[LOOKS // 2], 3),
            'two_hops_p95_ms': round(times[int(0.95 * LOOKS)], 3)}
