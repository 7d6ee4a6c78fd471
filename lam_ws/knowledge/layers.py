"""The layers of a cell, merged: company, plant and cell enter, one set of things leaves.

The nearest layer holds for names and properties, the strictest of all for limits; what loosens
one stands in overrides.csv with who, when and why. Every value keeps the cell it comes from.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lam_ws.knowledge.cells import cleaned, read, Value, Wrong
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.reading import read_sheet, Row
from lam_ws.knowledge.tables import Column, FILES, OVERRIDES, TABLES
from lam_ws.knowledge.written import read_about, read_rules, Rule, SITE_NUMBERS
from lam_ws.source import nearest


@dataclass(frozen=True)
class Field:
    """One value, and the cell that says it.

    Attributes:
        value: As the column has it.
        file, row, column: Where.
        source: The document that the row names.
        by: Who loosened it and when, '' for an ordinary row.
        below: What it took the place of, if anything.
    """

    value: Value
    file: Path
    row: int
    column: str
    source: str
    by: str = ''
    below: 'Field | None' = None

    @property
    def where(self) -> str:
        """Return file:row:column."""
        return Fault('', self.file, self.row, self.column).where

    @property
    def entries(self) -> tuple[str, ...]:
        """Return what the cell lists, one entry where it is no list."""
        return self.listed(self.value)

    @staticmethod
    def listed(value: Value) -> tuple[str, ...]:
        """Return the entries of a value."""
        return value if isinstance(value, tuple) else (shown(value),)


@dataclass
class Thing:
    """A part, place, tool, step or defect, while its layers are being merged.

    Attributes:
        id: Its name.
        table: Of `lam_ws.knowledge.tables.TABLES`.
        fields: By column.
        file, row: Where it stands first.
    """

    id: str
    table: str
    file: Path
    row: int
    fields: dict[str, Field] = field(default_factory=dict)


@dataclass
class Merged:
    """What all layers say together, and what is wrong with them.

    Attributes:
        about: What each layer's site.yaml says, from the company on.
        site: The numbers among it, each from the nearest layer that says it.
        things: By table and id.
        rules: By id.
        faults: In the order of the files.
    """

    about: list[dict[str, str | float]] = field(default_factory=list)
    site: dict[str, Field] = field(default_factory=dict)
    things: dict[str, dict[str, Thing]] = field(
        default_factory=lambda: {table: {} for table in TABLES})
    rules: dict[str, Rule] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def merge(folders: Iterable[Path]) -> Merged:
    """Return the layers of a cell as one.

    Args:
        folders: Of the layers, the company's first.
    """
    merged = Merged()
    for depth, folder in enumerate(folders):
        _layer(merged, folder, depth)
    return merged


def _layer(merged: Merged, folder: Path, depth: int) -> None:
    if not folder.is_dir():
        merged.faults.append(Fault('no_folder', folder))
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in FILES and not path.name.startswith(('.', '~')):
            merged.faults.append(Fault('unknown_file', path, nearest=nearest(path.name, FILES),
                                       more={'expected': ', '.join(FILES)}))
    site = folder / 'site.yaml'
    if site.is_file():
        about, rows, faults = read_about(site, depth)
        merged.about.append(about)
        merged.site |= {key: Field(about[key], site, rows[key], key, site.name,
                                   below=merged.site.get(key))
                        for key in SITE_NUMBERS if key in about}
        merged.faults += faults
    else:
        merged.faults.append(Fault('missing_file', folder, value='site.yaml'))
    for table, columns in TABLES.items():
        if (path := folder / f'{table}.csv').is_file():
            sheet = read_sheet(path, columns)
            merged.faults += sheet.faults
            _add(merged, table, sheet.rows)
    if (path := folder / 'rules.yaml').is_file():
        rules, faults = read_rules(path)
        merged.faults += faults
        for rule in rules:
            _add_rule(merged, rule)
    if (path := folder / 'overrides.csv').is_file():
        sheet = read_sheet(path, OVERRIDES)
        merged.faults += sheet.faults
        for row in sheet.rows:
            _override(merged, row)


def _add(merged: Merged, table: str, rows: Iterable[Row]) -> None:
    """Add the rows of one file to the things of a table."""
    here: dict[str, Row] = {}
    for row in rows:
        identity = str(row.values['id'])
        if identity in here:
            where = Fault('', row.file, here[identity].row).where
            merged.faults.append(Fault('id_twice', row.file, row.row, 'id', identity,
                                       more={'where': where}))
            continue
        here[identity] = row
        thing = merged.things[table].setdefault(
            identity, Thing(identity, table, row.file, row.row))
        source = str(row.values.get('source', ''))
        for column in TABLES[table]:
            if column.name in row.values and column.name != 'id':
                said = Field(row.values[column.name], row.file, row.row, column.name, source)
                _say(merged, thing, column, said)


def _say(merged: Merged, thing: Thing, column: Column, said: Field) -> None:
    """Let a nearer layer say a value, unless it loosens a limit."""
    below = thing.fields.get(column.name)
    if below is not None and _looser(column, said.value, below.value):
        merged.faults.append(Fault('loosens', said.file, said.row, said.column, shown(said.value),
                                   more={'where': below.where, 'expected': shown(below.value)}))
        return
    thing.fields[column.name] = replace(said, below=below)


def _looser(column: Column, value: Value, below: Value) -> bool:
    match column.strict:
        case 'yes':
            return below is True and value is False
        case 'lower':
            return float(str(value)) > float(str(below))
        case 'later':
            return column.choices.index(str(value)) < column.choices.index(str(below))
        case 'fewer':
            return not set(Field.listed(value)) <= set(Field.listed(below))
        case 'same':
            return value != below
        case _:
            return False


def _add_rule(merged: Merged, rule: Rule) -> None:
    other = merged.rules.get(rule.id)
    if other is not None:
        where = Fault('', other.file, other.row).where
        merged.faults.append(Fault('id_twice', rule.file, rule.row, 'id', rule.id,
                                   more={'where': where}))
        return
    merged.rules[rule.id] = rule


def _override(merged: Merged, row: Row) -> None:
    """Let a row of overrides.csv have its way."""
    def fault(code: str, column: str, value: str, near: str | None = None,
              more: Mapping[str, str] | None = None) -> None:
        merged.faults.append(Fault(code, row.file, row.row, column, value, near, more or {}))

    for column in OVERRIDES:
        if column.name not in row.values:
            fault('needed', column.name, '')
            return
    table, identity, name, value = (str(row.values[key])
                                    for key in ('table', 'id', 'column', 'value'))
    known: Mapping[str, object] = merged.rules if table == 'rules' else merged.things[table]
    if identity not in known:
        fault('override_nothing', 'id', identity, nearest(identity, list(known)),
              {'expected': table})
        return
    if table == 'rules':
        if (name, value) == ('verdict', 'off'):
            del merged.rules[identity]
        else:
            fault('choice', 'value', f'{name} {value}', None, {'expected': 'verdict off'})
        return
    columns = {column.name: column for column in TABLES[table] if column.strict}
    if name not in columns:
        fault('choice', 'column', name, nearest(name, list(columns)),
              {'expected': ', '.join(columns)})
        return
    try:
        read_as = read(cleaned(value), columns[name])
    except Wrong as wrong:
        fault(wrong.code, 'value', wrong.value, wrong.nearest, wrong.more)
        return
    by = f'{row.values["who"]}, {row.values["when"]}'
    merged.things[table][identity].fields[name] = Field(
        read_as, row.file, row.row, 'value', str(row.values['source']), by,
        merged.things[table][identity].fields.get(name))


def shown(value: Value) -> str:
    """Return a value as a table has it."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, tuple):
        return ';'.join(value)
    return f'{value:g}' if isinstance(value, float) else str(value)
