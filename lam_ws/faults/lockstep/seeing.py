"""What is to be seen of a rehearsal: the stop that was expected, or the arm brought to rest.

A `Rehearsal` and what was expected enter; a `Seen` leaves, timed from the cycle in which the
fault could first be noticed.
"""
import math

from lam_ws.faults.faults import Seen
from lam_ws.faults.lockstep.rehearsal import Rehearsal


def stopped(run: Rehearsal, *reasons: str, since: int | None = None) -> Seen:
    """Return whether the guard stopped for one of `reasons`, and how soon.

    Args:
        run: What was rehearsed.
        reasons: Reason codes that are right.
        since: Row from which to count, by default that of the fault.
    """
    row = run.stop()
    if row is None:
        return Seen(_said(run, 'no stop'), math.inf, False)
    cycles = row - (run.since if since is None else since)
    return Seen(_said(run, run.reason), cycles, run.reason in reasons and not run.complaints)


def held(run: Rehearsal, reason: str, since: int | None = None) -> Seen:
    """Return whether the task gave up for `reason` and the arm came to rest, and how soon."""
    start = run.since if since is None else since
    row = next((i for i in range(run.since, len(run.rows)) if run.rows[i].inputs.idle), None)
    ended = '' if run.outcome is None else run.outcome.reason
    if row is None:
        return Seen(_said(run, ended or 'goes on'), math.inf, False)
    return Seen(_said(run, ended), row - start, ended == reason and not run.complaints)


def _said(run: Rehearsal, what: str) -> str:
    """Return what is to be seen in a few words."""
    return '; '.join([*([run.failure] if run.failure else []), what, *run.complaints])
