"""The room's contract: what the web server asks of a cell, and the frozen data that cross.

Wishes of people enter a `Cell`; answers, newest states, events and pictures leave it. The server
knows no ROS and the cell no HTTP. Every method may be called from another thread than the one
that the cell works in, and none of them waits but `picture`.
"""
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Protocol

from lam_ws.rules import Length, Pattern, Range

ROLES = ('viewer', 'operator', 'engineer')   # each may do what those before it may
Text = Annotated[str, Length(1, 1000)]       # letters; 4 KiB of UTF-8 is what the action takes
EpisodeId = Annotated[str, Pattern(r'[A-Za-z0-9][A-Za-z0-9_-]{0,99}', 'the id of an episode')]
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Person:
    """Who is logged in: name, and a role of ROLES."""

    name: str
    role: str

    def may(self, role: str) -> bool:
        """Return whether this person may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Answer:
    """What came of a wish.

    Attributes:
        ok: Whether it was taken.
        code: Stable reason code, '' where it was.
        ko: One sentence in Korean.
        en: The same in English.
        data: What else there is to tell, as JSON.
    """

    ok: bool
    code: str = ''
    ko: str = ''
    en: str = ''
    data: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Instruct:
    """Carry out a sentence."""

    text: Text
    language: Literal['auto', 'ko', 'en'] = 'auto'


@dataclass(frozen=True)
class Reply:
    """Answer the open question; `asked` is its number."""

    text: Text
    asked: Annotated[int, Range(0, 1_000_000)] = 0


@dataclass(frozen=True)
class Cancel:
    """End the instruction in work; the arm brakes."""


@dataclass(frozen=True)
class Reset:
    """Clear a latched stop."""


@dataclass(frozen=True)
class Recover:
    """Clear the fault of a real arm; it moves nothing."""


@dataclass(frozen=True)
class Arm:
    """Permit motion."""


@dataclass(frozen=True)
class Why:
    """Tell what the last instruction was understood as, and what came of it."""


@dataclass(frozen=True)
class Record:
    """What is wanted of the recorder; see lam_interfaces/srv/Record."""

    action: Literal['start', 'stop', 'discard', 'label']
    episode_id: Annotated[str, Pattern(r'|[A-Za-z0-9][A-Za-z0-9_-]{0,99}',
                                       'the id of an episode, or empty')] = ''
    instruction: Annotated[str, Length(0, 1000)] = ''
    label: Literal['success', 'failure', ''] = ''
    note: Annotated[str, Length(0, 1000)] = ''


@dataclass(frozen=True)
class Hand:
    """Take the lease from a running policy, or give it back."""

    action: Literal['take', 'give']


@dataclass(frozen=True)
class Jog:
    """How the hand moves the arm until the next one comes, at most 0.1 s.

    Attributes:
        mode: 'joint' for each arm joint; 'base' and 'tool' for x, y, z, roll, pitch, yaw in that
            frame.
        vector: Shares of the largest speed, -1..1.
        gripper: Share of its speed, -1 closing .. 1 opening.
        speed: Share of the full speed.
        sequence: Rises with each one of a connection.
    """

    mode: Literal['joint', 'base', 'tool']
    vector: Annotated[tuple[float, ...], Length(1, 16), Range(-1.0, 1.0)]
    gripper: Annotated[float, Range(-1.0, 1.0)] = 0.0
    speed: Annotated[float, Range(above=0.0, upper=1.0)] = 0.5
    sequence: Annotated[int, Range(0, 2 ** 53)] = 0


Wish = Instruct | Reply | Cancel | Reset | Recover | Arm | Why | Record | Hand


class Picture(NamedTuple):
    """The newest image of a camera: a number that rises, its age in s, a JPEG file."""

    number: int
    age_s: float
    jpeg: bytes


class Cell(Protocol):
    """A cell as the console needs it."""

    def facts(self) -> Json:
        """Return what does not change while it runs; what GET /api/site gives."""

    def urdf(self) -> str:
        """Return the arm's URDF."""

    def state(self) -> Json:
        """Return the newest of everything that moves."""

    def health(self) -> Json:
        """Return what the nodes say of themselves."""

    def history(self) -> Sequence[Json]:
        """Return the instructions of this run with what came of them, oldest first."""

    def picture(self, camera: str, after: int) -> Picture | None:
        """Return the newest image if its number is not `after`; takes ms, call it in a thread."""

    def stop(self, person: Person) -> 'Future[Answer]':
        """Send a stop to the guard now, from the calling thread, behind nothing that waits."""

    def ask(self, wish: Wish, person: Person) -> 'Future[Answer]':
        """Do what a person wishes."""

    def jog(self, jog: Jog) -> None:
        """Move the arm by hand; the newest counts."""

    def release(self) -> None:
        """Let go: the arm comes to rest."""

    def recent(self) -> Sequence[Json]:
        """Return the events that a page which opens now should still hear."""

    def leave(self) -> None:
        """Let go for a person who is gone; the arm is given back where nothing moves by that."""

    def attach(self, tell: Callable[[Json], None]) -> None:
        """Have `tell` called, in any thread, with each event: a plan, a result, an error."""
