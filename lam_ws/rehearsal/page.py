"""The console as a browser speaks to it: HTTP for wishes, one WebSocket for jogs and states.

Address, name and password enter; what the cell says leaves. Nothing here knows ROS: what cannot
be done through the console's own protocol cannot be done from here.
"""
from contextlib import ExitStack
import http.client
import json
from threading import Event, Lock, Thread
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from lam_ws.errors import LamError
from lam_ws.types import Array
import numpy as np
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

ANSWER_S = 20.0
AGAIN_S = 0.5         # until a person presses a button again
OLD_S = 1.0           # age of a state from which it is not steered by


class ConsoleError(LamError):
    """The console refuses, or does not answer."""


class Page:
    """One person's page, logged in.

    Args:
        url: Of the console, 'http://127.0.0.1:8600/'.
        name, password: Of the person.

    Raises:
        ConsoleError: The console does not let the person in.
    """

    def __init__(self, url: str, name: str, password: str):
        parts = urlsplit(url)
        self._host = parts.netloc
        self._origin = f'{parts.scheme}://{parts.netloc}'
        self._cookie = self._csrf = ''
        me = self.post('/api/login', {'name': name, 'password': password})
        self._csrf = str(me['csrf'])
        self._lock, self._fresh = Lock(), Event()
        self._state: dict[str, Any] = {}
        self._state_s, self._sequence = 0.0, 0
        self.events: list[dict[str, Any]] = []
        self._open = ExitStack()
        self._socket: ClientConnection = self._open.enter_context(connect(
            f'ws://{parts.netloc}/ws', additional_headers={'Cookie': self._cookie},
            origin=Origin(self._origin), compression=None, proxy=None))
        self._say({'type': 'hello', 'csrf': self._csrf})
        Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._open.close()

    # Wishes

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a wish and return the answer.

        Raises:
            ConsoleError: It was refused; the text is the console's own.
        """
        connection = http.client.HTTPConnection(self._host, timeout=ANSWER_S)
        try:
            connection.request('POST', path, json.dumps(body or {}), {
                'Content-Type': 'application/json', 'Origin': self._origin,
                'Cookie': self._cookie, 'X-CSRF-Token': self._csrf})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
            cookie = response.getheader('Set-Cookie')
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ConsoleError(f'{path}: the console does not answer: {error}') from error
        finally:
            connection.close()
        if cookie:
            self._cookie = cookie.split(';')[0]
        if response.status >= 400 or answer.get('ok') is False:
            raise ConsoleError(f'{path}: {_told(answer)}')
        return answer

    def record(self, action: str, **values: str) -> str:
        """Speak to the recorder; return the id of the episode."""
        answer = self.post('/api/record', {'action': action, **values})
        return str(answer['episode_id'])

    # Hand

    def hand(self, action: str, tries: int = 3) -> None:
        """Take the arm, or give it back, and see that it happened; if not, press again.

        Raises:
            ConsoleError: It did not.
        """
        for left in range(tries - 1, -1, -1):
            try:
                self._press(action)
                return
            except ConsoleError:
                if not left:
                    raise
                time.sleep(AGAIN_S)

    def _press(self, action: str, wait_s: float = 3.0) -> None:
        before = len(self.events)
        self._say({'type': 'hand', 'action': action})
        deadline = time.monotonic() + wait_s
        while bool(self.state()['teleop'].get('holds')) != (action == 'take'):
            for event in self.events[before:]:
                if event.get('type') == 'error':
                    raise ConsoleError(f'hand {action}: {_told(event)}')
            if time.monotonic() > deadline:
                raise ConsoleError(f'hand {action}: nothing happened')

    def jog(self, jog: dict[str, Any]) -> None:
        """Renew a jog."""
        self._sequence += 1
        self._say({**jog, 'sequence': self._sequence})

    def release(self) -> None:
        """Let go."""
        self._say({'type': 'release'})

    # What is shown

    def state(self, wait_s: float = 5.0) -> dict[str, Any]:
        """Return the next state.

        Raises:
            ConsoleError: None comes.
        """
        self._fresh.clear()
        if not self._fresh.wait(wait_s):
            raise ConsoleError('the console sends no state')
        with self._lock:
            return self._state

    def newest(self) -> tuple[dict[str, Any], float]:
        """Return the newest state, which may have been seen before, and its age in s."""
        with self._lock:
            return self._state, time.monotonic() - self._state_s

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._socket.send(json.dumps(message))
        except WebSocketException as error:
            raise ConsoleError(f'the console closed the page: {error}') from error

    def _listen(self) -> None:
        try:
            for data in self._socket:
                if not isinstance(data, str):
                    continue   # a picture
                message = json.loads(data)
                if message.get('type') == 'state':
                    with self._lock:
                        self._state, self._state_s = message, time.monotonic()
                    self._fresh.set()
                elif message.get('type') != 'health':
                    self.events.append(message)
        except WebSocketException:
            return


def _told(answer: dict[str, Any]) -> str:
    """Return why something was refused, as the console says it."""
    return str((answer.get('text') or {}).get('en') or answer.get('error') or answer)


def joints(state: dict[str, Any]) -> Array:
    """Return the joints [n] rad (gripper m) of a state.

    Raises:
        ConsoleError: It has none.
    """
    found = (state.get('joints') or {}).get('position')
    if not found or None in found:
        raise ConsoleError('the console shows no joints')
    return np.array(found, float)
