"""The console as an ASGI application: a cell and its settings enter, `Gate(app)` leaves."""
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import time

from lam_ws.console import endpoints, socket
from lam_ws.console.audit import Audit
from lam_ws.console.console import Cell
from lam_ws.console.desk import Desk
from lam_ws.console.endpoints import Row, ROWS
from lam_ws.console.episodes import Episodes
from lam_ws.console.gate import Gate
from lam_ws.console.hub import Hub
from lam_ws.console.reading import Refused
from lam_ws.console.replies import Json
from lam_ws.console.sessions import Sessions
from lam_ws.console.throttle import Throttle
from lam_ws.console.users import Users
from lam_ws.console_file import ConsoleSettings
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

PAGES = Path(__file__).with_name('static')
SOCKET = '/ws'


def make_desk(cell: Cell, settings: ConsoleSettings, users: Users, audit: Audit,
              episodes: Path | None, now: Callable[[], float] = time.monotonic,
              pages: Path = PAGES) -> Desk:
    """Return all that a console works with.

    Args:
        cell: What it shows and commands.
        settings: Of the site.
        users: Who may log in.
        audit: Where it is written down.
        episodes: Folder of the recordings, None for none.
        now: s of a monotonic clock.
        pages: Folder of the page.
    """
    sessions = Sessions(now, 60.0 * settings.session_minutes, 60.0 * settings.idle_minutes,
                        users.role)
    return Desk(cell, settings, users, sessions, Throttle(now), audit,
                Hub(cell, sessions, settings.picture_hz), Episodes(episodes),
                asyncio.Semaphore(1), pages)


def make_app(desk: Desk) -> Gate:
    """Return the application."""
    routes = [_route(desk, row) for row in ROWS]

    async def talk(websocket: WebSocket) -> None:
        await socket.serve(desk, websocket)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(desk.hub.run(desk.hear))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = Starlette(
        routes=[*routes, WebSocketRoute(SOCKET, talk),
                Mount('/', _Pages(directory=desk.pages, check_dir=False))],
        exception_handlers={HTTPException: _missing, Refused: _refused, Exception: _broken},
        lifespan=life)
    app.router.redirect_slashes = False
    return Gate(app, desk.settings)


def _route(desk: Desk, row: Row) -> Route:
    async def answer(request: Request) -> Response:
        return await endpoints.serve(desk, row, request)
    return Route(row.path, answer, methods=[row.method])


async def _refused(connection: HTTPConnection, error: Exception) -> Response:
    """Answer what was refused behind the gate."""
    assert isinstance(error, Refused)
    response = Json.of_refusal(error)
    if isinstance(connection, WebSocket):
        await connection.send_denial_response(response)
    return response


async def _missing(connection: HTTPConnection, error: Exception) -> Response:
    """Answer what Starlette itself refuses: no such address, or not by this method."""
    assert isinstance(error, HTTPException)
    code = 'bad_method' if error.status_code == 405 else 'not_found'
    return await _refused(connection, Refused(error.status_code, code))


async def _broken(request: Request, error: Exception) -> Response:
    """Answer a fault of ours; it goes on to the gate, which writes it to the log."""
    return Json.of_refusal(Refused(500, 'internal'))


class _Pages(StaticFiles):
    """The page's own files; a browser asks each time whether they changed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file; there is no socket here."""
        if scope['type'] != 'http':
            raise Refused(404, 'not_found')
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, with how long it may be kept."""
        if '\0' in path:
            raise HTTPException(404)
        response = await super().get_response('index.html' if path == '.' else path, scope)
        response.headers['cache-control'] = 'no-cache'
        return response
