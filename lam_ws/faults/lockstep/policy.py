"""Policies that propose nonsense, repeat themselves, fall silent or crash.

A case, a phase and a seed enter; what the stack made of it leaves: how soon the arm was stopped
once the last sound chunk was too old, how many unsound chunks were followed, and whether every
command stayed inside every bound.
"""
from collections.abc import Callable
from dataclasses import replace
import math

from lam_ws.faults.faults import Case, Seen
from lam_ws.faults.lockstep.breaking import Fault, Robot
from lam_ws.faults.lockstep.lone_guard import LoneGuard
from lam_ws.faults.lockstep.rehearsal import Rehearsal, Stage, Stand, stand
from lam_ws.faults.lockstep.seeing import stopped
from lam_ws.sim.cell import DEADLINE_CYCLES
from lam_ws.types import ActionChunk
import numpy as np

STILL = 0.02      # rad/s, measured, of an arm that stands
LONGEST = 100     # cycles in which an arm that is told nothing must have come to rest


class Spoilt(Fault):
    """Every chunk is altered on its way to the guard.

    Args:
        alter: What becomes of a chunk; it may use chance.
    """

    def __init__(self, alter: Callable[[ActionChunk, np.random.Generator], ActionChunk]):
        self._alter = alter

    def begin(self, robot: Robot, rng: np.random.Generator) -> None:
        """Keep the source of chance."""
        self._rng = rng

    def chunk(self, ask: Callable[[], ActionChunk | None]) -> ActionChunk | None:
        """Return the altered chunk."""
        chunk = ask()
        self.touched = chunk is not None
        return None if chunk is None else self._alter(chunk, self._rng)


class Repeating(Fault):
    """The policy gives its first answer again and again."""

    def __init__(self) -> None:
        self._first: ActionChunk | None = None

    def chunk(self, ask: Callable[[], ActionChunk | None]) -> ActionChunk | None:
        """Return the first chunk, stamp and all."""
        self.touched = self._first is not None
        self._first = self._first or ask()
        return self._first


class Silent(Fault):
    """The policy does not answer any more."""

    def chunk(self, ask: Callable[[], ActionChunk | None]) -> ActionChunk | None:
        """Return nothing."""
        return None


class Crashing(Fault):
    """The policy raises what nobody expects."""

    def chunk(self, ask: Callable[[], ActionChunk | None]) -> ActionChunk | None:
        """Raise."""
        raise RuntimeError('the policy crashed on purpose')


def _some(chunk: ActionChunk, rng: np.random.Generator, value: float) -> ActionChunk:
    position = chunk.position.copy()
    position[rng.integers(position.shape[0]), rng.integers(position.shape[1])] = value
    return replace(chunk, position=position)


def _leap(chunk: ActionChunk, rng: np.random.Generator) -> ActionChunk:
    off = np.zeros(len(chunk.names))
    off[int(rng.integers(len(off) - 1))] = rng.choice([-1.0, 1.0]) * rng.uniform(1.0, 3.0)
    return replace(chunk, position=chunk.position + off)


def _shuffled(chunk: ActionChunk, rng: np.random.Generator) -> ActionChunk:
    order = [1, 0, *range(2, len(chunk.names))]
    return replace(chunk, names=tuple(chunk.names[i] for i in order))


FAULTS: dict[str, Callable[[], Fault]] = {
    'policy_nan': lambda: Spoilt(lambda c, rng: _some(c, rng, math.nan)),
    'policy_inf': lambda: Spoilt(lambda c, rng: _some(c, rng, rng.choice([-1, 1]) * math.inf)),
    'policy_time_nan': lambda: Spoilt(lambda c, rng: replace(c, times=c.times * math.nan)),
    'policy_length': lambda: Spoilt(lambda c, rng: replace(c, position=c.position[:-1])),
    'policy_axes': lambda: Spoilt(lambda c, rng: replace(c, position=c.position[:, 1:])),
    'policy_order': lambda: Spoilt(_shuffled),
    'policy_backwards': lambda: Spoilt(lambda c, rng: replace(c, times=c.times[::-1])),
    'policy_future': lambda: Spoilt(lambda c, rng: replace(c, stamp_s=c.stamp_s + 5.0)),
    'policy_old': lambda: Spoilt(lambda c, rng: replace(c, stamp_s=c.stamp_s - 5.0)),
    'policy_replayed': Repeating,
    'policy_stalled': Silent,
    'policy_crashed': Crashing,
    'policy_out_of_range': lambda: Spoilt(lambda c, rng: replace(
        c, position=c.position + rng.choice([-1.0, 1.0], c.position.shape[1]) * 10.0)),
    'policy_leap': lambda: Spoilt(_leap),
    'policy_huge': lambda: Spoilt(lambda c, rng: _some(c, rng, rng.choice([-1e308, 1e308]))),
}


def lockstep(case: Case, phase: str, seed: int) -> Seen:
    """Spoil the policy of an episode: nothing unsound is followed, and the arm is stopped."""
    return _starved(_rehearse(case, stand(), phase, seed))


def alone(case: Case, phase: str, seed: int) -> Seen:
    """Spoil what is proposed to the guard alone: the same."""
    return _starved(_rehearse(case, LoneGuard(seed), phase, seed))


def bounded(case: Case, phase: str, seed: int) -> Seen:
    """Let the policy of an episode ask for too much: commands beyond a bound count."""
    return _bounded(_rehearse(case, stand(), phase, seed))


def bounded_alone(case: Case, phase: str, seed: int) -> Seen:
    """Ask the guard alone for too much: commands beyond a bound count."""
    return _bounded(_rehearse(case, LoneGuard(seed), phase, seed))


def crash(case: Case, phase: str, seed: int) -> Seen:
    """Let the policy take its process with it: the arm brakes by itself, told by nobody."""
    place = stand()
    run = _rehearse(case, place, phase, seed)
    cycles = _coast(place)
    return Seen(f'{run.failure}; still after {cycles} cycles without a command', cycles,
                'crashed on purpose' in run.failure and not run.complaints)


def _rehearse(case: Case, stage: Stage, phase: str, seed: int) -> Rehearsal:
    return stage.rehearse(FAULTS[case.name.removesuffix('_alone')](), phase, seed, case.fault)


def _starved(run: Rehearsal) -> Seen:
    """Judge a run without a sound chunk: counted from the cycle in which the last was too old."""
    followed = refused = 0
    last_s = max((row.inputs.chunk.stamp_s for row in run.rows[:run.since]
                  if row.inputs.chunk is not None), default=-math.inf)
    for row in run.rows[run.since:]:
        if row.inputs.chunk is not None:
            code = row.decision.limited
            refused, followed = (refused + 1, followed) if code.startswith('chunk_') else (
                refused, followed + (row.decision.state == 'running'))
    due = next((i for i, row in enumerate(run.rows) if i >= run.since
                and row.inputs.now_s > last_s + run.config.stale_chunk_s), len(run.rows))
    seen = stopped(run, 'policy_stalled', since=due)
    return Seen(f'{seen.observed}; {refused} chunks refused, {followed} followed', seen.cycles,
                seen.right and followed == 0)


def _bounded(run: Rehearsal) -> Seen:
    after = run.rows[run.since:]
    held = sorted({row.decision.limited for row in after if row.decision.limited})
    return Seen('; '.join([f'{len(after)} commands', ', '.join(held) or 'no bound was needed',
                           run.reason or 'no stop', *run.complaints]),
                len(run.complaints), not run.failure)


def _coast(place: Stand) -> float:
    """Return how many cycles pass until an arm that is told nothing stands."""
    for cycle in range(LONGEST):
        if cycle > DEADLINE_CYCLES and np.abs(place.read().velocity[:-1]).max() < STILL:
            return cycle
        place.cell.advance()
    return math.inf
