"""One transition of a node whose answers come late, or not at all."""
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes import manager

pytestmark = pytest.mark.ros


class Late:
    """A service that answers each call when it is told to."""

    def __init__(self):
        self.calls = []

    def service_is_ready(self):
        return True

    def call_async(self, request):
        self.calls.append(SimpleNamespace(done=lambda: False))
        return self.calls[-1]

    def answer(self, number, **fields):
        """Answer call `number`."""
        result = SimpleNamespace(**fields)
        self.calls[number].done = lambda: True
        self.calls[number].result = lambda: result


def told_twice(monkeypatch, last):
    """Return what a step makes of a second refusal by a node that is in state `last`."""
    now = [0.0]
    monkeypatch.setattr(manager.time, 'monotonic', lambda: now[0])
    change, state = Late(), Late()
    step = manager._Step(manager._Managed(change, state), *manager.STEPS['configured'])
    for label in ('unconfigured', last):
        step.poll()                                   # told
        now[0] += manager._PATIENCE_S + 0.1
        step.poll()                                   # no answer: what state is it in?
        state.answer(-1, current_state=SimpleNamespace(label=label))
        if len(change.calls) == 2:
            change.answer(1, success=False)
        outcome = step.poll()
    return outcome, len(change.calls)


def test_a_slow_node_that_refuses_to_be_told_twice_is_configured(monkeypatch):
    """Pins a demo that ended because the guard was configured before the answer was known."""
    assert told_twice(monkeypatch, 'inactive') == (True, 2)


def test_a_node_that_refuses_and_is_still_where_it_was_is_not(monkeypatch):
    """Pins the other side: a refusal is never taken for success."""
    assert told_twice(monkeypatch, 'unconfigured')[0] is None
    assert told_twice(monkeypatch, 'finalized')[0] is False


def test_the_first_refusal_counts(monkeypatch):
    """Pins a node that cannot be configured and says so."""
    change = Late()
    step = manager._Step(manager._Managed(change, Late()), *manager.STEPS['configured'])
    step.poll()
    change.answer(0, success=False)
    assert step.poll() is False
