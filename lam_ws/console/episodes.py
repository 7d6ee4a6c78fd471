"""The recordings of a site for the page: its folder enters; a list, details and films leave.

What is known of an episode is in the JSON file that the recorder writes beside it. A film is made
when it is first asked for, in a process of its own that everything else goes before, and kept
beside the recording, from where it may be deleted at any time.
"""
import asyncio
from collections.abc import Mapping
from datetime import datetime
import json
from pathlib import Path
import re
import sys
from typing import Any

from lam_ws.console.console import EpisodeId
from lam_ws.console.reading import Refused

MOST = 500                # in a list, the newest
_CARD = 1_000_000         # bytes of the file beside a recording
_FILM_S = 600.0           # longest that a film may take
_WAITING = 4              # films that may be asked for at once
_ID = re.compile(EpisodeId.__metadata__[0].expression)  # type: ignore[attr-defined]
_KEYS = ('instruction', 'language', 'operator', 'by_operator', 'started', 'seconds', 'finished',
         'success', 'label', 'interventions', 'endings', 'verdict', 'steps', 'kb_version',
         'policy', 'software', 'site')
_SHORT = ('instruction', 'operator', 'by_operator', 'seconds', 'finished', 'success')
_LONG = ('language', 'endings', 'verdict', 'steps', 'kb_version', 'policy', 'software', 'site')


class Episodes:
    """The recordings in a folder.

    Args:
        folder: Where they are, None where nothing is recorded.
        films: Whether they have pictures.
    """

    def __init__(self, folder: Path | None, films: bool = True):
        self._folder, self._films = folder, films
        self._cards: dict[Path, tuple[int, dict[str, Any]]] = {}
        self._making: dict[str, asyncio.Task[Path]] = {}
        self._one = asyncio.Semaphore(1)

    def listing(self) -> list[dict[str, Any]]:
        """Return the episodes, newest first; reads the disk."""
        if self._folder is None:
            return []
        found = []
        for path in self._folder.glob('*.mcap'):
            try:
                if _ID.fullmatch(path.stem):
                    found.append((path.stat().st_mtime, path))
            except OSError:
                continue   # deleted meanwhile
        rows = [path for _, path in sorted(found, reverse=True)[:MOST]]
        self._cards = {path: card for path, card in self._cards.items() if path in rows}
        return [self._row(path) for path in rows]

    def details(self, episode: str) -> dict[str, Any]:
        """Return all that is known of an episode; reads the disk."""
        recording = self.recording(episode)
        card = self._card(recording)
        return {**self._row(recording), **{key: card.get(key) for key in _LONG}}

    def recording(self, episode: str) -> Path:
        """Return the file of an episode.

        Raises:
            Refused: There is none.
        """
        if self._folder is None:
            raise Refused(404, 'no_episodes')
        path = self._folder / f'{episode}.mcap'
        if not _ID.fullmatch(episode) or not path.is_file():
            raise Refused(404, 'no_episode')
        return path

    async def film(self, episode: str) -> Path:
        """Return the film of an episode, made if need be.

        Raises:
            Refused: It has no pictures, or others are being made.
        """
        recording = self.recording(episode)
        film = _film(recording)
        if _ready(recording, film):
            return film
        task = self._making.get(episode)
        if task is None:
            if len(self._making) >= _WAITING:
                raise Refused(429, 'film_busy', retry_s=10.0)
            task = asyncio.create_task(self._make(recording, film))
            self._making[episode] = task
            task.add_done_callback(lambda done: self._making.pop(episode, None))
        return await asyncio.shield(task)

    async def _make(self, recording: Path, film: Path) -> Path:
        async with self._one:
            process = await asyncio.create_subprocess_exec(
                sys.executable, '-m', 'lam_ws.console.filming', str(recording), str(film),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL)
            try:
                async with asyncio.timeout(_FILM_S):
                    said, _ = await process.communicate()
            except BaseException:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                raise
            if process.returncode != 0:
                # The path is ours to know, not the page's.
                why = said.decode(errors='replace').replace(str(recording), recording.name)
                raise Refused(409, 'no_film', why.strip()[:200] or f'{process.returncode}')
        return film

    def _row(self, path: Path) -> dict[str, Any]:
        """Return what a list shows of an episode; one without a card has its file's time."""
        try:
            found = path.stat()
        except OSError:
            raise Refused(404, 'no_episode') from None
        card = self._card(path)
        label, hands = card.get('label'), card.get('interventions')
        label = label if isinstance(label, dict) else {}
        return {'id': path.stem, 'began_s': _seconds(card.get('started'), found.st_mtime),
                'bytes': found.st_size, 'film': self._films,
                'film_ready': _ready(path, _film(path)),
                'label': label.get('label', ''), 'note': label.get('note', ''),
                'labelled_by': label.get('who', ''),
                'interventions': len(hands) if isinstance(hands, list) else 0,
                **{key: card.get(key) for key in _SHORT}}

    def _card(self, recording: Path) -> dict[str, Any]:
        """Return what the recorder wrote beside a recording, nothing where that is unreadable."""
        path = recording.with_suffix('.json')
        try:
            stamp = path.stat().st_mtime_ns
            known = self._cards.get(recording)
            if known is not None and known[0] == stamp:
                return known[1]
            with path.open('rb') as file:
                card = json.loads(file.read(_CARD))
        except (OSError, ValueError, RecursionError):
            return {}
        kept = {key: card[key] for key in _KEYS if key in card} \
            if isinstance(card, Mapping) else {}
        self._cards[recording] = stamp, kept
        return kept


def _seconds(started: Any, ended_s: float) -> float:
    """Return when an episode began, s since 1970."""
    try:
        return datetime.fromisoformat(started).timestamp()
    except (TypeError, ValueError):
        return ended_s


def _film(recording: Path) -> Path:
    return recording.with_suffix('.mp4')


def _ready(recording: Path, film: Path) -> bool:
    try:
        return film.stat().st_mtime >= recording.stat().st_mtime
    except OSError:
        return False
