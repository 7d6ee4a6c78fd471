"""When a task is done, tried again, given up or cancelled: its state machine, tick by tick."""
from dataclasses import replace

from lam_ws.done import Evidence, RELEASED, WITHIN
from lam_ws.pipeline import DISPUTED_S, Task
from lam_ws.site import load_site
from lam_ws.testing import check_task
from lam_ws.types import Detection, Goal, Instruction, JointState, Plan, Scene
import numpy as np
import pytest

TICK_S = 0.1
ARM = load_site('sim_bench').arm
OPENING = float(ARM.limits.upper[-1])
SETTINGS = load_site('sim_bench').task
RED = Goal('pick_place', 'cylinder', 'red', 'black', 'put the red cylinder in the black box')
BLUE = Goal('pick_place', 'cube', 'blue', 'white', 'put the blue cube in the white box')
BIN, ASIDE = (0.5, 0.29), (0.45, 0.0)


def plan(*goals):
    """Return a plan of these steps."""
    return Plan(Instruction('as the test says'), 'en', goals)


def scene(*things):
    """Return a scene of (kind, colour, (x, y)) with both bins."""
    bins = (('bin', 'black', BIN), ('bin', 'white', (0.5, -0.29)))
    return Scene(0.0, tuple(Detection(kind, colour, np.array([*xy, 0.02]), 0.9)
                            for kind, colour, xy in (*things, *bins)))


def holding(opening):
    """Return joints at home with the gripper this wide open, m."""
    position = ARM.home.copy()
    position[-1] = opening
    return JointState(0.0, ARM.names, position, np.zeros(ARM.axes))


IN_BLACK = scene(('cylinder', 'red', BIN))
BESIDE = scene(('cylinder', 'red', ASIDE))
OPEN = holding(OPENING)


class Run:
    """A task that is told the same news tick after tick, on a clock of its own."""

    def __init__(self, *goals, settings=SETTINGS):
        self.now_s, self.settings = 3.0, settings
        self.task = Task(plan(*goals), settings, self.now_s, ARM)
        self.state = self.task.state()

    def tell(self, seconds, seen=None, joints=OPEN, done=1.0):
        """Advance by `seconds` and return where the task stands."""
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            self.state = self.task.advance(self.now_s, seen, joints, done)
        return self.state


SETTLED = SETTINGS.settle_s + 2 * TICK_S


def test_each_attempt_is_told_where_perception_sees_things():
    """Pins a retry that went for where the part had been before the first attempt."""
    task = Task(plan(RED), replace(SETTINGS, retries=2), 3.0, ARM, BESIDE)
    goal = task.state().goal
    assert goal.seen_at == (*ASIDE, 0.02) and goal.place_at == (*BIN, 0.02)
    moved = scene(('cylinder', 'red', (0.3, 0.1)))
    late = task.advance(3.0 + SETTINGS.timeout_s, moved, OPEN, 0.0)
    assert late.attempt == 1 and late.goal.seen_at == (0.3, 0.1, 0.02)
    later = task.advance(3.0 + 2 * SETTINGS.timeout_s, scene(), OPEN, 0.0)
    assert later.goal.seen_at is None and later.goal.place_at == (*BIN, 0.02)
    alone = Task(plan(RED), SETTINGS, 3.0, ARM)
    assert alone.advance(3.0 + SETTINGS.timeout_s, moved, OPEN, 0.0).goal == RED


@pytest.fixture
def run():
    """Return a task of one step."""
    return Run(RED)


def test_done_needs_policy_and_perception(run):
    """Pins the one way to succeed: both say so, with the fingers open, for the settling time."""
    assert run.tell(1.0, BESIDE, done=0.0).phase == 'running'
    assert run.tell(SETTINGS.settle_s - TICK_S, IN_BLACK).phase == 'running'
    state = run.tell(3 * TICK_S, IN_BLACK)
    assert (state.phase, state.reason, state.goal, state.progress) == ('succeeded', '', None, 1.0)


@pytest.mark.parametrize(('seen', 'joints', 'done'), [
    (IN_BLACK, OPEN, 0.0),
    (IN_BLACK, OPEN, None),
    (IN_BLACK, OPEN, SETTINGS.done_threshold - 0.01),
    (IN_BLACK, holding(RELEASED * OPENING - 0.002), 1.0),
    (scene(('cylinder', 'red', (0.5, -0.29))), OPEN, 1.0),
    (scene(('cube', 'red', BIN)), OPEN, 1.0),
    (scene(('cylinder', 'blue', BIN)), OPEN, 1.0),
    (scene(), OPEN, 1.0),
    (None, OPEN, 1.0),
], ids=['policy_not_done', 'policy_silent', 'policy_unsure', 'fingers_closed', 'other_bin',
        'other_kind', 'other_colour', 'out_of_sight', 'blind'])
def test_neither_of_them_is_enough(run, seen, joints, done):
    """Pins that no single witness makes a success, however long it insists."""
    for _ in range(100):
        if run.tell(TICK_S, seen, joints, done).phase != 'running':
            break
    assert run.state.phase != 'succeeded'


def test_success_must_last(run):
    """Pins that a part that is only seen in passing over its bin does not count."""
    for _ in range(3):
        assert run.tell(SETTINGS.settle_s - TICK_S, IN_BLACK).phase == 'running'
        assert run.tell(TICK_S, IN_BLACK, done=0.0).phase == 'running'


def test_a_contradicted_policy_tries_again(run):
    """Pins that a policy which says done too early gets a new attempt at the same goal."""
    assert run.tell(DISPUTED_S - TICK_S, BESIDE).attempt == 0
    state = run.tell(3 * TICK_S, BESIDE)
    assert (state.phase, state.attempt, state.goal) == ('running', 1, RED)


def test_a_contradiction_beyond_the_budget_fails_with_its_reason(run):
    """Pins that the budget ends a policy that will not see reason."""
    state = run.tell((SETTINGS.retries + 1) * (DISPUTED_S + 3 * TICK_S), BESIDE)
    assert (state.phase, state.reason, state.goal) == ('failed', 'done_contradicted', None)
    assert state.attempt == SETTINGS.retries


def test_a_second_attempt_can_succeed(run):
    """Pins that a retry starts with a clean slate and leads to an ordinary success."""
    run.tell(DISPUTED_S + 2 * TICK_S, BESIDE)
    assert run.state.attempt == 1
    assert run.tell(SETTLED, IN_BLACK).phase == 'succeeded'


def test_time_runs_out_attempt_by_attempt(run):
    """Pins that a time-out is a failure, counted from the start of each attempt."""
    state = run.tell(SETTINGS.timeout_s + 2 * TICK_S, BESIDE, done=0.0)
    assert (state.phase, state.attempt) == ('running', 1)
    run.tell((SETTINGS.retries - 1) * (SETTINGS.timeout_s + 2 * TICK_S), BESIDE, done=0.0)
    assert run.tell(SETTINGS.timeout_s - 5 * TICK_S, BESIDE, done=0.0).phase == 'running'
    state = run.tell(8 * TICK_S, BESIDE, done=0.0)
    assert (state.phase, state.reason) == ('failed', 'timeout')


@pytest.mark.parametrize('retries', [0, 1, 3])
def test_the_budget_is_what_the_settings_say(retries):
    """Pins the number of attempts for budgets of none, one and several."""
    run = Run(RED, settings=replace(SETTINGS, retries=retries, timeout_s=2.0))
    attempts = set()
    while run.tell(TICK_S, BESIDE, done=0.0).phase == 'running':
        attempts.add(run.state.attempt)
    assert attempts == set(range(retries + 1))


def test_steps_follow_one_another(run):
    """Pins that each step needs its own evidence and gets its own budget."""
    run = Run(RED, BLUE)
    run.tell(DISPUTED_S + 2 * TICK_S, BESIDE)
    assert run.state.attempt == 1
    run.tell(SETTLED, IN_BLACK)
    assert (run.state.step, run.state.attempt, run.state.goal) == (1, 0, BLUE)
    assert run.state.progress == 0.5
    assert run.tell(SETTLED, IN_BLACK, done=0.0).phase == 'running'
    both = scene(('cylinder', 'red', BIN), ('cube', 'blue', (0.5, -0.29)))
    assert run.tell(SETTLED, both).phase == 'succeeded'


def test_the_guard_is_told_what_the_step_in_work_handles():
    """Pins ids and version of the step, one step after the other, and nothing at the end."""
    first, second = replace(RED, part='rod', tool='jaw'), BLUE
    task = Task(replace(plan(first, second), kb_version='v1'), SETTINGS, 3.0, ARM)
    assert task.handled() == ('pick_place', 'rod', 'jaw', 'v1')
    for i in range(1, 1 + round(SETTLED / TICK_S)):
        task.advance(3.0 + i * TICK_S, IN_BLACK, OPEN, 1.0)
    assert task.state().step == 1 and task.handled() == ('pick_place', '', '', 'v1')
    task.cancel()
    assert task.handled() is None


def test_a_part_that_is_not_held_starts_a_new_attempt_at_once(run):
    """Pins fault 21: one look is enough, the budget is that of every retry, the reason is said."""
    shut = holding(0.0)

    def tell():
        run.now_s += TICK_S
        return run.task.advance(run.now_s, BESIDE, shut, 0.0, 'carry')
    assert (tell().phase, tell().phase) == ('running', 'failed')
    state = run.task.state()
    assert (state.attempt, state.reason) == (SETTINGS.retries, 'not_gripped') == (
        1, 'not_gripped')


def test_giving_up_is_an_end_like_any_other(run):
    """Pins the reason, that nothing is handled any more, and that an end stays as it is."""
    state = run.task.give_up('frozen_camera')
    assert (state.phase, state.reason, state.goal) == ('failed', 'frozen_camera', None)
    assert run.task.handled() is None
    assert run.task.cancel().reason == 'frozen_camera'


def test_cancel_ends_it_and_nothing_changes_the_end(run):
    """Pins that an end is final: neither news nor a cancel rewrites it."""
    assert run.task.cancel().phase == 'cancelled'
    assert run.tell(SETTLED, IN_BLACK).phase == 'cancelled'
    won = Run(RED)
    won.tell(SETTLED, IN_BLACK)
    assert won.task.cancel().phase == 'succeeded'


@pytest.mark.parametrize(('distance', 'lies_in'), [
    (WITHIN['bin'] - 0.01, True), (WITHIN['bin'] + 0.01, False)])
def test_a_part_near_the_centre_of_its_bin_lies_in_it(distance, lies_in):
    """Pins the distance at which perception's places count as the same."""
    seen = scene(('cylinder', 'red', (BIN[0] + distance, BIN[1])))
    assert Evidence(RED, ARM).bears_out(seen, OPEN) is lies_in


def test_the_task_keeps_its_contract():
    """Pins the check that tasks of others are held to on the one that is shipped."""
    check_task(lambda plan_, settings, now_s: Task(plan_, settings, now_s, ARM),
               plan(RED, BLUE), SETTINGS, OPEN)
