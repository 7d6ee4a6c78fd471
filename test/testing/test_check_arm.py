"""The arm's contract against the simulated arm, whole and with one thing broken at a time."""
from dataclasses import replace
import time

from lam_ws.arm.arm import ArmStatus, Mode
from lam_ws.site import load_site
from lam_ws.testing import check_arm, ContractError
from lam_ws.types import Command, freeze
import numpy as np
import pytest

pytestmark = pytest.mark.sim


@pytest.fixture(params=['sim_bench', 'sim_bench_ur5e'])
def cell(request):
    """Return a simulated cell of each arm."""
    from lam_ws.sim.cell import Cell
    made = Cell(load_site(request.param), seed=3)
    yield made
    made.close()


class Broken:
    """A real cell behind a wrapper that changes one of its answers."""

    def __init__(self, cell):
        self.cell, self.spec = cell, cell.spec

    def read(self):
        return self.cell.read()

    def stream(self, command):
        return self.cell.stream(command)

    def stop(self):
        self.cell.stop()

    def status(self):
        return self.cell.status()

    def recover(self):
        self.cell.recover()

    def close(self):
        self.cell.close()


class StandsStill(Broken):
    """Accepts everything that is well formed and moves nowhere."""

    def stream(self, command):
        state = self.cell.read()
        return self.cell.stream(replace(command, position=state.position,
                                        velocity=np.zeros(self.spec.axes)))


class Frozen(Broken):
    """Repeats its first measurement."""

    def __init__(self, cell):
        super().__init__(cell)
        self.first = cell.read()

    def read(self):
        return self.first


class Gullible(Broken):
    """Turns values that are not finite into zeros instead of refusing them."""

    def stream(self, command):
        return self.cell.stream(replace(command, position=np.nan_to_num(command.position)))


class Silent(Broken):
    """Says nothing about what it accepted."""

    def stream(self, command):
        self.cell.stream(command)


class Disordered(Broken):
    """Measures its joints in another order than its spec."""

    def read(self):
        state = self.cell.read()
        return replace(state, names=state.names[::-1])


class Absent(Broken):
    """Reports a joint that it cannot measure as not a number."""

    def read(self):
        state = self.cell.read()
        position = state.position.copy()
        position[1] = np.nan
        return replace(state, position=position)


class Runaway(Broken):
    """Ignores stop and goes on with the last command."""

    last = None

    def stream(self, command):
        self.last = self.cell.stream(command)
        return self.last

    def stop(self):
        """Do nothing."""

    def advance(self):
        """Repeat the last command for ever, a little further each time."""
        if self.last is not None and np.abs(self.last.velocity).max() > 1e-3:
            self.last = replace(self.last, position=self.last.position
                                + 0.01 * self.last.velocity)
            self.cell.stream(self.last)
        self.cell.advance()


class Counting(Broken):
    """Notes what it took."""

    taken, fastest = 0, 0.0

    def stream(self, command):
        accepted = self.cell.stream(command)
        self.taken += 1
        self.fastest = max(self.fastest, float(np.abs(command.velocity).max()))
        return accepted


class Held(Broken):
    """Says that it is held and follows nevertheless."""

    def status(self):
        return ArmStatus(Mode.HELD, 'estop')


class Willing(Broken):
    """Takes a recovery for a wish to go home."""

    def recover(self):
        home = self.spec.home + 0.05
        for _ in range(50):
            self.cell.stream(Command(0.0, self.spec.names, home, np.zeros(self.spec.axes)))
            self.cell.advance()


def test_a_dry_run_moves_nothing(cell):
    """Pins that looking and refusals alone reach the arm."""
    arm, before = Counting(cell), cell.read().position
    check_arm(arm, cell.advance, cell.cycle_s, dry_run=True)
    assert arm.taken == 0 and (np.abs(cell.read().position - before) < 0.01).all()


def test_the_check_is_as_slow_as_asked(cell):
    """Pins the speed limit for first motions on hardware."""
    arm = Counting(cell)
    check_arm(arm, cell.advance, cell.cycle_s, speed=0.03)
    assert arm.taken > 100 and arm.fastest <= 0.03 + 1e-9


def test_the_simulated_arms_keep_the_contract(cell):
    """Pins that both arms measure, refuse, follow and stop as any driver must."""
    began = time.process_time()
    check_arm(cell, cell.advance, cell.cycle_s)
    assert time.process_time() - began < 30.0


@pytest.mark.parametrize(('kind', 'words'), [
    (StandsStill, 'away from its target'), (Frozen, 'stamp must grow'),
    (Gullible, 'accepts a position of NaN'), (Silent, 'must return the Command'),
    (Disordered, 'spec says'), (Held, 'not ready to be checked'),
    (Willing, 'must move nothing'), (Absent, 'not finite'),
])
def test_each_broken_arm_is_found_out(cell, kind, words):
    """Pins that the check can fail, and says what is wrong in words."""
    arm = kind(cell)
    with pytest.raises(ContractError) as caught:
        check_arm(arm, cell.advance, cell.cycle_s)
    assert any(words in breach for breach in caught.value.breaches), caught.value


def test_an_arm_that_ignores_its_deadline_is_found_out(cell):
    """Pins that an arm must stop by itself when commands cease."""
    arm = Runaway(cell)
    with pytest.raises(ContractError, match='without a fresh command'):
        check_arm(arm, arm.advance, cell.cycle_s)


def test_a_spec_with_swapped_limits_is_refused_before_anything_moves(cell):
    """Pins that the check does not move an arm whose limits make no sense."""
    limits = cell.spec.limits
    arm = Broken(cell)
    arm.spec = replace(cell.spec, limits=replace(limits, lower=limits.upper,
                                                 upper=freeze(limits.lower)))
    with pytest.raises(ContractError, match='lower must be less than upper'):
        check_arm(arm, cell.advance, cell.cycle_s)
    assert cell.now_s == 0.0
