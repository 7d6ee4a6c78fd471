"""What an evaluation costs: ten-second episodes, with and without pictures, in one process or two.

The episodes are those of `lam eval --policy expert` but for the network that looks for parts: a
reset, then observations at the camera rate, the scripted expert and the task's rules, and in each
control cycle the guard and a look at the contact forces. They last ten simulated seconds, or a
little less where the expert is done sooner.
"""
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
import hashlib
from itertools import pairwise

from lam_ws.bench.bench import Measured, Say
from lam_ws.bench.pinned import run_pinned
from lam_ws.bench.timing import cpu_s, sum_of_minima
from lam_ws.errors import LamError
from lam_ws.evaluation.evaluation import Conditions, draw_case
from lam_ws.evaluation.stage import Stage, WatchedCell
from lam_ws.pipeline import Pipeline
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.sim.scene import SceneDraw
from lam_ws.site import load_site, Site
from lam_ws.types import Command, Frame, Instruction, Observation, Plan, Scene
import numpy as np

SITE, SEEDS = 'sim_bench', (7, 8)
SECONDS = 10.0       # simulated, of an episode
SIDE, RATE_HZ = 128, 10.0   # px and Hz of both cameras
REPEATS = 5          # of the same episodes; for each stretch the least counts
STRETCH = 50         # control cycles that are timed together
SHARED = tuple(range(20, 28))   # seeds of the episodes that two processes share
ROUNDS = 2           # of one process and two


class TimedCell(Cell):
    """A cell that notes the CPU time of this process.

    Attributes:
        marks: s, at the start of the first of each `STRETCH` control cycles since the reset.
    """

    def reset(self, seed: int, draw: SceneDraw | None = None) -> None:
        """Build a fresh scene and forget what was noted."""
        super().reset(seed, draw)
        self.marks: list[float] = []
        self._left_over = 0

    def advance(self, cycles: int = 1) -> None:
        """Move simulated time on, and look at the clock where a stretch begins."""
        if self._left_over == 0:
            self.marks.append(cpu_s())
        self._left_over = (self._left_over + cycles) % STRETCH
        super().advance(cycles)


class TimedStageCell(TimedCell, WatchedCell):
    """The same that looks at contact forces, as an evaluation does."""


class StateOnlyCell(TimedStageCell):
    """The same without pictures: every camera shows one grey image."""

    def render(self, name: str) -> Frame:
        """Return grey pixels at once."""
        model = self._models[name]
        return Frame(self.now_s, model, np.broadcast_to(
            np.uint8(128), (model.height, model.width, 3)))


class Unseeing:
    """A scene estimator that finds nothing, at no cost."""

    def estimate(self, observation: Observation) -> Scene:
        """Return a scene without things."""
        return Scene(observation.stamp_s, ())

    def forget(self) -> None:
        """Remember nothing, as ever."""


@dataclass(frozen=True)
class Ran:
    """One episode.

    Attributes:
        commands: One a control cycle.
        costs: CPU s of the reset with all that comes before the first cycle, of each `STRETCH`
            cycles, and of the rest.
    """

    commands: tuple[Command, ...]
    costs: tuple[float, ...]

    def digest(self) -> str:
        """Return a hash of every command."""
        rows = [(one.position, one.velocity) for one in self.commands]
        return hashlib.sha256(np.array(rows).tobytes()).hexdigest()


def bench_site() -> Site:
    """Return the site of these measurements: both cameras 128 px, one attempt of ten seconds."""
    site = load_site(SITE)
    return replace(site, task=replace(site.task, timeout_s=SECONDS, retries=0), cameras=tuple(
        replace(camera, width=SIDE, height=SIDE, rate_hz=RATE_HZ) for camera in site.cameras))


def build(cell: TimedStageCell) -> Stage:
    """Return the stage of an evaluation of the scripted expert on `cell`, without perception."""
    return Stage(cell.site, cell, Pipeline(cell.site, Unseeing(), policy=Expert(cell)))


def run_episode(stage: Stage, seed: int) -> Ran:
    """Run the episode of one seed as an evaluation does, and time it.

    Raises:
        LamError: The guard stopped it, so that there is nothing to measure on.
    """
    cell, began = stage.cell, cpu_s()
    assert isinstance(cell, TimedCell)
    cell.reset(seed)
    case = draw_case([(part.kind, part.colour) for part in cell.draw.parts], seed, Conditions())
    said = Instruction(case.text, case.language)
    outcome = stage.run(Plan(said, case.language, (replace(case.goal, text=case.text),))).outcome
    if outcome.reason.startswith('guard') or len(outcome.commands) * cell.cycle_s < SECONDS / 2:
        raise LamError(f'the episode to measure on broke off: {outcome.reason}')
    return Ran(outcome.commands, _costs(began, cell))


def replay(cell: TimedCell, seed: int, commands: Sequence[Command]) -> Ran:
    """Send commands to the same scene, one and a step of the simulator each cycle; time it."""
    began = cpu_s()
    cell.reset(seed)
    for command in commands:
        cell.stream(command)
        cell.advance()
    return Ran(tuple(commands), _costs(began, cell))


def _costs(began: float, cell: TimedCell) -> tuple[float, ...]:
    return tuple(after - before for before, after in pairwise([began, *cell.marks, cpu_s()]))


def loop(wanted: Collection[str], say: Say) -> dict[str, Measured]:
    """Measure the loop without pictures against the bare simulator, and whole episodes."""
    site = bench_site()
    runs: dict[str, list[list[Ran]]] = {'bare': [], 'state': [], 'seen': []}
    bare, state = TimedCell(site), build(StateOnlyCell(site))
    seen = build(TimedStageCell(site))
    with closing(bare), closing(state), closing(seen):
        for _ in range(REPEATS):
            runs['state'].append([run_episode(state, seed) for seed in SEEDS])
            runs['bare'].append([replay(bare, seed, ran.commands)
                                 for seed, ran in zip(SEEDS, runs['state'][0], strict=True)])
            runs['seen'].append([run_episode(seen, seed) for seed in SEEDS])
    if len({ran.digest() for rows in runs.values() for ran in rows[0]}) != len(SEEDS):
        raise LamError('the same episode was not the same with pictures and without')
    costs = {name: least_costs(rows) for name, rows in runs.items()}
    cycles = sum(len(ran.commands) for ran in runs['seen'][0])
    return _tell(costs, cycles, site)


def least_costs(repeats: Sequence[Sequence[Ran]]) -> tuple[float, float]:
    """Return the CPU s of the control cycles alone, and of everything, of all episodes.

    Args:
        repeats: The same episodes, again and again; of each stretch the least counts.
    """
    whole = sum(sum_of_minima([row[i].costs for row in repeats])
                for i in range(len(repeats[0])))
    starts = sum(min(row[i].costs[0] for row in repeats) for i in range(len(repeats[0])))
    return whole - starts, whole


def _tell(costs: dict[str, tuple[float, float]], cycles: int, site: Site) -> dict[str, Measured]:
    """Return both rows from the (cycles alone, everything) CPU s of each kind of episode."""
    seconds = cycles / site.limits.control_hz
    per_cycle = {name: 1e6 * loop_s / cycles for name, (loop_s, _) in costs.items()}
    how = (f'{len(SEEDS)} episodes of {seconds:.1f} simulated s together, site {SITE}, run as by '
           'lam eval --policy expert without the perception network: scripted expert each '
           f'{site.policy.replan_s:g} s, rules of the task at {RATE_HZ:g} Hz, guard and contact '
           f'forces each control cycle; least CPU time of each '
           f'{STRETCH / site.limits.control_hz:g} s over {REPEATS} runs')
    return {
        'state_only_ratio': Measured(costs['bare'][0] / costs['state'][0], (
            f'{how}, without pictures; the same commands sent to the same scenes with nothing '
            f'else, over that: {per_cycle["bare"]:.0f} / {per_cycle["state"]:.0f} us a control '
            'cycle, reset left out')),
        'episodes_per_minute': Measured(60.0 / costs['seen'][1] * seconds / SECONDS, (
            f'{how}, with {len(site.cameras)} cameras of {SIDE} x {SIDE} px at {RATE_HZ:g} Hz, '
            f'reset included; episodes of {SECONDS:g} simulated s for each CPU minute of one '
            f'core; {per_cycle["seen"]:.0f} us a control cycle'))}


def two_workers_ratio(wanted: Collection[str], say: Say) -> dict[str, Measured]:
    """Measure how much sooner two processes are done than one with the same episodes."""
    halves = [SHARED[::2], SHARED[1::2]]
    walls: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    results = set()
    for _ in range(ROUNDS):
        for shares in ([SHARED], halves):
            spans = run_pinned(prepare, shares)
            walls[len(shares)].append(max(span.ended_s for span in spans)
                                      - min(span.began_s for span in spans))
            spent[len(shares)].append(sum(span.cpu_s for span in spans))
            results.add(frozenset(pair for span in spans for pair in span.result.items()))
    if len(results) != 1:
        raise LamError('two processes did not give what one gives')
    one, two = min(walls[1]), min(walls[2])
    return {'two_workers_ratio': Measured(one / two, (
        f'wall time of one process with {len(SHARED)} episodes of up to {SECONDS:g} simulated s '
        f'with pictures, over that of two processes on a core each that share them: {one:.2f} / '
        f'{two:.2f} s, least of {ROUNDS} in turn, start of the processes left out; every command '
        f'was the same; {min(spent[1]):.2f} and {min(spent[2]):.2f} CPU s'))}


def prepare() -> Callable[[Sequence[int]], dict[int, str]]:
    """Return what runs episodes in this process and returns a hash of each one's commands."""
    stage = build(TimedStageCell(bench_site()))
    run_episode(stage, SEEDS[0])   # caches fill

    def work(seeds: Sequence[int]) -> dict[int, str]:
        with closing(stage):
            return {seed: run_episode(stage, seed).digest() for seed in seeds}
    return work
