"""An arm whose controller plays slowly: the guard goes along, waits for one that stands still."""
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lam_ws.safety.guard import start, step
from lam_ws.safety.lease import Claim
from lam_ws.safety.safety import guard_config, GuardInputs, GuardState, LEAST_PACE, Request
from lam_ws.site import load_site
from lam_ws.types import ActionChunk, JointState
import numpy as np
import pytest

SITE = load_site('sim_bench')
CONFIG, SPEC = guard_config(SITE), SITE.arm
TIMES = np.arange(1, 21) * 0.1
SWING = np.eye(SPEC.axes)[0] * 0.6


class Ride:
    """A guard with an ideal arm, armed and led by one policy."""

    def __init__(self):
        self.memory, self.now_s, self.count = start(CONFIG), 1.0, 0
        self.position, self.velocity = SPEC.home.copy(), np.zeros(SPEC.axes)
        self.sent = []
        for request in (Request.NONE, Request.ARM, Request.NONE):
            self.turn(request=request)
        assert self.memory.state is GuardState.ARMED

    def turn(self, chunk=None, pace=1.0, request=Request.NONE):
        """Let one cycle pass."""
        self.now_s += CONFIG.cycle_s
        self.count += 1
        joints = JointState(self.now_s, SPEC.names, self.position, self.velocity)
        claim = Claim('policy', 'a', 1, self.count, self.now_s)
        self.memory, decision = step(CONFIG, self.memory, GuardInputs(
            self.now_s, joints, chunk, False, request, claim=claim, pace=pace))
        if decision.command is not None:
            self.position, self.velocity = decision.command.position, decision.command.velocity
            self.sent.append(decision.command)
        return decision

    def chunk(self):
        """Return a chunk that swings the first joint for two seconds from where it is."""
        share = 0.5 - 0.5 * np.cos(np.pi * TIMES / 2.0)
        return ActionChunk(self.now_s + CONFIG.cycle_s, SPEC.names, TIMES,
                           self.position + share[:, None] * SWING)

    def speeds(self):
        """Return [k] rad/s, the first joint's speed command by command."""
        return np.array([command.velocity[0] for command in self.sent])


@pytest.mark.parametrize('pace', [1.0, 0.5, 0.25])
def test_a_chunk_is_planned_at_the_pace_of_the_arm(pace):
    """Pins the share: the same way at as many times the speed."""
    ride = Ride()
    ride.turn(ride.chunk(), pace)
    for _ in range(100):
        decision = ride.turn(pace=pace)
    # A swing of 0.6 rad in 2 s runs at 0.6 * pi / 4 rad/s in its middle.
    assert ride.speeds().max() <= pace * 0.6 * np.pi / 4.0 * 1.05
    assert ride.position[0] > SPEC.home[0] + 0.02
    assert decision.limited == ('paced' if pace < 1.0 else '')


@pytest.mark.parametrize('pace', [0.3, 0.0, float('nan'), -1.0])
def test_an_arm_that_slows_down_is_not_left_behind(pace):
    """Pins fault 22: within a cycle the path is given up, and the arm brakes within its limits."""
    ride = Ride()
    ride.turn(ride.chunk())
    for _ in range(60):
        ride.turn()
    assert ride.velocity[0] > 0.2
    before = len(ride.sent)
    ride.turn(pace=pace)
    assert ride.memory.path is None
    for _ in range(80):
        ride.turn(pace=pace)
    speeds = ride.speeds()[before - 1:]
    assert (np.diff(speeds)[1:] <= 1e-9).all() and speeds[-1] == 0.0
    assert (np.abs(np.diff(ride.speeds())) <= CONFIG.acceleration[0] * CONFIG.cycle_s + 1e-9).all()
    assert ride.memory.state in (GuardState.ARMED, GuardState.RUNNING)
    ride.turn(ride.chunk(), pace=pace)
    for _ in range(50):
        ride.turn(pace=pace)
    assert (ride.speeds()[-1] > 0.0) == (pace == 0.3)


def test_a_faster_arm_waits_for_the_next_chunk():
    """Pins that nothing is caught up with when the controller plays at full speed again."""
    ride = Ride()
    ride.turn(ride.chunk(), 0.3)
    for _ in range(60):
        ride.turn(pace=0.3)
    slow = ride.velocity[0]
    for _ in range(10):
        ride.turn(pace=1.0)
    assert ride.velocity[0] < 2.0 * slow + 0.05
    ride.turn(ride.chunk(), 1.0)
    for _ in range(60):
        ride.turn()
    assert ride.velocity[0] > 2.0 * slow


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True))
@settings(max_examples=200, deadline=None)
def test_no_number_is_too_strange(first, second):
    """Pins that a share from a broken driver decides nothing but how slowly is gone."""
    inputs = replace(GuardInputs(0.0), pace=first)
    assert LEAST_PACE <= inputs.played <= 1.0
    ride = Ride()
    ride.turn(ride.chunk(), first)
    for pace in (first, second, second):
        ride.turn(pace=pace)
    assert np.isfinite(ride.position).all()
