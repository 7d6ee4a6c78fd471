"""Work that may take too long: it runs beside the caller, who goes on when the time is up."""
from collections.abc import Callable
import threading
from typing import TypeVar

T = TypeVar('T')


def within(seconds: float, work: Callable[[], T | None], stop: Callable[[], None]) -> T | None:
    """Return what `work` returns, None where it fails or takes longer.

    Args:
        seconds: How long it may take; no time, no work.
        work: Runs in a thread of its own, which does not keep the program alive. It must end by
            itself soon after `stop`. What it raises is printed like that of any thread, and is
            no result.
        stop: Called when the time is up.
    """
    if seconds <= 0.0:
        return None
    found: list[T | None] = []
    thread = threading.Thread(target=lambda: found.append(work()), name='proposer', daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        stop()
        return None
    return found[0]
