"""How gently things are handled: a table of ids."""
import math

from lam_ws.errors import LimitError
from lam_ws.safety.handling import Allowance, BY_HAND, Handled, Handlings, handlings
import pytest

EGG = 'pick_place', 'egg', 'jaw'


@pytest.mark.parametrize('allowance', [
    Allowance(0.0), Allowance(-1.0), Allowance(math.nan), Allowance(1.0, 0.0),
    Allowance(1.0, math.nan)])
def test_an_allowance_that_is_none_refuses_to_start(allowance):
    """Pins fail-closed: zero, less or not a number is no limit."""
    with pytest.raises(LimitError, match='egg'):
        Handlings('v1', {EGG: allowance})


def test_an_allowance_says_nothing_unless_the_knowledge_does():
    """Pins the defaults: infinite, and of ids without a company none."""
    assert Allowance() == (math.inf, math.inf)
    assert handlings('v1', {('a', '', ''): {'max_force_n': 3.0}}).allowances[('a', '', '')] == (
        math.inf, 3.0)
    nothing = Handlings()
    assert nothing.allowance(Handled('x')) == Allowance()
    assert nothing.allowance(Handled('x', 'egg')) is nothing.allowance(
        Handled('x', '', 'jaw')) is nothing.allowance(Handled('x', '', '', 'v1')) is None
    with pytest.raises(LimitError, match='a egg: 0.0 m/s and inf N must both be above 0'):
        handlings('v1', {('a', 'egg', ''): {'max_speed_m_s': 0.0}})


def test_a_hand_gets_what_the_most_delicate_bears():
    """Pins motion by hand: nobody says what is in the fingers, so the least of every limit."""
    said = {EGG: {'max_speed_m_s': 0.05}, ('pick_place', 'brick', 'jaw'): {'max_force_n': 90.0},
            ('press', '', ''): {}, ('pick_place', 'foil', ''): {'max_speed_m_s': 0.2,
                                                                'max_force_n': 60.0}}
    assert handlings('v1', said).allowance(BY_HAND) == Allowance(0.05, 60.0)
    assert handlings('v1', {EGG: {}}).allowance(BY_HAND) == Allowance()
    assert Handlings().allowance(BY_HAND) == Handlings('v1').allowance(BY_HAND) == Allowance()
    assert handlings('v1', said).allowance(BY_HAND._replace(part='egg')) is None
