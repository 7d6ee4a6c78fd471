"""The gate before every page, endpoint and socket: what a stranger could send ends here.

ASGI messages enter and pass, or are answered with a refusal. Host and Origin must be the
console's own, so neither a page elsewhere nor a name that was pointed at this host gets through;
bodies are read here, whole and small; what leaves carries the headers that keep a browser from
running anything that is not ours; and no exception is shown to anybody but the log.
"""
import asyncio
from collections.abc import Iterable
import sys
import traceback
from typing import Any

from lam_ws.console.reading import Refused
from lam_ws.console.replies import Json
from lam_ws.console_file import ConsoleSettings
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 65536          # bytes
BODY_S = 10.0         # until it must have come
_HEARD_OUT = 1_000_000   # bytes that are read and dropped, or the refusal would not arrive
POLICY = '; '.join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
    "media-src 'self' blob:", "connect-src 'self'", "font-src 'self'", "manifest-src 'self'",
    "worker-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"))
HEADERS = ((b'content-security-policy', POLICY.encode()),
           (b'x-content-type-options', b'nosniff'), (b'x-frame-options', b'DENY'),
           (b'referrer-policy', b'no-referrer'),
           (b'cross-origin-opener-policy', b'same-origin'),
           (b'cross-origin-resource-policy', b'same-origin'),
           (b'permissions-policy', b'camera=(), microphone=(), geolocation=(), gamepad=(self)'))
_SAFE = ('GET', 'HEAD', 'OPTIONS')


def own_hosts(settings: ConsoleSettings) -> frozenset[str]:
    """Return the Host headers that the console answers to."""
    local = {f'{name}:{settings.port}' for name in ('127.0.0.1', 'localhost', '[::1]')}
    local |= {'127.0.0.1', 'localhost', '[::1]'} if settings.port == 80 else set()
    return frozenset(settings.hosts) | frozenset(() if settings.https else local)


class Gate:
    """Middleware around the whole application.

    Args:
        app: What is behind it.
        settings: Whose hosts are let in.
    """

    def __init__(self, app: ASGIApp, settings: ConsoleSettings):
        self._app, self._hosts = app, own_hosts(settings)
        scheme = 'https' if settings.https else 'http'
        self._origins = frozenset(f'{scheme}://{host}' for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope['type'] == 'lifespan':
            await self._app(scope, receive, send)
            return
        sealed, begun = self._sealed(scope, send)
        try:
            self._examine(scope)
            if scope['type'] == 'http':
                receive = await _whole(scope, receive)
            await self._app(scope, receive, sealed)
        except Refused as refused:
            await turn_away(scope, receive, sealed, refused)
        except Exception:
            print(traceback.format_exc(), file=sys.stderr, flush=True)
            if not begun():
                await turn_away(scope, receive, sealed, Refused(500, 'internal'))

    def _examine(self, scope: Scope) -> None:
        """Refuse what was not meant for this console, or did not come from its own page."""
        hosts, origins = values(scope, b'host'), values(scope, b'origin')
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Refused(421, 'bad_host')
        needed = scope['type'] == 'websocket' or scope['method'] not in _SAFE
        if len(origins) > 1 or (needed or origins) and (
                not origins or origins[0] not in self._origins):
            raise Refused(403, 'bad_origin')
        api = scope['type'] == 'websocket' or scope['path'].startswith('/api')
        if api and any(site not in ('same-origin', 'none')
                       for site in values(scope, b'sec-fetch-site')):
            raise Refused(403, 'bad_origin')

    def _sealed(self, scope: Scope, send: Send) -> tuple[Send, Any]:
        """Return what sends with our headers, and what tells whether it has begun to."""
        started = False
        api = scope['path'].startswith('/api')

        async def sealed(message: Message) -> None:
            nonlocal started
            if message['type'] in ('http.response.start', 'websocket.http.response.start'):
                headers = [*message.get('headers', ()), *HEADERS]
                if api and not any(name.lower() == b'cache-control' for name, _ in headers):
                    headers.append((b'cache-control', b'no-store'))
                message = {**message, 'headers': headers}
            started |= message['type'] in ('http.response.start', 'websocket.accept',
                                           'websocket.close', 'websocket.http.response.start')
            await send(message)
        return sealed, lambda: started


async def turn_away(scope: Scope, receive: Receive, send: Send, refused: Refused) -> None:
    """Answer a request, or a socket that was not accepted yet, with a refusal."""
    response = Json.of_refusal(refused)
    if scope['type'] == 'websocket' and 'websocket.http.response' not in scope.get(
            'extensions', {}):
        await send({'type': 'websocket.close', 'code': 1008})
        return
    await response(scope, receive, send)


def values(scope: Scope, name: bytes) -> list[str]:
    """Return the values of a header, as it was sent."""
    found: Iterable[tuple[bytes, bytes]] = scope['headers']
    return [value.decode('latin-1') for key, value in found if key == name]


async def _whole(scope: Scope, receive: Receive) -> Receive:
    """Read a body and return what hands it on; refuse one that is long or slow."""
    lengths = values(scope, b'content-length')
    if lengths and not (lengths[0].isascii() and lengths[0].isdigit()
                        and len(lengths[0]) <= 7 and int(lengths[0]) <= _HEARD_OUT):
        raise Refused(413, 'too_large')
    body = bytearray()
    size, more = 0, True
    try:
        async with asyncio.timeout(BODY_S):
            while more and size <= _HEARD_OUT:
                message = await receive()
                if message['type'] == 'http.disconnect':
                    raise Refused(400, 'bad_request')
                piece, more = message.get('body', b''), message.get('more_body', False)
                size += len(piece)
                if size <= BODY:
                    body += piece
    except TimeoutError:
        raise Refused(408, 'too_slow') from None
    if size > BODY:
        raise Refused(413, 'too_large')
    waiting: list[Message] = [{'type': 'http.request', 'body': bytes(body),
                               'more_body': False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()
    return again
