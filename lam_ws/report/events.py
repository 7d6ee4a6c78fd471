"""What happened, in order: an episode and its result go in, rows of a timeline come out."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lam_ws.record.record import Episode, GuardRecord, ProposalRecord, SubgoalRecord

#: Two limited moments closer than this are one; guard states come at 10 Hz when nothing changes.
NEAR_S = 0.35
MOST_ROWS = 6     # of limited stretches one by one
STOPPING = ('stopping', 'stopped')
#: What comes first of several events at one time.
LANES = ('instruction', 'plan', 'task', 'policy', 'guard', 'limited', 'stop')


@dataclass(frozen=True)
class Event:
    """One row of the timeline; `lane` is also the style class of its tag."""

    time_s: float
    lane: str
    text: str
    end_s: float | None = None


@dataclass(frozen=True)
class Stretch:
    """From `start` to `end` s something stayed the same; `first` and `last` are its records."""

    start: float
    end: float
    name: str
    first: Any
    last: Any
    count: int = 1


def timeline(episode: Episode, result: Mapping[str, Any]) -> tuple[Event, ...]:
    """Return every event in order of time; the result comes last."""
    steps = [step_text(step) for step in plan_steps(result.get('plan'))]
    asked = goals(episode)
    start = asked[0].start if asked else 0.0
    events = [*_task(episode), *_policy(episode), *_guard(episode)]
    events.append(Event(start, 'instruction',
                        f"“{result.get('instruction', '')}” ({result.get('language', '?')})"))
    events += [Event(start, 'plan', f'{i + 1}. {text}') for i, text in enumerate(steps)]
    events.sort(key=lambda event: (event.time_s, LANES.index(event.lane)))
    won = bool(result.get('success'))
    reason = str(result.get('reason') or '')
    events.append(Event(episode.duration_s, 'result' if won else 'failed',
                        'success' if won else f'failed: {reason or "no reason given"}'))
    return tuple(events)


def plan_steps(plan: Any) -> list[Any]:
    """Return the steps of a result's plan, whether it is a list or holds one."""
    if isinstance(plan, Mapping):
        plan = plan.get('steps', [plan])
    if isinstance(plan, str):
        return [plan]
    return list(plan) if isinstance(plan, Iterable) else []


def step_text(step: Any) -> str:
    """Return one step of a plan in words."""
    if not isinstance(step, Mapping):
        return str(step)
    known = [str(step[key]) for key in ('skill', 'colour', 'kind') if step.get(key)]
    text = ' '.join(known)
    if step.get('destination'):
        text += f" → {step['destination']} bin"
    return text or str(step.get('text', dict(step)))


def phases(episode: Episode) -> tuple[Stretch, ...]:
    """Return the stretches in which the policy named the same phase for the same attempt."""
    kept = [p for p in episode.proposals if p.phase or p.position.size]
    return _stretches(kept, lambda p: (p.phase, p.step, p.attempt), lambda p: p.phase,
                      episode.duration_s)


def states(episode: Episode) -> tuple[Stretch, ...]:
    """Return the stretches in which the guard stayed in one state for one reason."""
    return _stretches(episode.guard, lambda g: (g.state, g.reason), lambda g: g.state,
                      episode.duration_s)


def goals(episode: Episode) -> tuple[Stretch, ...]:
    """Return the stretches in which the task asked for the same step and attempt."""
    found = _stretches(episode.subgoals, lambda s: (s.active, s.step, s.attempt),
                       lambda s: f'step {s.step + 1}' if s.active else '', episode.duration_s)
    return tuple(stretch for stretch in found if stretch.first.active)


def limited(episode: Episode) -> tuple[Stretch, ...]:
    """Return the stretches in which one bound held the motion back."""
    found: list[Stretch] = []
    for g in (g for g in episode.guard if g.limited):
        last = found[-1] if found else None
        if last is not None and last.name == g.limited and g.time_s - last.end < NEAR_S:
            worst = max(last.first, g, key=_excess)
            found[-1] = Stretch(last.start, g.time_s, g.limited, worst, g, last.count + 1)
        else:
            found.append(Stretch(g.time_s, g.time_s, g.limited, g, g))
    return tuple(found)


def chunks(episode: Episode) -> tuple[ProposalRecord, ...]:
    """Return the first proposal of each new chunk; repeats and holds are left out."""
    found: list[ProposalRecord] = []
    for p in episode.proposals:
        if p.position.size and (not found or found[-1].sequence != p.sequence):
            found.append(p)
    return tuple(found)


def _limits(held: tuple[Stretch, ...]) -> list[Event]:
    """Return a row for each stretch; for each bound when there are more than one can read."""
    if len(held) <= MOST_ROWS:
        return [Event(s.start, 'limited', f'{s.name}: {_worst([s])}', s.end) for s in held]
    rows = []
    for name in dict.fromkeys(s.name for s in held):
        same = [s for s in held if s.name == name]
        seconds = sum(s.end - s.start for s in same)
        rows.append(Event(same[0].start, 'limited', f'{name}: {len(same)} times, {seconds:.1f} s '
                          f'altogether, at worst {_worst(same)}', same[-1].end))
    return rows


def _worst(held: list[Stretch]) -> str:
    g = max((s.first for s in held), key=_excess)
    return f'{g.measured:.3g} asked, {g.allowed:.3g} allowed'


def _excess(g: GuardRecord) -> float:
    return abs(g.measured) / abs(g.allowed) if g.allowed else abs(g.measured)


def _stretches(rows: Any, key: Any, name: Any, end_s: float) -> tuple[Stretch, ...]:
    """Join neighbours with the same `key`; each stretch lasts until the next one begins."""
    found: list[list[Any]] = []
    for row in rows:
        if found and key(found[-1][-1]) == key(row):
            found[-1].append(row)
        else:
            found.append([row])
    ends = [group[0].time_s for group in found[1:]] + [end_s] * bool(found)
    return tuple(Stretch(group[0].time_s, end, name(group[0]), group[0], group[-1], len(group))
                 for group, end in zip(found, ends, strict=True))


def _task(episode: Episode) -> list[Event]:
    return [Event(s.start, 'task', _goal_text(s.first), s.end) for s in goals(episode)]


def _goal_text(goal: SubgoalRecord) -> str:
    return (f'step {goal.step + 1}, attempt {goal.attempt + 1}: {goal.skill} {goal.colour} '
            f'{goal.kind} → {goal.destination} bin · “{goal.text}”')


def _policy(episode: Episode) -> list[Event]:
    events, every = [], chunks(episode)
    for s in phases(episode):
        new = sum(s.start - 1e-9 <= c.time_s < s.end for c in every)
        what = f'{new} new chunk' if new == 1 else f'{new} new chunks'
        events.append(Event(s.start, 'policy', f'{s.name or "unnamed"}: {what}, '
                            f'done {s.first.done:.2f} → {s.last.done:.2f}', s.end))
    return events


def _guard(episode: Episode) -> list[Event]:
    events = [Event(s.start, 'stop' if s.name in STOPPING else 'guard',
                    ' · '.join(part for part in (s.name, s.first.reason, s.first.text) if part),
                    s.end) for s in states(episode)]
    events += _limits(limited(episode))
    for before, after in pairwise(episode.guard):
        refused = after.rejected_count - before.rejected_count
        if refused > 0:
            events.append(Event(after.time_s, 'limited', f'chunks refused: {refused}'
                                + (f' ({after.reason})' if after.reason else '')))
    return events
