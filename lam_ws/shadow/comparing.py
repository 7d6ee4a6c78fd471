"""A shadow against what was really done: a `Watch` enters, numbers and series for a page leave.

Errors are measured positions at a time after a chunk's stamp minus what it wanted there. Beside
the chunk stand two others: what the guard would have made of it, and an arm that stays where it
was, without which no error can be called small. Where the cell had a task, chunks from before it
began count in no error: the arm was not told yet.
"""
from collections.abc import Sequence
from typing import Any

from lam_ws.geometry import Chain
from lam_ws.robot import ArmSpec
from lam_ws.shadow.shadow import Predicted, Pursuit, Watch
from lam_ws.types import Array, Goal, Point
import numpy as np

AFTER_S = (0.1, 0.3, 0.5)
SAME = ('skill', 'kind', 'colour', 'place', 'destination', 'part', 'tool')
PREDICTORS = ('chunk', 'guarded', 'standing')
NEAR_S = 0.05     # from a time to the next measurement, beyond which nothing was measured then


def compared(watch: Watch, arm: ArmSpec) -> dict[str, Any]:
    """Return what a watch says, as JSON; times are s after the first joint state."""
    begin_s = watch.joints[0].stamp_s if watch.joints else 0.0
    ways = Ways(watch, arm)
    rows = [_row(one, watch, ways, begin_s) for one in watch.chunks]
    led = [row for row in rows if row['led']] or rows
    return {
        'instruction': watch.instruction.text, 'language': watch.instruction.language,
        'plan': [_goal(goal) for goal in watch.plan.steps] if watch.plan else [],
        'reason': watch.refusal[0], 'text': watch.refusal[1],
        'seconds': round(watch.joints[-1].stamp_s - begin_s, 3) if watch.joints else 0.0,
        'views': watch.views, 'blind': dict(watch.blind),
        'goals': [_pursuit(one, begin_s) for one in watch.pursuits],
        'verdicts': _verdicts(watch.chunks), 'errors': _errors(led), 'chunks': rows,
        'same_as_commander': _against_commander(rows),
        'cells_guard': _cells_guard(watch)}


def measured(watch: Watch, arm: ArmSpec) -> tuple[Array, Array, float]:
    """Return [T] s after the first joint state, [T, n] rad (gripper m), and that one's stamp."""
    if not watch.joints:
        return np.empty(0), np.empty((0, arm.axes)), 0.0
    begin_s = watch.joints[0].stamp_s
    return (np.array([joints.stamp_s - begin_s for joints in watch.joints]),
            np.array([joints.position for joints in watch.joints]), begin_s)


class Ways:
    """Where the arm was, and where three predictors had it.

    Args:
        watch: What was heard.
        arm: The arm.
    """

    def __init__(self, watch: Watch, arm: ArmSpec):
        self._chain = Chain(arm)
        self._stamps = np.array([joints.stamp_s for joints in watch.joints])
        self._rows = np.array([joints.position for joints in watch.joints])

    def measured(self, time_s: float) -> Array | None:
        """Return [n] rad (gripper m) at a time, None where nothing was measured near it."""
        right = int(np.searchsorted(self._stamps, time_s))
        near = self._stamps[max(right - 1, 0):right + 1]
        if len(near) == 0 or np.abs(near - time_s).min() > NEAR_S:
            return None
        return _at(time_s, self._stamps[max(right - 1, 0):right + 1],
                   self._rows[max(right - 1, 0):right + 1])

    def errors(self, one: Predicted, after_s: float) -> dict[str, dict[str, float]] | None:
        """Return for each predictor arm_rad, gripper_m and tool_m; None where it is unknown."""
        began, there = self.measured(one.chunk.stamp_s), self.measured(
            one.chunk.stamp_s + after_s)
        if began is None or there is None or after_s > one.chunk.times[-1]:
            return None
        times = np.concatenate([[0.0], one.chunk.times])
        wanted = {'chunk': _at(after_s, times, np.vstack([began, one.chunk.position])),
                  'standing': began}
        if len(one.verdict.times) and not one.verdict.refused:
            wanted['guarded'] = _at(after_s, one.verdict.times, one.verdict.position)
        tool = self._tool(there)
        return {name: {'arm_rad': float(np.abs(where - there)[:-1].max()),
                       'gripper_m': float(abs(where - there)[-1]),
                       'tool_m': float(np.linalg.norm(self._tool(where) - tool))}
                for name, where in wanted.items()}

    def _tool(self, position: Array) -> Array:
        return np.asarray(self._chain.forward(position[:-1])[:3, 3])


def _at(time_s: float, times: Array, rows: Array) -> Array:
    return np.array([np.interp(time_s, times, column) for column in rows.T])


def _row(one: Predicted, watch: Watch, ways: Ways, begin_s: float) -> dict[str, Any]:
    chunk = one.chunk
    theirs = watch.proposals.get(round(chunk.stamp_s * 1e9))
    apart = None
    if theirs is not None and theirs.position.shape == chunk.position.shape:
        apart = float(np.abs(theirs.position - chunk.position)[:, :-1].max())
    return {'time_s': round(chunk.stamp_s - begin_s, 4), 'step': one.step,
            'attempt': one.attempt, 'led': one.led, 'phase': chunk.phase,
            'done': float(chunk.done), 'verdict': one.verdict.word, 'refused': one.verdict.refused,
            'limited': list(one.verdict.limited), 'stopped': one.verdict.stopped,
            'errors': {f'{after_s:g}': ways.errors(one, after_s) for after_s in AFTER_S},
            'commander_rad': apart}


def _errors(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return median, 95th percentile and largest of each error, by time and predictor."""
    found: dict[str, Any] = {}
    for after_s in AFTER_S:
        here = [row['errors'][f'{after_s:g}'] for row in rows]
        found[f'{after_s:g}'] = {
            name: _spread([one[name] for one in here if one is not None and name in one])
            for name in PREDICTORS}
    return found


def _spread(errors: Sequence[dict[str, float]]) -> dict[str, Any]:
    spread: dict[str, Any] = {'count': len(errors)}
    for key in ('arm_rad', 'gripper_m', 'tool_m') if errors else ():
        values = np.array([one[key] for one in errors])
        spread[key] = {'median': float(np.median(values)),
                       'p95': float(np.percentile(values, 95)), 'max': float(values.max())}
    return spread


def _verdicts(chunks: Sequence[Predicted]) -> dict[str, Any]:
    words = ('passed', 'limited', 'refused', 'stopped')
    reasons: dict[str, int] = {}
    for one in chunks:
        for reason in (one.verdict.refused, *one.verdict.limited, one.verdict.stopped):
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
    return {**{word: sum(one.verdict.word == word for one in chunks) for word in words},
            'reasons': reasons}


def _pursuit(one: Pursuit, begin_s: float) -> dict[str, Any]:
    cells = one.cells
    row: dict[str, Any] = {'time_s': round(one.stamp_s - begin_s, 3), 'own': _goal(one.own),
                           'cells': None if cells is None else _goal(cells)}
    if cells is not None:
        row['different'] = [key for key in SAME if getattr(one.own, key) != getattr(cells, key)]
        for key in ('seen_at', 'place_at'):
            row[f'{key}_apart_m'] = _apart(getattr(one.own, key), getattr(cells, key))
    return row


def _goal(goal: Goal) -> dict[str, str]:
    return {**{key: getattr(goal, key) for key in SAME}, 'text': goal.text}


def _apart(ours: Point | None, theirs: Point | None) -> float | None:
    if ours is None or theirs is None:
        return None
    return float(np.linalg.norm(np.subtract(ours, theirs)))


def _against_commander(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how far chunks are from those that the cell's commander sent for the same view."""
    apart = np.array([row['commander_rad'] for row in rows if row['commander_rad'] is not None])
    if not len(apart):
        return {'chunks': 0}
    return {'chunks': len(apart), 'median_rad': float(np.median(apart)),
            'max_rad': float(apart.max())}


def _cells_guard(watch: Watch) -> dict[str, Any]:
    """Return how often the cell's guard was heard in each state and at each bound."""
    states: dict[str, int] = {}
    limited: dict[str, int] = {}
    for said in watch.said:
        name = f'{said.state} ({said.reason})' if said.reason else said.state
        states[name] = states.get(name, 0) + 1
        if said.limited:
            limited[said.limited] = limited.get(said.limited, 0) + 1
    return {'states': states, 'limited': limited, 'commands': len(watch.commands),
            'commanders': sorted({said.commander for said in watch.said if said.commander})}
