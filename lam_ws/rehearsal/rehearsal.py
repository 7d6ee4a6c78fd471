"""The room's contract: a scripted operator demonstrates one thing, as a person would.

What the operator sees of the cell (the simulator's truth stands for eyes) and a sentence enter;
a labelled recording leaves. It acts through the console's protocol alone: login, record, jogs of
a hand that is held, and for an intervention an instruction that it takes over from.
"""
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
import time
from typing import Any

from lam_ws.rehearsal.page import ConsoleError, joints, OLD_S, Page
from lam_ws.rehearsal.steering import Steering, Wanted
from lam_ws.robot import ArmSpec
from lam_ws.sim.tasks.suite import by_skill
from lam_ws.sim.truth import key_points, Truth
from lam_ws.types import Array, Goal
import numpy as np

RENEW_S = 0.033       # s between two jogs while a key is held
LONGEST_S = 30.0      # s of one part of the motion
LOOK_S = 0.8          # s before and after, in which the cameras see past the arm
SQUEEZED_S = 0.35     # s for which the fingers go on closing
STUCK = 0.0008        # m that closing fingers move no more between two states
MOST_STOPS = 6        # of the guard in one demonstration
ROUNDING = 0.006      # m, of what need not be exact


@dataclass(frozen=True)
class Part:
    """One demonstration to give.

    Attributes:
        goal: What is done.
        text: What the operator says, as it is recorded.
        plain: A sentence that the cell understands: the policy begins, and the hand takes over.
    """

    goal: Goal
    text: str
    plain: str = ''


@dataclass(frozen=True)
class Take:
    """What came of one: the recording, its label, what was meant, and why it failed.

    What was meant (kind, colour, destination) is for scoring: nothing learns from it.
    """

    episode: str
    text: str
    label: str
    seconds: float
    meant: Sequence[str] = ()
    intervention: bool = False
    why: str = ''


class Operator:
    """One scripted person at one console.

    Args:
        page: Of the console, logged in.
        arm: What it moves.
    """

    def __init__(self, page: Page, arm: ArmSpec):
        self._page, self._steering, self._arm = page, Steering(arm), arm
        self._home, self._stopped = Steering(arm).tool(arm.home), 0

    def demonstrate(self, part: Part, look: Callable[[], Truth],
                    done: Callable[[Truth, Truth, Goal], bool]) -> Take:
        """Record one demonstration and label it by what is seen in the end.

        Args:
            part: What to show.
            look: Returns what the operator's eyes see.
            done: Says of what was seen before and after whether the goal was reached.
        """
        page, before, started, self._stopped = self._page, look(), time.monotonic(), 0
        episode = page.record('start', instruction=part.text)
        why = ''
        try:
            time.sleep(LOOK_S)
            if part.plain:
                page.post('/api/instruct', {'text': part.plain})
                self._watch(part.goal, before)
            page.hand('take')
            for wanted in self._way(part.goal, look()):
                self._go(wanted)
            time.sleep(LOOK_S)
        except ConsoleError as failure:
            why = str(failure)
        label = 'success' if not why and done(before, look(), part.goal) else 'failure'
        page.record('stop', label=label, note=why[:200])
        self._leave(bool(part.plain))
        goal = part.goal
        return Take(episode, part.text, label, round(time.monotonic() - started, 1),
                    (goal.kind, goal.colour, goal.destination), bool(part.plain), why)

    def _watch(self, goal: Goal, before: Truth) -> None:
        """Let the policy move until it is half way to the part."""
        at = key_points(before, goal).pick
        first = float(np.linalg.norm(self._tool()[:2] - at[:2]))
        deadline = time.monotonic() + 6.0
        while time.monotonic() < deadline:
            if np.linalg.norm(self._tool()[:2] - at[:2]) < max(0.5 * first, 0.05):
                return

    def _leave(self, cancel: bool) -> None:
        page = self._page
        page.release()
        # What was not taken need not be given back, what has ended not be ended.
        with suppress(ConsoleError):
            page.hand('give')
        if cancel:
            with suppress(ConsoleError):
                page.post('/api/cancel')

    def _way(self, goal: Goal, truth: Truth) -> Sequence[Wanted]:
        """Return where the tool goes, from what the eyes see; the last is out of the way."""
        points = key_points(truth, goal)
        home = np.array([*self._home, 0.0, 0.0])
        way = []
        for waypoint in by_skill(goal.skill).motion[:-1]:
            place = waypoint.where(points, home)
            fingers = 'close' if waypoint.grips else 'stay' if waypoint.fingers == 0.0 else 'open'
            within = max(waypoint.rounding, 0.002) if waypoint.rounding < ROUNDING else 0.03
            way.append(Wanted(place[:3], float(place[3]), within, fingers))
        way.append(Wanted(self._home, 0.0, 0.05, 'stay'))
        return way

    def _regain(self) -> None:
        """Permit motion and take the arm again after the guard has stopped it.

        Raises:
            ConsoleError: It was stopped too often.
        """
        self._stopped += 1
        if self._stopped > MOST_STOPS:
            raise ConsoleError(f'the arm was stopped too often: {_told(self._page.state())}')
        page = self._page
        page.post('/api/reset')
        page.post('/api/arm')
        page.hand('take')
        page.state()   # what was seen before is no longer so

    def _tool(self) -> Array:
        return self._steering.tool(joints(self._page.state()))

    def _go(self, wanted: Wanted) -> None:
        """Hold the keys that lead to a place until the tool is there.

        Raises:
            ConsoleError: It does not come there.
        """
        page, steering = self._page, self._steering
        deadline, closed_s, before = time.monotonic() + LONGEST_S, 0.0, np.inf
        seen = None
        while True:
            state, age_s = page.newest()
            now_s = time.monotonic()
            if now_s > deadline:
                raise ConsoleError(f'the tool does not come to {np.round(wanted.xyz, 3)}, '
                                   f'{wanted.fingers}: {_told(state)}')
            if age_s > OLD_S:   # nobody moves an arm that is not seen to move
                page.release()
                page.state()
                continue
            if not state['teleop'].get('holds') or (state.get('guard') or {}).get('state') not in (
                    'armed', 'running'):
                self._regain()
                continue
            position = joints(state)
            if state is not seen:   # a new one
                seen = state
                still = abs(before - position[-1]) < STUCK
                before = position[-1]
                closed_s = (closed_s or now_s) if still and wanted.fingers == 'close' else 0.0
            ready = {'open': steering.open(position), 'stay': True,
                     'close': bool(closed_s) and now_s - closed_s > SQUEEZED_S}[wanted.fingers]
            if ready and steering.there(position, wanted):
                page.release()
                return
            page.jog(steering.jog(position, wanted, age_s))
            time.sleep(RENEW_S)


def _told(state: dict[str, Any]) -> str:
    """Return what the console says is in the way."""
    limited = (state.get('teleop') or {}).get('limited') or {}
    guard = state.get('guard') or {}
    return str((limited.get('text') or {}).get('en') or guard.get('reason') or 'no reason given')
