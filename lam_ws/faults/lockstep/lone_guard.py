"""The guard alone with an arm that obeys it: the quickest place to break something.

A `Fault` enters; the cycles leave as a `Rehearsal`. There is no simulator, no camera and no
policy here: the arm is where it was commanded to be, and a sound chunk sets it in motion.
"""
from dataclasses import replace

from lam_ws.faults.judging import broken
from lam_ws.faults.lockstep.aftermath import after_stop
from lam_ws.faults.lockstep.breaking import Fault, Row
from lam_ws.faults.lockstep.rehearsal import Rehearsal
from lam_ws.safety.guard import LATCHED, start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import (
    guard_config,
    GuardConfig,
    GuardDecision,
    GuardInputs,
    Request,
)
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, freeze, JointState
import numpy as np

SITES = ('sim_bench', 'sim_bench_ur5e')
REPLAN = 50       # cycles between two chunks of a policy that works
WATCHED = 260     # cycles in which a fault may show what it does


class LoneGuard:
    """A guard and an arm that obeys it.

    Args:
        seed: Chooses the site, and whatever else is chosen.
        config: What the guard enforces, by default that of the site.
    """

    def __init__(self, seed: int, config: GuardConfig | None = None):
        self.config = config or guard_config(load_site(SITES[seed % len(SITES)]))
        self.spec, self.rng = self.config.spec, np.random.default_rng((seed, 3))
        self.now_s, self.position = 0.0, self.spec.home.copy()
        self.velocity = 0.0 * self.position
        self.memory, self.rows = start(self.config), list[Row]()
        self.commander = Commander(POLICY, 'lone', 1)
        self.fault, self.active = Fault(), False
        self.since: int | None = None

    def read(self) -> JointState:
        """Return what is measured: what was commanded."""
        return JointState(self.now_s, self.spec.names, self.position, self.velocity)

    def heal(self) -> None:
        """End the fault."""
        self.active = False

    def cycle(self, chunk: ActionChunk | None = None, handled: Handled | None = None,
              request: Request = Request.NONE) -> GuardDecision:
        """Run one control cycle."""
        self.now_s += self.config.cycle_s
        measured = self.read()
        inputs = GuardInputs(self.now_s, measured, chunk, False, request, handled,
                             self.commander.claim(self.now_s))
        if self.active:
            sound = inputs
            if (joints := self.fault.joints(measured)) is not measured:
                inputs = replace(inputs, joints=joints)
            inputs = self.fault.inputs(inputs)
            self._notice(inputs is not sound)
        self.memory, decision = step(self.config, self.memory, inputs)
        self.rows.append(Row(measured, inputs, decision))
        if decision.command is not None:
            self.position, self.velocity = decision.command.position, decision.command.velocity
        return decision

    def rehearse(self, fault: Fault, phase: str, seed: int, number: int) -> Rehearsal:
        """Return a run in which `fault` broke while the arm waits ('idle') or moves."""
        self.fault = fault
        self.cycle()
        self.cycle(None, Handled(), Request.ARM)
        self._work(phase, int(self.rng.integers(5, 60)))
        fault.begin(self, self.rng)
        self.active = True
        self._work(phase, WATCHED)
        since = len(self.rows) if self.since is None else self.since
        run = Rehearsal(self.config, list(self.rows), since, None, 0, fault=fault)
        row = run.stop()
        if row is not None:
            run.complaints += after_stop(self, run.rows, row)
        run.complaints += broken(self.config, [row.decision for row in self.rows])
        return run

    def _work(self, phase: str, cycles: int) -> None:
        """Let a policy that works move the arm until the guard stops or the time is over."""
        for k in range(cycles):
            chunk = self.swing() if phase != 'idle' and k % REPLAN == 0 else None
            if chunk is not None and self.active:
                sound = chunk
                chunk = self.fault.chunk(lambda: sound)  # noqa: B023  asked before the next one
                self._notice(chunk is not sound)
            if self.cycle(chunk, Handled()).state in LATCHED:
                return

    def _notice(self, spoilt: bool) -> None:
        """Remember the first cycle in which something spoilt reached the guard."""
        if spoilt and self.since is None:
            self.since = len(self.rows)

    def swing(self) -> ActionChunk:
        """Return a chunk that turns the first joint to and fro."""
        ahead = self.now_s + self.config.cycle_s + 0.1 * np.arange(1, 11)
        position = np.tile(self.spec.home, (10, 1))
        position[:, 0] += 0.3 * np.sin(2.0 * ahead)
        return ActionChunk(self.now_s, self.spec.names, freeze(0.1 * np.arange(1, 11)), position)
