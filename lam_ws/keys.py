"""The keys with which nodes prove to each other who they are: a file a role.

A folder enters; keys leave. Only the user who runs the cell may read them. Whoever starts the
cell makes them and names the folder in LAM_KEYS; a node without its key does not start. What is
on the disk may outlive a start of the computer, at which its monotonic clock begins again; so the
keys that nodes use are made of it and of this start, and no message of an earlier one counts.
"""
from collections.abc import Mapping
import hashlib
import hmac
import json
import os
from pathlib import Path
import secrets
import shutil
import stat
import tempfile

from lam_ws.errors import KeyFileError

FOLDER = 'LAM_KEYS'      # environment variable
ROLES = ('policy', 'teleop', 'task', 'guard', 'plc')
_BYTES = 32
_BOOT = Path('/proc/sys/kernel/random/boot_id')   # another at each start of Linux
_OF_A_RUN = 'lam_ws.keys.'   # then the process that made them
_CELL = 'cell.json'          # beside the keys of a run: whose they are


def make_keys(folder: Path) -> None:
    """Make the folder and the keys that are not there yet; keep those that are.

    Raises:
        KeyFileError: It cannot be written, or others may read it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for role in ROLES:
            _make(folder / f'{role}.key')
    except OSError as error:
        raise KeyFileError(f'{folder}: no keys can be made: {error.strerror}') from error
    _examine(folder, 'a folder', 0o700)


def read_keys(roles: tuple[str, ...], variables: Mapping[str, str] | None = None
              ) -> dict[str, bytes]:
    """Return the keys of `roles` for this start of the computer, from the folder of LAM_KEYS.

    Raises:
        KeyFileError: It names none, or a key is missing, spoilt, or readable by others.
    """
    named = (os.environ if variables is None else variables).get(FOLDER, '')
    if not named:
        raise KeyFileError(f'{FOLDER} names no folder of keys: start the cell with `lam run` or '
                           'ros2 launch, or make one with `lam keys DIR`')
    folder = Path(named)
    _examine(folder, 'a folder', 0o700)
    start = _BOOT.read_bytes()
    return {role: hmac.digest(_read(folder / f'{role}.key'), start, hashlib.sha256)
            for role in roles}


def folder_of(site: str, variables: Mapping[str, str] | None = None) -> Path:
    """Return where the keys of a site are kept: what LAM_KEYS names, else below ROS_HOME."""
    known = os.environ if variables is None else variables
    home = Path(known.get('ROS_HOME', '') or Path.home() / '.ros')
    return Path(known.get(FOLDER, '') or home / 'lam_ws' / 'keys' / site)


def make_for_this_run() -> Path:
    """Make keys that are this process's alone, and remove those of processes that were killed.

    Raises:
        KeyFileError: They cannot be written.
    """
    for old in Path(tempfile.gettempdir()).glob(f'{_OF_A_RUN}*.*'):
        maker = old.name.removeprefix(_OF_A_RUN).split('.')[0]
        if maker.isdigit() and old.stat().st_uid == os.getuid() \
                and not Path(f'/proc/{maker}').exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f'{_OF_A_RUN}{os.getpid()}.'))
    make_keys(folder)
    return folder


def note_cell(folder: Path, site: Path, domain: int) -> None:
    """Write beside the keys of a run which cell they are of, for whoever joins it."""
    told = {'site': str(site.resolve()), 'domain': domain}
    (folder / _CELL).write_text(json.dumps(told), encoding='utf-8')


def of_running_cell(site: Path, domain: int) -> Path:
    """Return the keys of the cell of `site` that this user runs on `domain` of this computer.

    Raises:
        KeyFileError: No such cell runs, or more than one claims to.
    """
    wanted = {'site': str(site.resolve()), 'domain': domain}
    found = [folder for folder in sorted(Path(tempfile.gettempdir()).glob(f'{_OF_A_RUN}*.*'))
             if _told(folder) == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise KeyFileError(
            f'no cell of {site.stem} on domain {domain} is run by this user here: start one with '
            f'`lam run --site {site.stem}`, or name the folder of its keys in {FOLDER}')
    raise KeyFileError(f'{len(found)} cells of {site.stem} run on domain {domain}; end all but '
                       f'one, or name the folder of its keys in {FOLDER}: '
                       + ', '.join(map(str, found)))


def _told(folder: Path) -> object:
    """Return what a folder of a run says of its cell, None if it is no longer anybody's."""
    maker = folder.name.removeprefix(_OF_A_RUN).split('.')[0]
    if not maker.isdigit() or not Path(f'/proc/{maker}').exists() or folder.is_symlink():
        return None
    try:
        _examine(folder, 'a folder', 0o700)   # of another user: it may hold any keys
        told: object = json.loads((folder / _CELL).read_text(encoding='utf-8'))
    except (KeyFileError, OSError, ValueError):
        return None
    return told


def _make(path: Path) -> None:
    """Write a new key under another name first: nobody may read half of one."""
    if path.exists():
        return
    draft = path.with_suffix(f'.{os.getpid()}.{secrets.token_hex(4)}')
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, 'wb') as file:
        file.write(secrets.token_bytes(_BYTES))
    try:
        os.link(draft, path)     # fails where another process was faster; its key is as good
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    _examine(path, 'a key', 0o600)
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise KeyFileError(f'{path}: a key has {_BYTES} bytes, found {len(key)}; remove the '
                           'file and make a new one')
    return key


def _examine(path: Path, what: str, mode: int) -> None:
    """Raise unless the path is there, ours, and nobody else's."""
    try:
        found = path.stat()
    except OSError as error:
        raise KeyFileError(f'{path}: {what} is expected here: {error.strerror}') from error
    if found.st_uid != os.getuid():
        raise KeyFileError(f'{path}: belongs to another user')
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyFileError(f'{path}: others may read it; chmod {mode:o} {path}')
