"""Services asked without waiting: requests leave at once, answers arrive as futures.

A request whose answer seems lost is asked again, as `client` does; one that nobody answers ends
as 'cell_silent'. `send` may be called from any thread, `turn` belongs to the node's. Whoever asked
may be gone before the answer comes, and what reads an answer may fail: neither concerns the rest.
"""
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
import time
from typing import Any

from lam_ws.console.console import Answer
from lam_ws.console.words import refusal

AGAIN_S = 0.4      # without an answer, until it counts as lost
GIVE_UP_S = 5.0
Read = Callable[[Any], Answer | None]   # None: the answer is not the end of it yet


def settle(answer: 'Future[Answer]', make: Callable[[], Answer]) -> None:
    """Give a future what `make` returns, or the fault that it raises; a settled one keeps its."""
    if answer.done():
        return
    try:
        answer.set_result(make())
    except Exception as failure:   # the server says 'internal' and logs it; the node goes on
        answer.set_exception(failure)


def given(answer: Answer) -> 'Future[Answer]':
    """Return a future that is settled."""
    future: Future[Answer] = Future()
    future.set_result(answer)
    return future


class Asked:
    """One request under way.

    Args:
        client: Of the service.
        request: What is asked; it may be asked twice.
        read: Turns a response into an answer; None asks again after AGAIN_S.
        give_up_s: After which nobody answers.
        again_s: Without an answer, until it counts as lost.
    """

    def __init__(self, client: Any, request: Any, read: Read, give_up_s: float = GIVE_UP_S,
                 again_s: float = AGAIN_S):
        self._client, self._request, self._read = client, request, read
        self._again_s = again_s
        self._response: Any = None
        self.answer: Future[Answer] = Future()
        self._late: Answer = refusal('cell_silent')
        self._give_up_s = time.monotonic() + give_up_s
        self._sent_s = 0.0
        self._send()

    def _send(self) -> None:
        self._sent_s = time.monotonic()
        if self._response is not None:
            self._client.remove_pending_request(self._response)
        self._response = self._client.call_async(self._request)

    def turn(self, now_s: float) -> bool:
        """Look what came; return whether it is over."""
        found = None
        if self._response is not None and self._response.done():
            response, self._response = self._response.result(), None
            found = self._read(response)
        if found is None and now_s > self._give_up_s:
            found = self._late
        if found is not None:
            answer = found
            settle(self.answer, lambda: answer)
        elif now_s - self._sent_s > self._again_s:
            self._send()
        return found is not None


class Waited:
    """Something looked at until it is there.

    Args:
        look: Returns the answer, None while there is none.
        late: Returns what is answered when it stays so.
        give_up_s: After which it does.
    """

    def __init__(self, look: Callable[[], Answer | None], late: Callable[[], Answer],
                 give_up_s: float):
        self._look, self._late = look, late
        self.answer: Future[Answer] = Future()
        self._give_up_s = time.monotonic() + give_up_s

    def turn(self, now_s: float) -> bool:
        """Look; return whether it is over."""
        found = self._look()
        if found is None and now_s > self._give_up_s:
            found = self._late()
        if found is not None:
            answer = found
            settle(self.answer, lambda: answer)
        return found is not None


class Asking:
    """All that a node has asked or waits for."""

    def __init__(self) -> None:
        self._open: list[Asked | Waited] = []
        self._lock = Lock()

    def send(self, client: Any, request: Any, read: Read, give_up_s: float = GIVE_UP_S,
             again_s: float = AGAIN_S) -> 'Future[Answer]':
        """Send a request now and return what will come of it."""
        return self._begin(Asked(client, request, read, give_up_s, again_s))

    def wait(self, look: Callable[[], Answer | None], late: Callable[[], Answer],
             give_up_s: float = GIVE_UP_S) -> 'Future[Answer]':
        """Return what `look` gives as soon as it is not None, `late` if it stays so."""
        return self._begin(Waited(look, late, give_up_s))

    def _begin(self, entry: Asked | Waited) -> 'Future[Answer]':
        with self._lock:
            self._open.append(entry)
        return entry.answer

    def turn(self) -> None:
        """Settle what can be; the node's timer does this."""
        now_s = time.monotonic()
        with self._lock:
            entries, self._open = self._open, []
        left = [one for one in entries if not _over(one, now_s)]
        with self._lock:
            self._open += left


def _over(entry: Asked | Waited, now_s: float) -> bool:
    """Return whether an entry is over; a fault of it ends it, and no other."""
    try:
        return entry.turn(now_s)
    except Exception as failure:
        if not entry.answer.done():
            entry.answer.set_exception(failure)
        return True


def hand_on(done: 'Future[Answer]', answer: 'Future[Answer]') -> None:
    """Settle a future as another was."""
    settle(answer, done.result)


def after(first: 'Future[Answer]', then: Callable[[], 'Future[Answer]']) -> 'Future[Answer]':
    """Return what comes of `then`, which is begun once `first` was taken; else its refusal."""
    whole: Future[Answer] = Future()

    def go_on(done: 'Future[Answer]') -> None:
        if done.exception() is not None or not done.result().ok:
            hand_on(done, whole)
            return
        try:
            then().add_done_callback(lambda end: hand_on(end, whole))
        except Exception as failure:
            whole.set_exception(failure)
    first.add_done_callback(go_on)
    return whole
