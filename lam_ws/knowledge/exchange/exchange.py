"""The contract of this folder: what somebody else's file says enters; a company's folder leaves.

A new folder appears, whole, or none does, and only where no cell reads. Whatever comes from
outside is judged by everything that `lam check` knows, as files, before it is there.
"""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
import re
from tempfile import TemporaryDirectory

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.lines import LAST_ROW, Line, Read, write_files
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.knowledge import DEEPEST, examine, is_company, Knowledge
from lam_ws.knowledge.tables import FILES
from lam_ws.resources import share
from lam_ws.source import shown

_FOLDER = re.compile(r'\w[\w-]{0,63}')


@dataclass
class Imported:
    """What became of a file.

    Attributes:
        faults: Why nothing was written, or what is to be mended in a draft.
        foreign: What was not understood and is not in the folder, one line each.
        folder: The innermost layer that was written, None where none was.
        version: Of what is known there, '' where there are faults.
        same: Whether that is the version the file was made from.
    """

    faults: list[Fault] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    folder: Path | None = None
    version: str = ''
    same: bool = False


def settle(read: Read, label: str, out: Path, draft: bool = False,
           agree: Callable[[Knowledge], Iterable[Fault]] = lambda known: ()) -> Imported:
    """Write what was read as a company's folder, if it has no fault.

    Args:
        read: Lines of all layers, and the faults of the file.
        label: What the file is called, for a company that it does not name.
        out: The company's folder, whatever it was called; it must not be there yet.
        draft: Whether to write it with its faults, to be mended by hand.
        agree: Returns what the file says otherwise than the knowledge it became.

    Raises:
        ConfigurationError: `out` is there, belongs to a company, or cannot be written; a line has
            a file that no company has.
    """
    _refuse_live(out)
    found = Imported(list(read.faults), read.foreign)
    if found.faults and not draft:
        return found
    lines = _renamed(read.lines, out.name)
    layers = _layers(lines)
    if not any(line.file == f'{out.name}/site.yaml' for line in lines):
        lines.append(Line(f'{out.name}/site.yaml', None, {
            'name_ko': f'{label}에서 가져온 지식', 'name_en': f'knowledge from {label}'}))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix='.lam_import_', dir=out.parent) as scratch:
            home = Path(scratch).resolve()
            company = home / out.name
            faults = write_files(lines, layers, home)
            known, more = examine(home / layers[-1])
            faults += more
            if not faults and not found.faults:
                faults += agree(known)
            found.faults += [_moved(one, company, out) for one in faults]
            if draft or not found.faults:
                company.rename(out)
                found.folder = out / layers[-1].relative_to(out.name)
    except OSError as error:
        raise ConfigurationError(f'cannot be written: {error.strerror or error}',
                                 shown(out)) from error
    found.version = '' if found.faults else known.version()
    found.same = read.version == found.version != ''
    return found


def _renamed(lines: Iterable[Line], name: str) -> list[Line]:
    """Return lines as those of a company whose folder has another name."""
    lines = list(lines)
    companies = {line.file.partition('/')[0] for line in lines}
    if len(companies) > 1:
        raise ConfigurationError('there is more than one company in it: '
                                 + ', '.join(ascii(one[:40]) for one in sorted(companies)[:10]))
    return [replace(line, file=f'{name}/{line.file.partition("/")[2]}') for line in lines]


def _moved(fault: Fault, old: Path, new: Path) -> Fault:
    """Return a fault with the place it has once its folder is moved."""
    more = {key: value.replace(str(shown(old)), str(shown(new)))
            for key, value in fault.more.items()}
    file = new / fault.file.relative_to(old) if fault.file.is_relative_to(old) else fault.file
    return replace(fault, file=file, more=more)


def _refuse_live(out: Path) -> None:
    """Refuse a folder that a cell might read."""
    if out.exists():
        raise ConfigurationError('is there already; an import is a new folder', shown(out))
    if any(is_company(folder) for folder in out.resolve().parents) \
            or out.resolve().is_relative_to((share() / 'config').resolve()):
        raise ConfigurationError('lies where cells read; import elsewhere, look at it with '
                                 '`lam kb diff`, and move it by hand', shown(out))


def _layers(lines: Iterable[Line]) -> list[PurePosixPath]:
    """Return the folders of the layers, outermost first."""
    found = set()
    for line in lines:
        *folders, name = line.file.split('/')
        if not (1 <= len(folders) <= DEEPEST and name in FILES
                and all(_FOLDER.fullmatch(one) for one in folders[1:])):
            raise ConfigurationError(f'is no file of a layer; there are {", ".join(FILES)}',
                                     ascii(line.file[:80]))
        if line.row is not None and not 1 <= line.row <= LAST_ROW:
            raise ConfigurationError(f'row {line.row} is not within 1 .. {LAST_ROW}',
                                     ascii(line.file))
        found.add(PurePosixPath(*folders))
    layers = sorted(found, key=lambda one: (len(one.parts), one))
    for depth, layer in enumerate(layers):
        if len(layer.parts) != depth + 1 or not layers[-1].is_relative_to(layer):
            raise ConfigurationError('the layers are not each within the one before: '
                                     + ', '.join(map(str, layers)))
    if not layers:
        raise ConfigurationError('there is nothing in it that a company knows')
    return layers


