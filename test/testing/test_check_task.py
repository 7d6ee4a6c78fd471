"""The task's contract: the task that ships keeps it; a task that believes too much does not."""
from dataclasses import replace

from lam_ws.pipeline import Task
from lam_ws.site import load_site
from lam_ws.testing import check_task, ContractError
from lam_ws.types import Goal, Instruction, JointState, Plan
import numpy as np
import pytest

SITE = load_site('sim_bench')
JOINTS = JointState(0.0, SITE.arm.names, SITE.arm.home, np.zeros(SITE.arm.axes))
STEPS = (Goal('pick_place', 'cylinder', 'red', 'black', 'the red cylinder'),
         Goal('pick_place', 'cube', 'blue', 'white', 'the blue cube'))
PLAN = Plan(Instruction('both'), 'en', STEPS)


class Believes(Task):
    """Takes the policy's word for it."""

    def advance(self, now_s, scene, joints, done):
        state = super().advance(now_s, scene, joints, done)
        if done is not None and done > 0.5:
            return replace(state, phase='succeeded', goal=None)
        return state


class TimesOutIntoSuccess(Task):
    """Calls a time-out a success."""

    def state(self):
        state = super().state()
        return replace(state, phase='succeeded', reason='') if state.reason == 'timeout' else state


class NeverEnds(Task):
    """Starts its first attempt again and again."""

    def _retry(self, reason, now_s, scene):
        self._begin(now_s, scene)


class Mute(Task):
    """Fails without a reason."""

    def state(self):
        return replace(super().state(), reason='')


class Undead(Task):
    """Ignores a cancel."""

    def cancel(self):
        return self.state()


def made(kind):
    """Return the way to make tasks of a kind on the site's arm."""
    return lambda plan, settings, now_s: kind(plan, settings, now_s, SITE.arm)


@pytest.mark.parametrize('steps', [1, 2])
def test_the_task_that_ships_keeps_the_contract(steps):
    """Pins that no time-out, no empty scene and no claim of the policy becomes a success."""
    check_task(made(Task), replace(PLAN, steps=STEPS[:steps]), SITE.task, JOINTS)


@pytest.mark.parametrize(('kind', 'words'), [
    (Believes, "must be 'failed' while nothing is seen, though the policy says done"),
    (TimesOutIntoSuccess, "must be 'failed' without any news, is 'succeeded'"),
    (NeverEnds, 'is still running'), (Mute, 'must give a reason'),
    (Undead, "must be 'cancelled' after cancel"),
])
def test_each_broken_task_is_found_out(kind, words):
    """Pins one sentence for each breach."""
    with pytest.raises(ContractError) as caught:
        check_task(made(kind), PLAN, SITE.task, JOINTS)
    assert any(words in breach for breach in caught.value.breaches), caught.value
