"""One CSV file of a layer: its bytes enter, checked rows and every fault leave.

Rows are counted as a spreadsheet counts them, the names of the columns being row 1. A cell that
cannot be read is a fault and has no value; nothing is padded, cut or converted on the way.
"""
from collections.abc import Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass, field
import io
from pathlib import Path

from lam_ws.knowledge.cells import cleaned, read, Value, Wrong
from lam_ws.knowledge.faults import Fault
from lam_ws.knowledge.tables import Column
from lam_ws.source import nearest

LARGEST = 64_000_000   # bytes
WIDEST = 64            # columns


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        file, row: Where it stands.
        values: Of the cells that are not empty.
    """

    file: Path
    row: int
    values: Mapping[str, Value]


@dataclass
class Sheet:
    """What a file says, and what is wrong with it."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_sheet(path: Path, columns: Sequence[Column]) -> Sheet:
    """Return the rows of a CSV file."""
    sheet = Sheet()
    text = read_text(path, sheet.faults)
    if text is None:
        return sheet
    lines = _lines(path, text, sheet.faults)
    names = _header(path, next(lines, []), columns, sheet.faults)
    if not names:
        return sheet
    known = {column.name: column for column in columns}
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith('#'):
            continue
        if len(cells) != len(names):
            sheet.faults.append(Fault('cells', path, number, value=str(len(cells)),
                                      more={'expected': str(len(names))}))
            continue
        values = _values(path, number, cells, [known[name] for name in names], sheet.faults)
        if values is not None:
            sheet.rows.append(Row(path, number, values))
    return sheet


def read_text(path: Path, faults: list[Fault]) -> str | None:
    """Return the text of a file, None with a fault where it cannot be read."""
    try:
        with path.open('rb') as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        faults.append(Fault('unreadable', path, more={'why': error.strerror or str(error)}))
        return None
    if len(data) > LARGEST:
        faults.append(Fault('too_large', path, more={'expected': str(LARGEST)}))
        return None
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        row = data[:error.start].count(b'\n') + 1
        faults.append(Fault('not_utf8', path, row))
        return None


def _lines(path: Path, text: str, faults: list[Fault]) -> Iterator[list[str]]:
    """Yield the cells of each row as they stand."""
    rows = csv.reader(io.StringIO(text, newline=''), strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            faults.append(Fault('csv', path, number))
            return


def _header(path: Path, cells: Sequence[str], columns: Sequence[Column],
            faults: list[Fault]) -> list[str]:
    """Return the names of the columns, none where they are wrong."""
    before = len(faults)
    if not any(cell.strip() for cell in cells):
        if not faults:
            faults.append(Fault('empty_file', path, 1))
        return []
    known = [column.name for column in columns]
    names: list[str] = []
    for cell in cells[:WIDEST]:
        name = cell.strip(' ')
        if name not in known:
            faults.append(Fault('column_unknown', path, 1, value=name[:40],
                                nearest=nearest(name, known), more={'expected': ', '.join(known)}))
        elif name in names:
            faults.append(Fault('column_twice', path, 1, value=name))
        names.append(name)
    if 'id' not in names and 'id' in known:
        faults.append(Fault('column_missing', path, 1, more={'expected': 'id'}))
    return names if len(faults) == before else []


def _values(path: Path, number: int, cells: Sequence[str], columns: Sequence[Column],
            faults: list[Fault]) -> dict[str, Value] | None:
    """Return the values of the cells of one row that can be read; None where its id cannot."""
    values: dict[str, Value] = {}
    for cell, column in zip(cells, columns, strict=True):
        try:
            text = cleaned(cell)
            if text:
                values[column.name] = read(text, column)
            elif column.name == 'id':
                raise Wrong('needed', '', {})
        except Wrong as fault:
            faults.append(Fault(fault.code, path, number, column.name, fault.value,
                                fault.nearest, fault.more))
    return values if 'id' in values else None
