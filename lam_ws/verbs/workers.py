"""Long work in several processes: jobs enter, results leave as they come.

A first Ctrl-C may be taken as a wish, which ends the work without losing any of it. Each worker
computes on one core, keeps libraries that greet off stdout, and ends with its parent however
that ends, so that nothing is left running after Ctrl-C or kill.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
import ctypes
import multiprocessing
import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

T = TypeVar('T')
J = TypeVar('J')
_PR_SET_PDEATHSIG = 1
LOOK_S = 0.5   # s between two looks at whether Ctrl-C was pressed


class Patience:
    """While it lasts, the first Ctrl-C is noted and what is under way ends; the second interrupts.

    Attributes:
        asked: Whether Ctrl-C was pressed.
    """

    asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print('what is under way is finished; Ctrl-C again leaves it', file=sys.stderr)


def blocks(seeds: range, size: int = 5) -> list[list[int]]:
    """Return seeds in the portions that a worker gets at once."""
    return [list(seeds[start:start + size]) for start in range(0, len(seeds), size)]


def run(work: Callable[..., T], jobs: Iterable[tuple[Any, ...]], workers: int,
        patience: Patience | None = None) -> Iterator[T]:
    """Yield `work(*job)` for all jobs, in the order in which they finish.

    Args:
        work: Runs in a worker.
        jobs: Its arguments.
        workers: How many there are at most.
        patience: Once it was asked no further job begins, and those under way are yielded.
    """
    jobs = list(jobs)
    with _pool(max(1, min(workers, len(jobs)))) as pool:
        # A terminal's Ctrl-C goes to workers too, also to one that is only starting.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            waiting = {pool.submit(work, *job) for job in jobs}
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        try:
            while waiting:
                done, waiting = wait(waiting, LOOK_S, FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                if patience is not None and patience.asked:
                    waiting = {future for future in waiting if not future.cancel()}
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
