"""What a control cycle costs: the guard's step, and the simulated cell with its cameras."""
from collections.abc import Collection
from dataclasses import replace

from lam_ws.bench.bench import Measured, Say
from lam_ws.bench.motion import Motion, record_motion
from lam_ws.bench.timing import cpu_s, least_median, sum_of_minima
from lam_ws.errors import LamError
from lam_ws.safety.guard import start, step
from lam_ws.safety.safety import guard_config, GuardState
from lam_ws.sim.cell import Cell
from lam_ws.site import load_site, Site
from lam_ws.types import Array
import numpy as np

SITE, SEED = 'sim_bench', 7
BLOCKS = 12          # replays of the guard's motion
REPEATS = 4          # replays of the cell's motion
SIDE, RATE_HZ = 128, 10.0   # px and Hz of both cameras
STRETCH = 50         # control cycles that are timed together


def guard_cycle(wanted: Collection[str], say: Say) -> dict[str, Measured]:
    """Measure one step of the guard in us while it follows chunks."""
    site = load_site(SITE)
    motion = record_motion(site, SEED)
    fresh = np.array([inputs.chunk is not None for inputs in motion.inputs])
    blocks = [_replay(site, motion) for _ in range(BLOCKS)]
    running = len(motion.inputs) - 2
    usual = least_median(blocks)
    chunk_us = 1e6 * least_median([block[fresh] for block in blocks])
    late_us = 1e6 * min(float(np.quantile(block, 0.99)) for block in blocks)
    return {'guard_cycle': Measured(1e6 * usual, (
        f'CPU time of lam_ws.safety.guard.step on the {running} cycles of a recorded pick in the '
        f'simulated cell (site {SITE}, measured joints, a new chunk each '
        f'{site.policy.replan_s} s); median of a replay, least of {BLOCKS} replays; in the '
        f'same way cycles with a new chunk {chunk_us:.0f} us, 99th percentile '
        f'{late_us:.0f} us'))}


def _replay(site: Site, motion: Motion) -> Array:
    """Return the CPU time [cycles] s of each step of the recorded motion."""
    config = guard_config(site)
    memory = start(config)
    spent, states = [], []
    for inputs in motion.inputs:
        began = cpu_s()
        memory, decision = step(config, memory, inputs)
        spent.append(cpu_s() - began)
        states.append(decision.state)
    if any(state is not GuardState.RUNNING for state in states[2:]):
        raise LamError('the guard did not follow the recorded motion')
    return np.array(spent)


def cell_realtime_factor(wanted: Collection[str], say: Say) -> dict[str, Measured]:
    """Measure how many simulated seconds the cell gives for one CPU second."""
    site = load_site(SITE)
    small = replace(site, cameras=tuple(
        replace(camera, width=SIDE, height=SIDE, rate_hz=RATE_HZ) for camera in site.cameras))
    motion = record_motion(small, SEED)
    cell = Cell(small, SEED)
    try:
        repeats = [_lead(cell, motion) for _ in range(REPEATS)]
    finally:
        cell.close()
    simulated_s = len(motion.commands) * cell.cycle_s
    costs = [sum(row) for row in repeats]
    return {'cell_realtime_factor': Measured(simulated_s / sum_of_minima(repeats), (
        f'simulated s for each CPU s of one core, cell with {len(small.cameras)} cameras of '
        f'{SIDE} x {SIDE} px at {RATE_HZ:g} Hz in lock-step: read, command and advance each '
        f'cycle, render every camera each 0.1 s; {simulated_s:g} s of a recorded pick, '
        f'least CPU time of each {STRETCH / site.limits.control_hz:g} s over {REPEATS} '
        f'replays (whole replays: {simulated_s / max(costs):.2f} to '
        f'{simulated_s / min(costs):.2f})'))}


def _lead(cell: Cell, motion: Motion) -> list[float]:
    """Send the recorded commands to a fresh scene; return the CPU time of each stretch, s."""
    cell.reset(motion.seed)
    every = round(cell.site.limits.control_hz / RATE_HZ)
    spent, began = [], cpu_s()
    for cycle, command in enumerate(motion.commands):
        if cycle % every == 0:
            for camera in cell.site.cameras:
                cell.render(camera.name)
        cell.read()
        cell.stream(command)
        cell.advance()
        if (cycle + 1) % STRETCH == 0:
            now = cpu_s()
            spent.append(now - began)
            began = now
    return spent
