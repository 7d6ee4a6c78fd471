"""What the open pages are sent, and whose hand is on the arm: the cell enters, messages leave.

Ten times a second the newest state goes to every page, images as they come, events once. Each
page has its own sender: of what it is too slow for, only the newest waits, and one that takes
nothing for too long is let go. So no page delays another, nor the cell, and memory is bounded.
"""
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
import itertools
import json
import sys
import traceback
from typing import Any

from lam_ws.console.console import Cell, Jog, Json
from lam_ws.console.reading import written
from lam_ws.console.sessions import Session, Sessions

STATE_S, HEALTH_S, LOOK_S = 0.1, 1.0, 0.02
MOST = 24             # pages
_EVENTS = 64          # of a page that wait
_STUCK_S = 5.0        # until a page that takes nothing is let go
Data = str | bytes


class Viewer:
    """One open page.

    Args:
        session: Whose.
        address: Where it is.
        number: Of this console.
    """

    def __init__(self, session: Session, address: str, number: int):
        self.session, self.address, self.number = session, address, number
        self.jogs = 0                 # since the arm was last let go
        self.sequence = -1            # of the newest jog
        self.over = asyncio.Event()   # to be let go
        self._events: deque[str] = deque()
        self._newest: dict[str, Data] = {}
        self._wake = asyncio.Event()

    def tell(self, event: Json) -> None:
        """Send an event, after those that wait; a page that lets them pile up is let go."""
        if len(self._events) >= _EVENTS:
            self.over.set()
            return
        self._events.append(written(event))
        self._wake.set()

    def show(self, what: str, data: Data) -> None:
        """Send something of which only the newest counts."""
        self._newest[what] = data
        self._wake.set()

    async def pump(self, send: Callable[[Data], Awaitable[None]]) -> None:
        """Send what waits until the page is gone; raises TimeoutError when it is stuck."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._events or self._newest:
                data: Data = self._events.popleft() if self._events else \
                    self._newest.pop(next(iter(self._newest)))
                async with asyncio.timeout(_STUCK_S):
                    await send(data)


class Hub:
    """All open pages; belongs to the event loop.

    Args:
        cell: What they show.
        sessions: Who is logged in.
        picture_hz: Most images a second of a camera.
    """

    def __init__(self, cell: Cell, sessions: Sessions, picture_hz: float):
        self._cell, self._sessions, self._picture_s = cell, sessions, 1.0 / picture_hz
        self.viewers: list[Viewer] = []
        self.holder: Viewer | None = None    # whose hand is on the arm
        self._numbers = itertools.count(1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._encoder = ThreadPoolExecutor(1, 'pictures')
        self._fault = ''                     # that was logged last

    # Pages

    def enter(self, session: Session, address: str) -> Viewer | None:
        """Return a new page, None where there are too many."""
        if len(self.viewers) >= MOST:
            return None
        viewer = Viewer(session, address, next(self._numbers))
        session.ending.append(viewer.over.set)
        self.viewers.append(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget a page; what it held is let go at once."""
        self.let_go(viewer)
        if viewer in self.viewers:
            self.viewers.remove(viewer)
        if viewer.over.set in viewer.session.ending:
            viewer.session.ending.remove(viewer.over.set)

    def let_go(self, viewer: Viewer) -> None:
        """Take the hand of a page that is gone off the arm, which comes to rest."""
        if self.holder is viewer:
            self._cell.leave()
            self.holder = None

    def jog(self, viewer: Viewer, jog: Jog) -> bool:
        """Hand a jog on; return False where the page does not hold the arm."""
        if self.holder is not viewer:
            return False
        if jog.sequence > viewer.sequence:   # an old one that came late says nothing
            viewer.sequence, viewer.jogs = jog.sequence, viewer.jogs + 1
            self._cell.jog(jog)
        return True

    # Sending

    def tell(self, event: Json) -> None:
        """Send an event to every page; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, event)

    def _tell(self, event: Json) -> None:
        for viewer in self.viewers:
            viewer.tell(event)

    async def run(self, hear: Callable[[Json], None]) -> None:
        """Send until cancelled; the cell's events go to `hear`, in whatever thread they come."""
        self._loop = asyncio.get_running_loop()
        self._cell.attach(hear)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send_states())
                tasks.create_task(self._send_health())
                for camera in self._cell.facts()['cameras']:
                    tasks.create_task(self._send_pictures(camera['name']))
        finally:
            self._encoder.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """Write a fault to the log, once for each, and go on: pages need what else there is."""
        try:
            yield
        except Exception:
            fault = traceback.format_exc()
            if fault != self._fault:
                print(fault, file=sys.stderr, flush=True)
            self._fault = fault

    async def _send_states(self) -> None:
        while True:
            with self._going_on():
                if self.viewers:
                    self._show_state(dict(self._cell.state()))
            await asyncio.sleep(STATE_S)

    def _show_state(self, state: dict[str, Any]) -> None:
        """Send a state; to the page that holds the arm it says so."""
        owner = '' if self.holder is None else self.holder.session.person.name
        teleop = {**state.get('teleop', {}), 'owner': owner}
        if owner and teleop.get('role') == 'teleop':   # a name says more than a process
            teleop['holder'] = owner
        texts = {mine: written({'type': 'state', **state, 'teleop': {**teleop, 'mine': mine}})
                 for mine in {False, self.holder is not None}}
        for viewer in self.viewers:
            viewer.show('state', texts[viewer is self.holder])

    async def _send_health(self) -> None:
        while True:
            with self._going_on():
                for viewer in self.viewers:   # an open page counts as used
                    if self._sessions.holds(viewer.session):
                        self._sessions.use(viewer.session)
                self._sessions.sweep()
                if self.viewers:
                    text = written({'type': 'health', **self._cell.health()})
                    for viewer in self.viewers:
                        viewer.show('health', text)
            await asyncio.sleep(HEALTH_S)

    async def _send_pictures(self, camera: str) -> None:
        loop, number = asyncio.get_running_loop(), -1
        while True:
            began = loop.time()
            picture = None
            with self._going_on():
                if self.viewers:
                    picture = await loop.run_in_executor(self._encoder, self._cell.picture,
                                                         camera, number)
            if picture is not None:
                number = picture.number
                data = framed(camera, picture.age_s, picture.jpeg)
                for viewer in self.viewers:
                    viewer.show(f'picture {camera}', data)
            rest_s = self._picture_s - (loop.time() - began) if picture is not None else LOOK_S
            await asyncio.sleep(max(rest_s, LOOK_S))


def framed(camera: str, age_s: float, jpeg: bytes) -> bytes:
    """Return an image as a page reads it: two bytes with the length of a header, it, a JPEG."""
    header = json.dumps({'camera': camera, 'age_s': round(age_s, 4)}).encode()
    return len(header).to_bytes(2, 'big') + header + jpeg
