"""Requests under way: whoever asked may be gone, and one fault is not everybody's."""
import asyncio
import time

from lam_ws.console.desk import within
from lam_ws.console.words import accepted, refusal
import pytest

pytest.importorskip('rclpy')
from lam_ws.nodes.asking import after, Asking, given
from rclpy.task import Future


class Service:
    """A service that answers when the test says so."""

    def __init__(self):
        self.sent, self.removed = [], []

    def call_async(self, request):
        """Remember a request."""
        self.sent.append(Future())
        return self.sent[-1]

    def remove_pending_request(self, future):
        """Remember what is no longer waited for."""
        self.removed.append(future)


def fail(*given):
    """Fail as what reads an answer may."""
    raise KeyError('nothing there')


def test_a_page_that_leaves_after_stop_does_not_end_the_node():
    """Pins that cancelling the wait of a page reaches neither the request nor what turns."""
    asking, service = Asking(), Service()
    answer = asking.send(service, None, lambda response: accepted())

    async def leave():
        waiting = asyncio.create_task(within(answer))
        await asyncio.sleep(0.0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    asyncio.run(leave())
    assert not answer.cancelled()
    service.sent[0].set_result(None)
    asking.turn()
    assert answer.result(0).ok
    answer = asking.send(service, None, lambda response: accepted())
    answer.cancel()
    service.sent[-1].set_result(None)
    asking.turn()


def test_a_fault_of_one_is_its_own():
    """Pins that what cannot be read or looked at ends alone, and the rest is answered."""
    asking, service = Asking(), Service()
    bad = asking.send(service, None, fail)
    good = asking.send(service, None, lambda response: accepted())
    blind, seen = asking.wait(fail, accepted), asking.wait(accepted, fail)
    late = asking.wait(lambda: None, fail, 0.0)
    for sent in service.sent:
        sent.set_result(None)
    time.sleep(0.01)
    asking.turn()
    assert good.result(0).ok and seen.result(0).ok
    for one in (bad, blind, late):
        assert isinstance(one.exception(0), KeyError)


def test_a_request_is_asked_again_and_given_up():
    """Pins both times, and that what is asked again is not waited for twice."""
    asking, service = Asking(), Service()
    answer = asking.send(service, None, lambda response: accepted(), 0.1, 0.02)
    time.sleep(0.03)
    asking.turn()
    assert len(service.sent) == 2 and service.removed == service.sent[:1]
    time.sleep(0.1)
    asking.turn()
    assert answer.result(0).code == 'cell_silent'


def test_what_follows_is_begun_only_after_what_was_taken():
    """Pins the chain: its end, its refusal, and faults at either place."""
    end = after(given(accepted()), lambda: given(refusal('no_login')))
    assert end.result(0).code == 'no_login'
    assert after(given(refusal('no_csrf')), fail).result(0).code == 'no_csrf'
    assert isinstance(after(given(accepted()), fail).exception(0), KeyError)
