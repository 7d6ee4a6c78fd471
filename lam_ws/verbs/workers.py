"""Long work in several processes: jobs enter, results leave as they come.

Each worker computes on one core, keeps libraries that greet off stdout, and ends with its
parent however that ends, so that nothing is left running after Ctrl-C or kill.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed, FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
import ctypes
import multiprocessing
import os
import signal
from typing import Any, TypeVar

T = TypeVar('T')
J = TypeVar('J')
_PR_SET_PDEATHSIG = 1


def run(work: Callable[..., T], jobs: Iterable[tuple[Any, ...]], workers: int) -> Iterator[T]:
    """Yield `work(*job)` for all jobs, in the order in which they finish."""
    with _pool(workers) as pool:
        futures = [pool.submit(work, *job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def run_in_order(work: Callable[[J], T], jobs: Mapping[str, J], needs: Mapping[str, Sequence[str]],
                 workers: int) -> Iterator[tuple[str, T]]:
    """Yield (name, `work(job)`) as they finish; each begins after those it needs.

    Args:
        work: What is done with a job.
        jobs: By name; of those that may begin the first does.
        needs: For each name the names it waits for.
        workers: How many are done at a time.
    """
    open_, done, running = dict(jobs), set[str](), dict[Future[T], str]()
    with _pool(workers) as pool:
        try:
            while open_ or running:
                free = [name for name in open_ if done.issuperset(needs[name])]
                for name in free[:workers - len(running)]:
                    running[pool.submit(work, open_.pop(name))] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    yield name, future.result()
                    done.add(name)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _pool(workers: int) -> ProcessPoolExecutor:
    os.environ['OMP_NUM_THREADS'] = '1'
    return ProcessPoolExecutor(workers, multiprocessing.get_context('spawn'), _prepare)


def _prepare() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)   # the parent decides
    with open(os.devnull, 'w') as nowhere:
        os.dup2(nowhere.fileno(), 1)
