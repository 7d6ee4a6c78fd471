"""The files of a company's layers as plain lines: a folder's lines leave, lines become files.

A line is a row of a CSV file, a rule, or a key of a site.yaml, as text, with the file and row it
stands in. Lines that are written stand in the same rows again, so that what cites them still
does.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass, field
import io
import json
from pathlib import Path, PurePosixPath
import re

from lam_ws.knowledge.cells import cleaned, Value, Wrong, wrong
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.knowledge import layers_of
from lam_ws.knowledge.reading import read_sheet
from lam_ws.knowledge.tables import LEVELS, OVERRIDES, TABLES
from lam_ws.knowledge.written import read_about, read_rules, Rule

BASE = 'https://lam-ws.invalid/'   # of every IRI of this vocabulary
COLUMN = f'{BASE}column#'
LAST_ROW = 200_000   # what a file says of its rows may not fill a disk with empty ones
_NUMBER = re.compile(r'-[0-9.]+')
COLUMNS = {**TABLES, 'overrides': OVERRIDES}


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        file: From the folder that holds the company's, such as 'hangyeol/changwon/parts.csv'.
        row: Of the file, from 1; None where it is no matter.
        cells: Text by column; of a rule 'when.part' and the like, lists separated by ';'.
    """

    file: str
    row: int | None
    cells: Mapping[str, str]


def written(value: Value) -> str:
    """Return a value as a cell has it, all digits of a number included."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, tuple):
        return ';'.join(value)
    return f'{value:.6f}'.rstrip('0').rstrip('.') if isinstance(value, float) else str(value)


@dataclass
class Read:
    """What somebody else's file says.

    Attributes:
        lines: Of all layers.
        faults: What stands in it and cannot be.
        foreign: What is not understood, one line each.
        version: Of the knowledge it was made from, '' where it does not say.
    """

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    version: str = ''


def lines_of(folder: Path | str) -> Iterator[Line]:
    """Yield every line of a cell's layers, also what is replaced or switched off further in.

    Args:
        folder: Knowledge without a fault.
    """
    layers = layers_of(folder)
    for depth, layer in enumerate(layers):
        def file(name: str, layer: Path = layer) -> str:
            return (layer / name).relative_to(layers[0].parent).as_posix()

        about, rows, _ = read_about(layer / 'site.yaml', depth)
        for key, value in about.items():
            yield Line(file('site.yaml'), rows[key], {key: written(value)})
        for table, columns in COLUMNS.items():
            if (path := layer / f'{table}.csv').is_file():
                for row in read_sheet(path, columns).rows:
                    yield Line(file(path.name), row.row, _cells(row.values))
        if (path := layer / 'rules.yaml').is_file():
            yield from (Line(file(path.name), rule.row, _rule(rule))
                        for rule in read_rules(path)[0])


def _cells(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: written(value) for name, value in values.items()}


def _rule(rule: Rule) -> dict[str, str]:
    return {'id': rule.id, 'verdict': rule.verdict, 'text_ko': rule.text_ko,
            'text_en': rule.text_en, 'source': rule.source,
            **{f'when.{name}': written(ids) for name, ids in rule.when.items()},
            **{f'limits.{name}': written(value) for name, value in rule.limits.items()}}


def write_files(lines: Iterable[Line], layers: Sequence[PurePosixPath], home: Path) -> list[Fault]:
    """Write every file of some layers, and return the faults of its cells.

    Args:
        lines: Of all layers.
        layers: Their folders, from `home`; none is there yet.
        home: Where.
    """
    files: dict[str, list[Line]] = {f'{layer}/site.yaml': [] for layer in layers}
    for line in lines:
        files.setdefault(line.file, []).append(line)
    faults: list[Fault] = []
    for layer in layers:
        (home / layer).mkdir(parents=True)
    for name, entries in files.items():
        path = home / name
        entries.sort(key=lambda line: LAST_ROW + 1 if line.row is None else line.row)
        for line in entries:
            faults += _unsafe(path, line)
        if path.name == 'site.yaml':
            body = _site(entries, LEVELS[len(PurePosixPath(name).parts) - 2])
        else:
            body = _rules(entries) if path.suffix == '.yaml' else _sheet(path.stem, entries)
        path.write_text(body, encoding='utf-8', newline='')
    return faults


def _unsafe(path: Path, line: Line) -> Iterator[Fault]:
    """Yield cells with hidden letters, and those that a spreadsheet would compute."""
    for column, cell in line.cells.items():
        try:
            if cleaned(cell)[:1] in tuple('=+@') \
                    or (cell.startswith('-') and not _NUMBER.fullmatch(cell)):
                raise wrong('formula', cell[:40])
        except Wrong as fault:
            yield Fault(fault.code, path, line.row, column, fault.value, more=fault.more)


def _sheet(table: str, lines: Sequence[Line]) -> str:
    """Return a CSV file, each line in its row as far as that is free."""
    given = {name for line in lines for name in line.cells}
    known = [column.name for column in COLUMNS[table]]
    columns = [name for name in known if name in given or name == 'id'] + sorted(given - {*known})
    rows: list[list[str]] = [columns]
    for line in lines:
        rows += [[]] * ((line.row or 0) - 1 - len(rows))
        rows.append([line.cells.get(name, '') for name in columns])
    stream = io.StringIO(newline='')
    csv.writer(stream, lineterminator='\n').writerows(rows)
    return stream.getvalue()


def _site(lines: Sequence[Line], level: str) -> str:
    """Return a site.yaml, each key in its row as far as that is free."""
    keys = {name for line in lines for name in line.cells}
    rows = {} if 'level' in keys else {0: f'level: {level}'}
    for line in lines:
        for key, value in line.cells.items():
            row = line.row or 1
            while row in rows:
                row += 1
            rows[row] = f'{_scalar(key)}: {_scalar(value)}'
    last = max(rows, default=0)
    if 0 in rows:
        return '\n'.join(rows[row] for row in sorted(rows)) + '\n'
    return '\n'.join(rows.get(row, '') for row in range(1, last + 1)) + '\n'


def _scalar(text: str) -> str:
    """Return a text as YAML: as it stands where that is plain, else quoted as JSON is."""
    return text if re.fullmatch(r'[a-z][a-z0-9_]*|[0-9]+(\.[0-9]+)?', text) \
        else json.dumps(text, ensure_ascii=False)


def _rules(lines: Sequence[Line]) -> str:
    """Return a rules.yaml, each rule in its row as far as that is free."""
    rows = ['rules:']
    for line, after in zip(lines, (*lines[1:], None), strict=True):
        rows += [''] * ((line.row or 0) - 1 - len(rows))
        entry = [f'{key}: {value}' for key, value in _rule_keys(line.cells).items()]
        room = LAST_ROW if after is None or after.row is None else after.row - 1 - len(rows)
        if len(entry) <= room:
            rows += [f'  - {entry[0]}', *(f'    {one}' for one in entry[1:])]
        else:
            rows.append(f'  - {{{", ".join(entry)}}}')
    return '\n'.join(rows) + '\n'


def _rule_keys(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of a rule and their values as YAML."""
    keys: dict[str, str] = {'id': _scalar(cells.get('id', ''))}
    for group in ('when', 'limits'):
        inner = {name.partition('.')[2]: value for name, value in cells.items()
                 if name.startswith(f'{group}.')}
        entries = [f'{name}: {_scalar(value)}' if group == 'limits' else
                   f'{name}: [{", ".join(map(_scalar, value.split(";")))}]'
                   for name, value in inner.items()]
        if entries:
            keys[group] = f'{{{", ".join(entries)}}}'
    keys |= {name: _scalar(value) for name, value in cells.items()
             if name != 'id' and '.' not in name}
    return keys
