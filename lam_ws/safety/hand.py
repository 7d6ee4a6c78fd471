"""What is in the hand: which handling the limits in force belong to, and when another is taken.

What a step wants to handle enters with the state of the arm; what the guard goes by leaves, or
why the arm comes to rest instead. Limits change only while the arm stands, so no command has to
be right by two sets of them.
"""
from typing import NamedTuple

from lam_ws.safety.bound import Bound
from lam_ws.safety.handling import BY_HAND, Handled
from lam_ws.safety.limiter import Motion
from lam_ws.safety.safety import GuardConfig
from lam_ws.types import ActionChunk, JointState

STANDING = 0.02   # rad/s, measured, below which an arm stands; encoders tremble
CLOSING = 1e-6    # m: less is rounding


class Hand(NamedTuple):
    """What came of what a step wants to handle.

    Attributes:
        handled: What the limits in force belong to, None before the first step.
        barred: Why nothing may be followed, None if it may.
        new: Whether something else has just been taken: what was planned is void.
    """

    handled: Handled | None
    barred: Bound | None = None
    new: bool = False


def tool_speed(config: GuardConfig, handled: Handled | None) -> float:
    """Return m/s, the largest speed of the tool while something is handled: the strictest."""
    allowance = None if handled is None else config.handlings.allowance(handled)
    return config.tool_speed if allowance is None else min(config.tool_speed, allowance.speed)


def take(config: GuardConfig, before: Handled | None, wanted: Handled | None,
         motion: Motion | None, joints: JointState | None) -> Hand:
    """Return what is handled from now on.

    Args:
        config: The limits.
        before: What the limits in force belong to.
        wanted: What the step in progress handles, None when none is.
        motion: What was commanded last.
        joints: The last state that was believed.
    """
    if wanted is None or wanted == before:
        return Hand(before)
    who = wanted.part or wanted.tool
    allowance = config.handlings.allowance(wanted)
    if allowance is None:
        return Hand(before, Bound('knowledge_mismatch', where=who))
    if allowance.force < config.spec.gripper_force and wanted != BY_HAND:   # see `grips`
        return Hand(before, Bound('part_force', config.spec.gripper_force, allowance.force, who))
    if _limits(config, wanted) == _limits(config, before):
        return Hand(wanted)
    if not _stands(motion, joints):
        return Hand(before, Bound('part_change', where=who))
    return Hand(wanted, new=True)


def grips(config: GuardConfig, handled: Handled | None, motion: Motion,
          chunk: ActionChunk) -> Bound | None:
    """Return 'part_force' where a chunk closes the fingers and nobody knows on what.

    By hand anything may be between them. If the cell has something that bears less than they
    press with, a person may move the arm and open them, and that is all.
    """
    if handled != BY_HAND:
        return None
    allowance, force = config.handlings.allowance(BY_HAND), config.spec.gripper_force
    if allowance is None or allowance.force >= force \
            or chunk.position[:, -1].min() >= motion.position[-1] - CLOSING:
        return None
    return Bound('part_force', force, allowance.force, BY_HAND.skill)


def named(config: GuardConfig, handled: Handled | None, bound: Bound | None) -> Bound | None:
    """Return a bound by the name of what sets it: the site, or what is handled."""
    if bound is None or bound.name != 'tool_speed' or handled is None \
            or tool_speed(config, handled) >= config.tool_speed:
        return bound
    return Bound('part_speed', bound.measured, bound.allowed,
                 handled.part or handled.tool or handled.skill)


def _limits(config: GuardConfig, handled: Handled | None) -> tuple[str, str, float]:
    part, tool = ('', '') if handled is None else (handled.part, handled.tool)
    return part, tool, tool_speed(config, handled)


def _stands(motion: Motion | None, joints: JointState | None) -> bool:
    """Return whether the arm is commanded to stand and measured to do so, gripper excepted."""
    return (joints is not None and (motion is None or motion.resting)
            and max(map(abs, joints.velocity.tolist()[:-1])) < STANDING)
