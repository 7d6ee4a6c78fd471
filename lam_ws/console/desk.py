"""What endpoints and socket share: the cell, who is logged in, the log, the pages."""
import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lam_ws.console.audit import Audit
from lam_ws.console.console import Answer, Cell, Json, Person, Wish
from lam_ws.console.episodes import Episodes
from lam_ws.console.hub import Hub
from lam_ws.console.reading import Refused
from lam_ws.console.sessions import Session, Sessions
from lam_ws.console.throttle import Throttle
from lam_ws.console.users import Users
from lam_ws.console.words import refusal
from lam_ws.console_file import ConsoleSettings

ANSWER_S = 10.0       # longest wait for the cell


@dataclass(frozen=True, eq=False)
class Desk:
    """All that a console works with."""

    cell: Cell
    settings: ConsoleSettings
    users: Users
    sessions: Sessions
    throttle: Throttle
    audit: Audit
    hub: Hub
    episodes: Episodes
    checking: asyncio.Semaphore   # one password at a time: each takes 19 MB
    pages: Path                   # folder of static files

    @property
    def cookie(self) -> str:
        """Return the name of the cookie; each port has its own, as browsers share them."""
        return '__Host-lam' if self.settings.https else f'lam_{self.settings.port}'

    def session(self, cookies: Mapping[str, str]) -> Session:
        """Return whose request it is.

        Raises:
            Refused: Nobody is logged in.
        """
        session = self.sessions.find(cookies.get(self.cookie, ''))
        if session is None:
            raise Refused(401, 'no_login')
        return session

    def note(self, what: str, session: Session, address: str,
             details: Mapping[str, Any] | None = None) -> None:
        """Write down what a person did."""
        self.audit.note(what, session.person.name, session.person.role, address, details)

    def stop(self, session: Session, address: str) -> 'Future[Answer]':
        """Send a stop before anything else is done about it."""
        future = self.cell.stop(session.person)
        self.note('stop', session, address)
        return future

    async def ask(self, wish: Wish, session: Session, address: str) -> Answer:
        """Have a wish done, written down before and, where it is refused, after."""
        what = type(wish).__name__.lower()
        self.note(what, session, address, asdict(wish))
        answer = await within(self.cell.ask(wish, session.person))
        if not answer.ok:
            self.note('refused', session, address, {'of': what, 'code': answer.code})
        return answer

    def hear(self, event: Json) -> None:
        """Write down how an instruction ended; from any thread."""
        if event.get('type') == 'result':
            kept = ('instruction', 'success', 'reason', 'episode_id')
            self.audit.note('result', str(event.get('operator', '')),
                            details={key: event.get(key) for key in kept})
        self.hub.tell(event)


async def within(future: 'Future[Answer]') -> Answer:
    """Return the cell's answer, or that it gives none in time."""
    try:
        async with asyncio.timeout(ANSWER_S):
            # Shielded: a page that leaves, or waits no longer, must not reach into the cell.
            return await asyncio.shield(asyncio.wrap_future(future))
    except TimeoutError:
        return refusal('cell_silent')


def person_of(person: Person) -> dict[str, str]:
    """Return a person as JSON."""
    return {'name': person.name, 'role': person.role}
