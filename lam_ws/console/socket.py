"""The WebSocket of a page: what a person does enters, what the hub has for the page leaves.

The first message must be a hello with the CSRF token. A stop is sent on before anything that is
still being done for the page. When the connection ends, however it ends, the arm is let go.
"""
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
import sys
import traceback
from typing import Annotated, Any

from lam_ws.console.console import Hand, Jog
from lam_ws.console.desk import Desk, person_of, within
from lam_ws.console.hub import Data, Viewer
from lam_ws.console.reading import parse, read, Refused
from lam_ws.console.replies import told
from lam_ws.console.sessions import Session
from lam_ws.console.throttle import Bucket
from lam_ws.console.words import refusal
from lam_ws.rules import Length
from starlette.websockets import WebSocket, WebSocketDisconnect

LARGEST = 4096            # bytes of a message from a page
_HELLO_S = 5.0            # until it must have said hello
_RATE_HZ, _BURST = 150.0, 100
_AT_ONCE = 8              # wishes of a page that may be under way
_AGAIN_S = 0.02           # between two stops of a page
# Codes with which a connection is closed.
LOGGED_OUT, NOT_ALLOWED, TOO_MANY, MALFORMED = 4401, 4403, 4429, 4400


@dataclass(frozen=True)
class Hello:
    """The first message of a page."""

    csrf: Annotated[str, Length(1, 100)]


@dataclass(frozen=True)
class Ping:
    """Asks for a pong with the same number."""

    number: float = 0.0


@dataclass(frozen=True)
class Empty:
    """A message that says all by its type."""


async def serve(desk: Desk, websocket: WebSocket) -> None:
    """Serve one page until it leaves.

    Raises:
        Refused: Nobody is logged in there; before the connection is accepted.
    """
    session = desk.session(websocket.cookies)
    await websocket.accept()
    address = websocket.client.host if websocket.client else ''
    viewer: Viewer | None = None
    with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):   # it is gone, or stuck
        if not await _greeted(websocket, session):
            await websocket.close(NOT_ALLOWED)
            return
        viewer = desk.hub.enter(session, address)
        if viewer is None:
            await websocket.close(TOO_MANY)
            return
        try:
            await _Page(desk, websocket, viewer).talk()
        finally:
            desk.hub.leave(viewer)


async def _greeted(websocket: WebSocket, session: Session) -> bool:
    """Return whether the first message knows the session's CSRF token."""
    try:
        async with asyncio.timeout(_HELLO_S):
            values = parse(await websocket.receive_text())
        return values.pop('type', '') == 'hello' and session.knows(read(values, Hello).csrf)
    except (Refused, KeyError):   # a binary message has no text
        return False


class _Page:
    """One page that said hello."""

    def __init__(self, desk: Desk, websocket: WebSocket, viewer: Viewer):
        self._desk, self._websocket, self._viewer = desk, websocket, viewer
        self._tasks: set[asyncio.Task[None]] = set()    # wishes that the cell has not answered
        self._stops: set[asyncio.Task[None]] = set()    # stops, which wait behind none of them
        self._last_refused = self._last_stop = -1e9
        self._kinds: dict[str, tuple[type, Callable[[Any], None]]] = {
            'stop': (Empty, self._stop), 'release': (Empty, self._release),
            'jog': (Jog, self._jog), 'hand': (Hand, self._hand), 'ping': (Ping, self._ping)}

    async def talk(self) -> None:
        """Send and receive until either ends."""
        viewer = self._viewer
        viewer.tell({'type': 'welcome', 'client': viewer.number,
                     **person_of(viewer.session.person)})
        for event in self._desk.cell.recent():
            viewer.tell(event)
        doing = [asyncio.create_task(one) for one in (
            viewer.pump(self._send), self._listen(), viewer.over.wait())]
        try:
            await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._desk.hub.leave(viewer)    # let go before anything is waited for
            self._tell_jogs()
            for task in (*doing, *self._tasks, *self._stops):
                task.cancel()
            for end in await asyncio.gather(*doing, return_exceptions=True):
                _log(end)
        code = LOGGED_OUT if viewer.session.over else TOO_MANY if viewer.over.is_set() else None
        if code is not None:
            async with asyncio.timeout(1.0):
                await self._websocket.close(code)

    async def _send(self, data: Data) -> None:
        if isinstance(data, str):
            await self._websocket.send_text(data)
        else:
            await self._websocket.send_bytes(data)

    async def _listen(self) -> None:
        bucket = Bucket(asyncio.get_running_loop().time, _RATE_HZ, _BURST)
        while True:
            message = await self._websocket.receive()
            if message['type'] == 'websocket.disconnect':
                return
            if not isinstance(message.get('text'), str):
                await self._websocket.close(MALFORMED)
                return
            self._take(message['text'], bucket)

    def _take(self, text: str, bucket: Bucket) -> None:
        """Do what one message asks; a stop is never one too many."""
        try:
            values = parse(text)
            kind, act = self._kinds.get(str(values.pop('type', '')), (None, None))
            if kind is not Empty and not bucket.take():
                self._viewer.over.set()
            elif kind is None or act is None:
                raise Refused(400, 'bad_request')
            else:
                act(read(values, kind))
        except Refused as refused:
            self._refuse(told(refused.answer))
            if not bucket.take():
                self._viewer.over.set()

    def _refuse(self, answer: dict[str, Any]) -> None:
        """Tell what was not done, at most 5 times a second."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._last_refused >= 0.2:
            self._last_refused = now_s
            self._viewer.tell({'type': 'error', **answer})

    def _stop(self, message: Empty) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._last_stop < _AGAIN_S:
            return   # that one is on its way
        self._last_stop = now_s
        future = self._desk.stop(self._viewer.session, self._viewer.address)

        async def wait() -> None:
            answer = await within(future)
            self._viewer.tell({'type': 'stopped' if answer.ok else 'error', **told(answer)})
        self._later(wait, self._stops)

    def _release(self, message: Empty) -> None:
        viewer = self._viewer
        if self._desk.hub.holder is viewer:
            self._desk.cell.release()
            self._tell_jogs()

    def _tell_jogs(self) -> None:
        viewer = self._viewer
        if viewer.jogs:
            self._note('jogged', {'messages': viewer.jogs})
        viewer.jogs = 0

    def _jog(self, jog: Jog) -> None:
        if not self._desk.hub.jog(self._viewer, jog):
            raise Refused(409, 'hand_not_taken')

    def _ping(self, message: Ping) -> None:
        self._viewer.tell({'type': 'pong', 'number': message.number})

    def _hand(self, hand: Hand) -> None:
        viewer, hub = self._viewer, self._desk.hub
        if not viewer.session.person.may('operator'):
            self._note('denied', {'path': '/ws', 'wish': 'hand'})
            raise Refused(403, 'wrong_role')
        if len(self._tasks) >= _AT_ONCE:   # before anything is changed that will not be asked
            raise Refused(429, 'too_many_wishes')
        if hub.holder not in (None, viewer):
            raise Refused(409, 'hand_taken', hub.holder.session.person.name)
        if hand.action == 'take':
            hub.holder = viewer
        elif hub.holder is not viewer:
            raise Refused(409, 'hand_not_taken')
        else:
            self._release(Empty())
            hub.holder = None
        self._later(lambda: self._move_hand(hand), self._tasks)

    async def _move_hand(self, hand: Hand) -> None:
        viewer, hub = self._viewer, self._desk.hub
        answer = await self._desk.ask(hand, viewer.session, viewer.address)
        if not answer.ok:
            if hand.action == 'take' and hub.holder is viewer:
                hub.let_go(viewer)
            viewer.tell({'type': 'error', **told(answer)})

    def _note(self, what: str, details: dict[str, Any]) -> None:
        self._desk.note(what, self._viewer.session, self._viewer.address, details)

    def _later(self, act: Callable[[], Awaitable[None]],
               among: set[asyncio.Task[None]]) -> None:
        """Do something that waits for the cell, while the page goes on being heard."""
        if len(among) >= _AT_ONCE:
            self._refuse(told(refusal('too_many_wishes')))
            return

        async def run() -> None:
            try:
                await act()
            except Exception as failure:
                _log(failure)
                self._viewer.tell({'type': 'error', **told(refusal('internal'))})
        task = asyncio.create_task(run())
        among.add(task)
        task.add_done_callback(among.discard)


def _log(end: object) -> None:
    """Write a fault of ours to the log; a page that is gone or stuck is none."""
    if isinstance(end, Exception) and not isinstance(
            end, WebSocketDisconnect | TimeoutError | RuntimeError):
        print(''.join(traceback.format_exception(end)), file=sys.stderr, flush=True)
