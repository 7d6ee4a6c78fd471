"""Services asked without waiting: requests leave at once, answers arrive as futures.

A request whose answer seems lost is asked again, as `client` does; one that nobody answers ends
as 'cell_silent'. `send` may be called from any thread, `turn` belongs to the node's.
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


class Asked:
    """One request under way.

    Args:
        client: Of the service.
        request: What is asked; it may be asked twice.
        read: Turns a response into an answer; None asks again after AGAIN_S.
        give_up_s: After which nobody answers.
    """

    def __init__(self, client: Any, request: Any, read: Read, give_up_s: float = GIVE_UP_S):
        self._client, self._request, self._read = client, request, read
        self.answer: Future[Answer] = Future()
        self._late: Answer = refusal('cell_silent')
        self._give_up_s = time.monotonic() + give_up_s
        self._sent_s = 0.0
        self._send()

    def _send(self) -> None:
        self._sent_s = time.monotonic()
        self._response = self._client.call_async(self._request)

    def turn(self, now_s: float) -> bool:
        """Look what came; return whether it is over."""
        if self._response is not None and self._response.done():
            response, self._response = self._response.result(), None
            answer = self._read(response)
            if answer is not None:
                self.answer.set_result(answer)
                return True
        if now_s > self._give_up_s:
            self.answer.set_result(self._late)
            return True
        if now_s - self._sent_s > AGAIN_S:
            self._send()
        return False


class Asking:
    """All requests of a node that are under way."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []
        self._waiting: list[tuple[Callable[[], Answer | None], float, Future[Answer],
                                  Callable[[], Answer]]] = []
        self._lock = Lock()

    def send(self, client: Any, request: Any, read: Read,
             give_up_s: float = GIVE_UP_S) -> 'Future[Answer]':
        """Send a request now and return what will come of it."""
        asked = Asked(client, request, read, give_up_s)
        with self._lock:
            self._asked.append(asked)
        return asked.answer

    def wait(self, look: Callable[[], Answer | None], late: Callable[[], Answer],
             give_up_s: float = GIVE_UP_S) -> 'Future[Answer]':
        """Return what `look` gives as soon as it is not None, `late` if it stays so."""
        answer: Future[Answer] = Future()
        with self._lock:
            self._waiting.append((look, time.monotonic() + give_up_s, answer, late))
        return answer

    def turn(self) -> None:
        """Settle what can be; the node's timer does this."""
        now_s = time.monotonic()
        with self._lock:
            asked, self._asked = self._asked, []
            waiting, self._waiting = self._waiting, []
        kept = [one for one in asked if not one.turn(now_s)]
        left = []
        for look, give_up_s, answer, late in waiting:
            found = look()
            if found is not None or now_s > give_up_s:
                answer.set_result(late() if found is None else found)
            else:
                left.append((look, give_up_s, answer, late))
        with self._lock:
            self._asked += kept
            self._waiting += left


def after(first: 'Future[Answer]', then: Callable[[], 'Future[Answer]']) -> 'Future[Answer]':
    """Return what comes of `then`, which is begun once `first` was taken; else its refusal."""
    whole: Future[Answer] = Future()

    def go_on(done: 'Future[Answer]') -> None:
        if not done.result().ok:
            whole.set_result(done.result())
            return
        then().add_done_callback(lambda end: whole.set_result(end.result()))
    first.add_done_callback(go_on)
    return whole
