"""Two evaluations of the same cases, compared: what only one of them solved, and how sure that is.

The cases that `lam eval --suite` writes enter, one string of outcomes a task; counts of pairs, a
difference with its interval and an exact probability leave. Files that did not ask the same are
refused: a pair that is none makes a difference out of nothing.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Any
import zlib

from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict, wilson

MARKS = {True: '1', False: '0', None: '.'}


def cases_of(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Return one JSON-ready row for each perturbation and task.

    `first` is the seed of the first mark of `solved`: '1' solved, '0' failed, '.' not run; seeds
    follow one another. `asked` is a checksum over seeds and sentences.
    """
    groups: dict[tuple[str, str], dict[int, Verdict]] = {}
    for one in verdicts:
        groups.setdefault((one.axis, one.task), {})[one.seed] = one
    rows = []
    for (axis, task), mine in groups.items():
        seeds = range(min(mine), max(mine) + 1)
        said = '\n'.join(f'{seed} {one.language} {one.text}' for seed, one in sorted(mine.items()))
        solved = ''.join(MARKS[mine[seed].success if seed in mine else None] for seed in seeds)
        rows.append({'axis': axis, 'task': task, 'first': seeds[0], 'solved': solved,
                     'asked': f'{zlib.crc32(said.encode()):08x}'})
    return rows


@dataclass(frozen=True)
class Pairs:
    """How often both of two evaluations, one or none solved a case."""

    both: int
    only_a: int
    only_b: int
    neither: int

    def __add__(self, other: 'Pairs') -> 'Pairs':
        return Pairs(self.both + other.both, self.only_a + other.only_a,
                     self.only_b + other.only_b, self.neither + other.neither)

    @property
    def cases(self) -> int:
        """How many there are."""
        return self.both + self.only_a + self.only_b + self.neither

    def row(self) -> dict[str, Any]:
        """Return everything there is to say, JSON-ready; the difference is B less A."""
        low, high = newcombe(self)
        n = self.cases
        return {'cases': n, 'solved_a': self.both + self.only_a,
                'solved_b': self.both + self.only_b, 'both': self.both, 'only_a': self.only_a,
                'only_b': self.only_b, 'neither': self.neither,
                'difference': round((self.only_b - self.only_a) / n, 4),
                'newcombe95': [round(low, 4), round(high, 4)],
                'mcnemar_p': round(mcnemar(self.only_a, self.only_b), 6)}


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the two-sided probability of so unequal a split if A and B were as good.

    McNemar's test (Psychometrika 12:153-157, 1947) in its exact form: of the cases that one alone
    solved, each is either's with probability 1/2.
    """
    n = only_a + only_b
    tail = sum(math.comb(n, k) for k in range(min(only_a, only_b) + 1))
    return min(1.0, 2.0 * (tail / 2 ** n))


def newcombe(pairs: Pairs) -> tuple[float, float]:
    """Return the 95 % interval of the difference of the two rates, B less A.

    Method 10 of Newcombe, Improved confidence intervals for the difference between binomial
    proportions based on paired data, Statistics in Medicine 17:2635-2650 (1998): both Wilson
    intervals, joined with the correlation of the pairs.
    """
    both, b, a, neither = pairs.both, pairs.only_b, pairs.only_a, pairs.neither
    n = pairs.cases
    rate_b, rate_a = (both + b) / n, (both + a) / n
    (low_b, high_b), (low_a, high_a) = wilson(both + b, n), wilson(both + a, n)
    product = (both + b) * (a + neither) * (both + a) * (b + neither)
    excess = float(both * neither - a * b)
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    phi = excess / math.sqrt(product) if product else 0.0

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one ** 2 - 2 * phi * one * other + other ** 2, 0.0))

    difference = rate_b - rate_a
    return (difference - reach(rate_b - low_b, high_a - rate_a),
            difference + reach(high_b - rate_b, rate_a - low_a))


def compare(a: Mapping[str, Any], b: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the comparison of two results of the suite, by task and in all.

    Args:
        a: Result of one evaluation.
        b: Of the other.
        names: What their files are called.

    Raises:
        ConfigurationError: A file has no cases, or they are not those of the other.
    """
    rows_a, rows_b = _rows(a, names[0]), _rows(b, names[1])
    _same('tasks', [' '.join(key).strip() for key in rows_a],
          [' '.join(key).strip() for key in rows_b], names)
    tasks: dict[str, Pairs] = {}
    for (axis, task), mine in rows_a.items():
        other, where = rows_b[axis, task], f'{task} {axis}'.strip()
        _same(f'seeds of {where}', _seeds(mine), _seeds(other), names)
        if mine['asked'] != other['asked']:
            raise ConfigurationError(f'{names[1]} is not paired with {names[0]}: in {where} the '
                                     'seeds are the same and what was asked is not')
        tasks[task] = tasks.get(task, Pairs(0, 0, 0, 0)) + _count(mine['solved'], other['solved'])
    return {'a': _who(a, names[0]), 'b': _who(b, names[1]),
            'task': {task: pairs.row() for task, pairs in tasks.items()},
            'all': sum(tasks.values(), Pairs(0, 0, 0, 0)).row()}


def _rows(found: Mapping[str, Any], name: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the cases of a result by perturbation and task."""
    try:
        rows = {(str(row['axis']), str(row['task'])): row for row in found['cases']}
        wrong = any(set(row['solved']) - set(MARKS.values()) or not row['solved']
                    or not isinstance(row['first'], int) or not isinstance(row['asked'], str)
                    for row in rows.values())
    except (KeyError, TypeError):
        wrong, rows = True, {}
    if wrong or not rows:
        raise ConfigurationError('has no cases to compare; lam eval --suite writes them', name)
    return rows


def _seeds(row: Mapping[str, Any]) -> list[int]:
    return [row['first'] + k for k, mark in enumerate(row['solved']) if mark != '.']


def _same(what: str, a: Sequence[object], b: Sequence[object], names: Sequence[str]) -> None:
    """Raise when one has what the other has not."""
    for mine, other, name in ((a, b, names[0]), (b, a, names[1])):
        alone = [one for one in mine if one not in set(other)]
        if alone:
            raise ConfigurationError(
                f'{names[1]} is not paired with {names[0]}: of the {what} only {name} has '
                f'{alone[0]}' + (f' and {len(alone) - 1} more' if len(alone) > 1 else ''))


def _count(a: str, b: str) -> Pairs:
    pairs = list(zip(a, b, strict=True))
    return Pairs(pairs.count(('1', '1')), pairs.count(('1', '0')), pairs.count(('0', '1')),
                 pairs.count(('0', '0')))


def _who(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {'file': name, **{key: found.get(key) for key in ('site', 'policy', 'split')}}
