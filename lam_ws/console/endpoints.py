"""Every address of the console, one row each: what it is, who may use it, what it does.

A request that passed the gate enters `serve` with its row: role, CSRF token and body are checked
there, so that no endpoint can forget to. What it does is a function of the desk.
"""
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from lam_ws.console.console import Arm, Cancel, Instruct, Record, Recover, Reply, Reset, Why
from lam_ws.console.desk import Desk, person_of, within
from lam_ws.console.gate import values
from lam_ws.console.reading import parse, read, Refused
from lam_ws.console.replies import Json
from lam_ws.console.sessions import Session
from lam_ws.rules import Length
from starlette.requests import Request
from starlette.responses import FileResponse, Response

_GUESSING = 4          # logins that may wait for their turn


@dataclass(frozen=True)
class Nothing:
    """The body of a request that needs none."""


@dataclass(frozen=True)
class Login:
    """Name and password."""

    name: Annotated[str, Length(1, 64)]
    password: Annotated[str, Length(1, 200)]


@dataclass(frozen=True)
class Labelling:
    """What a person says of an episode."""

    label: str
    note: Annotated[str, Length(0, 1000)] = ''


class Call(NamedTuple):
    """A request that was let through."""

    desk: Desk
    request: Request
    session: Session
    address: str
    body: Any


class Row(NamedTuple):
    """One address: `role` None is open to everybody, `body` what a POST carries."""

    method: str
    path: str
    role: str | None
    act: Callable[[Call], Awaitable[Response]]
    body: type = Nothing


async def serve(desk: Desk, row: Row, request: Request) -> Response:
    """Check a request against its row and carry it out.

    Raises:
        Refused: It may not be.
    """
    address = request.client.host if request.client else ''
    if row.role is None:
        return await row.act(Call(desk, request, None,  # type: ignore[arg-type]
                                  address, await _body(row, request)))
    session = desk.session(request.cookies)
    if not session.person.may(row.role):
        desk.note('denied', session, address, {'path': row.path})
        raise Refused(403, 'wrong_role')
    if row.method != 'GET':
        given = values(request.scope, b'x-csrf-token')
        if len(given) != 1 or not session.knows(given[0]):
            raise Refused(403, 'no_csrf')
    return await row.act(Call(desk, request, session, address, await _body(row, request)))


async def _body(row: Row, request: Request) -> Any:
    if row.method == 'GET':
        return None
    kind = request.headers.get('content-type', '').split(';')[0].strip().lower()
    if kind != 'application/json':
        raise Refused(415, 'not_json')
    return read(parse(await request.body()), row.body)


async def _login(call: Call) -> Response:
    desk, name = call.desk, call.body.name
    wait_s = desk.throttle.wait_s(call.address, name)
    if wait_s > 0.0:
        raise Refused(429, 'too_many_logins', f'{wait_s:.0f}', wait_s)
    waiting = len(getattr(desk.checking, '_waiters', None) or ())
    if waiting >= _GUESSING:
        raise Refused(429, 'too_many_logins', '2', 2.0)
    async with desk.checking:
        person = await asyncio.to_thread(desk.users.verify, name, call.body.password)
    if person is None:
        desk.throttle.failed(call.address, name)
        desk.audit.note('login refused', name[:32], address=call.address)
        raise Refused(401, 'wrong_login')
    token, session = desk.sessions.open(person)
    desk.note('login', session, call.address)
    response = Json(_me(session))
    response.set_cookie(desk.cookie, token, httponly=True, samesite='strict', path='/',
                        secure=desk.settings.https,
                        max_age=round(60.0 * desk.settings.session_minutes))
    return response


def _me(session: Session) -> dict[str, str]:
    return {**person_of(session.person), 'csrf': session.csrf}


async def _logout(call: Call) -> Response:
    call.desk.note('logout', call.session, call.address)
    call.desk.sessions.close(call.session)
    response = Json({'ok': True})
    response.delete_cookie(call.desk.cookie, path='/', secure=call.desk.settings.https,
                           httponly=True, samesite='strict')
    return response


async def _who(call: Call) -> Response:
    return Json(_me(call.session))


async def _site(call: Call) -> Response:
    return Json(call.desk.cell.facts())


async def _urdf(call: Call) -> Response:
    return Response(call.desk.cell.urdf(), media_type='application/xml')


async def _stop(call: Call) -> Response:
    return Json.of(await within(call.desk.stop(call.session, call.address)), 503)


async def _wish(call: Call) -> Response:
    return Json.of(await call.desk.ask(call.body, call.session, call.address))


async def _history(call: Call) -> Response:
    return Json({'history': list(call.desk.cell.history())})


async def _episodes(call: Call) -> Response:
    return Json({'episodes': await asyncio.to_thread(call.desk.episodes.listing)})


async def _episode(call: Call) -> Response:
    return Json(await asyncio.to_thread(call.desk.episodes.details,
                                        call.request.path_params['episode']))


async def _film(call: Call) -> Response:
    film = await call.desk.episodes.film(call.request.path_params['episode'])
    return FileResponse(film, media_type='video/mp4', headers={'cache-control': 'no-cache'})


async def _label(call: Call) -> Response:
    episode = call.request.path_params['episode']
    call.desk.episodes.recording(episode)
    wish = read({'action': 'label', 'episode_id': episode, 'label': call.body.label,
                 'note': call.body.note}, Record)
    return await _wish(call._replace(body=wish))


async def _audit(call: Call) -> Response:
    return Json({'entries': await asyncio.to_thread(call.desk.audit.tail)})


ROWS = (
    Row('POST', '/api/login', None, _login, Login),
    Row('POST', '/api/logout', 'viewer', _logout),
    Row('GET', '/api/me', 'viewer', _who),
    Row('GET', '/api/site', 'viewer', _site),
    Row('GET', '/api/arm.urdf', 'viewer', _urdf),
    Row('GET', '/api/history', 'viewer', _history),
    Row('POST', '/api/stop', 'viewer', _stop),
    Row('POST', '/api/reset', 'operator', _wish, Reset),
    Row('POST', '/api/recover', 'operator', _wish, Recover),
    Row('POST', '/api/arm', 'operator', _wish, Arm),
    Row('POST', '/api/instruct', 'operator', _wish, Instruct),
    Row('POST', '/api/cancel', 'operator', _wish, Cancel),
    Row('POST', '/api/reply', 'operator', _wish, Reply),
    Row('POST', '/api/why', 'viewer', _wish, Why),
    Row('POST', '/api/record', 'operator', _wish, Record),
    Row('GET', '/api/episodes', 'viewer', _episodes),
    Row('GET', '/api/episodes/{episode}', 'viewer', _episode),
    Row('GET', '/api/episodes/{episode}/film.mp4', 'viewer', _film),
    Row('POST', '/api/episodes/{episode}/label', 'operator', _label, Labelling),
    Row('GET', '/api/audit', 'engineer', _audit),
)
