"""The room's contract: which faults are provoked, what must come of each, and what did.

A `Case` is a row of the table of `lam faults` (lam_ws/faults/table.py); its provoking function
takes the case, a phase of an episode and a seed, breaks something in the real stack, and returns
what was seen. `judge` holds that against the bound. Numbers of faults are those of
docs/faults.md.
"""
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
import math
from typing import Any, Literal

Tier = Literal['U', 'S', 'P', 'N', 'Z']
TIERS: dict[str, str] = {
    'U': 'the guard alone', 'S': 'an episode in lock-step', 'P': 'processes and signals',
    'N': 'a network of its own', 'Z': 'spoilt input'}
PHASES = ('idle', 'reach', 'grasp', 'carry', 'release')   # of an episode of picking and placing


@dataclass(frozen=True)
class Case:
    """One way to provoke a fault.

    Attributes:
        fault: Its number in docs/faults.md.
        name: What it is called in JSON and on the command line, unique: 'camera_frozen'.
        tier: Where it is provoked; a key of TIERS.
        component: What is broken: 'camera', 'joints', 'policy', 'guard', ...
        expected: What must happen, in a few words.
        bound_cycles: Control cycles within which it must, from the first cycle in which the
            fault can be noticed; 0 where nothing may come through at all.
        source: 'module:function' of its `Provoke`.
        phases: Phases in which it is provoked.
        seeds: Seeds in each phase.
        quick: Whether its first phase and seed belong to the quick set.
    """

    fault: int
    name: str
    tier: Tier
    component: str
    expected: str
    bound_cycles: float
    source: str
    phases: tuple[str, ...] = PHASES
    seeds: int = 3
    quick: bool = False


@dataclass(frozen=True)
class Seen:
    """What came of one fault.

    Attributes:
        observed: In a few words: the guard's reason, a count, what did not happen.
        cycles: Control cycles until it did, infinite where it did not.
        right: Whether it is what was expected, the time apart.
    """

    observed: str
    cycles: float
    right: bool


Provoke = Callable[[Case, str, int], Seen]


@dataclass(frozen=True)
class FaultRun:
    """One row of the answer, with the keys that `lam faults --json` prints."""

    fault: int
    name: str
    tier: Tier
    phase: str
    seed: int
    expected: str
    observed: str
    bound_cycles: float
    cycles: float
    passed: bool

    def to_json(self) -> dict[str, object]:
        """Return it as JSON has it: `pass` for `passed`, null for what never happened."""
        row = asdict(self)
        row['pass'] = row.pop('passed')
        row['cycles'] = self.cycles if math.isfinite(self.cycles) else None
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> 'FaultRun':
        """Return the run that `to_json` gave."""
        cycles = math.inf if row['cycles'] is None else row['cycles']
        same = {name: value for name, value in row.items() if name not in ('cycles', 'pass')}
        return cls(**same, cycles=cycles, passed=row['pass'])


def judge(case: Case, phase: str, seed: int, seen: Seen) -> FaultRun:
    """Return whether what was seen is what was expected, and came in time."""
    return FaultRun(case.fault, case.name, case.tier, phase, seed, case.expected, seen.observed,
                    case.bound_cycles, seen.cycles,
                    seen.right and seen.cycles <= case.bound_cycles)


def provoke(case: Case, phase: str, seed: int) -> FaultRun:
    """Provoke one case once. An exception is a failed run, never a lost one."""
    module, function = case.source.split(':')
    try:
        seen = getattr(import_module(module), function)(case, phase, seed)
    except Exception as failure:   # the table goes on, and shows what broke
        seen = Seen(f'{type(failure).__name__}: {failure}', math.inf, False)
    return judge(case, phase, seed, seen)
