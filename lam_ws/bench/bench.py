"""The room's contract: what is promised, what was measured, and whether the promise holds.

A `Promise` is a row of the table of `lam bench`; its measuring function takes the names that
are wanted and a place for progress, and returns a `Measured` for each. `judge` puts both
together. One function may serve several rows, so that nothing is started twice.
"""
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import groupby
import math
from typing import Literal

from lam_ws.errors import ConfigurationError
from lam_ws.source import nearest

Say = Callable[[str], None]


@dataclass(frozen=True)
class Measured:
    """What came out: `value` in the promise's unit, and in words how it was found."""

    value: float
    method: str


Measure = Callable[[Collection[str], Say], Mapping[str, Measured]]


@dataclass(frozen=True)
class Promise:
    """One row of the table.

    Attributes:
        name: What the row is called in JSON and on the command line.
        source: 'module:function' of its `Measure`.
        unit: Unit of value and limit, '' for a count or a ratio.
        limit: The bound.
        sense: On which side of the bound the value must lie; the bound itself is allowed.
        group: A name under which it can be asked for together with others, '' for none.
    """

    name: str
    source: str
    unit: str
    limit: float
    sense: Literal['at most', 'at least'] = 'at most'
    group: str = ''


@dataclass(frozen=True)
class Result:
    """One row of the answer: the five keys that `lam bench --json` prints under each name."""

    value: float
    unit: str
    limit: float
    holds: bool
    method: str

    def to_json(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def judge(promise: Promise, measured: Measured) -> Result:
    """Return whether the promise holds; a value that is not finite never does.

    The value is shown to four significant digits and judged as it was measured.
    """
    value, limit = measured.value, promise.limit
    holds = value <= limit if promise.sense == 'at most' else value >= limit
    holds = holds and math.isfinite(value)
    shown = float(f'{value:.4g}') if math.isfinite(value) else -1.0   # JSON knows no NaN
    method = measured.method if math.isfinite(value) else f'no finite value; {measured.method}'
    return Result(shown, promise.unit, limit, holds, method)


def choose(promises: Iterable[Promise], names: Collection[str]) -> tuple[Promise, ...]:
    """Return the rows of these names or groups in the table's order; all when none is named.

    Raises:
        ConfigurationError: No row has that name; carries the nearest.
    """
    rows = tuple(promises)
    known = {name for row in rows for name in (row.name, row.group) if name}
    for name in names:
        if name not in known:
            near = nearest(name, sorted(known))
            there = '' if near else '; there is ' + ', '.join(row.name for row in rows)
            raise ConfigurationError(f"no bench '{name}'{there}", nearest=near)
    return tuple(row for row in rows if not names or row.name in names or row.group in names)


def run(promises: Iterable[Promise], say: Say) -> dict[str, Result]:
    """Measure the rows, one source after the other, and return the results by name."""
    results: dict[str, Result] = {}
    for source, rows in groupby(promises, key=lambda row: row.source):
        wanted = {row.name: row for row in rows}
        say(f'measuring {", ".join(wanted)}')
        module, function = source.split(':')
        measure: Measure = getattr(import_module(module), function)
        found = measure(tuple(wanted), say)
        for name, row in wanted.items():
            results[name] = judge(row, found[name])
    return results
