"""The console's hand: what it tells of a hand that has not looked yet."""
import pytest

pytestmark = pytest.mark.ros


def test_a_hand_that_was_just_asked_is_not_refused_by_what_it_said_before(monkeypatch, keys):
    """Pins a race: between the wish and the hand's next look its state still said 'not taken'."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes import by_hand
    from lam_ws.nodes.asking import Asking
    from lam_ws.nodes.hand import HandState
    from lam_ws.site import load_site

    class Hand:
        def __init__(self, node, site, keys):
            self.state, self.asked = HandState(), 0

        def take(self):
            self.asked += 1

    monkeypatch.setattr(by_hand, 'Hand', Hand)
    asking = Asking()
    console = by_hand.ByHand(None, load_site('sim_demo'), asking)
    answer = console.take()
    asking.turn()
    assert not answer.done() and console._hand.asked == 1
    console._hand.state = HandState(code='taking')
    asking.turn()
    assert not answer.done()
    console._hand.state = HandState(holds=True, code='')
    asking.turn()
    assert answer.result().ok
    answer = console.take()
    console._hand.state = HandState(code='not_armed')
    asking.turn()
    assert answer.result().code == 'hand_refused'
