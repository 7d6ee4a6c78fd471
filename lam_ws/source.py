"""Plain YAML text as a node tree with line numbers, and the list of what is wrong with it.

A path enters; PyYAML nodes and `ConfigurationError`s leave. Tags, anchors, aliases, deep
nesting and large files are refused before anything is built from them, so a file means what
it shows and cannot grow in memory.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
import re
from typing import Any

from lam_ws.errors import ConfigurationError
from lam_ws.rules import quoted
import yaml

LARGEST_FILE = 1_000_000  # bytes
DEEPEST = 16              # nested lists and mappings
_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


@dataclass
class Source:
    """One file under examination: the line of every key, and the faults found so far."""

    path: Path
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[ConfigurationError] = field(default_factory=list)

    def report(self, key: str, message: str, nearest: str | None = None) -> None:
        """Add a fault at the line of `key` (dotted; the closest known parent counts)."""
        parent = key
        while parent not in self.lines and parent:
            parent = re.sub(r'(\[\d+\]|(^|\.)[^.\[]*)$', '', parent)
        text = f'{key}: {message}' if key else message
        self.report_line(self.lines.get(parent), text, nearest)

    def report_line(self, line: int | None, message: str, nearest: str | None = None) -> None:
        """Add a fault at a line that is known."""
        self.faults.append(ConfigurationError(message, shown(self.path), line, nearest))


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that `word` most likely meant, or None."""
    found = get_close_matches(word, known, 1, 0.5)
    return found[0] if found else None


def shown(path: Path | str) -> Path:
    """Return `path` as people read it: relative where it lies below the working folder."""
    path = Path(path)
    try:
        return path.resolve().relative_to(Path.cwd())
    except (ValueError, OSError):
        return path


def read_small(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """Return the content of a file of at most `largest` bytes.

    Raises:
        ConfigurationError: It is larger, or cannot be read.
    """
    try:
        with path.open('rb') as stream:
            data = stream.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or str(error)
        raise ConfigurationError(f'cannot be read: {reason}', shown(path)) from error
    if len(data) > largest:
        raise ConfigurationError(f'larger than {largest} bytes', shown(path))
    return data


def _text(path: Path) -> str:
    """Return the UTF-8 text of a small regular file."""
    if not path.is_file():
        raise ConfigurationError('no such file', shown(path))
    data = read_small(path)
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise ConfigurationError('not UTF-8 text', shown(path),
                                 data[:error.start].count(b'\n') + 1) from error


def compose(path: Path) -> yaml.Node:
    """Return the node tree of one plain YAML document."""
    text = _text(path)
    try:
        # Events come one by one, so a bomb is refused before anything is built from it.
        for _ in _checked(yaml.parse(text, Loader=_LOADER), path):
            pass
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        problem = getattr(error, 'problem', None) or getattr(error, 'reason', None)
        raise ConfigurationError(f'not valid YAML: {" ".join(str(problem or error).split())}',
                                 shown(path), mark.line + 1 if mark else None) from error
    if node is None:
        raise ConfigurationError('the file is empty', shown(path))
    return node


def _checked(events: Iterator[Any], path: Path) -> Iterator[Any]:
    """Pass YAML events on; refuse anchors, aliases, tags and deep nesting."""
    depth = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else None
        if getattr(event, 'anchor', None) is not None:
            raise ConfigurationError('anchors and aliases (& and *) are not allowed',
                                     shown(path), line)
        if getattr(event, 'tag', None) is not None:
            raise ConfigurationError(f'tags are not allowed, found {quoted(event.tag)}',
                                     shown(path), line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ConfigurationError(f'nested deeper than {DEEPEST} levels', shown(path), line)
        yield event
