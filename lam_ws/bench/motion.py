"""A stretch of real motion to measure on: the simulated cell, led by the scripted expert.

A site enters; what the guard was told and what it commanded, cycle by cycle, leave. Guard and
cell are deterministic, so replaying the record costs exactly what the motion cost.
"""
from dataclasses import dataclass

from lam_ws.errors import LamError
from lam_ws.safety.guard import start, step
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardInputs, GuardState, Request
from lam_ws.sim.cell import Cell
from lam_ws.sim.expert import Expert
from lam_ws.site import Site
from lam_ws.types import Command, Goal, Observation

SECONDS = 6.0    # approach, grasp, lift and carry


@dataclass(frozen=True)
class Motion:
    """One recorded stretch: `inputs` and `commands` of each control cycle, at `seed`."""

    seed: int
    inputs: tuple[GuardInputs, ...]
    commands: tuple[Command, ...]


def record_motion(site: Site, seed: int, seconds: float = SECONDS) -> Motion:
    """Let the expert move a part for `seconds` of simulated time and return what happened.

    Raises:
        LamError: The guard stopped it, so that there is no motion to measure on.
    """
    config = guard_config(site)
    memory, cell, commander = start(config), Cell(site, seed), Commander(POLICY, 'bench', 1)
    inputs: list[GuardInputs] = []
    commands: list[Command] = []
    try:
        expert = Expert(cell, site.policy.horizon)
        part = cell.draw.parts[0]
        expert.reset(Goal('pick_place', part.kind, part.colour, cell.draw.bins[0].colour, ''))
        replan = round(site.policy.replan_s * site.limits.control_hz)
        requests = [Request.RESET, Request.ARM]
        for cycle in range(round(seconds * site.limits.control_hz)):
            joints, request = cell.read(), requests.pop(0) if requests else Request.NONE
            chunk = None
            if cycle % replan == 2:   # reset and arm come first
                chunk = expert.act(Observation(cell.now_s, joints, {}))
            inputs.append(GuardInputs(
                cell.now_s, joints, chunk, request=request,
                claim=commander.claim(cell.now_s)))
            memory, decision = step(config, memory, inputs[-1])
            if decision.state in (GuardState.STOPPING, GuardState.STOPPED) \
                    or decision.command is None:
                raise LamError(f'the guard stopped the motion to measure on: {decision.reason}')
            commands.append(cell.stream(decision.command))
            cell.advance()
    finally:
        cell.close()
    return Motion(seed, tuple(inputs), tuple(commands))
