"""A real episode in lock-step in which something is broken, and what comes after a stop.

A phase, a seed and a `Fault` enter; the cycles of the run leave, with what was wrong after a stop
and with every bound that was broken. Cell, perception, policy, task and guard are those of the
site; nothing stands in for them.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lam_ws.episode import Episode, Outcome
from lam_ws.evaluation.evaluation import Conditions, draw_case
from lam_ws.faults.faults import PHASES
from lam_ws.faults.judging import broken
from lam_ws.faults.lockstep.aftermath import after_stop, Bench
from lam_ws.faults.lockstep.breaking import BreakablePipeline, Enough, Fault, Row
from lam_ws.safety.guard import LATCHED
from lam_ws.safety.handling import Handled
from lam_ws.safety.safety import guard_config, GuardConfig, GuardDecision, Request
from lam_ws.sim.cell import Cell
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, Instruction, JointState
import numpy as np

SITE = 'sim_bench'
PATIENCE = 400        # cycles after the fault in which the stack may show what it does
TRIES = 6             # scenes, until one comes as far as the phase
IDLE = 40             # cycles in which an armed arm waits for an instruction


@dataclass
class Rehearsal:
    """One run with its fault.

    Attributes:
        config: What the guard enforces.
        rows: The cycles of the episode up to the stop or its end.
        since: Row from which the fault could be noticed.
        outcome: Of the episode, None where it did not come to its end.
        leaked: Spoilt frames that perception took for good ones.
        complaints: What was wrong after the stop, and every bound that was broken.
        failure: The exception that left the stack, '' for none.
        fault: What was broken.
    """

    config: GuardConfig
    rows: Sequence[Row]
    since: int
    outcome: Outcome | None
    leaked: int
    complaints: list[str] = field(default_factory=list)
    failure: str = ''
    fault: Fault = field(default_factory=Fault)

    def stop(self) -> int | None:
        """Return the row in which the guard began to stop, None where it did not."""
        return next((i for i in range(self.since, len(self.rows))
                     if self.rows[i].decision.state in LATCHED), None)

    @property
    def reason(self) -> str:
        """Why the guard stopped, '' where it did not."""
        row = self.stop()
        return '' if row is None else self.rows[row].decision.reason


Follow = Callable[['Stand', Rehearsal, int], list[str]]


class Stage(Protocol):
    """Where a fault can be rehearsed."""

    def rehearse(self, fault: Fault, phase: str, seed: int, number: int) -> Rehearsal:
        """Return a run in which `fault` broke in `phase`."""


def leave(bench: Bench, run: Rehearsal, row: int) -> list[str]:
    """Go on after the stop in `row` as an operator may; return what was wrong."""
    return after_stop(bench, run.rows, row)


class Stand(Episode):
    """The episode in which faults are rehearsed, one run after the other."""

    pipeline: BreakablePipeline

    def __init__(self) -> None:
        site = load_site(SITE)
        cell = Cell(site)
        super().__init__(cell, BreakablePipeline(site, cell))
        self.config = guard_config(site)

    @property
    def now_s(self) -> float:
        """Time of the cell, s."""
        return self.cell.now_s

    def read(self) -> JointState:
        """Return the measured joints."""
        return self.cell.read()

    def cycle(self, chunk: ActionChunk | None = None, handled: Handled | None = None,
              request: Request = Request.NONE) -> GuardDecision:
        """Run one control cycle."""
        return self._cycle(chunk, handled, request, self._commander.claim(self.now_s))

    def heal(self) -> None:
        """End the fault."""
        self.pipeline.heal()

    def close(self) -> None:
        """Close the cell."""
        self.cell.close()

    def rehearse(self, fault: Fault, phase: str, seed: int, number: int,
                 patience: int = PATIENCE, follow: 'Follow' = leave) -> Rehearsal:
        """Return a run in which `fault` broke in `phase`; scenes that do not get there are left.

        Args:
            fault: What breaks.
            phase: Of PHASES.
            seed: Of the run.
            number: Of the fault: another number, other scenes.
            patience: Cycles until the episode ends that nothing else has ended.
            follow: What is done after a stop; returns what was wrong.

        Raises:
            RuntimeError: No scene came as far as the phase.
        """
        for attempt in range(TRIES):
            scene = 40_000 + 1000 * attempt + 211 * seed + 7 * number + PHASES.index(phase)
            outcome, failure = self._run(fault, phase, scene, patience)
            if self.pipeline.begun:
                break
        else:
            raise RuntimeError(f'no scene came as far as the phase {phase}')
        made = self.pipeline
        since = len(made.rows) if made.since is None else made.since
        run = Rehearsal(self.config, list(made.rows), since, outcome, made.leaked, [], failure,
                        fault)
        row = run.stop()
        if row is not None:
            run.complaints += follow(self, run, row)
        run.complaints += broken(self.config, [row.decision for row in made.rows])
        return run

    def _run(self, fault: Fault, phase: str, scene: int,
             patience: int) -> tuple[Outcome | None, str]:
        """Run one scene until the stack or patience ends it."""
        self.cell.reset(scene)
        self.pipeline.restart()
        self.pipeline.prepare(fault, phase, np.random.default_rng((scene, 5)), patience)
        try:
            if phase == 'idle':
                self._wait()
                return None, ''
            parts = [(part.kind, part.colour) for part in self.cell.draw.parts]
            case = draw_case(parts, scene, Conditions())
            return self.run(Instruction(case.text, case.language)), ''
        except Enough:
            return None, ''
        except Exception as failure:   # a fault may leave the stack as an exception: it is seen
            return None, f'{type(failure).__name__}: {failure}'

    def _wait(self) -> None:
        """Arm, and let the arm wait for an instruction."""
        self._begin()
        for _ in range(IDLE):
            if self._cycle(None, None).state in LATCHED:
                return


_stands: list[Stand] = []


def stand() -> Stand:
    """Return the stand of this process, set up when it is first asked for."""
    if not _stands:
        _stands.append(Stand())
    return _stands[0]


def clear() -> None:
    """Take the stand of this process down, if there is one."""
    while _stands:
        _stands.pop().close()
