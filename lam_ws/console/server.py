"""The web server in a thread of its own: a cell enters, a console that listens leaves.

Everything that can be wrong with address, users and log is found before the thread starts, in
the thread of the caller, and the port is open when the constructor returns.
"""
import asyncio
from pathlib import Path
import socket
import sys
import threading

from lam_ws.console.app import make_app, make_desk
from lam_ws.console.audit import Audit
from lam_ws.console.console import Cell
from lam_ws.console.socket import LARGEST
from lam_ws.console.users import first_account, folder, Users, users_file
from lam_ws.errors import ConfigurationError
from lam_ws.site import ConsoleSettings, Site
import uvicorn

_CONNECTIONS = 256
_HEADERS = 16384      # bytes
_CLOSING_S = 2


class Console:
    """A console that listens; `close` ends it.

    Args:
        site: Its `console` section, or none for the defaults.
        cell: What it shows and commands.

    Raises:
        ConfigurationError: It must not listen there, or cannot.
        KeyFileError: Users or audit log are not as they should be.
    """

    def __init__(self, site: Site, cell: Cell):
        settings = site.console or ConsoleSettings()
        self.url = url_of(settings)
        users = Users(users_file(site))
        ensure_users(site, users)
        named = settings.audit
        self._audit = Audit(folder() / 'audit.jsonl' if named is None
                            else Path(named).expanduser())
        self._listener = _listening(settings, site)
        episodes = None if site.record is None else Path(site.record.folder)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(
            target=self._run, args=(cell, settings, users, episodes), name='console', daemon=True)
        self._thread.start()
        self._ready.wait(10.0)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Close all connections and end."""
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(timeout=_CLOSING_S + 2.0)
        self._listener.close()
        self._audit.close()

    @property
    def alive(self) -> bool:
        """Return whether it still listens."""
        return self._thread.is_alive()

    def _run(self, cell: Cell, settings: ConsoleSettings, users: Users,
             episodes: Path | None) -> None:
        try:
            asyncio.run(self._serve(cell, settings, users, episodes))
        except BaseException as failure:
            self._failure = failure
            print(f'the console ended: {failure}', file=sys.stderr, flush=True)
        finally:
            self._ready.set()

    async def _serve(self, cell: Cell, settings: ConsoleSettings, users: Users,
                     episodes: Path | None) -> None:
        desk = make_desk(cell, settings, users, self._audit, episodes)
        self._server = uvicorn.Server(uvicorn.Config(
            make_app(desk), loop='asyncio', http='h11', ws='websockets-sansio', lifespan='on',
            log_config=None, access_log=False, server_header=False,
            ws_max_size=LARGEST, ws_max_queue=16, ws_per_message_deflate=False,
            ws_ping_interval=5.0, ws_ping_timeout=15.0, limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_HEADERS, timeout_keep_alive=15,
            timeout_graceful_shutdown=_CLOSING_S, proxy_headers=settings.https,
            forwarded_allow_ips='127.0.0.1,::1'))
        self._ready.set()
        await self._server.serve(sockets=[self._listener])


def url_of(settings: ConsoleSettings) -> str:
    """Return the address that a person types."""
    scheme = 'https' if settings.https else 'http'
    host = f'[{settings.host}]' if ':' in settings.host else settings.host
    named = settings.hosts[0] if settings.hosts and (settings.https or not settings.local) \
        else f'{host}:{settings.port}'
    return f'{scheme}://{named}/'


def ensure_users(site: Site, users: Users) -> None:
    """See that somebody may log in: make the first account where only this host can reach it.

    Raises:
        ConfigurationError: Other hosts can, and there is no user.
    """
    settings = site.console or ConsoleSettings()
    if users.all():
        return
    if not settings.local:
        raise ConfigurationError(
            f'the console of {site.name} listens on {settings.host}, which other hosts reach, and '
            f'has no users; make one with: lam users add NAME --file {users.path}', users.path)
    made = first_account(users)
    if made is not None:
        print(f'The console has no users yet. This account was made, and its password is shown '
              f'only now:\n  name      {made[0]}\n  password  {made[1]}\nUsers are in '
              f'{users.path}; `lam users` changes them.', file=sys.stderr, flush=True)


def _listening(settings: ConsoleSettings, site: Site) -> socket.socket:
    family = socket.AF_INET6 if ':' in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f'the console cannot listen on {settings.host} port {settings.port}: '
            f'{error.strerror}; set console.port in the site', site.path) from error
    return listener
