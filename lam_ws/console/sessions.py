"""Who is logged in: tokens leave with a login, sessions are found by them until they end.

Kept in memory alone, so that a console that is started again knows nobody. Of a token only its
hash is kept. The clock is an argument.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
import hashlib
import hmac
import secrets

from lam_ws.console.console import Person
from lam_ws.errors import LamError

MOST = 256          # sessions in all; the one that was used longest ago goes first
MOST_OF_ONE = 16    # of one person


@dataclass(eq=False)
class Session:
    """One login.

    Attributes:
        person: Whose.
        csrf: What the page has to send along with whatever changes something.
        began_s: When.
        used_s: Last.
        over: Whether it has ended.
        ending: Called once when it ends.
    """

    person: Person
    csrf: str
    began_s: float
    used_s: float
    over: bool = False
    ending: list[Callable[[], None]] = field(default_factory=list)

    def knows(self, token: str) -> bool:
        """Return whether `token` is its CSRF token."""
        return hmac.compare_digest(self.csrf.encode(), token.encode('utf-8', 'replace'))


class Sessions:
    """All sessions of a console; not for several threads.

    Args:
        now: s of a monotonic clock.
        life_s: After which a session ends.
        idle_s: After which an unused one ends.
        role: Role of a name as it is now, None for a user that was removed.
    """

    def __init__(self, now: Callable[[], float], life_s: float, idle_s: float,
                 role: Callable[[str], str | None]):
        self._now, self._life_s, self._idle_s, self._role = now, life_s, idle_s, role
        self._sessions: dict[str, Session] = {}

    def open(self, person: Person) -> tuple[str, Session]:
        """Begin a session; return the token of its cookie, and it."""
        self.sweep()
        own = [token for token, one in self._sessions.items()
               if one.person.name == person.name]
        full = len(self._sessions) >= MOST
        for token in own[:1] if len(own) >= MOST_OF_ONE else list(self._sessions)[:1] * full:
            self.close(self._sessions[token])
        token, now_s = secrets.token_urlsafe(32), self._now()
        session = Session(person, secrets.token_urlsafe(32), now_s, now_s)
        self._sessions[_key(token)] = session
        return token, session

    def find(self, token: str) -> Session | None:
        """Return the session of a cookie, None where there is none any more; it was used now."""
        key = _key(token)
        session = self._sessions.get(key)
        if session is None or not self.holds(session):
            return None
        session.used_s = self._now()
        self._sessions[key] = self._sessions.pop(key)   # the one used last stands last
        return session

    def holds(self, session: Session) -> bool:
        """Return whether a session still counts, and end it if not."""
        now_s = self._now()
        old = now_s - session.began_s > self._life_s or now_s - session.used_s > self._idle_s
        if not session.over and (old or not self._known(session.person)):
            self.close(session)
        return not session.over

    def _known(self, person: Person) -> bool:
        """Return whether a user still has this role; where nobody can tell, no."""
        try:
            return self._role(person.name) == person.role
        except LamError:
            return False

    def use(self, session: Session) -> None:
        """Note that a person has it before them: an open page counts as used."""
        session.used_s = self._now()

    def close(self, session: Session) -> None:
        """End a session, and whatever hangs on it."""
        self._sessions = {key: one for key, one in self._sessions.items() if one is not session}
        session.over = True
        ending, session.ending = session.ending, []
        for end in ending:
            end()

    def sweep(self) -> None:
        """End what is too old."""
        for session in list(self._sessions.values()):
            self.holds(session)

    def __len__(self) -> int:
        return len(self._sessions)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()
