"""Interventions: intervals in which a hand held the lease."""
from lam_ws.record.card import Intervention
from lam_ws.record.hands import Hands

HAND, POLICY = '/cell/console/1', '/cell/policy/2'


def hands():
    """Return what knows a hand and a policy."""
    made = Hands()
    made.claim('teleop', HAND)
    made.claim('policy', POLICY)
    return made


def test_take_over_and_hand_back():
    """Pins both ends of an interval, and that a policy's hold is none."""
    made = hands()
    for time_s, holder in ((10.0, POLICY), (11.0, HAND), (11.5, HAND), (12.0, POLICY),
                           (13.0, ''), (14.0, HAND), (15.0, '')):
        made.lease(holder, time_s)
    assert made.intervals(10.0, 20.0) == (Intervention(1.0, 2.0, HAND),
                                          Intervention(4.0, 5.0, HAND))


def test_one_that_goes_on_at_either_end():
    """Pins a hand that held on before the start, and one that still does at the end."""
    made = hands()
    made.lease(HAND, 1.0)
    made.begin()
    assert made.intervals(5.0, 8.0) == (Intervention(0.0, 3.0, HAND),)
    made.lease('', 9.0)
    made.begin()
    assert made.intervals(9.5, 12.0) == ()


def test_two_hands_are_two():
    """Pins that a hand that takes over from another begins an interval of its own."""
    made = hands()
    made.claim('teleop', '/cell/leader/3')
    made.lease(HAND, 0.0)
    made.lease('/cell/leader/3', 1.0)
    assert [one.commander for one in made.intervals(0.0, 2.0)] == [HAND, '/cell/leader/3']


def test_an_unknown_holder_is_no_hand():
    """Pins that only a process that claimed as a hand is one."""
    made = Hands()
    made.lease('/cell/somebody/9', 0.0)
    assert made.intervals(0.0, 2.0) == ()
