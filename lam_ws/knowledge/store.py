"""What is known, compiled: one immutable SQLite file that many readers can search at once.

Facts enter a new file that takes the old one's place in one step; a reader that has the old one
open goes on with it. Texts stand once, in `term`; a fact is five numbers and a row.
"""
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
import json
import os
from pathlib import Path
import sqlite3
import tempfile
from types import TracebackType

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.checking import spelt
from lam_ws.knowledge.knowledge import Fact, Knowledge
from lam_ws.source import shown

FORMAT = '1'
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE term(id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE fact(subject INTEGER, predicate INTEGER, object INTEGER, file INTEGER,
                  row INTEGER, field INTEGER, source INTEGER,
                  PRIMARY KEY(subject, predicate, object, file, row)) WITHOUT ROWID;
CREATE TABLE alias(spelt TEXT, name INTEGER, thing INTEGER, file INTEGER, row INTEGER);
"""
# Made last: a table that is filled without them is filled twice as fast.
_INDICES = """
CREATE UNIQUE INDEX term_text ON term(text);
CREATE INDEX fact_object ON fact(object, predicate, subject);
CREATE INDEX alias_spelt ON alias(spelt);
"""
_FACT = """
SELECT s.text, p.text, o.text, f.text, fact.row, c.text, d.text FROM fact
JOIN term s ON s.id = fact.subject JOIN term p ON p.id = fact.predicate
JOIN term o ON o.id = fact.object JOIN term f ON f.id = fact.file
JOIN term c ON c.id = fact.field JOIN term d ON d.id = fact.source
"""
_AMONG = 'IN (SELECT value FROM json_each(?))'
_BESIDE = """
SELECT object FROM fact WHERE subject IN (SELECT value FROM json_each(?))
AND EXISTS (SELECT 1 FROM fact other WHERE other.subject = fact.object)
UNION SELECT subject FROM fact WHERE object IN (SELECT value FROM json_each(?))
"""


class _Terms:
    """Numbers of texts, each given out once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def rows(self) -> Iterable[tuple[int, str]]:
        """Return all of them."""
        return ((number, text) for text, number in self._numbers.items())


def compile_store(knowledge: Knowledge, path: Path) -> str:
    """Write what is known to `path`, in one step, and return its version.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    names = ((spelt(name), name, thing.id, said.file.name, said.row)
             for thing in knowledge.things.values() for name, said in thing.names())
    version = knowledge.version()
    write_store(knowledge.facts(), names, version, path)
    return version


def write_store(facts: Iterable[Fact], names: Iterable[tuple[str, str, str, str, int]],
                version: str, path: Path) -> None:
    """Write facts and names to `path`, in one step.

    Args:
        facts: All facts.
        names: (spelt, name, id of the thing, file, row) of everything that things are called.
        version: What tells this knowledge from any other.
        path: Where.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp('.db', f'.{path.name}.', path.parent)
        os.close(handle)
    except OSError as error:
        raise ConfigurationError(f'cannot be written: {error.strerror}', shown(path)) from error
    draft = Path(name)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as base:
            _fill(base, facts, names, version)
        with draft.open('rb') as stream:
            os.fsync(stream.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f'cannot be written: {error}', shown(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def _fill(base: sqlite3.Connection, facts: Iterable[Fact],
          names: Iterable[tuple[str, str, str, str, int]], version: str) -> None:
    terms = _Terms()
    base.executescript('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;' + _SCHEMA)
    base.execute('BEGIN')
    base.executemany('INSERT OR IGNORE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)',
                     (_numbers(fact, terms) for fact in facts))
    base.executemany('INSERT INTO alias VALUES (?, ?, ?, ?, ?)', (
        (form, terms(name), terms(thing), terms(file), row)
        for form, name, thing, file, row in names))
    base.executemany('INSERT INTO term VALUES (?, ?)', terms.rows())
    base.executemany('INSERT INTO meta VALUES (?, ?)', [('version', version), ('format', FORMAT)])
    base.execute('COMMIT')
    base.executescript(_INDICES + 'ANALYZE;')


def _numbers(fact: Fact, terms: _Terms) -> tuple[int, ...]:
    file, _, rest = fact.where.partition(':')
    row, _, field = rest.partition(':')
    return (terms(fact.subject), terms(fact.predicate), terms(fact.object), terms(file),
            int(row), terms(field), terms(fact.source))


class Store:
    """A compiled file, open for reading.

    Args:
        path: The file.

    Raises:
        ConfigurationError: It is none of these, or of another format.
    """

    def __init__(self, path: Path | str):
        try:
            self._base = sqlite3.connect(f'file:{Path(path).resolve()}?mode=ro&immutable=1',
                                         uri=True)
            meta = dict(self._base.execute('SELECT key, value FROM meta'))
        except sqlite3.Error as error:
            raise ConfigurationError(f'is no compiled knowledge: {error}', shown(path)) from error
        if meta.get('format') != FORMAT:
            raise ConfigurationError(f'is of format {meta.get("format")}, this version reads '
                                     f'{FORMAT}; compile it again', shown(path))
        self.version: str = meta['version']

    def __enter__(self) -> 'Store':
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def facts(self, subject: str | None = None, predicate: str | None = None,
              value: str | None = None) -> Iterator[Fact]:
        """Yield the facts that match what is given."""
        given = {'subject': subject, 'predicate': predicate, 'object': value}
        asked = {name: text for name, text in given.items() if text is not None}
        numbers = [self._number(text) for text in asked.values()]
        where = ' AND '.join(f'fact.{name} = ?' for name in asked)
        yield from self._read(f'WHERE {where}' if where else '', numbers)

    def around(self, identity: str, hops: int = 2) -> list[Fact]:
        """Return what is said of a thing, of what it names, and of what names it.

        Args:
            identity: Id of the thing.
            hops: How far.
        """
        reached = front = {self._number(identity)}
        for _ in range(hops - 1):
            front = self._beside(front) - reached
            reached = reached | front
        numbers = json.dumps(sorted(reached))
        return list(dict.fromkeys((*self._read(f'WHERE fact.subject {_AMONG}', [numbers]),
                                   *self._read(f'WHERE fact.object {_AMONG}', [numbers]))))

    def _beside(self, front: set[int]) -> set[int]:
        """Return the things that facts of some others name, and that name those."""
        numbers = json.dumps(sorted(front))
        return {number for number, in self._base.execute(_BESIDE, [numbers, numbers])}

    def named(self, name: str) -> list[str]:
        """Return the ids of what is called this, however spaced and cased."""
        rows = self._base.execute('SELECT term.text FROM alias JOIN term ON term.id = alias.thing '
                                  'WHERE spelt = ?', [spelt(name)])
        return list(dict.fromkeys(thing for thing, in rows))

    def _number(self, text: str) -> int:
        row = self._base.execute('SELECT id FROM term WHERE text = ?', [text]).fetchone()
        return -1 if row is None else int(row[0])

    def _read(self, where: str, numbers: Sequence[int | str]) -> Iterator[Fact]:
        for s, p, o, file, row, field, source in self._base.execute(_FACT + where, numbers):
            place = f'{file}:{row}:{field}' if field else f'{file}:{row}'
            yield Fact(s, p, o, place, source)
