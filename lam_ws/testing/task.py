"""The contract of a task: it ends, it says how, and nothing becomes a success by itself.

A way to make the task enters; plans are run with no evidence at all, so whatever the task
takes for evidence, it must not succeed.
"""
from collections.abc import Callable
from typing import Protocol

from lam_ws.site import TaskSettings
from lam_ws.testing.contract import Findings, findings
from lam_ws.types import Goal, JointState, Plan, Scene

TICK_S = 0.1  # s, between two scenes


class State(Protocol):
    """What a task reports; see `lam_ws.pipeline.TaskState`."""

    @property
    def phase(self) -> str: ...  # noqa: D102
    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def steps(self) -> int: ...  # noqa: D102
    @property
    def attempt(self) -> int: ...  # noqa: D102
    @property
    def goal(self) -> Goal | None: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def progress(self) -> float: ...  # noqa: D102


class Task(Protocol):
    """What decides on observations what is done; see `lam_ws.pipeline.Task`."""

    def advance(self, now_s: float, scene: Scene | None, joints: JointState,
                done: float | None) -> State:
        """Take one tick's news and return where the task stands."""

    def cancel(self) -> State:
        """End the task."""


MakeTask = Callable[[Plan, TaskSettings, float], Task]


def check_task(make: MakeTask, plan: Plan, settings: TaskSettings, joints: JointState) -> None:
    """Check that tasks made by `make(plan, settings, now_s)` keep their contract.

    Args:
        make: Returns a fresh task.
        plan: A plan it can carry out.
        settings: Its rules.
        joints: A measurement of the arm with the gripper open.

    Raises:
        ContractError: One sentence for each breach.
    """
    with findings('the task') as found:
        _starts(found, make(plan, settings, 5.0), plan, joints)
        for what, done, scene in (
                ('without any news', None, None),
                ('while nothing is seen, though the policy says done', 1.0, None),
                ('in an empty scene, though the policy says done', 1.0, ()),
                ('in an empty scene', 0.0, ())):
            _gives_up(found, make(plan, settings, 0.0), settings, joints, done, scene, what)
        task = make(plan, settings, 0.0)
        _ended(found, task, task.cancel(), joints, 'cancelled', 'after cancel')


def _starts(found: Findings, task: Task, plan: Plan, joints: JointState) -> None:
    """Require that a fresh task pursues the first step."""
    state = task.advance(5.0, None, joints, None)
    found.require(state.phase == 'running' and state.step == 0 and state.attempt == 0,
                  'a fresh task must be running step 0, attempt 0')
    found.require(state.goal == plan.steps[0], 'a fresh task must pursue the first step')
    found.require(state.steps == len(plan.steps), 'steps must be the number of steps planned')


def _gives_up(found: Findings, task: Task, settings: TaskSettings, joints: JointState,
              done: float | None, detections: tuple[()] | None, what: str) -> None:
    """Require that a task without evidence fails within its budget, having retried."""
    limit = (settings.retries + 1) * (settings.timeout_s + TICK_S) + settings.settle_s + 1.0
    now, attempts, progress = 0.0, {0}, 0.0
    state = task.advance(now, None, joints, None)
    while state.phase == 'running' and now <= limit:
        now += TICK_S
        scene = None if detections is None else Scene(now, detections)
        state = task.advance(now, scene, joints, done)
        attempts.add(state.attempt)
        found.require(state.phase != 'running' or state.goal is not None,
                      'a running task must have a goal')
        found.require(0.0 <= state.progress <= 1.0 and state.progress >= progress,
                      'progress must grow within 0 .. 1')
        progress = state.progress
    if not found.require(state.phase != 'running',
                         f'is still running {limit:.0f} s after its start {what}'):
        return
    found.require(max(attempts) <= settings.retries,
                  f'makes attempt {max(attempts)}, {settings.retries} retries are allowed')
    _ended(found, task, state, joints, 'failed', what)


def _ended(found: Findings, task: Task, state: State, joints: JointState, phase: str,
           what: str) -> None:
    """Require an end that says why, gives no goal, and is final."""
    found.require(state.phase == phase, f"must be '{phase}' {what}, is '{state.phase}'")
    found.require(phase == 'succeeded' or state.reason, f'must give a reason {what}')
    found.require(state.goal is None, f'must have no goal {what}')
    later = task.advance(1e6, None, joints, 1.0)
    found.require(later == state, f'goes on after its end {what}')
    found.require(task.cancel().phase == state.phase, 'cancel must not change how it ended')
