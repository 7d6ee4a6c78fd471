"""Episodes in which nothing is broken: the guard must not stop them, and break no bound.

Seeds enter; for each an episode in lock-step leaves with its stops, its commands and every bound
that the judge found broken, and a random stream of the guard alone likewise.
"""
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from lam_ws.evaluation.evaluation import Conditions, draw_case
from lam_ws.faults.judging import broken
from lam_ws.faults.lockstep.breaking import Fault
from lam_ws.faults.lockstep.rehearsal import stand
from lam_ws.faults.lockstep.streams import COMMANDS, Stream
from lam_ws.safety.guard import LATCHED
from lam_ws.types import Instruction
import numpy as np

FIRST = 900_000   # seed of the first scene, which no training and no other evaluation has


@dataclass(frozen=True)
class Quiet:
    """One run without a fault.

    Attributes:
        seed: Its seed.
        kind: 'episode' in lock-step, 'stream' of random chunks to the guard alone.
        commands: Commands that were sent.
        stops: Stops that nobody asked for; a stream has faults and is not asked.
        violations: Bounds that a command broke.
        phase: How an episode ended.
        reason: Why it failed.
    """

    seed: int
    kind: str
    commands: int
    stops: int
    violations: tuple[str, ...]
    phase: str = ''
    reason: str = ''

    def to_json(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def episode(seed: int) -> Quiet:
    """Run one episode in which nothing is broken."""
    place = stand()
    place.cell.reset(seed)
    place.pipeline.restart()
    place.pipeline.prepare(Fault(), '', np.random.default_rng(seed), 0)
    parts = [(part.kind, part.colour) for part in place.cell.draw.parts]
    case = draw_case(parts, seed, Conditions())
    outcome = place.run(Instruction(case.text, case.language))
    decisions = [row.decision for row in place.pipeline.rows]
    stopped = any(decision.state in LATCHED for decision in decisions)
    return Quiet(seed, 'episode', sum(one.command is not None for one in decisions), int(stopped),
                 tuple(broken(place.config, decisions)), outcome.phase, outcome.reason)


def stream(seed: int) -> Quiet:
    """Let a random policy loose on the guard alone."""
    run = Stream(seed)
    found = run.drive(COMMANDS)
    return Quiet(seed, 'stream', COMMANDS, 0, tuple(found))


def run_block(kind: str, seeds: Iterable[int]) -> list[Quiet]:
    """Run several of one kind."""
    work = {'episode': episode, 'stream': stream}[kind]
    return [work(seed) for seed in seeds]


def summary(runs: Iterable[Quiet]) -> dict[str, object]:
    """Return what all runs came to."""
    rows = list(runs)
    episodes = [row for row in rows if row.kind == 'episode']
    return {'episodes': len(episodes),
            'succeeded': sum(row.phase == 'succeeded' for row in episodes),
            'failures': {reason: sum(row.reason == reason for row in episodes)
                         for reason in sorted({row.reason for row in episodes} - {''})},
            'false_stops': sum(row.stops for row in rows),
            'commands': sum(row.commands for row in rows),
            'commands_of_episodes': sum(row.commands for row in episodes),
            'violations': sum(len(row.violations) for row in rows)}


def jobs(episodes: int, done: Iterable[Quiet], size: int = 10) -> Iterator[tuple[str, list[int]]]:
    """Yield what is left to run: so many episodes, and streams up to a million commands."""
    had = {(row.kind, row.seed) for row in done}
    for kind, first, count in (('episode', FIRST, episodes), ('stream', 0, episodes // 2)):
        left = [seed for seed in range(first, first + count) if (kind, seed) not in had]
        for start in range(0, len(left), size):
            yield kind, left[start:start + size]
