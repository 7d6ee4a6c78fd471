"""The contract of a policy: well-formed chunks, from what it was shown and nothing else.

A policy, a goal and a few observations enter; a learned model, an operator's device and a
scripted expert are held to the same sentences.
"""
from collections.abc import Sequence
from dataclasses import replace

from lam_ws.errors import ObservationError
from lam_ws.policy.policy import Policy
from lam_ws.robot import ArmSpec
from lam_ws.testing.contract import Findings, findings
from lam_ws.types import ActionChunk, Goal, Observation
import numpy as np

SPEED_MARGIN = 1.5  # times the arm's speed: what a first target may ask of the guard to limit


def check_policy(policy: Policy, goal: Goal, observations: Sequence[Observation],
                 arm: ArmSpec, sees: bool = True, repeatable: bool = True) -> None:
    """Check that `policy` keeps the contract of `lam_ws.policy.policy.Policy`.

    Args:
        policy: The policy, loaded.
        goal: Something it can be asked to do.
        observations: At least one, in order of time, of the arm `arm`.
        arm: The arm it drives.
        sees: Whether it needs its cameras; then it must refuse to go on without them.
        repeatable: Whether the same reset and observations must give the same chunks.

    Raises:
        ContractError: One sentence for each breach.
        ValueError: No observation was given.
    """
    if not observations:
        raise ValueError('check_policy needs at least one observation')
    with findings(policy) as found:
        pixels = [{name: frame.pixels.copy() for name, frame in seen.frames.items()}
                  for seen in observations]
        first = _run(found, policy, goal, observations, arm)
        for seen, kept in zip(observations, pixels, strict=True):
            found.require(all(np.array_equal(frame.pixels, kept[name])
                              for name, frame in seen.frames.items()),
                          'act: writes into the pixels of its observation')
        if repeatable:
            again = _run(found, policy, goal, observations, arm)
            found.require(len(first) == len(again) and all(
                np.array_equal(a.position, b.position) and a.done == b.done
                for a, b in zip(first, again, strict=False)),
                'act: the same reset and observations give other chunks')
        _refusals(found, policy, goal, observations[0], sees)


def _run(found: Findings, policy: Policy, goal: Goal, observations: Sequence[Observation],
         arm: ArmSpec) -> list[ActionChunk]:
    """Show the policy all observations; return its chunks."""
    policy.reset(goal)
    chunks = []
    for seen in observations:
        chunk = policy.act(seen)
        if found.require(isinstance(chunk, ActionChunk), 'act: must return an ActionChunk') \
                and _well_formed(found, chunk, seen, arm):
            chunks.append(chunk)
    return chunks


def _well_formed(found: Findings, chunk: ActionChunk, seen: Observation,
                 arm: ArmSpec) -> bool:
    """Require a chunk that the guard could follow."""
    if not found.require(chunk.names == arm.names,
                         f'act: names are {chunk.names}, the arm has {arm.names}'):
        return False
    shape = (len(chunk.times), arm.axes)
    if not found.require(chunk.times.ndim == 1 and len(chunk.times) > 0
                         and chunk.position.shape == shape,
                         f'act: position must have shape {shape}, one row for each time'):
        return False
    if not found.require(np.isfinite(chunk.times).all() and np.isfinite(chunk.position).all(),
                         'act: a time or position is not finite'):
        return False
    found.require(chunk.stamp_s == seen.stamp_s,
                  f'act: stamp_s is {chunk.stamp_s:g}, its observation has {seen.stamp_s:g}')
    found.require((np.diff(chunk.times, prepend=0.0) > 0).all(),
                  'act: times must be greater than 0 and strictly increasing')
    found.require(0.0 <= chunk.done <= 1.0, f'act: done must be within 0 .. 1, is {chunk.done}')
    limits = arm.limits
    found.require(((limits.lower <= chunk.position) & (chunk.position <= limits.upper)).all(),
                  'act: a target lies outside the joint limits')
    path = np.vstack([seen.joints.position, chunk.position])[:, :-1]
    speed = np.abs(np.diff(path, axis=0)) / np.diff(chunk.times, prepend=0.0)[:, None]
    worst = (speed / limits.velocity[:-1]).max()
    found.require(worst <= SPEED_MARGIN,
                  f'act: a chunk asks for {worst:.1f} times the speed the arm has, '
                  f'{SPEED_MARGIN:g} is allowed')
    return True


def _refusals(found: Findings, policy: Policy, goal: Goal, seen: Observation,
              sees: bool) -> None:
    """Require that a policy without its cameras or with foreign joints does not guess."""
    policy.reset(goal)
    if sees:
        found.refuses(lambda: policy.act(replace(seen, frames={})), ObservationError,
                      'an observation without frames')
    shuffled = replace(seen.joints, names=seen.joints.names[::-1])
    found.refuses(lambda: policy.act(replace(seen, joints=shuffled)), ObservationError,
                  'joint names in another order')
