"""What a chunk costs: the learned policy alone, and the whole way from observation to command.

Everything is measured on a real observation of the simulated cell, interleaved, so that the
ratio of the two holds on a busy machine.
"""
from collections.abc import Callable, Collection
from functools import cache

from lam_ws.bench.bench import Measured, Say
from lam_ws.bench.timing import interleave, ratio, ROUNDS, WARM_UP, Work
from lam_ws.errors import LamError
from lam_ws.grounding.sentences import sample_sentence
from lam_ws.perception.perception import synchronise
from lam_ws.policy.policy import load_policy, Policy
from lam_ws.safety.guard import GuardMemory, start, step
from lam_ws.safety.lease import Commander, POLICY
from lam_ws.safety.safety import guard_config, GuardConfig, GuardInputs, GuardState, Request
from lam_ws.sim.cell import Cell
from lam_ws.site import load_site, Site
from lam_ws.types import Array, Frame, Goal, JointState, Observation
import numpy as np

SITE, SEED = 'sim_bench', 7
SETTLE = 10    # cycles of the cell before the observation is taken


def inference(wanted: Collection[str], say: Say) -> dict[str, Measured]:
    """Measure the CPU time of a chunk in ms, and what the path to the command adds to it."""
    costs = _costs()
    act, path, bare = (1e3 * costs[name] for name in ('act', 'path', 'bare'))
    value, low, high = ratio(costs['path'], costs['bare'])
    rounds = f'least CPU time of {ROUNDS} interleaved runs after {WARM_UP} to warm up'
    return {
        'inference_chunk': Measured(float(act.min()), (
            f'policy.act on one observation of site {SITE} (seed {SEED}), one thread, goal set '
            f'anew before each: {rounds}; median {np.median(act):.2f} ms')),
        'observation_to_command_overhead': Measured(value, (
            'from received frames and joints to the guarded command (age and shape checks, '
            'policy.act, guard step with the new chunk; without perception and transport) over '
            'the bare network passes and kinematics of the same act on ready tensors; each the '
            f'{rounds}: {path.min():.2f} / {bare.min():.2f} ms, 95 % bootstrap interval of the '
            f'ratio {low:.3f} to {high:.3f}'))}


@cache
def _costs() -> dict[str, Array]:
    """Return the CPU times [rounds] s of 'act', 'path' and 'bare'."""
    from lam_ws.policy.bare import bare_forward
    from lam_ws.policy.native import NativePolicy

    site = load_site(SITE)
    policy = load_policy(site)
    if type(policy) is not NativePolicy:
        raise LamError(f'site {SITE} has no policy with a network to compare with')
    joints, frames, goal, now_s = look(site, policy)
    observation = synchronise(site, joints, frames, now_s)
    policy.reset(goal)
    bare = bare_forward(policy, observation)
    config = guard_config(site)
    path = _path(site, policy, config, _armed(config, joints, now_s), joints, frames, now_s)
    return interleave({'act': Work(lambda: policy.act(observation), lambda: policy.reset(goal)),
                       'path': Work(path, lambda: policy.reset(goal)),
                       'bare': Work(bare)})


def look(site: Site, policy: Policy) -> tuple[JointState, dict[str, Frame], Goal, float]:
    """Return joints and frames of a fresh scene, a goal that `policy` finds in it, and the time.

    Raises:
        LamError: It finds none.
    """
    cell = Cell(site, SEED)
    try:
        cell.advance(SETTLE)
        joints = cell.read()
        frames = {camera.name: cell.render(camera.name) for camera in site.cameras}
        return (joints, frames, _findable(policy, cell, Observation(cell.now_s, joints, frames)),
                cell.now_s)
    finally:
        cell.close()


def _findable(policy: Policy, cell: Cell, observation: Observation) -> Goal:
    """Return a goal of this scene that the policy finds, as otherwise it only searches."""
    rng = np.random.default_rng(SEED)
    for part in cell.draw.parts:
        destination = cell.draw.bins[0].colour
        text = sample_sentence(part.kind, part.colour, destination, 'ko', rng, 'train')
        goal = Goal('pick_place', part.kind, part.colour, destination, text)
        policy.reset(goal)
        if policy.act(observation).phase != 'search':
            return goal
    raise LamError(f'the policy finds no part of site {SITE}, seed {SEED}: nothing to measure')


def _armed(config: GuardConfig, joints: JointState, now_s: float) -> GuardMemory:
    """Return the memory of a guard that was armed just before `now_s`."""
    memory, decision = step(config, start(config), GuardInputs(
        now_s - config.cycle_s, joints, request=Request.ARM))
    if decision.state is not GuardState.ARMED:
        raise LamError(f'the guard cannot be armed: {decision.reason}')
    return memory


def _path(site: Site, policy: Policy, config: GuardConfig, memory: GuardMemory,
          joints: JointState, frames: dict[str, Frame], now_s: float) -> Callable[[], None]:
    """Return the way from what was received to the command as one piece of work."""
    def path() -> None:
        observation = synchronise(site, joints, frames, now_s)
        chunk = policy.act(observation)
        _, decision = step(config, memory, GuardInputs(
            now_s, joints, chunk, claim=Commander(POLICY, 'bench', 1).claim(now_s)))
        if decision.state is not GuardState.RUNNING:
            raise LamError(f'the guard does not follow the chunk: {decision.reason}')
    return path
