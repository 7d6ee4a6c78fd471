"""A guard with an arm that obeys it, and an independent judge of every command it sends.

The judge uses finite differences and lam_ws.geometry only: none of the guard's own arithmetic.
"""
from collections.abc import Callable
from dataclasses import replace
import time

from guard_bodies import FIRST_MOVING, violations_of_bodies
from lam_ws.geometry import Chain
from lam_ws.safety.guard import start, step
from lam_ws.safety.handling import Handled
from lam_ws.safety.lease import Claim, Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardConfig, GuardDecision, GuardInputs, Request
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, JointState
import numpy as np

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


def violations(config: GuardConfig, stream: list[tuple[np.ndarray, np.ndarray]]) -> list[str]:
    """Return what the commands of one stream break, each stream beginning out of standstill.

    Position, and velocity, acceleration and jerk as differences of the positions as well as of
    the velocities sent; tool speed; workspace box; table for TCP and moving joint frames; boxes
    that are kept out, and the distance of links from each other.
    """
    dt, limits = config.cycle_s, config.spec.limits
    p = np.array([stream[0][0]] * 3 + [position for position, _ in stream])
    v = np.array([0.0 * stream[0][0]] * 2 + [velocity for _, velocity in stream])
    found = []
    if not (np.isfinite(p).all() and np.isfinite(v).all()):
        return ['a command is not finite']
    if (p < limits.lower).any() or (p > limits.upper).any():
        found.append('position')
    # 4e-15 is the rounding of a position of a few rad; each difference divides it once more.
    for name, values, bound, noise in (
            ('velocity of positions', np.diff(p, 1, 0) / dt, config.velocity, 4e-15 / dt),
            ('velocity', v, config.velocity, 0.0),
            ('acceleration of positions', np.diff(p, 2, 0) / dt ** 2, config.acceleration,
             8e-15 / dt ** 2),
            ('acceleration', np.diff(v, 1, 0) / dt, config.acceleration, 4e-15 / dt),
            ('jerk of positions', np.diff(p, 3, 0) / dt ** 3, config.jerk, 16e-15 / dt ** 3),
            ('jerk', np.diff(v, 2, 0) / dt ** 2, config.jerk, 8e-15 / dt ** 2)):
        if (np.abs(values) > bound * (1.0 + 1e-9) + noise).any():
            found.append(name)
    return found + _violations_in_space(config, p)


def _violations_in_space(config: GuardConfig, p: np.ndarray) -> list[str]:
    """Return what positions [m, n] break in space."""
    axes, X = Chain(config.spec)._frames(p[:, :-1])
    tcp, found = X[:, :3, 3], []
    if (tcp < config.workspace_lower - 1e-9).any() or (tcp > config.workspace_upper + 1e-9).any():
        found.append('workspace')
    moving, radii = slice(FIRST_MOVING[config.spec.name], None), np.array(config.spec.link_radius)
    radii[1:] = np.maximum(radii[1:], radii[:-1])   # both links that meet in a frame
    lowest = axes[:, moving, 2, 3] - radii[moving]
    if min(tcp[:, 2].min(), lowest.min()) < config.table_z - 1e-9:
        found.append('table')
    speed = np.linalg.norm(np.diff(tcp, axis=0), axis=1) / config.cycle_s
    if speed.max() > config.tool_speed * (1.0 + 1e-9):
        found.append(f'tool speed {speed.max()}')
    return found + violations_of_bodies(config, p[:, :-1])


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
