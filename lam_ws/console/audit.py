"""Who commanded what: entries enter, a line of JSON each is appended to a file that only grows.

A thread of its own writes, so that no slow disk delays a stop. A file that is full becomes
`<file>.1` and so on; what cannot be written is counted and said as soon as it can be again.
"""
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, UTC
import errno
import json
import os
from pathlib import Path
import queue
import sys
import threading
from typing import Any

from lam_ws.errors import KeyFileError

BYTES, FILES = 4_000_000, 9    # of a file, and how many old ones are kept
_WAITING = 4096                # entries that a disk may be behind
_LONGEST = 4096                # bytes of a line


class Audit:
    """The log of one console.

    Args:
        path: The file; made with its folder where it is not there, for this user alone.
        most_bytes: Of one file.

    Raises:
        KeyFileError: It cannot be written: a console that cannot say who did what does not start.
    """

    def __init__(self, path: Path, most_bytes: int = BYTES):
        self.path, self._most = path, most_bytes
        self.lost = 0
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(self._open())
        except OSError as error:
            raise KeyFileError(f'{path}: the audit log cannot be written: {error.strerror}'
                               ) from error
        self._thread = threading.Thread(target=self._write, name='audit', daemon=True)
        self._thread.start()

    def note(self, what: str, who: str, role: str = '', address: str = '',
             details: Mapping[str, Any] | None = None) -> None:
        """Append an entry; never waits.

        Args:
            what: What was done: 'stop', 'instruct', 'login', ...
            who: Name of the person.
            role: Of the person.
            address: Where the request came from.
            details: What else; no passwords and no tokens.
        """
        entry = _entry(what, name=who, role=role, address=address)
        line = json.dumps({**entry, 'detail': dict(details or {})}, ensure_ascii=False).encode()
        if len(line) > _LONGEST:
            line = json.dumps({**entry, 'detail': 'cut'}).encode()
        try:
            self._waiting.put_nowait(line + b'\n')
        except queue.Full:
            self.lost += 1

    def tail(self, most: int = 200) -> list[dict[str, Any]]:
        """Return the newest entries, oldest first; reads the disk."""
        lines: list[bytes] = []
        for path in (self.path.with_name(f'{self.path.name}.1'), self.path):
            with suppress(FileNotFoundError):
                lines += path.read_bytes().splitlines()
        found = []
        for line in lines[-most:]:
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def close(self) -> None:
        """Write what waits, and end."""
        with suppress(queue.Full):   # a disk that hangs must not keep the console from ending
            self._waiting.put(None, timeout=5.0)
        self._thread.join(timeout=5.0)

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)

    def _write(self) -> None:
        while (line := self._waiting.get()) is not None:
            try:
                self._append(line)
            except OSError as error:
                self.lost += 1
                print(f'audit log {self.path}: {error.strerror}', file=sys.stderr, flush=True)

    def _append(self, line: bytes) -> None:
        self._rotate(len(line))
        lost = self.lost
        if lost:
            line = json.dumps(_entry('lost', entries=lost)).encode() + b'\n' + line
        handle = self._open()
        try:
            if os.write(handle, line) < len(line):   # in one piece, or not
                os.write(handle, b'\n')
                raise OSError(errno.ENOSPC, 'no room for a whole entry')
        finally:
            os.close(handle)
        self.lost -= lost

    def _rotate(self, more: int) -> None:
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return
        if size + more <= self._most:
            return
        for number in range(FILES - 1, 0, -1):
            with suppress(FileNotFoundError):
                os.replace(self.path.with_name(f'{self.path.name}.{number}'),
                           self.path.with_name(f'{self.path.name}.{number + 1}'))
        os.replace(self.path, self.path.with_name(f'{self.path.name}.1'))


def _entry(what: str, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {'time': now.isoformat(timespec='milliseconds'), 'time_s': round(now.timestamp(), 3),
            'what': what, **more}
