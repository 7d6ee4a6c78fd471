"""Jogs lead the tool to a place, also when what is seen is late."""
from collections import deque

from lam_ws.geometry import Chain
from lam_ws.rehearsal.steering import Steering, TOOL_SPEED, TURN_SPEED, Wanted
from lam_ws.site import load_site
import numpy as np
import pytest

ARM = load_site('sim_demo').arm
STEP_S = 0.05


def play(wanted, delay_s, seconds=12.0):
    """Return the joints, and the lowest the tool came, of an arm that does what it is asked."""
    chain, steering = Chain(ARM), Steering(ARM)
    q, seen, lowest = ARM.home.copy(), deque(maxlen=round(delay_s / STEP_S) + 1), np.inf
    for _ in range(round(seconds / STEP_S)):
        seen.append(q.copy())
        jog = steering.jog(seen[0], wanted, delay_s)
        assert np.abs(jog['vector']).max() <= 1.0
        twist = np.array(jog['vector']) * np.repeat([TOOL_SPEED, TURN_SPEED], 3)
        J = chain.jacobian(q[None, :-1])[0]
        q[:-1] += STEP_S * (J.T @ np.linalg.solve(J @ J.T + 1e-6 * np.eye(6), twist))
        lowest = min(lowest, float(steering.tool(q)[2]))
    return q, lowest


@pytest.mark.parametrize('delay_s', [0.0, 0.15, 0.4])
def test_the_tool_comes_to_a_place_and_not_past_it(delay_s):
    """Pins late pictures: a tool that overshoots on its way down hits the table."""
    wanted = Wanted(np.array([0.55, 0.1, 0.02]), 0.6, 0.002)
    q, lowest = play(wanted, delay_s)
    assert Steering(ARM).there(q, wanted) and lowest > 0.017


def test_half_a_turn_is_no_difference_and_the_way_is_the_short_one():
    """Pins a wrist that would turn right round for a square part."""
    steering = Steering(ARM)
    _, turn = steering.left(ARM.home, Wanted(steering.tool(ARM.home), np.pi - 0.1, 0.002))
    assert abs(turn) < 0.2


def test_fingers_do_what_is_wanted():
    """Pins the signs of the gripper."""
    steering, here = Steering(ARM), Steering(ARM).tool(ARM.home)
    jogs = [steering.jog(ARM.home, Wanted(here, 0.0, 0.01, fingers))['gripper']
            for fingers in ('open', 'close', 'stay')]
    assert jogs == [1.0, -1.0, 0.0]
