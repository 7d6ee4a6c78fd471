"""A guard with an arm that obeys it, and the judge of every command it sends.

The judge is that of lam_ws.faults: finite differences and lam_ws.geometry, none of the guard's
own arithmetic.
"""
from collections.abc import Callable
from dataclasses import replace
import time

from lam_ws.faults.judging import violations
from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Claim, Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardConfig, GuardDecision, GuardInputs, Request
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, JointState
import numpy as np

__all__ = ['config_of', 'cycle_times', 'Run', 'SITES', 'violations']
SITES = ('sim_bench', 'sim_bench_ur5e')


def config_of(site: str = 'sim_bench', **changes: object) -> GuardConfig:
    """Return the guard's configuration at a shipped site, with changes."""
    config = guard_config(load_site(site))
    return replace(config, **changes) if changes else config  # type: ignore[arg-type]


class Run:
    """One guard and one arm; a call of `cycle` is one control cycle.

    Attributes:
        handled: What the step in progress is said to handle.
        streams: [[(position, velocity), ...], ...] commands, a new list at each restart.
        hands: [[(said, in force), ...], ...] what was handled at each command.
    """

    def __init__(self, config: GuardConfig, position: np.ndarray | None = None):
        self.config, self.now_s = config, 0.0
        self.memory, self.commander = start(config), Commander(POLICY, 'test', 1)
        self.position = np.array(config.spec.home if position is None else position, float)
        self.handled: Handled | None = Handled()
        self.streams: list[list[tuple[np.ndarray, np.ndarray]]] = []
        self.hands: list[list[tuple[Handled | None, Handled | None]]] = []
        self.decision: GuardDecision | None = None

    def claim(self) -> Claim:
        """Return what the one commander of this run says of itself in each cycle."""
        return self.commander.claim(self.now_s)

    def joints(self) -> JointState:
        """Return what the driver reports now."""
        return JointState(self.now_s, self.config.spec.names, self.position,
                          np.zeros(self.config.spec.axes))

    def cycle(self, chunk: ActionChunk | None = None, hold: bool = False,
              request: Request = Request.NONE,
              spoil: Callable[[JointState], JointState | None] | None = None) -> GuardDecision:
        """Run one cycle; `spoil` alters the joint state on its way to the guard."""
        self.now_s += self.config.cycle_s
        joints = self.joints() if spoil is None else spoil(self.joints())
        self.memory, decision = step(self.config, self.memory, GuardInputs(
            self.now_s, joints, chunk, hold, request, self.handled, self.claim()))
        if decision.command is not None:
            if decision.restarted or not self.streams:
                self.streams.append([])
                self.hands.append([])
            self.hands[-1].append((self.handled, self.memory.handled))
            self.streams[-1].append((decision.command.position, decision.command.velocity))
            self.position = decision.command.position
        self.decision = decision
        return decision

    def arm(self) -> 'Run':
        """Bring a fresh guard to ARMED."""
        self.cycle()
        assert self.cycle(request=Request.ARM).state == 'armed'
        return self

    def start_motion(self, cycles: int = 20) -> 'Run':
        """Bring a fresh guard to RUNNING, in motion."""
        ahead = np.linspace(0.04, 0.4, 10)[:, None] * self.way()
        self.arm().cycle(self.chunk(self.position + ahead))
        for _ in range(cycles - 1):
            self.cycle()
        assert self.decision is not None and self.decision.state == 'running'
        assert self.decision.command is not None and self.decision.command.velocity.any()
        return self

    def way(self) -> np.ndarray:
        """Return a direction in joint space that stays inside every bound for 0.5 rad."""
        return np.array([1.0] + [0.0] * (self.config.spec.axes - 2) + [-0.1])

    def chunk(self, position: np.ndarray, spacing_s: float = 0.1) -> ActionChunk:
        """Return a chunk from an observation at the cycle to come."""
        position = np.asarray(position, float)
        return ActionChunk(self.now_s + self.config.cycle_s, self.config.spec.names,
                           spacing_s * np.arange(1, len(position) + 1), position)

    @property
    def commands(self) -> int:
        """Number of commands sent."""
        return sum(map(len, self.streams))


def cycle_times(config: GuardConfig, cycles: int) -> np.ndarray:
    """Return [cycles] s of CPU that each guard cycle took while it follows a steady stream.

    A new chunk of ten waypoints at 10 Hz arrives every half second; the arm swings around home.
    """
    run, taken = Run(config).arm(), np.empty(cycles)
    swing = 0.2 * np.ones(config.spec.axes)
    swing[-1] = 0.0
    begin_s = run.now_s
    for i in range(cycles):
        chunk = None
        if i % 50 == 0:
            s = run.now_s + config.cycle_s - begin_s + 0.1 * np.arange(1, 11)[:, None]
            chunk = run.chunk(config.spec.home + swing * np.sin(np.minimum(s, 2.0) * s))
        run.now_s += config.cycle_s
        inputs = GuardInputs(run.now_s, run.joints(), chunk and replace(chunk, stamp_s=run.now_s),
                             claim=run.claim())
        before = time.process_time_ns()
        run.memory, decision = step(config, run.memory, inputs)
        taken[i] = 1e-9 * (time.process_time_ns() - before)
        assert decision.command is not None and decision.state == 'running', decision
        run.position = decision.command.position
    return taken
