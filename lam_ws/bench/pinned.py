"""Work in processes that have a core each and begin together.

Work and its shares enter, one for each process; what came of them leaves, with the clock. Getting
ready does not count: importing and building costs a process the same whatever it then does.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import multiprocessing
from multiprocessing.connection import Connection
import os
import time
from typing import Any

from lam_ws.bench.timing import cpu_s
from lam_ws.errors import LamError

Prepare = Callable[[], Callable[[Any], Any]]


@dataclass(frozen=True)
class Span:
    """What one process did.

    Attributes:
        result: What its work returned.
        began_s: s, on a clock that all processes of the machine share.
        ended_s: s, on the same.
        cpu_s: s, CPU time in between.
    """

    result: Any
    began_s: float
    ended_s: float
    cpu_s: float


def cores(count: int) -> list[int]:
    """Return `count` cores of this process, far apart, as neighbours may be threads of one.

    Raises:
        LamError: There are fewer.
    """
    there = sorted(os.sched_getaffinity(0))
    if len(there) < count:
        raise LamError(f'{count} processes need a core each, this one may use {len(there)}')
    return [there[round(i * (len(there) - 1) / max(count - 1, 1))] for i in range(count)]


def run_pinned(prepare: Prepare, shares: Sequence[Any]) -> list[Span]:
    """Return what a process for each share did, in order of the shares.

    Args:
        prepare: Called in each process; returns the work, which is called with its share once
            all are ready. A function of a module.
        shares: One for each process.

    Raises:
        LamError: There are too few cores, or a process ended early.
    """
    os.environ['OMP_NUM_THREADS'] = '1'
    context = multiprocessing.get_context('spawn')
    lines: list[Connection] = []
    for core, share in zip(cores(len(shares)), shares, strict=True):
        here, there = context.Pipe()
        context.Process(target=_process, args=(there, core, prepare, share), daemon=True).start()
        there.close()   # so that the end of the process ends the line
        lines.append(here)
    try:
        for line in lines:
            line.recv()
        for line in lines:
            line.send('go')
        return [line.recv() for line in lines]
    except (EOFError, ConnectionError) as error:
        raise LamError('a process of the measurement ended early') from error
    finally:
        for line in lines:
            line.close()   # whoever still waits ends


def _process(line: Connection, core: int, prepare: Prepare, share: Any) -> None:
    os.sched_setaffinity(0, {core})
    work = prepare()
    line.send('ready')
    line.recv()
    began_s, spent = time.monotonic(), cpu_s()
    result = work(share)
    line.send(Span(result, began_s, time.monotonic(), cpu_s() - spent))
