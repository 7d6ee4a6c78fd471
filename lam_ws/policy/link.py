"""One WebSocket connection to a policy server, with a dead-line for everything it does.

Tables enter and tables leave; whatever goes wrong leaves as a `WireError` with a reason. A
server's own words about a fault go to the log, shortened, and to nobody else. A connection on
which an answer came late or twice is given up, so that no answer is taken for another's.
"""
from contextlib import ExitStack, suppress
import logging
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from lam_ws.errors import WireError
from lam_ws.policy.wire import decode, encode, MAX_FRAME
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect

CLOSE_S = 0.1      # for saying good-bye to a server that may be gone
_LOG = logging.getLogger(__name__)


class Link:
    """A connection that is made when it is needed, and again after it was lost.

    Args:
        url: ws://host:port or wss://host:port.
        key: Sent as `Authorization: Api-Key KEY`; None sends none.
    """

    def __init__(self, url: str, key: str | None):
        self.url, self._key = url, key
        self._open = ExitStack()
        self._peer: Any = None

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._peer = None
        self._open.close()

    def connected(self) -> bool:
        """Tell whether the connection stands and nothing waits on it that nobody asked for."""
        if self._peer is None:
            return False
        try:
            self._peer.recv(timeout=0)
        except TimeoutError:
            return True
        except ConnectionClosed:
            pass
        else:
            _LOG.warning('%s sent what nobody asked for: connecting again', self.url)
        self.close()
        return False

    def open(self, until_s: float) -> dict[str, Any]:
        """Connect and return the metadata that the server sends first.

        Args:
            until_s: Dead-line on the monotonic clock, s.
        """
        self.close()
        try:
            return self._greeting(until_s)
        except WireError:
            self.close()
            raise

    def ask(self, table: dict[str, Any], until_s: float) -> dict[str, Any]:
        """Send `table` and return the answer to it.

        Raises:
            WireError: 'slow', 'lost', 'refused' or 'malformed'; after all but 'refused' the
                connection is closed.
        """
        frame = encode(table)
        try:
            self._send(frame, until_s)
            return self._hear(until_s)
        except TimeoutError:
            error = WireError('slow', f'{self.url} did not answer in time')
        except (ConnectionClosed, OSError):
            error = WireError('lost', f'the connection to {self.url} was lost')
        except WireError as told:
            error = told
        if error.reason != 'refused':
            self.close()
        raise error

    def _greeting(self, until_s: float) -> dict[str, Any]:
        """Connect and return the first table; whatever fails is a WireError."""
        try:
            self._peer = self._connect(until_s)
            return self._hear(until_s)
        except InvalidStatus as error:
            status = error.response.status_code
            reason = 'unauthorised' if status in (401, 403) else 'refused'
            raise WireError(reason, f'{self.url} refused the connection with status '
                                    f'{status}') from None
        except TimeoutError:
            raise WireError('slow', f'{self.url} did not answer in time') from None
        except (OSError, ValueError, InvalidHandshake) as error:
            raise WireError('unreachable', f'{self.url} cannot be reached: '
                                           f'{type(error).__name__}') from None

    def _connect(self, until_s: float) -> Any:
        """Return an open connection."""
        address = urlsplit(self.url)
        # Made here, not by the library: with a socket of our own it follows no redirection, so
        # that the key goes nowhere else.
        raw = socket.create_connection((str(address.hostname), int(address.port or 0)),
                                       _left(until_s))
        raw.settimeout(None)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {} if self._key is None else {'Authorization': f'Api-Key {self._key}'}
        return self._open.enter_context(connect(
            self.url, sock=raw, additional_headers=headers, compression=None, proxy=None,
            open_timeout=_left(until_s), close_timeout=CLOSE_S, max_size=MAX_FRAME, max_queue=2))

    def _send(self, frame: bytes, until_s: float) -> None:
        """Send a frame to a server that may have ceased to read."""
        line = self._peer.socket
        line.settimeout(_left(until_s))   # the library has no time-out for sending
        try:
            self._peer.send(frame)
        finally:
            with suppress(OSError):   # closed meanwhile
                line.settimeout(None)

    def _hear(self, until_s: float) -> dict[str, Any]:
        """Return the next table; a text is the server's word for a fault."""
        try:
            frame = self._peer.recv(timeout=_left(until_s))
        except ConnectionClosed as end:
            why = 'it has no free connection' if end.rcvd and end.rcvd.code == 1013 else \
                'it closed the connection'
            raise WireError('lost', f'{self.url}: {why}') from None
        if isinstance(frame, str):
            lines = frame.split('\n')
            last = next((line for line in reversed(lines) if line.strip()), '')
            _LOG.warning('%s refused: %s', self.url, ascii(last.strip()[:200]))
            raise WireError('refused', f'the policy server {self.url} refused the request')
        return decode(frame)


def _left(until_s: float) -> float:
    """Return the seconds left until a dead-line; raises TimeoutError when there are none."""
    left = until_s - time.monotonic()
    if left <= 0.0:
        raise TimeoutError
    return left
