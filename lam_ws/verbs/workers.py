"""Long work in several processes: jobs enter, results leave as they come.

Each worker computes on one core, keeps libraries that greet off stdout, and ends with its
parent however that ends, so that nothing is left running after Ctrl-C or kill.
"""
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import as_completed, ProcessPoolExecutor
import ctypes
import multiprocessing
import os
import signal
from typing import Any, TypeVar

T = TypeVar('T')
_PR_SET_PDEATHSIG = 1


def run(work: Callable[..., T], jobs: Iterable[tuple[Any, ...]], workers: int) -> Iterator[T]:
    """Yield `work(*job)` for all jobs, in the order in which they finish."""
    os.environ['OMP_NUM_THREADS'] = '1'
    with ProcessPoolExecutor(workers, multiprocessing.get_context('spawn'), _prepare) as pool:
        futures = [pool.submit(work, *job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _prepare() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)   # the parent decides
    with open(os.devnull, 'w') as nowhere:
        os.dup2(nowhere.fileno(), 1)
