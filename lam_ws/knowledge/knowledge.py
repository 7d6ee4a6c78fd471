"""The contract of this room: a cell's folder enters, what its factory knows leaves, or faults.

What is known is things and rules; every value of a thing carries the cell of the spreadsheet
that says it. All of it is also a list of facts, which `lam_ws.knowledge.store` makes searchable.
"""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import hashlib
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.cells import Value
from lam_ws.knowledge.checking import check
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.layers import Field, merge, Merged
from lam_ws.knowledge.tables import TABLES
from lam_ws.knowledge.written import Rule
from lam_ws.resources import share
from lam_ws.rules import quoted
from lam_ws.source import nearest

DEEPEST = 3   # layers
SITE = '/site'   # subject of what a site.yaml says; no row has such an id


@dataclass(frozen=True)
class Fact:
    """One thing that is known.

    Attributes:
        subject: Id of what it is about.
        predicate: Name of a column, or 'when.part' and the like of a rule.
        object: What it is, as text; ids of other things are facts of their own, one each.
        where: file:row:column that says it.
        source: The company's document behind it.
    """

    subject: str
    predicate: str
    object: str
    where: str
    source: str

    @property
    def id(self) -> str:
        """Return a name that is this fact's alone, the same wherever it is compiled."""
        said = '\0'.join((self.subject, self.predicate, self.object, self.where, self.source))
        return hashlib.blake2b(said.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Known:
    """A part, place, tool, step or defect.

    Attributes:
        id: Its name.
        table: 'parts', 'places', 'tools', 'steps' or 'defects'.
        fields: By column, those that are not empty.
    """

    id: str
    table: str
    fields: Mapping[str, Field]

    def value(self, column: str) -> Value | None:
        """Return a value, None where nobody says one."""
        said = self.fields.get(column)
        return None if said is None else said.value

    def number(self, column: str) -> float | None:
        """Return a number, in the unit that the column's name ends with."""
        value = self.value(column)
        return value if isinstance(value, float) else None

    def names(self) -> Iterator[tuple[str, Field]]:
        """Yield everything it is called, and the cell that says so."""
        for column in ('name_ko', 'name_en', 'aliases'):
            said = self.fields.get(column)
            if said is not None:
                for name in said.entries:
                    yield name, said


@dataclass(frozen=True)
class Knowledge:
    """What is known in a cell.

    Attributes:
        home: Folder of the company's folder; files are named from here.
        about: What the site.yaml of each layer says, the company's first.
        site: reach_m and payload_kg, each from the nearest layer that says it.
        things: By id.
        rules: By id.
    """

    home: Path
    about: tuple[Mapping[str, str | float], ...]
    site: Mapping[str, Field]
    things: Mapping[str, Known]
    rules: Mapping[str, Rule]

    def facts(self) -> Iterator[Fact]:
        """Yield everything that is known, one fact each."""
        for thing in self.things.values():
            for column, said in thing.fields.items():
                source = f'{said.source} ({said.by})' if said.by else said.source
                where = f'{self._file(said.file)}:{said.row}:{said.column}'
                for value in said.entries:
                    yield Fact(thing.id, column, value, where, source)
        for rule in self.rules.values():
            where = f'{self._file(rule.file)}:{rule.row}'
            rows = [('verdict', rule.verdict), ('text_ko', rule.text_ko),
                    ('text_en', rule.text_en)]
            rows += [(f'limits.{name}', f'{value:g}') for name, value in rule.limits.items()]
            rows += [(f'when.{name}', one) for name, ids in rule.when.items() for one in ids]
            for predicate, value in rows:
                yield Fact(rule.id, predicate, value, where, rule.source)
        for key, said in self.site.items():
            file = self._file(said.file)
            yield Fact(SITE, key, said.entries[0], f'{file}:{said.row}:{key}', said.source)

    def _file(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()

    def version(self) -> str:
        """Return what tells this knowledge from any other: a digest of its facts."""
        digest = hashlib.sha256()
        for identity in sorted(fact.id for fact in self.facts()):
            digest.update(identity.encode())
        return digest.hexdigest()[:16]


def is_company(folder: Path | str) -> bool:
    """Return whether a folder is a layer of a company; see `layers_of`."""
    paths = (Path(folder), share() / 'config' / 'knowledge' / folder)
    return any((path / 'site.yaml').is_file() for path in paths)


def layers_of(folder: Path | str) -> list[Path]:
    """Return the folders of a cell's layers, the company's first.

    Args:
        folder: A path, or the folder below config/knowledge.

    Raises:
        ConfigurationError: There is no such folder.
    """
    home = share() / 'config' / 'knowledge'
    path = Path(folder)
    if not path.is_dir():
        path = home / folder
    if not path.is_dir():
        there = sorted(str(site.parent.relative_to(home)) for site in home.glob('**/site.yaml'))
        raise ConfigurationError(f'no knowledge {quoted(str(folder))}; there is '
                                 f'{", ".join(there) or "none"}', None, None,
                                 nearest(str(folder), there))
    path = path.resolve()
    found = [path]
    while len(found) < DEEPEST and (found[0].parent / 'site.yaml').is_file():
        found.insert(0, found[0].parent)
    return found


def examine(folder: Path | str) -> tuple[Knowledge, list[Fault]]:
    """Return what a folder and its layers say, and every fault, in the order of files and rows.

    Raises:
        ConfigurationError: There is no such folder.
    """
    folders = layers_of(folder)
    merged = merge(folders)
    faults: dict[object, Fault] = {}
    for one in (*merged.faults, *check(merged)):   # of one cell the first fault is enough
        cell = (one.file, one.row, one.column) if one.column and one.code != 'thing_unknown' \
            else id(one)
        faults.setdefault(cell, one)
    return (_known(merged, folders[0].parent),
            sorted(faults.values(), key=lambda one: (str(one.file), one.row or 0)))


def load_knowledge(folder: Path | str) -> Knowledge:
    """Return what is known in a cell.

    Raises:
        ConfigurationError: The first fault of its files.
    """
    known, faults = examine(folder)
    if faults:
        raise faults[0].error()
    return known


def _known(merged: Merged, home: Path) -> Knowledge:
    things = {thing.id: Known(thing.id, thing.table, thing.fields)
              for table in TABLES for thing in merged.things[table].values()}
    return Knowledge(home, tuple(merged.about), merged.site, things, merged.rules)
