"""A folder of recordings: what is in it, what was thrown away, and taking it back.

Nothing is ever deleted here. What is discarded moves to a folder `trash` inside, with all files
that belong to it, and comes back by name; emptying the trash is left to people.
"""
from collections.abc import Iterator
import os
from pathlib import Path
import re

from lam_ws.errors import RecordingError
from lam_ws.record.card import beside, Card, from_note, NOTE, read_card, write_card
from lam_ws.record.recovery import part_of, recover
from mcap.exceptions import McapError
from mcap.reader import make_reader

TRASH = 'trash'
_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_-]{0,99}')   # one part of a path, and no other


def recording(folder: Path, episode: str) -> Path:
    """Return where the recording `episode` is or would be.

    Raises:
        RecordingError: That is no name of an episode.
    """
    if not _NAME.fullmatch(episode):
        raise RecordingError(f"'{episode[:40]}' is no name of an episode")
    return folder / f'{episode}.mcap'


def episodes(folder: Path) -> tuple[Path, ...]:
    """Return the finished recordings of a folder, the newest first."""
    return tuple(sorted(folder.glob('*.mcap'), key=lambda path: path.stat().st_mtime,
                        reverse=True))


def trash(folder: Path) -> tuple[Path, ...]:
    """Return the recordings that were thrown away, the newest first."""
    return episodes(folder / TRASH)


def card(path: Path) -> Card:
    """Return what is known of the recording at `path`: of the file beside it, else from within.

    Raises:
        RecordingError: There is no such recording, or it is spoilt.
    """
    if beside(path).is_file():
        return read_card(path)
    return noted(path)


def noted(path: Path) -> Card:
    """Return what the recording itself says of its episode."""
    try:
        with path.open('rb') as file:
            notes = {note.name: note.metadata for note in make_reader(file).iter_metadata()}
    except (OSError, McapError) as error:
        raise RecordingError(f'{path} cannot be read: {error}') from error
    return from_note(path.stem, notes.get(NOTE, {}))


def throw_away(path: Path) -> Path:
    """Move a finished recording and what belongs to it into the trash; return where it is.

    Raises:
        RecordingError: There is no such recording, or the disk refuses.
    """
    return _move(path, path.parent / TRASH)


def take_back(folder: Path, episode: str) -> Path:
    """Move a recording out of the trash of `folder`; return where it is.

    Raises:
        RecordingError: It is not in the trash, or another of that name has come meanwhile.
    """
    there = recording(folder, episode)
    if there.exists() or part_of(there).exists():
        raise RecordingError(f'{there} exists; move it first, then take back the other')
    return _move(recording(folder / TRASH, episode), folder)


def _move(path: Path, folder: Path) -> Path:
    if not path.is_file():
        raise RecordingError(f'there is no recording {path}')
    try:
        folder.mkdir(exist_ok=True)
        target = _free(folder / path.name)
        # The recording goes last: whoever is cut off in between finds it where it was.
        for one in sorted(_belonging(path), key=lambda one: one.suffix == '.mcap'):
            os.replace(one, target.with_name(target.stem + one.name.removeprefix(path.stem)))
    except OSError as error:
        raise RecordingError(f'{path} cannot be moved: {error.strerror}') from error
    return target


def _belonging(path: Path) -> Iterator[Path]:
    """Yield the files of one episode: its recording, what is beside it, its film."""
    return (one for one in path.parent.iterdir()
            if one.is_file() and one.name.startswith(f'{path.stem}.')
            and not one.name.endswith('.part'))


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f'{path.stem}-{number}{path.suffix}')
    return free


def mend(folder: Path) -> tuple[Path, ...]:
    """Make readable what recorders that died left in a folder; return what was mended.

    What is being written now stays as it is.
    """
    from lam_ws.record.reader import read_episode  # a recorder seldom needs it

    mended = []
    for part in sorted(folder.glob('*.mcap.part')):
        path = part.with_suffix('')
        try:
            if not path.exists() and recover(path):
                write_card(path, read_episode(path, images=False).card)
                mended.append(path)
        except RecordingError:   # a recorder has it, or it is none of ours
            continue
    return tuple(mended)
