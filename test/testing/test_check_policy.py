"""The policy's contract: a plain policy keeps it, and each way to break it is named."""
from dataclasses import replace

from lam_ws.errors import ObservationError
from lam_ws.site import load_site
from lam_ws.testing import check_policy, ContractError
from lam_ws.types import ActionChunk, Frame, Goal, JointState, Observation
import numpy as np
import pytest

SITE = load_site('sim_bench')
ARM = SITE.arm
GOAL = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black bin')


def observation(stamp_s: float) -> Observation:
    """Return grey pictures from every camera with the arm at home."""
    joints = JointState(stamp_s, ARM.names, ARM.home, np.zeros(ARM.axes))
    frames = {}
    for camera in SITE.cameras:
        model = camera.model()
        frames[camera.name] = Frame(stamp_s, model, np.full((model.height, model.width, 3), 90,
                                                            np.uint8))
    return Observation(stamp_s, joints, frames)


SEEN = [observation(0.1), observation(0.6)]


class Stay:
    """A policy that wants to be where it is: the smallest one that keeps the contract."""

    def reset(self, goal):
        self.goal = goal

    def act(self, seen):
        if set(seen.frames) != {'front', 'wrist'} or seen.joints.names != ARM.names:
            raise ObservationError('missing', 'a camera or a joint is missing')
        times = 0.1 * np.arange(1, 11)
        return ActionChunk(seen.stamp_s, ARM.names, times,
                           np.tile(seen.joints.position, (10, 1)), 0.2, 'approach')


def changed(**fields):
    """Return a Stay whose chunks have other values in some fields."""
    class Changed(Stay):
        def act(self, seen):
            chunk = super().act(seen)
            return replace(chunk, **{name: make(chunk) for name, make in fields.items()})
    return Changed()


class Blind(Stay):
    def act(self, seen):
        return super().act(replace(seen, frames=SEEN[0].frames))


class Careless(Stay):
    def act(self, seen):
        return super().act(replace(seen, joints=replace(seen.joints, names=ARM.names)))


class Moody(Stay):
    count = 0

    def act(self, seen):
        self.count += 1
        return replace(super().act(seen), done=0.01 * self.count)


class Scribbler(Stay):
    def act(self, seen):
        if 'front' in seen.frames:
            seen.frames['front'].pixels[0, 0] = 255
        return super().act(seen)


class Crashing(Stay):
    def act(self, seen):
        raise KeyError('x')


def nan_target(chunk):
    """Return positions with one that is not a number."""
    position = chunk.position.copy()
    position[3, 2] = np.nan
    return position


def jump(chunk):
    """Return positions 2 rad away."""
    return chunk.position + np.array([2.0, *[0.0] * (ARM.axes - 1)])


def test_a_plain_policy_keeps_the_contract():
    """Pins that the contract asks for nothing beyond reset and act."""
    check_policy(Stay(), GOAL, SEEN, ARM)


@pytest.mark.parametrize(('policy', 'words'), [
    (changed(position=nan_target), 'not finite'),
    (changed(position=jump), 'times the speed'),
    (changed(position=lambda c: c.position[:5]), 'must have shape'),
    (changed(position=lambda c: c.position + 9.0), 'outside the joint limits'),
    (changed(names=lambda c: c.names[::-1]), 'names are'),
    (changed(times=lambda c: c.times[::-1]), 'strictly increasing'),
    (changed(times=lambda c: c.times - 0.1), 'greater than 0'),
    (changed(done=lambda c: 1.5), 'done must be within'),
    (changed(done=lambda c: float('nan')), 'done must be within'),
    (changed(stamp_s=lambda c: 0.0), 'stamp_s is 0'),
    (Blind(), 'accepts an observation without frames'),
    (Careless(), 'accepts joint names in another order'),
    (Moody(), 'the same reset and observations give other chunks'),
    (Scribbler(), 'writes into the pixels'),
    (Crashing(), 'raises KeyError'),
])
def test_each_broken_policy_is_found_out(policy, words):
    """Pins one sentence for each breach."""
    with pytest.raises(ContractError) as caught:
        check_policy(policy, GOAL, [observation(0.1), observation(0.6)], ARM)
    assert any(words in breach for breach in caught.value.breaches), caught.value


def test_a_check_without_observations_is_a_mistake_of_the_caller():
    """Pins that a check that looked at nothing cannot pass."""
    with pytest.raises(ValueError, match='at least one observation'):
        check_policy(Stay(), GOAL, [], ARM)
