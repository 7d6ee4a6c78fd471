"""The contract: how a fault is judged, and that nothing gets lost."""
import math

from lam_ws.faults.faults import Case, judge, provoke, Seen
import pytest

CASE = Case(6, 'joints_silent', 'S', 'joints', 'a stop', 5.0, 'lam_ws.faults.nothing:here')


@pytest.mark.parametrize(('seen', 'passed'), [
    (Seen('stale_joints', 5.0, True), True), (Seen('stale_joints', 6.0, True), False),
    (Seen('tracking', 3.0, False), False), (Seen('no stop', math.inf, True), False),
    (Seen('no time', math.nan, True), False)])
def test_a_run_passes_only_when_it_is_right_and_in_time(seen, passed):
    """Pins both halves of the verdict, and that no time is never in time."""
    assert judge(CASE, 'carry', 2, seen).passed is passed


def test_an_exception_is_a_failed_run():
    """Pins that a case that breaks shows in the table instead of ending it."""
    run = provoke(CASE, 'idle', 0)
    assert not run.passed and 'ModuleNotFoundError' in run.observed
    assert run.to_json()['pass'] is False and run.to_json()['cycles'] is None
