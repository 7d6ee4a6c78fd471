"""Proposed names, reviewed and taken: a file of rows enters, a layer's tables change, or nothing.

A row counts only with yes in its last column. What is taken is written into the nearest layer,
beside the names that hold there, with who took it; a folder that would not be right afterwards
stays as it was.
"""
from collections.abc import Iterable, Sequence
import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.knowledge import examine, layers_of, load_knowledge


@dataclass(frozen=True)
class Alias:
    """A name that is proposed for a thing.

    Attributes:
        table: Of the thing.
        id: Of the thing.
        alias: What it was called.
        likeness: 0..1, to a name that it has.
        seen: How often it was called so.
        example: A sentence in which it was.
        contradicted: How often it was said and something else was done; None where nothing shows
            what was done.
        accepted: 'yes' once a person has said so.
    """

    table: str
    id: str
    alias: str
    likeness: float
    seen: int
    example: str
    contradicted: int | None = None
    accepted: str = ''


def write_proposed(path: Path, aliases: Iterable[Alias]) -> int:
    """Write proposals to be reviewed; return how many."""
    rows = [asdict(one) for one in aliases]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w', encoding='utf-8-sig', newline='') as file:   # as spreadsheets like it
        out = csv.DictWriter(file, [one.name for one in fields(Alias)], lineterminator='\n')
        out.writeheader()
        out.writerows(rows)
    return len(rows)


def read_accepted(path: Path) -> list[Alias]:
    """Return the proposals that somebody has put yes beside.

    Raises:
        ConfigurationError: The file is none of proposals (row).
    """
    with path.open(encoding='utf-8-sig', newline='') as file:
        rows = list(csv.DictReader(file))
    found = []
    for number, row in enumerate(rows, 2):
        if not {'table', 'id', 'alias', 'accepted'} <= set(row):
            raise ConfigurationError('no row of `lam kb aliases`: it has table, id, alias and '
                                     'accepted', path, number)
        said = str(row['accepted'] or '').strip().lower()
        if said not in ('', 'no', 'yes'):
            raise ConfigurationError(f'accepted is yes, no or empty, not {said!r}', path, number)
        if said == 'yes':
            found.append(Alias(str(row['table']), str(row['id']), str(row['alias']), 0.0, 0, '',
                               accepted='yes'))
    return found


def accept(folder: Path | str, aliases: Sequence[Alias], by: str) -> None:
    """Write accepted names into the nearest layer.

    Args:
        folder: Of the cell.
        aliases: What was accepted.
        by: Who did.

    Raises:
        ConfigurationError: A name is of nothing that is known, or the folder would be wrong
            afterwards; then it is as it was.
    """
    known, nearest = load_knowledge(folder), layers_of(folder)[-1]
    before = {path: path.read_bytes() for path in nearest.glob('*.csv')}
    try:
        for one in aliases:
            thing = known.things.get(one.id)
            if thing is None or thing.table != one.table:
                raise ConfigurationError(f'there is no {one.id!r} among the {one.table}')
            held = thing.fields.get('aliases')
            names = [*(held.entries if held is not None else ()), one.alias]
            _put(nearest / f'{one.table}.csv', one.id, ';'.join(dict.fromkeys(names)), by)
            known = load_knowledge(folder)
        faults = examine(folder)[1]
        if faults:
            raise faults[0].error()
    except ConfigurationError:
        for path in nearest.glob('*.csv'):
            if path not in before:
                path.unlink()
        for path, text in before.items():
            path.write_bytes(text)
        raise


def _put(path: Path, identity: str, aliases: str, by: str) -> None:
    """Set the aliases of a row, or add a row that has nothing else."""
    header, rows = ['id', 'aliases', 'source'], []
    if path.exists():
        with path.open(encoding='utf-8-sig', newline='') as file:
            header, *rows = list(csv.reader(file))
    if 'aliases' not in header:
        header = [*header[:1], 'aliases', *header[1:]]
        rows = [[*row[:1], '', *row[1:]] for row in rows]
    place = header.index('aliases')
    for row in rows:
        if row[0] == identity:
            row[place] = aliases
            break
    else:
        row = [''] * len(header)
        row[0], row[place], row[header.index('source')] = identity, aliases, f'accepted by {by}'
        rows.append(row)
    with path.open('w', encoding='utf-8', newline='') as file:
        csv.writer(file, lineterminator='\n').writerows([header, *rows])
