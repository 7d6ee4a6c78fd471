"""Who may log in: a YAML file with name, role and argon2id hash of each user.

A file enters, people leave whose password was right. The file is readable by its owner alone and
replaced whole, so that a console that runs never reads half of one; passwords are nowhere.
"""
from collections.abc import Iterable
from dataclasses import dataclass
import fcntl
from functools import cache
import os
from pathlib import Path
import secrets
import stat
from typing import Annotated, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from lam_ws.configuration import load
from lam_ws.console.console import Person
from lam_ws.errors import ConfigurationError, KeyFileError
from lam_ws.rules import Length, Pattern
from lam_ws.site import Site

LEAST = 10      # letters of a password
MOST = 200
_MOST_USERS = 200
# What OWASP's Password Storage Cheat Sheet asks for at least, with one lane: a login must not
# take the cores of a moving arm. A file's own hashes say what they were made with.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
Name = Annotated[str, Pattern(r'[\w][\w.@-]{0,31}', 'at most 32 letters, digits and . _ @ -')]


@dataclass(frozen=True)
class User:
    """One line of the file."""

    name: Name
    role: Literal['viewer', 'operator', 'engineer']
    hash: Annotated[str, Pattern(r'\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,2},p=[0-9]{1,2}'
                                 r'\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+', 'an argon2id hash')]


@dataclass(frozen=True)
class UsersFile:
    """All of it."""

    users: Annotated[tuple[User, ...], Length(0, _MOST_USERS)] = ()

    def contradictions(self) -> Iterable[tuple[str, str]]:
        """Yield a name that stands twice."""
        names = [user.name for user in self.users]
        for i, name in enumerate(names):
            if name in names[:i]:
                yield f'users[{i}].name', f'{name!r} stands twice'


def folder(variables: os._Environ[str] | dict[str, str] | None = None) -> Path:
    """Return where the console keeps what a site does not place elsewhere."""
    known = os.environ if variables is None else variables
    home = Path(known.get('ROS_HOME', '') or Path.home() / '.ros')
    return home / 'lam_ws' / 'console'


def users_file(site: Site) -> Path:
    """Return the file of users of a site's console."""
    named = None if site.console is None else site.console.users
    return folder() / 'users.yaml' if named is None else Path(named).expanduser()


class Users:
    """The users of one file, read anew when it changes.

    Args:
        path: The file; one that is not there has no users.
    """

    def __init__(self, path: Path):
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}

    def all(self) -> tuple[User, ...]:
        """Return every user.

        Raises:
            KeyFileError: Others may read the file.
            ConfigurationError: It is not what it should be; names file and line.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._users = None, {}
            return ()
        except OSError as error:
            raise KeyFileError(f'{self.path}: the users cannot be read: {error.strerror}'
                               ) from error
        _examine(self.path, found)
        now = (found.st_mtime_ns, found.st_size, found.st_ino)
        if now != self._seen:
            self._users = {user.name: user for user in load(self.path, UsersFile).users}
            self._seen = now
        return tuple(self._users.values())

    def role(self, name: str) -> str | None:
        """Return the role of a user as the file has it now, None for nobody."""
        return next((user.role for user in self.all() if user.name == name), None)

    def verify(self, name: str, password: str) -> Person | None:
        """Return who logs in, None where name or password is wrong; takes as long either way."""
        user = next((user for user in self.all() if user.name == name), None)
        try:
            _HASHER.verify(_nobody() if user is None else user.hash, password)
        except (VerificationError, InvalidHashError):
            return None
        return None if user is None else Person(user.name, user.role)

    def add(self, name: str, role: str, password: str) -> None:
        """Add a user, or give one that is there another role and password.

        Raises:
            ConfigurationError: Name, role or password will not do.
        """
        if not LEAST <= len(password) <= MOST:
            raise ConfigurationError(f'a password has {LEAST} to {MOST} letters')
        made = User(name, role, _HASHER.hash(password))  # type: ignore[arg-type]
        with _alone(self.path):
            kept = tuple(user for user in self.all() if user.name != name)
            self._write((*kept, made))

    def remove(self, name: str) -> bool:
        """Remove a user; return whether there was one."""
        with _alone(self.path):
            before = self.all()
            kept = tuple(user for user in before if user.name != name)
            if len(kept) < len(before):
                self._write(kept)
            return len(kept) < len(before)

    def _write(self, users: tuple[User, ...]) -> None:
        """Replace the file whole, once what it will say reads back."""
        lines = ['# Users of the console; `lam users` writes this file.', 'users:']
        for user in users:
            lines += [f'- name: {_quoted(user.name)}', f'  role: {user.role}',
                      f"  hash: '{user.hash}'"]
        draft = self.path.with_name(f'.{self.path.name}.{secrets.token_hex(4)}')
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, 'w', encoding='utf-8') as file:
                file.write('\n'.join(lines if users else [*lines[:1], 'users: []']) + '\n')
                file.flush()
                os.fsync(file.fileno())
            load(draft, UsersFile)
            os.replace(draft, self.path)
        except ConfigurationError as error:
            raise replace_path(error, self.path) from None
        finally:
            draft.unlink(missing_ok=True)


def replace_path(error: ConfigurationError, path: Path) -> ConfigurationError:
    """Return a fault of a draft as one of the file that it was to become."""
    return ConfigurationError(error.message, path)


def first_account(users: Users) -> tuple[str, str] | None:
    """Make the first operator where there is no user yet; return its name and password.

    Only a console that no other host reaches may begin like this; the caller sees to that.
    """
    if users.all():
        return None
    name, password = 'operator', '-'.join(secrets.token_hex(2) for _ in range(4))
    users.add(name, 'operator', password)
    return name, password


@cache
def _nobody() -> str:
    """Return a hash that no password fits, for the names that are not there."""
    return _HASHER.hash(secrets.token_urlsafe())


class _alone:
    """Holds a lock beside the file, so that two writers do not lose each other's users."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self._path.with_name(f'.{self._path.name}.lock'),
                                 os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise KeyFileError(f'{self._path}: the users cannot be written: {error.strerror}'
                               ) from error
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *exception: object) -> None:
        os.close(self._lock)


def _examine(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.getuid():
        raise KeyFileError(f'{path}: belongs to another user')
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyFileError(f'{path}: others may read it; chmod 600 {path}')


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
