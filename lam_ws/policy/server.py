"""A site's policy for other machines: openpi's WebSocket protocol, without ROS.

Connections enter, each with a policy memory of its own; one thread computes for all of them, so
that one set of weights serves several cells and no cell's chunk is computed half. Peers are
told one line about a fault and nothing of this machine.
"""
import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import hmac
import logging
import time
from typing import Any

from lam_ws.errors import ConfigurationError, ObservationError, WireError
from lam_ws.policy.embodiment import describe
from lam_ws.policy.policy import Policy
from lam_ws.policy.served import Served
from lam_ws.policy.wire import encode, MAX_FRAME
from lam_ws.site import Site
from websockets.asyncio.server import serve, ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

LOCAL = '127.0.0.1'
SHORTEST_KEY = 16    # characters
CLOSE_S = 1.0        # for a peer to say good-bye
LINE = 200           # characters that a peer is told
_LOG = logging.getLogger(__name__)
_QUIET = logging.getLogger(f'{__name__}.transport')   # a stranger's nonsense is no fault here
_QUIET.setLevel(logging.CRITICAL)


class PolicyServer:
    """Serves one policy to a few clients.

    Args:
        site: Arm, cameras and policy settings that clients must fit.
        make: Returns a policy with a memory of its own; called once for each connection.
        sha256: Of the weights, '' where there are none.
        key: What clients must send; None lets everyone in, on this machine only.
        connections: How many clients there may be at a time.
    """

    def __init__(self, site: Site, make: Callable[[], Policy], sha256: str, key: str | None,
                 connections: int = 8):
        if key is not None and (len(key) < SHORTEST_KEY or not key.isascii()
                                or not key.isprintable() or ' ' in key):
            raise ConfigurationError(f'a key has at least {SHORTEST_KEY} printable ASCII '
                                     'characters and no space')
        self._site, self._make, self._most = site, make, connections
        self._key = None if key is None else f'Api-Key {key}'.encode()
        self.metadata = describe(site, sha256)
        self._peers: set[ServerConnection] = set()

    async def run(self, host: str, port: int, ready: Callable[[int], None],
                  stop: asyncio.Event) -> None:
        """Serve on `host` until `stop` is set; `ready` is told the port.

        Raises:
            ConfigurationError: Other machines could come in without a key.
            WireError: Nothing can listen there.
        """
        check_host(host, self._key is not None)
        with ThreadPoolExecutor(1, 'policy') as self._worker:
            try:
                listening = await serve(
                    self._converse, host, port, process_request=self._admit, origins=[None],
                    compression=None, max_size=MAX_FRAME, max_queue=2, close_timeout=CLOSE_S,
                    server_header=None, logger=_QUIET)
            except OSError as error:
                raise WireError('unreachable', f'cannot listen on {host}:{port}: '
                                               f'{error.strerror}') from None
            async with listening:
                ready(next(iter(listening.sockets)).getsockname()[1])
                await stop.wait()

    def _admit(self, peer: ServerConnection, request: Request) -> Response | None:
        """Answer a health check, turn away who has no key, let the others in (None)."""
        if request.path == '/healthz':
            return peer.respond(200, 'OK\n')
        given = request.headers.get_all('Authorization')
        if self._key is not None and not (len(given) == 1 and hmac.compare_digest(
                given[0].encode('utf-8', 'replace'), self._key)):
            return peer.respond(401, 'a key is needed\n')
        return None

    async def _converse(self, peer: ServerConnection) -> None:
        """Greet one client and answer it until it leaves."""
        if sum(other.state is State.OPEN for other in self._peers) >= self._most:
            await peer.close(1013, 'no free connection')
            return
        self._peers.add(peer)
        try:
            served = await self._compute(lambda: Served(self._site, self._make(),
                                                        time.monotonic))
            await peer.send(encode(self.metadata))
            async for frame in peer:
                await peer.send(await self._answer(served, frame))
        except ConnectionClosed:
            pass
        except Exception:
            _LOG.exception('the policy failed; its client was turned away')
            await _give_up(peer)
        finally:
            self._peers.discard(peer)

    async def _answer(self, served: Served, frame: bytes | str) -> bytes | str:
        """Return the answer, or one line of text that says what is wrong with the request."""
        if isinstance(frame, str):
            return 'malformed: a request is a binary frame'
        try:
            return await self._compute(lambda: served.answer(frame))
        except (WireError, ObservationError) as error:
            return ' '.join(f'{error.reason}: {error}'.split())[:LINE]

    async def _compute(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, computed in the one thread that computes."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


async def _give_up(peer: ServerConnection) -> None:
    """Tell a client that the fault is here, and close."""
    try:
        await peer.send('internal: the policy failed')
        await peer.close(1011, 'the policy failed')
    except ConnectionClosed:
        pass


def check_host(host: str, keyed: bool) -> None:
    """Refuse to be reached from other machines without a key.

    Raises:
        ConfigurationError: `host` is not this machine's own address, and there is no key.
    """
    if host != LOCAL and not keyed:
        raise ConfigurationError(f'listening on {host} needs a key: set LAM_SERVE_KEY, or '
                                 f'listen on {LOCAL}')
